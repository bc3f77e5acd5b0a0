import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preimage.results.numbers import NOISE, duration, number, percent, size
from preimage.results.values import describe, entry
from preimage.results.words import headline, proved, summary

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite)
def test_a_number_is_near_and_a_proved_one_stays_proved(value: float) -> None:
    exact = Decimal(repr(value))
    lower, upper = Decimal(proved(value, "minimise")), Decimal(proved(value, "maximise"))
    noise = abs(exact) * Decimal(NOISE)
    assert lower - noise <= exact <= upper + noise
    assert abs(Decimal(number(value)) - exact) <= abs(exact) * Decimal("5.1e-5")
    assert upper - lower <= abs(exact) * Decimal("2e-4")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.742698, "0.74270"),
        (4.812, "4.8120"),
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (659.37, "659.37"),
        (12345.678, "12346"),
        (99999.6, "100000"),
        (0.99999999, "1.0000"),
        (1e-7, "1.0000e-7"),
        (-2.5e12, "-2.5000e+12"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


@given(st.floats(0.0, 9.0))
def test_a_gap_is_never_understated(gap: float) -> None:
    text = percent(gap)
    if not text.startswith("<"):
        assert Decimal(text.removesuffix(" %")) >= Decimal(repr(gap)) * 100


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (1.0, "100 %"),
        (0.17642, "18 %"),
        (0.0123, "1.3 %"),
        (1e-4, "0.01 %"),
        (9.8e-5, "0.0098 %"),
        (3e-7, "< 0.0001 %"),
        (0.0, "0 %"),
        (37.0, "> 999 %"),
        (None, "–"),
    ],
)
def test_percents(gap: float | None, text: str) -> None:
    assert percent(gap) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.26, "0.3 s"),
        (9.96, "10 s"),
        (60, "60 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_sizes() -> None:
    assert [size(n) for n in (812, 12_300, 3_400_000)] == ["812 bytes", "12 kB", "3.4 MB"]


def test_entries() -> None:
    assert [entry(v) for v in (3.0, -2.0, 0.25, 1e-9)] == ["3", "-2", "0.2500", "1.000e-9"]
    assert entry(3.1e-10, largest=0.5) == "3e-10"


def test_designs_in_a_line() -> None:
    inks = np.array([0.12, 0.0, 0.93, 0.4])
    assert describe(inks, ["c", "m", "y", "k"]) == "c 0.1200, y 0.9300, k 0.4000 (m 0)"
    assert describe(np.zeros(2), ["c", "m"]) == "all 0"
    assert describe(np.float64(0.5)) == "0.5000"
    assert describe(np.array([3.0, 0.0, 5.0])) == "3, 0, 5"
    sparse = np.zeros(44)
    sparse[[7, 30]] = 0.5, 0.25
    assert describe(sparse) == "[7] 0.5000, [30] 0.2500 (42 are 0)"
    assert describe(np.stack([sparse, sparse])) == "7 and 30"
    assert describe(np.linspace(-0.2, 0.2, 41)) == "-0.2000 to 0.2000"
    assert describe(np.ones((3, 50))) == "3 × 50 values, 1 to 1"
    assert describe(np.zeros(0)) == ""


def test_the_rounding_of_sums_is_not_shown() -> None:
    assert proved(0.9999999999999929, "minimise") == "1.0000"
    assert proved(0.99999, "minimise") == "0.99999"
    assert proved(0.999999, "minimise") == "0.99999"


def test_summaries() -> None:
    assert summary([]) == "no results"
    assert summary(["feasible", "optimal", "optimal"]) == "2 optimal, 1 feasible"


def test_headlines() -> None:
    from results.samples import four_inks, infeasible, integers, no_bound, six_spectra

    made = [headline(make()) for make in (four_inks, six_spectra, infeasible, no_bound, integers)]
    assert made == ["optimal to 0.0095 %", "feasible · gap 18 %", "infeasible", "interrupted", "optimal"]
