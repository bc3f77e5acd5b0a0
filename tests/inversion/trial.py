"""One random problem: solved, and compared with what an oracle knows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from inversion.random_problems import TOLERANCE, Twin

import preimage
from preimage.results import Result, Sweep

SAMPLES = 60


def solve(twin: Twin, **options: object) -> Result | Sweep:
    """Solve a problem closely."""
    chosen = {"gap": 1e-7, "time_limit": 60.0, "seed": 1} | options
    return preimage.invert(twin.text, **twin.bindings, **chosen)  # type: ignore[arg-type]


def refusal(twin: Twin) -> str:
    """Return what the checker says: it may prove that a statement can never hold."""
    try:
        preimage.check(twin.text, twin.bindings)
    except preimage.ProblemErrors as errors:
        return str(errors)
    return ""


def check(twin: Twin, label: str, *, closed: bool = True, **options: object) -> None:
    """Solve a problem that has one answer, and compare it with the truth."""
    truth = twin.optimum()
    refused = refusal(twin)
    if refused:
        assert truth is None, f"{label}: refused, but {truth} is attained\n{refused}"
        assert "PRE4" in refused or "never" in refused, f"{label}\n{refused}"
        return
    result = solve(twin, **options)
    assert isinstance(result, Result), label
    compare(twin, result, truth, label, closed=closed)


def compare(twin: Twin, result: Result, truth: float | None, label: str, *, closed: bool = True) -> None:
    """Compare an answer with the truth.

    Parameters
    ----------
    closed
        Whether the answer has to be proved optimal, or proved not to exist.
    """
    where = f"{label}: {result!r}, bound {result.bound}, truth {truth}\n{twin.text}"
    if truth is None:
        assert not result.design, where
        if closed:
            assert result.status == "infeasible", where
            assert result.clashes, where
        return
    assert result.status != "infeasible", where
    sign = -1.0 if twin.maximise else 1.0
    scale = max(1.0, abs(truth))
    if result.design:
        design = {name: np.asarray(value).ravel() for name, value in result.design.items()}
        assert twin.violation(design) <= TOLERANCE, where
        if twin.objective is not None:
            assert result.objective == pytest.approx(twin.value(design), abs=1e-9 * scale), where
    if closed:
        assert result.status == "optimal", where
    if twin.objective is None:
        return
    if closed:
        assert result.objective == pytest.approx(truth, abs=1e-5 * scale), where
        assert result.bound is not None
    if result.bound is None:
        return
    assert sign * result.bound <= sign * truth + 1e-6 * scale, where
    for sample in twin.sample(np.random.default_rng(5), SAMPLES):
        if twin.violation(sample) == 0.0:
            assert sign * result.bound <= sign * twin.value(sample) + 1e-6 * scale, where


def check_all(make: Callable[[int], Twin], label: str) -> None:
    """Solve a problem, for all rows of its `target` if it has one, and compare every answer.

    Parameters
    ----------
    make
        Makes the problem, given the row that its oracle is for.
    """
    twin = make(0)
    if "target aim" not in twin.text.splitlines():
        check(twin, label)
        return
    refused = refusal(twin)
    twins = [make(row) for row in range(len(twin.bindings["aim"]))]
    if refused:
        assert all(other.optimum() is None for other in twins), f"{label}\n{refused}"
        return
    results = solve(twin)
    assert isinstance(results, Sweep)
    for row, (other, result) in enumerate(zip(twins, results, strict=True)):
        compare(other, result, other.optimum(), f"{label}, row {row}")
