"""Sequential linear programs: reachable targets are reached, around obstacles, and nothing is made worse."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from inversion.random_problems import Maker
from inversion.rich_problems import RichMaker
from inversion.trial import refusal

import preimage
from preimage.engines.search import FEASIBILITY_TOLERANCE, Search
from preimage.engines.sequential import Sequential
from preimage.problem import Inversion, compile_problem

INPUTS, POINTS = 24, 8

ARM = """
network arm
param goal
param o
input x[24] in -1..1
let points = reshape(arm(x), 8, 2)
smooth x within 0.8
avoid L1(p, o) >= 0.5 for p in points
minimise L1(points[7], goal)
"""


def arm(seed: int) -> tuple[Inversion, np.ndarray]:
    """A random chain of points, a target that it reaches, and an obstacle where one of its points would then be."""
    random = np.random.default_rng(seed)
    layers = [INPUTS, 40, 40, 2 * POINTS]
    network = {}
    for k, (columns, rows) in enumerate(itertools.pairwise(layers), 1):
        network[f"W{k}"] = random.normal(size=(rows, columns)) / np.sqrt(columns)
        network[f"b{k}"] = 0.3 * random.normal(size=rows)

    def points(x: np.ndarray) -> np.ndarray:
        for k in (1, 2):
            x = np.maximum(network[f"W{k}"] @ x + network[f"b{k}"], 0.0)
        return (network["W3"] @ x + network["b3"]).reshape(POINTS, 2)

    reached = points(0.3 * np.sin(np.linspace(0, 3, INPUTS) + random.uniform(0, 6)))
    obstacle = reached[3] + random.uniform(-0.1, 0.1, 2)
    problem = preimage.check(ARM, {"arm": network, "goal": reached[7], "o": obstacle})
    return compile_problem(problem), random.uniform(-0.3, 0.3, (12, INPUTS))


@pytest.mark.parametrize("seed", range(8))
def test_reachable_targets_are_reached_around_an_obstacle(seed: int) -> None:
    inversion, starts = arm(seed)
    search = Search(inversion)
    search.raise_bound(0.0, "a distance")
    sequential = Sequential(inversion, search, "improved")
    for x in starts:
        sequential.improve(x)
        if search.should_stop():
            break
    _, x, value = search.best()
    assert x is not None
    assert value <= 1e-7
    assert inversion.judge(x)[1] <= FEASIBILITY_TOLERANCE
    assert search.snapshot().status == "optimal"


def test_nothing_is_made_worse() -> None:
    moved, mended = 0, 0
    for seed in range(800, 880):
        twin = (Maker if seed % 2 else RichMaker)(seed).problem()
        if refusal(twin):
            continue
        inversion = compile_problem(preimage.check(twin.text, twin.bindings))
        x = inversion.repair(np.random.default_rng(seed).uniform(inversion.lower, inversion.upper))
        search = Search(inversion, 1e-12)
        search.offer(x, "random")
        end = Sequential(inversion, search, "improved").improve(x)
        before, after = (float(inversion.model.violation(z)[0]) for z in (x, end))
        held = before <= FEASIBILITY_TOLERANCE
        mended += not held and after <= FEASIBILITY_TOLERANCE
        if held:
            moved += bool(np.any(end != x))
            assert after <= 1e-6, f"seed {seed}"
            assert inversion.model.objective(end) <= inversion.model.objective(x) + 1e-5, f"seed {seed}"
        assert search.failure is None
    assert moved > 0
    assert mended > 0


def test_stops_with_the_search() -> None:
    inversion, starts = arm(0)
    search = Search(inversion)
    search.stop("interrupted")
    np.testing.assert_array_equal(Sequential(inversion, search, "improved").improve(starts[0]), starts[0])
