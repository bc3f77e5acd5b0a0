"""Every formulation, kind of layer and sense: one optimum, that of enumeration or of the textbook."""

from __future__ import annotations

import pytest
from engines.layer_problems import KINDS, layer_problem

import preimage
from preimage.results import Result

METHODS = ("milp", "milp with plain", "milp with sos1", "milp with highs", "milp with highs and plain")
TOLERANCE = 1e-5


def check(number: int, methods: tuple[str, ...] = METHODS) -> None:
    problem = layer_problem(number)
    truth = problem.optimum()
    sign, scale = (-1.0 if problem.maximise else 1.0), max(1.0, abs(truth))
    for method in methods:
        if problem.objective == "L2" and "highs" in method:
            continue
        result = preimage.invert(problem.text, method=method, gap=1e-7, threads=1, **problem.bindings)
        where = f"problem {number}, {problem.kind}, {method}: {result!r}, bound {result.bound}, truth {truth}"
        assert isinstance(result, Result)
        assert result.status == "optimal", where
        x = result.x[None]
        assert problem.violations(x)[0] <= 1e-6, where
        assert problem.values(x)[0] == pytest.approx(result.objective, abs=1e-9 * scale), where
        assert result.objective == pytest.approx(truth, abs=TOLERANCE * scale), where
        assert result.bound is not None, where
        assert sign * result.bound <= sign * truth + 1e-6 * scale, where
        assert result.solver in (None, "HiGHS" if "highs" in method else "SCIP"), where


@pytest.mark.parametrize("number", range(1, 2 * len(KINDS), 5))
def test_one_optimum(number: int) -> None:
    check(number)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(500))
def test_one_optimum_500_times(number: int) -> None:
    check(number)
