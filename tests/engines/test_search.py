"""The record that engines share."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from preimage.engines.search import BrokenCertificate, Search, relative_gap
from preimage.language.problem import Sense

Vector = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Line:
    """One number is chosen; it is its own value, and holds if it is at least zero."""

    sense: Sense = "minimise"

    def repair(self, x: Vector) -> Vector:
        return x

    def tidy(self, x: Vector) -> Vector:
        return x

    def judge(self, x: Vector) -> tuple[float, float]:
        return float(x[0]), max(-float(x[0]), 0.0)

    def design(self, x: Vector) -> dict[str, Vector]:
        return {"x": x}


def at(value: float) -> Vector:
    return np.array([value])


def test_only_better_designs_that_hold_are_kept() -> None:
    search = Search(Line())
    assert search.offer(at(3.0), "a")
    assert not search.offer(at(3.0), "b")
    assert not search.offer(at(4.0), "b")
    assert not search.offer(at(-1.0), "b")
    assert not search.offer(at(math.nan), "b")
    assert search.offer(at(2.0), "b")
    seen = search.snapshot()
    assert (seen.incumbent, seen.source_of_incumbent, seen.bound, seen.gap) == (2.0, "b", None, None)
    assert [row.incumbent for row in seen.trace] == [3.0, 2.0]
    assert search.best()[0] == 2


def test_a_violation_within_the_tolerance_holds() -> None:
    search = Search(Line())
    assert not search.offer(at(-2e-7), "a")
    assert search.offer(at(-0.5e-7), "a")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_bounds_that_say_nothing(value: float) -> None:
    search = Search(Line())
    search.raise_bound(value, "a")
    assert search.snapshot().bound is None
    search.raise_bound(1.0, "a")
    search.raise_bound(0.5, "b")
    assert search.snapshot().bound == 1.0
    assert search.snapshot().source_of_bound == "a"


def test_a_design_below_the_bound_breaks_the_search() -> None:
    search = Search(Line())
    search.raise_bound(2.0, "prover")
    assert search.offer(at(1.0), "finder")
    assert isinstance(search.failure, BrokenCertificate)
    assert "finder" in str(search.failure)
    assert "prover" in str(search.failure)
    assert search.should_stop()
    assert search.snapshot().status == "failed"
    bound = search.snapshot().bound
    assert bound is not None
    assert bound <= 1.0


def test_a_bound_above_the_design_breaks_the_search() -> None:
    search = Search(Line())
    search.offer(at(1.0), "finder")
    search.raise_bound(1.1, "prover")
    assert isinstance(search.failure, BrokenCertificate)


def test_rounding_does_not_break_the_search() -> None:
    search = Search(Line())
    search.offer(at(1.0), "finder")
    search.raise_bound(1.0 + 1e-8, "prover")
    assert search.failure is None
    assert search.snapshot().status == "optimal"
    assert search.snapshot().bound == 1.0


def test_infeasible_but_a_design_holds() -> None:
    search = Search(Line())
    search.offer(at(1.0), "finder")
    search.prove_infeasible("prover")
    assert isinstance(search.failure, BrokenCertificate)
    assert search.snapshot().status != "infeasible"


def test_maximise_turns_all_signs() -> None:
    search = Search(Line("maximise"), gap=0.1)
    assert search.offer(at(1.0), "a")
    assert not search.offer(at(0.5), "a")
    search.raise_bound(-5.0, "b")
    seen = search.snapshot()
    assert (seen.incumbent, seen.bound, seen.gap) == (1.0, 5.0, 4.0)
    search.raise_bound(-4.0, "b")
    assert search.offer(at(3.9), "a")
    seen = search.snapshot()
    assert seen.status == "optimal"
    assert [row.bound for row in seen.trace] == [None, 5.0, 4.0, 4.0]
    assert search.best()[2] == -3.9


def test_maximise_breaks_too() -> None:
    search = Search(Line("maximise"))
    search.raise_bound(-2.0, "prover")
    search.offer(at(3.0), "finder")
    assert isinstance(search.failure, BrokenCertificate)
    assert "3" in str(search.failure)


@pytest.mark.parametrize(
    ("incumbent", "bound", "gap"),
    [(2.0, 1.0, 0.5), (-2.0, -3.0, 0.5), (0.0, -1e-9, 1.0), (0.0, 0.0, 0.0), (None, 1.0, None), (1.0, None, None)],
)
def test_gap(incumbent: float | None, bound: float | None, gap: float | None) -> None:
    assert relative_gap(incumbent, bound) == (None if gap is None else pytest.approx(gap))


def test_closed_by_the_absolute_gap_at_zero() -> None:
    search = Search(Line(), gap=1e-9)
    search.offer(at(0.0), "a")
    search.raise_bound(-2e-6, "b")
    assert not search.should_stop()
    search.raise_bound(-0.9e-6, "b")
    assert search.snapshot().status == "optimal"


def test_the_first_reason_stands() -> None:
    search = Search(Line(), time_limit=0.05)
    assert search.snapshot().status == "searching"
    time.sleep(0.06)
    assert search.should_stop()
    search.stop("interrupted")
    assert search.snapshot().status == "time limit"
    assert search.remaining == 0.0


def test_prune_value_keeps_the_gap() -> None:
    search = Search(Line(), gap=0.01)
    assert search.prune_value() == math.inf
    search.offer(at(100.0), "a")
    assert 99.0 < search.prune_value() <= 99.02


@pytest.mark.parametrize("sense", ["minimise", "maximise"])
def test_hammered_by_threads(sense: Sense) -> None:
    sign = 1.0 if sense == "minimise" else -1.0
    search = Search(Line(sense), gap=1e-12)
    start = threading.Barrier(9)
    seen: list[tuple[int, float]] = []

    def hammer(seed: int) -> None:
        random = np.random.default_rng(seed)
        start.wait()
        for k in range(300):
            search.offer(at(50.0 + sign * random.exponential(20.0)), f"thread {seed}")
            search.raise_bound(sign * 50.0 - random.exponential(5.0) - 1e-3, f"thread {seed}")
            search.note(f"thread {seed}", k, 300 - k)
            version, x, value = search.best()
            assert x is None or sign * x[0] == value
            seen.append((version, value))
            search.snapshot()

    threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    assert len(seen) == 2400
    assert search.failure is None
    trace = search.snapshot().trace
    incumbents = [sign * row.incumbent for row in trace if row.incumbent is not None]
    bounds = [sign * row.bound for row in trace if row.bound is not None]
    assert incumbents == sorted(incumbents, reverse=True)
    assert bounds == sorted(bounds)
    assert [row.seconds for row in trace] == sorted(row.seconds for row in trace)
    for version in {v for v, _ in seen}:
        assert len({value for v, value in seen if v == version}) == 1
    assert len(search.snapshot().nodes) == 8


def test_a_design_after_a_proof_that_there_is_none() -> None:
    search = Search(Line())
    search.prove_infeasible("prover")
    search.offer(at(1.0), "finder")
    assert isinstance(search.failure, BrokenCertificate)
    assert "finder" in str(search.failure)


@pytest.mark.parametrize("violation", [0.0, 5e-8])
def test_only_a_design_that_holds_exactly_contradicts_a_proof(violation: float) -> None:
    # Of 1e9 x, where x is at least 0, a design that is 5e-8 below 0 makes -50: it proves nothing wrong.
    @dataclass
    class Steep(Line):
        def judge(self, x: Vector) -> tuple[float, float]:
            return float(x[0]), violation

    search = Search(Steep())
    search.offer(at(-50.0), "finder")
    search.raise_bound(0.0, "prover")
    assert (search.failure is None) == (violation > 0.0)
    if violation:
        assert (search.snapshot().status, search.bound) == ("optimal", -50.0)

    search = Search(Steep())
    search.raise_bound(0.0, "prover")
    assert search.offer(at(-50.0), "finder") == (violation == 0.0)
    assert (search.failure is None) == (violation > 0.0)

    search = Search(Steep())
    search.offer(at(1.0), "finder")
    search.prove_infeasible("prover")
    assert (search.failure is None) == (violation > 0.0)
    if violation:
        assert (search.snapshot().status, search.snapshot().gap) == ("optimal", 0.0)

    search = Search(Steep())
    search.prove_infeasible("prover")
    assert not search.offer(at(1.0), "finder")
    assert (search.failure is None) == (violation > 0.0)
