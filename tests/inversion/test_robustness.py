"""Worst cases against brute force: never below what is sampled, and what enumeration finds where it can."""

from __future__ import annotations

import numpy as np
import pytest
from inversion.perturbed_problems import Perturbed, perturbed

import preimage
from preimage.problem import compile_problem
from preimage.results import WorstCase
from preimage.robustness import worst_case

CHUNK = 20
GAP = 1e-6


def solved(problem: Perturbed) -> WorstCase:
    checked = preimage.check(problem.text, problem.bindings)
    design = {"x": problem.design if "per target" in problem.text else problem.design[0]}
    inversion = compile_problem(checked)
    return worst_case(inversion, checked.robustness[0], design, gap=GAP, time_limit=60.0, threads=1, seed=0)


def compare(problem: Perturbed, seed: int) -> None:
    found = solved(problem)
    where = f"seed {seed}\n{problem.text}\n{problem.design}\n{found}"
    assert found.status == "optimal", where
    assert found.bound is not None
    worst, bound = problem.sign * found.worst, problem.sign * found.bound
    scale = 1e-9 * max(1.0, abs(worst))
    off = np.asarray(found.design["x"]).reshape(problem.design.shape)
    assert problem.sign * problem.value(off) == pytest.approx(worst, abs=scale), where
    assert problem.value(problem.design) == pytest.approx(found.nominal, abs=scale), where
    assert np.all((off >= problem.lower) & (off <= problem.upper)), where
    moved = np.abs(off - problem.design)
    assert np.all(moved <= problem.amounts + 1e-12), where
    if problem.manner == "L1":
        assert moved.sum(axis=1).max() <= problem.amounts.max() * (1 + 1e-6), where
    assert worst <= bound, where
    random = np.random.default_rng(seed)
    assert max(problem.badness(problem.deviation(s)) for s in problem.samples(random, 300)) <= bound + scale, where
    if 0 < problem.free <= 2:
        assert problem.enumerated() == pytest.approx(worst, rel=1e-3, abs=1e-5), where


@pytest.mark.parametrize("manner", ["each", "L1", "together"])
@pytest.mark.parametrize("chunk", range(2))
def test_worst_cases(manner: str, chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        compare(perturbed(seed, manner), seed)


@pytest.mark.slow
@pytest.mark.parametrize("manner", ["each", "L1", "together"])
@pytest.mark.parametrize("chunk", range(2, 30))
def test_many_worst_cases(manner: str, chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        compare(perturbed(seed, manner), seed)
