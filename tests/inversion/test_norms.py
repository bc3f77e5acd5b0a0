"""Euclidean norms of what varies continuously: many samples and local searches never get below the bound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from inversion.oracle import Vector
from scipy.optimize import minimize

import preimage
from preimage.inversion import Verifier
from preimage.results import Result

SAMPLES = 4000
STARTS = 6


def attained(goal: Callable[[Vector], float], holds: Callable[[Vector], bool], size: int, seed: int) -> float:
    """Return the least value met by sampling, and by local search from the best samples."""
    random = np.random.default_rng(seed)
    points = random.uniform(-1.0, 1.0, size=(SAMPLES, size))
    values = [(goal(x), k) for k, x in enumerate(points) if holds(x)]
    best = min(values)[0]
    for _, k in sorted(values)[:STARTS]:
        found = minimize(
            lambda x: goal(np.clip(x, -1.0, 1.0)) if holds(np.clip(x, -1.0, 1.0)) else np.inf,
            points[k],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 1000},
        )
        best = min(best, float(found.fun))
    return best


def check(seed: int) -> None:
    random = np.random.default_rng([seed, 2])
    size, width, outputs = int(random.integers(2, 4)), int(random.integers(3, 6)), int(random.integers(1, 4))
    first, offset = random.normal(size=(width, size)), random.normal(size=width)
    last, shift = random.normal(size=(outputs, width)), random.normal(size=outputs)
    aim, centre = 2.0 * random.normal(size=outputs), random.uniform(-0.8, 0.8, size)
    weights = random.uniform(0.2, 2.0, outputs)

    def away(x: Vector) -> Vector:
        difference: Vector = weights * (last @ np.maximum(first @ x + offset, 0.0) + shift - aim)
        return difference

    within, minimised = seed % 3 != 0, seed % 3 != 1
    objective = "L2(f(x), aim, weights=w) + 0.1*sum(x)" if minimised else "sum(w*(f(x) - aim))"
    text = "network f\nparam aim\nparam w\nparam c\n"
    text += f"input x[{size}] in -1..1\n" + ("require L2(x, c) <= 0.7\n" if within else "") + f"minimise {objective}\n"
    arrays = {"W1": first, "b1": offset, "W2": last, "b2": shift}
    bindings = {"f": arrays, "aim": aim, "w": weights, "c": centre}
    if not within:
        text = text.replace("param c\n", "")
        del bindings["c"]

    def goal(x: Vector) -> float:
        return float(np.linalg.norm(away(x)) + 0.1 * x.sum()) if minimised else float(away(x).sum())

    def holds(x: Vector) -> bool:
        return not within or bool(np.linalg.norm(x - centre) <= 0.7)

    result = preimage.invert(text, gap=1e-5, time_limit=30, **bindings)  # type: ignore[arg-type]
    assert isinstance(result, Result)
    where = f"seed {seed}: {result!r}, bound {result.bound}\n{text}"
    assert result.status == "optimal", where
    assert result.objective == pytest.approx(goal(result.design["x"]), abs=1e-9), where
    assert Verifier(**bindings)(result).violation <= 1e-6, where
    best = attained(goal, holds, size, seed)
    slack = 1e-6 * max(1.0, abs(best))
    assert result.bound is not None
    assert result.objective is not None
    assert result.bound <= best + slack, where
    assert result.objective <= best + 3e-5 * max(1.0, abs(best)), where


@pytest.mark.parametrize("seed", range(6))
def test_norms(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(6))
def test_many_norms(chunk: int) -> None:
    for seed in range(10 + 10 * chunk, 20 + 10 * chunk):
        check(seed)


@pytest.mark.parametrize(("method", "gap"), [(None, 1e-7), ("milp", 1e-4)])
def test_small_distances(method: str | None, gap: float) -> None:
    # A tolerance on squares would be a thousandth on the distance.
    text = "input x[2] in -1..1\nrequire L2(x, (0.5, 0.5)) <= 0.001\nmaximise x[0] + x[1]\n"
    result = preimage.invert(text, method=method, gap=gap, time_limit=20)
    assert isinstance(result, Result)
    assert result.status == "optimal"
    assert result.objective == pytest.approx(1.0 + 0.001 * np.sqrt(2.0), abs=1e-6)
    assert result.bound is not None
    assert result.bound >= 1.0 + 0.001 * np.sqrt(2.0) - 1e-9
