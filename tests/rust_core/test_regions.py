"""Regions: exact at the design they are made for, and their linear programs never promise too much or too little."""

from __future__ import annotations

import numpy as np
import pytest
from rust_core.random_models import CATALOGUE, CONTINUOUS, INTEGER, Parts, random_parts

from preimage._core import Model, Regions
from preimage.engines.linear_program import LinearProgram
from preimage.engines.regions import FACET, REQUIREMENT

TRIES = 150


def made(seed: int) -> tuple[np.random.Generator, Parts, Model, Regions]:
    """A random model that has regions."""
    rng = np.random.default_rng(seed)
    while True:
        parts = random_parts(rng, [CONTINUOUS, CONTINUOUS, CONTINUOUS, INTEGER, CATALOGUE], norms=False)
        model = parts.model()
        try:
            return rng, parts, model, Regions(model, model.bounds())
        except ValueError as refusal:
            assert "never holds" in str(refusal)  # noqa: PT017


def test_exact_at_the_design() -> None:
    decided, alternatives = 0, 0
    for seed in range(TRIES):
        rng, parts, model, regions = made(seed)
        for x in parts.sample(rng, 4):
            pattern = regions.pattern(x)
            decided += len(pattern) > 0
            for facets in (True, False):
                region = regions.region(pattern, x, facets)
                program = LinearProgram.of_region(region)
                scale = 1e-9 * max(1.0, np.abs(region.point).max())
                np.testing.assert_array_equal(region.point[: x.size], x)
                assert np.all(program.lower - region.point <= scale)
                assert np.all(region.point - program.upper <= scale)
                value = program.objective @ region.point + program.offset
                assert value == pytest.approx(model.objective(x), rel=1e-9, abs=1e-9)
                excess = program.excess(region.point)
                of_requirements = region.kinds == REQUIREMENT
                alternatives += bool(np.any(of_requirements & (region.decisions >= 0)))
                assert excess[~of_requirements].max(initial=0.0) <= scale
                violation = max((parts.formula_violation(f, x) for _, f in parts.requirements), default=0.0)
                # An alternative that proved bounds rule out may be missed by less than the ones that are left.
                missed = excess[of_requirements].max(initial=0.0)
                assert missed >= violation - 1e-9 * max(1.0, violation)
                assert violation > 0.0 or missed <= scale
                assert np.any(region.kinds == FACET) <= facets
    assert decided > TRIES
    assert alternatives > TRIES / 10


def test_the_best_of_a_region_holds_and_is_the_best() -> None:
    compared = 0
    for seed in range(1000, 1000 + TRIES):
        rng, parts, model, regions = made(seed)
        x = parts.sample(rng, 1)[0]
        pattern = regions.pattern(x)
        region = regions.region(pattern, x)
        program = LinearProgram.of_region(region)
        solution = program.minimise(np.flatnonzero(region.kinds != FACET))
        others = np.vstack([x + t * (parts.sample(rng, 1)[0] - x) for t in np.geomspace(1e-3, 1.0, 60)])
        others = np.clip(others, program.lower[: x.size], program.upper[: x.size])
        inside = [z for z in others if np.array_equal(regions.pattern(z), pattern)]
        inside = [z for z in inside if all(parts.formula_violation(f, z) == 0 for _, f in parts.requirements)]
        if solution is None:
            assert not inside, f"seed {seed}: the region of {x} is not empty"
            continue
        best = solution.v[: x.size]
        scale = 1e-6 * max(1.0, abs(solution.value))
        assert model.objective(best) <= solution.value + scale, f"seed {seed}"
        for _, formula in parts.requirements:
            assert parts.formula_violation(formula, best) <= 1e-6, f"seed {seed}"
        for z in inside:
            assert model.objective(z) >= solution.value - scale, f"seed {seed}"
            compared += 1
    assert compared > 10 * TRIES


def test_what_is_no_pattern_is_refused() -> None:
    rng, parts, _, regions = next(m for m in map(made, range(100)) if m[3].decisions > 0)
    x = parts.sample(rng, 1)[0]
    pattern = regions.pattern(x)
    assert pattern.shape == (regions.decisions,)
    with pytest.raises(ValueError, match="side for every decision"):
        regions.region(np.append(pattern, 0), x)
    with pytest.raises(ValueError, match="side for every decision"):
        regions.region(np.full(pattern.size, 1_000_000), x)
    with pytest.raises(ValueError, match="x must have shape"):
        regions.pattern(np.append(x, 0.0))
