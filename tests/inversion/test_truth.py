"""Random small problems against brute force: no bound above the truth, no design that fails, the optimum found."""

from __future__ import annotations

import numpy as np
import pytest
from inversion.random_problems import TOLERANCE, Maker, Twin

import preimage
from preimage.results import Result

CHUNK = 10
SAMPLES = 300


def solve(twin: Twin, **options: object) -> Result:
    result = preimage.invert(twin.text, gap=1e-7, time_limit=60.0, seed=1, **twin.bindings, **options)  # type: ignore[arg-type]
    assert isinstance(result, Result)
    return result


def refusal(twin: Twin) -> str:
    """Return what the checker says: it may prove that a statement can never hold."""
    try:
        preimage.check(twin.text, twin.bindings)
    except preimage.ProblemErrors as errors:
        return str(errors)
    return ""


def check(seed: int, **options: object) -> None:
    twin = Maker(seed).problem()
    truth = twin.optimum()
    refused = refusal(twin)
    if refused:
        assert truth is None, f"seed {seed}: refused, but {truth} is attained\n{refused}"
        return
    result = solve(twin, **options)
    where = f"seed {seed}: {result!r}, bound {result.bound}, truth {truth}\n{twin.text}"
    if truth is None:
        assert result.status == "infeasible", where
        assert result.clashes, where
        return
    assert result.status == "optimal", where
    design = {name: np.asarray(value).ravel() for name, value in result.design.items()}
    assert twin.violation(design) <= TOLERANCE, where
    if twin.objective is None:
        return
    scale = max(1.0, abs(truth))
    assert result.objective == pytest.approx(twin.value(design), abs=1e-9 * scale), where
    assert result.objective == pytest.approx(truth, abs=1e-5 * scale), where
    sign = -1.0 if twin.maximise else 1.0
    assert result.bound is not None
    assert sign * result.bound <= sign * truth + 1e-6 * scale, where
    for sample in twin.sample(np.random.default_rng(seed), SAMPLES):
        if twin.violation(sample) == 0.0:
            assert sign * result.bound <= sign * twin.value(sample) + 1e-6 * scale, where


@pytest.mark.parametrize("chunk", range(6))
def test_random_problems(chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(6, 56))
def test_many_random_problems(chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        check(seed)
