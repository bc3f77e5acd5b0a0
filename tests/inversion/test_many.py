"""Thousands of small problems, each for an instant, against brute force: whatever is claimed is true."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from inversion.random_problems import Maker, Twin
from inversion.rich_problems import RichMaker
from inversion.trial import compare, refusal, solve

import preimage
from preimage.results import Result, Sweep

CHUNK = 100
LIMITS = {"gap": 1e-6, "time_limit": 0.4}

Make = Callable[[int], Twin]


def basic(seed: int) -> Make:
    return lambda row: Maker(seed).problem()


def rich(seed: int) -> Make:
    return lambda row: RichMaker(seed, sweep_row=row).problem()


def answers(twin: Twin, **options: object) -> list[Result]:
    """Solve a problem, for every row of its target if it has one; an engine that does not take it gives no answers."""
    try:
        result = solve(twin, **LIMITS, **options)
    except preimage.ProblemErrors as errors:
        assert "PRE507" in str(errors), f"{errors}\n{twin.text}"
        return []
    return list(result) if isinstance(result, Sweep) else [result]


def claims_are_true(make: Make, label: str) -> int:
    """Check what the tree and the usual plan claim; return how many answers of the tree closed."""
    twin = make(0)
    rows = len(twin.bindings["aim"]) if "target aim" in twin.text.splitlines() else 1
    twins = [make(row) for row in range(rows)]
    truths = [other.optimum() for other in twins]
    refused = refusal(twin)
    if refused:
        assert truths == [None] * rows, f"{label}: refused, but {truths}\n{refused}\n{twin.text}"
        return 0
    closed = 0
    for options in ({"method": "branch"}, {}):
        for other, truth, result in zip(twins, truths, answers(twin, **options), strict=False):
            done = result.status in ("optimal", "infeasible")
            compare(other, result, truth, f"{label}, {options}", closed=done)
            closed += done and bool(options)
    return closed


def check_chunk(maker: Callable[[int], Make], chunk: int) -> None:
    seeds = range(10_000 + CHUNK * chunk, 10_000 + CHUNK * (chunk + 1))
    assert sum(claims_are_true(maker(seed), f"{maker.__name__} {seed}") for seed in seeds) > CHUNK // 3


@pytest.mark.parametrize("maker", [basic, rich])
def test_claims(maker: Callable[[int], Make]) -> None:
    check_chunk(maker, 0)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(1, 51))
@pytest.mark.parametrize("maker", [basic, rich])
def test_claims_of_many(maker: Callable[[int], Make], chunk: int) -> None:
    check_chunk(maker, chunk)
