"""Numbers that tempt to rounding: no bound above the truth, no design that fails, and the truth is found."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from inversion.oracle import Vector

import preimage
from preimage.inversion import Verifier
from preimage.results import Result

Arrays = dict[str, Vector]


def dense(*sizes: int, seed: int = 0, scale: float = 1.0) -> Arrays:
    random = np.random.default_rng(seed)
    arrays: Arrays = {}
    for k, (a, b) in enumerate(itertools.pairwise(sizes), 1):
        arrays[f"W{k}"], arrays[f"b{k}"] = random.normal(size=(b, a)), random.normal(size=b)
    arrays["W1"], arrays["b1"] = scale * arrays["W1"], scale * arrays["b1"]
    return arrays


def forward(arrays: Arrays, points: Vector) -> Vector:
    layers = len(arrays) // 2
    for k in range(1, layers + 1):
        points = points @ arrays[f"W{k}"].T + arrays[f"b{k}"]
        points = np.maximum(points, 0.0) if k < layers else points
    return points


def least_by_regions(arrays: Arrays, aim: Vector, low: Vector, high: Vector) -> float:
    """Return the least ``L1(f(x), aim)`` of a network with one hidden layer: a linear program a region."""
    from scipy.optimize import linprog

    first, offset, last, shift = (arrays[name] for name in ("W1", "b1", "W2", "b2"))
    best, inputs, outputs = np.inf, len(low), len(aim)
    for pattern in itertools.product([0.0, 1.0], repeat=len(first)):
        active = np.array(pattern)
        matrix = last @ (active[:, None] * first)
        constant = last @ (active * offset) + shift - aim
        signs = 1.0 - 2.0 * active  # inactive: z <= 0; active: -z <= 0
        rows = [np.hstack([signs[:, None] * first, np.zeros((len(first), outputs))])]
        sides = [-signs * offset]
        for sign in (1.0, -1.0):
            rows.append(np.hstack([sign * matrix, -np.eye(outputs)]))
            sides.append(-sign * constant)
        scale = np.abs(np.vstack(rows)).max(axis=1)
        answer = linprog(
            np.concatenate([np.zeros(inputs), np.ones(outputs)]),
            A_ub=np.vstack(rows) / scale[:, None],
            b_ub=np.concatenate(sides) / scale,
            bounds=[*zip(low, high, strict=True), *[(0, None)] * outputs],
            method="highs-ds",
        )
        if answer.status == 0:
            x = np.clip(answer.x[:inputs], low, high)
            best = min(best, float(np.abs(forward(arrays, x) - aim).sum()))  # an attained value, to the last digit
    return best


def solve(text: str, method: str | None, **bindings: Any) -> Result:
    result = preimage.invert(text, method=method, gap=1e-6, time_limit=30, **bindings)
    assert isinstance(result, Result)
    if result.design:
        again = Verifier(**bindings)(result)
        assert again.violation <= 1e-6
        assert again.objective == result.objective
    return result


def proves(result: Result, truth: float) -> None:
    """The bound is not above an attained value."""
    assert result.bound is not None
    assert result.bound <= truth + 1e-9 * max(1.0, abs(truth)), (result.bound, truth)


METHODS = [None, "branch", "milp"]
TEXT = "network f\nparam t\ninput x[2] in -1..1\nminimise L1(f(x), t)\n"


def network(kind: str) -> Arrays:
    arrays = dense(2, 5, 2, seed=4)
    match kind:
        case "huge":
            arrays["W1"], arrays["b1"], arrays["W2"] = 1e6 * arrays["W1"], 1e6 * arrays["b1"], 1e-6 * arrays["W2"]
        case "tiny":
            arrays["W1"], arrays["b1"], arrays["W2"] = 1e-6 * arrays["W1"], 1e-6 * arrays["b1"], 1e6 * arrays["W2"]
        case "mixed":
            scales = np.array([1e6, 1e-6, 1.0, 1e3, 1e-3])
            arrays["W1"], arrays["b1"] = scales[:, None] * arrays["W1"], scales * arrays["b1"]
            arrays["W2"] = arrays["W2"] / scales
        case "nearly dead":
            # The largest pre-activation in the box is 1e-9: the neuron is open in a sliver of a corner.
            arrays["b1"] = -np.abs(arrays["W1"]).sum(axis=1) + 1e-9
            arrays["W2"] = 1e3 * arrays["W2"]
        case "nearly always open":
            arrays["b1"] = np.abs(arrays["W1"]).sum(axis=1) - 1e-9
        case "twins":
            arrays["W1"][1:4], arrays["b1"][1:4] = arrays["W1"][0], arrays["b1"][0]
        case "opposites":
            arrays["W1"][1], arrays["b1"][1] = -arrays["W1"][0], -arrays["b1"][0]
            arrays["W2"][:, 1] = arrays["W2"][:, 0] * (1.0 + 1e-9)
        case "all kinks at zero":
            arrays["b1"] = np.zeros(5)
        case _:
            raise ValueError(kind)
    return arrays


KINDS = (
    *("huge", "tiny", "mixed", "nearly dead", "nearly always open"),
    *("twins", "opposites", "all kinks at zero"),
)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_odd_weights(kind: str, method: str | None) -> None:
    arrays, aim = network(kind), np.array([0.3, -4.0])
    truth = least_by_regions(arrays, aim, np.full(2, -1.0), np.ones(2))
    result = solve(TEXT, method, f=arrays, t=aim)
    proves(result, truth)
    assert result.objective is not None
    assert result.objective == pytest.approx(truth, abs=2e-5 * max(1.0, truth))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_zero_is_attained(seed: int, method: str | None) -> None:
    arrays = dense(2, 5, 2, seed=seed)
    inside = np.random.default_rng(seed).uniform(-1, 1, 2)
    result = solve(TEXT, method, f=arrays, t=forward(arrays, inside))
    proves(result, 0.0)
    assert result.status == "optimal"
    assert result.objective is not None
    assert result.objective <= 1e-6


@pytest.mark.parametrize("method", METHODS)
def test_a_box_without_width(method: str | None) -> None:
    arrays, point = dense(3, 5, 2, seed=9), np.array([0.1, -0.7, 1.0 / 3.0])
    text = "network f\nparam t\nparam p\ninput x[3] in p .. p\nminimise L1(f(x), t)\n"
    result = solve(text, method, f=arrays, t=np.array([1.0, 2.0]), p=point)
    truth = float(np.abs(forward(arrays, point) - [1.0, 2.0]).sum())
    assert result.status == "optimal"
    assert result.objective == pytest.approx(truth, rel=1e-12)
    np.testing.assert_array_equal(result.design["x"], point)
    proves(result, truth)


@pytest.mark.parametrize("method", METHODS)
def test_a_box_of_a_hair(method: str | None) -> None:
    arrays, point = dense(3, 5, 2, seed=9), np.array([0.1, -0.7, 0.3])
    text = "network f\nparam t\nparam p\ninput x[3] in p - 1e-9 .. p + 1e-9\nmaximise L1(f(x), t)\n"
    result = solve(text, method, f=arrays, t=np.array([1.0, 2.0]), p=point)
    corners = point + 1e-9 * np.array(list(itertools.product([-1.0, 1.0], repeat=3)))
    truth = float(np.abs(forward(arrays, corners) - [1.0, 2.0]).sum(axis=1).max())
    assert result.status == "optimal"
    assert result.bound is not None
    assert result.bound >= truth - 1e-12 * truth
    assert result.objective == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("input x[3] in 0..1\nrequire sum(x) >= 3\nminimise x[0] - 2*x[1]\n", -1.0),
        ("input x[3] in 0..1\nrequire sum(x) == 0\nmaximise x[0] + x[1]\n", 0.0),
        ("input x[2] in 0..1\nrequire x[0] - x[1] == 0.1\nrequire x[0] + x[1] == 0.3\nminimise x[0]\n", 0.2),
        ("input x[2] in -1..1\nrequire abs(x[0]) + abs(x[1]) <= 0\nminimise sum(x)\n", 0.0),
        ("input x[2] in -1..1\nrequire L1(x, (0.1, 0.2)) <= 0\nminimise sum(x)\n", 0.3),
        ("input x[2] in -1..1\navoid Linf(x) >= 1\nminimise L1(x)\n", 1.0),
        ("input x[2] in -1..1\navoid L1(x) >= 2\nminimise x[0] + 0.5*x[1]\n", -1.5),
        ("integer n[2] in 0..9\nrequire 3*n[0] + 7*n[1] == 41\nminimise n[0]\n", 2.0),
        ("integer n in -5..5\ninput x in 0..1\nrequire x == 0.1*n\nmaximise x\n", 0.5),
        ("input x in 0..1\nrequire 1e6*x <= 1\nmaximise x\n", 1e-6),
        ("input x in 0..1e6\nrequire 1e-6*x <= 0.5\nmaximise 1e-3*x\n", 500.0),
        ("input x[2] in -1e6..1e6\nminimise abs(x[0] - 1e6) + abs(x[1] + 1e6)\n", 0.0),
        ("input x[2] in 0..1e-6\nmaximise 1e6*sum(x)\n", 2.0),
    ],
)
@pytest.mark.parametrize("method", [None, "milp"])
def test_only_just_feasible(text: str, truth: float, method: str | None) -> None:
    result = solve(text, method)
    assert result.status == "optimal", result
    assert result.objective == pytest.approx(truth, abs=2e-6 * max(1.0, abs(truth)))
    assert result.bound is not None
    sign = -1.0 if "maximise" in text else 1.0
    # Statements may be violated by 1e-7, and a bound is that of a solver.
    assert sign * result.bound <= sign * truth + 1e-6 * max(1.0, abs(truth))
