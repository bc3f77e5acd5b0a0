"""The design whose worst case is best: its bounds enclose the truth, as far as other designs' worst cases tell."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from inversion.perturbed_problems import Perturbed, perturbed

import preimage
from preimage.inversion import Verifier
from preimage.problem import compile_problem
from preimage.results import Result
from preimage.robustness import worst_case

CHUNK = 8
GAP = 1e-4


LARGEST = 0.3
"""Where values may be off by more, a great many deviations matter."""


def fits(problem: Perturbed) -> bool:
    return problem.amounts.max() <= LARGEST and not any(word in problem.text for word in ("drift", "targets", "select"))


def check(seed: int, manner: str) -> None:
    problem = perturbed(seed, manner)
    if not fits(problem):
        return
    text = problem.text.replace("robust within", "robust design within")
    result = preimage.invert(text, gap=GAP, time_limit=20.0, threads=1, **problem.bindings)
    assert isinstance(result, Result)
    where = f"seed {seed}\n{text}\n{result} {result.bound} {result.worst_cases}"
    assert result.status in ("optimal", "feasible"), where  # many deviations may matter, and the time be over
    assert result.objective is not None
    assert result.bound is not None
    result.check(Verifier(**problem.bindings))
    objective, bound = problem.sign * result.objective, problem.sign * result.bound
    tolerance = 1e-7 * max(1.0, abs(objective))
    assert bound <= objective + tolerance, where
    assert result.status == "feasible" or objective - bound <= GAP * abs(objective) + 1e-6, where
    found = dataclasses.replace(problem, design=result["x"][None, :])
    random = np.random.default_rng(seed)
    assert max(found.badness(found.deviation(s)) for s in found.samples(random, 200)) <= objective + tolerance, where
    checked = preimage.check(problem.text, problem.bindings)
    inversion = compile_problem(checked)
    for k in range(6):
        share = 10.0 ** -random.integers(0, 4) if k % 2 else 1.0
        other = result["x"] + share * random.uniform(-1.0, 1.0, problem.lower.shape) * (problem.upper - problem.lower)
        other = np.clip(other, problem.lower, problem.upper)
        case = worst_case(inversion, checked.robustness[0], {"x": other}, gap=1e-6, time_limit=10.0, threads=1, seed=0)
        assert case.bound is not None
        assert bound <= problem.sign * case.bound + tolerance, where
        if problem.free == 1:
            enumerated = dataclasses.replace(problem, design=other[None, :]).enumerated()
            assert bound <= enumerated + 1e-3 * abs(enumerated) + 1e-5, where


@pytest.mark.parametrize("manner", ["each", "L1", "together"])
def test_robust_designs(manner: str) -> None:
    for seed in range(CHUNK):
        check(seed, manner)


@pytest.mark.slow
@pytest.mark.parametrize("manner", ["each", "L1", "together"])
@pytest.mark.parametrize("chunk", range(1, 25))
def test_many_robust_designs(manner: str, chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        check(seed, manner)


def test_the_least_bad_design_is_not_the_best_one() -> None:
    # f falls slowly to 1 and then rises steeply: off by 0.2, the best design is far worse than one before it.
    text = "input x in 0..3\nlet f = max(1 + 0.1*(2 - x), 1 + 5*(x - 2))\nminimise f\n"
    plain = preimage.invert(text + "robust within 0.2")
    robust = preimage.invert(text + "robust design within 0.2")
    assert isinstance(plain, Result)
    assert isinstance(robust, Result)
    assert plain["x"] == pytest.approx(2.0, abs=1e-3)
    assert plain.worst_cases[0].worst == pytest.approx(2.0, abs=1e-2)
    # 0.1*(2.2 - x) == 5*(x - 1.8): the two sides of the design are equally bad
    assert robust["x"] == pytest.approx(9.22 / 5.1, abs=1e-3)
    assert robust.objective == pytest.approx(1 + 0.1 * (2.2 - 9.22 / 5.1), rel=1e-3)
    assert "worst case" in robust.message


def test_what_cannot_be_met_is_told() -> None:
    text = "input x[2] in 0..1\nminimise x[0]\nrequire x[0] + x[1] <= 0.5\nrequire x[0] - x[1] >= 0.6\n"
    result = preimage.invert(text + "robust design within 0.1")
    assert isinstance(result, Result)
    assert (result.status, result.worst_cases) == ("infeasible", ())
