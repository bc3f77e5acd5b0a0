import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preimage.notebook.scale import LOG_RATIO, Scale, spread_scale, value_scale

values = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 6))


@given(st.lists(values, min_size=1, max_size=20), st.lists(values, max_size=20))
def test_every_end_is_in_view(best: list[float], bounds: list[float]) -> None:
    scale = value_scale(best, bounds)
    assert scale.low < scale.high
    assert 0 <= scale.percent(best[-1]) <= 100
    if bounds and not scale.log:
        assert scale.low <= bounds[-1] <= scale.high


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 6))
def test_ticks_are_few_round_and_within(low: float, span: float, count: int) -> None:
    scale = Scale(low, low + span)
    if scale.high - scale.low < 1e-9 * max(abs(scale.low), 1.0):
        return
    ticks = scale.ticks(count)
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= count + 2
    slack = 1e-6 * span
    assert all(scale.low - slack <= tick <= scale.high + slack for tick in ticks)


@given(st.floats(-8, 8), st.floats(0.05, 9), st.integers(2, 6))
def test_logarithmic_ticks_are_within(start: float, decades: float, count: int) -> None:
    scale = Scale(10**start, 10 ** (start + decades), log=True)
    ticks = scale.ticks(count)
    assert ticks
    assert len(ticks) <= count + 2
    assert all(scale.low * (1 - 1e-6) <= tick <= scale.high * (1 + 1e-6) for tick in ticks)
    places = [scale.percent(tick) for tick in ticks]
    assert places == sorted(places)


def test_wide_positive_values_are_logarithmic_and_narrow_ones_linear() -> None:
    assert value_scale([4.8, 0.75], [0.0, 0.7]).log
    assert not value_scale([1.2, 1.0], [0.0, 0.9]).log
    assert not value_scale([10.0, -1.0], [-5.0, -1.1]).log
    assert not value_scale([1.0, 1.0 / (0.99 * LOG_RATIO)]).log
    assert not value_scale([1.0, 0.9], [0.0, 0.01, 0.1]).log, "a rising bound reads well on a linear axis"
    assert value_scale([0.9, 1.0], [100.0, 2.0]).log


def test_a_trivial_bound_does_not_stretch_a_logarithmic_axis() -> None:
    scale = value_scale([4.8, 0.75], [1e-9, 0.7])
    assert scale.low == pytest.approx(0.075 / 1.15)
    assert scale.percent(1e-9) == 0
    assert scale.percent(0.0) == 0


def test_a_constant_curve_lies_inside() -> None:
    for constant in (0.0, 3.0, -2.0):
        assert 0 < value_scale([constant]).percent(constant) < 100
    assert math.isclose(Scale(1.0, 100.0, log=True).percent(10.0), 50.0)


def test_unrelated_values_are_logarithmic_unless_some_are_next_to_zero() -> None:
    assert spread_scale([0.1, 3.0, 40.0]).log
    assert not spread_scale([1e-14, 3.0, 4.0]).log
    assert not spread_scale([2.0, 3.0]).log
    assert spread_scale([]).low < spread_scale([]).high
