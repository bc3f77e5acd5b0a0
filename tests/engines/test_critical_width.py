"""The critical width of boxes: between nothing and the whole, less for deeper networks, and never a false verdict."""

from __future__ import annotations

import numpy as np
import pytest

import preimage
from preimage.engines.branch import grow
from preimage.engines.critical_width import WHOLE, CriticalWidth, critical_width, first_value
from preimage.problem import Inversion, compile_problem
from preimage.results import Result

INPUTS = 6


def deep(depth: int, seed: int = 0, ranges: str = "-1..1") -> Inversion:
    """The distance to a target out of reach, by a random network of layers of 20 neurons."""
    random = np.random.default_rng(seed)
    sizes = (INPUTS, *(20,) * depth, 4)
    arrays = {}
    for k in range(1, len(sizes)):
        arrays[f"W{k}"] = random.normal(size=(sizes[k], sizes[k - 1])) * np.sqrt(2.0 / sizes[k - 1])
        arrays[f"b{k}"] = 0.1 * random.normal(size=sizes[k])
    text = f"network f\ninput x[{INPUTS}] in {ranges}\nminimise L1(f(x), (4, -4, 4, -4))\n"
    return compile_problem(preimage.check(text, {"f": arrays}))


def width(inversion: Inversion) -> CriticalWidth:
    found = critical_width(inversion, first_value(inversion))
    assert found is not None
    return found


def test_deeper_networks_need_smaller_boxes_and_more_of_them() -> None:
    for seed in range(3):
        shallow, deeper = (width(deep(depth, seed)) for depth in (1, 8))
        for found in (shallow, deeper):
            assert 0.0 < found.half_width <= WHOLE
            assert found.boxes == pytest.approx((WHOLE / found.half_width) ** INPUTS)
            assert found.seconds >= 0.0
        assert deeper.half_width < shallow.half_width / 1.5
        assert deeper.boxes > 10.0 * shallow.boxes


def test_a_share_of_the_range() -> None:
    wide, narrow = (width(deep(4, ranges=ranges)) for ranges in ("-1..1", "-0.05..0.05"))
    assert narrow.half_width > wide.half_width


def test_what_is_ruled_out_holds_no_better_design() -> None:
    random = np.random.default_rng(1)
    ruled_out = 0
    for seed in range(20):
        inversion = deep(2, seed)
        tree, points = grow(inversion, 1), random.uniform(inversion.lower, inversion.upper, (2000, INPUTS))
        best = float(np.quantile(inversion.model.objective(points), 0.1))
        for _ in range(20):
            a, b = random.uniform(inversion.lower, inversion.upper, (2, INPUTS))
            lower, upper = np.minimum(a, b), np.minimum(a, b) + random.random() * np.abs(a - b)
            inside = random.uniform(lower, upper, (500, INPUTS))
            if tree.rules_out(lower, upper, best):
                ruled_out += 1
                assert inversion.model.objective(inside).min() >= best
    assert ruled_out > 20


@pytest.mark.parametrize(
    "text",
    [
        "input x in 0..1\ninteger k in 0..3\nminimise abs(x + k - 0.3)",
        "input x[3] in 0..1\nselect 1 of x\nminimise abs(sum(x) - 3)",
        "input x[2] in 0..1\nminimise abs(x[0] - 0.3) + abs(x[1] - 0.4)",
        "input x in 0.5..0.5\nminimise abs(x - 0.3)",
    ],
    ids=["integers", "selections", "several trees", "nothing to choose"],
)
def test_silent_where_boxes_are_not_all_that_is_split(text: str) -> None:
    inversion = compile_problem(preimage.check(text + "\n", {}))
    assert critical_width(inversion, first_value(inversion)) is None


def test_a_search_that_was_stopped_says_what_to_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = deep(10).problem
    monkeypatch.setattr("preimage.answer.MANY_BOXES", 1)
    for long, told in ((0.1, True), (10.0, False)):
        monkeypatch.setattr("preimage.answer.LONG_SECONDS", long)
        result = preimage.invert(problem, time_limit=0.5, method=("adjoint", "branch"))
        assert isinstance(result, Result)
        assert result.status == "feasible"
        assert ("To expect: a box's bound says something once" in result.message) is told
