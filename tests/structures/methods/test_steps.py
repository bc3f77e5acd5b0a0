"""The parts that methods are made of: the volume that is filled, the steps, the schedules, the coarser grids."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from structures.random_tasks import random_task, tasks

from preimage.structures import Task
from preimage.structures.coarsening import can_be_halved, doubled, halved
from preimage.structures.methods.feasible import feasible, uniform
from preimage.structures.methods.filling import fill
from preimage.structures.methods.moving_asymptotes import MovingAsymptotes
from preimage.structures.methods.patches import patches
from preimage.structures.methods.schedule import from_design, from_patches, from_sheet
from preimage.structures.physics import PENALTY, Physics


@given(st.integers(0, 2**32), st.sampled_from([1e-8, 1.0, 1e8]))
def test_filling_takes_the_volume_and_no_more(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    base, rate, weights = random.normal(size=(3, 4, 5))
    rate, weights = scale * np.maximum(rate, 0.0), np.abs(weights)
    lower, upper = np.sort(random.random((2, 4, 5)), axis=0)
    least, most = np.clip(base, lower, upper), np.where(rate > 0, upper, np.clip(base, lower, upper))
    volume = random.uniform((weights * least).sum(), 1.1 * (weights * most).sum())
    design = fill(base, rate, lower, upper, weights, volume)
    taken = (weights * design).sum()
    assert ((design >= least) & (design <= most)).all()
    assert taken <= volume
    assert taken == pytest.approx(min(volume, (weights * most).sum()), rel=1e-12)
    inside = (design > lower) & (design < upper) & (rate > 0)
    if inside.any():
        steps = ((design - base) / np.where(rate > 0, rate, 1.0))[inside]
        assert steps == pytest.approx(np.full(steps.shape, steps[0]), rel=1e-6)


def test_filling_where_even_the_least_is_too_much() -> None:
    ones = np.ones((2, 2))
    assert (fill(0 * ones, ones, 0.5 * ones, ones, ones, 1.0) == 0.5).all()


@given(tasks, st.integers(0, 2**32))
def test_fields_become_designs_that_hold(task: Task, seed: int) -> None:
    physics = Physics(task)
    design = feasible(physics, np.random.default_rng(seed).normal(size=task.mask.shape))
    assert ((design >= 0) & (design <= 1)).all()
    assert (design[task.solid] == 1).all()
    assert not design[~task.mask].any()
    solid = (physics.volume_weights * task.solid).sum()
    assert (physics.volume_weights * design).sum() <= max(physics.volume_limit, solid)


@given(tasks, st.integers(0, 2**32), st.booleans())
def test_patches_hold_and_are_symmetric_where_the_task_is(task: Task, seed: int, mirror: bool) -> None:
    task = replace(task, mask=task.mask & task.mask[::-1], mirror_y=True) if mirror else task
    physics = Physics(replace(task, solid=np.zeros_like(task.mask)))
    design = patches(physics, np.random.default_rng(seed), 2.0, 1.0)
    assert ((design >= 0) & (design <= 1)).all()
    assert not design[~task.mask].any()
    assert (physics.volume_weights * design).sum() <= physics.volume_limit
    if mirror:
        np.testing.assert_allclose(design, design[::-1], atol=1e-12)
    if task.mask.sum() > 1:
        assert np.ptp(design[task.mask]) > 0


def test_a_step_solves_its_approximation() -> None:
    task = random_task(5, longest=4, solid=False)
    physics = Physics(task)
    start, free = uniform(physics), task.mask
    asymptotes = MovingAsymptotes(physics, start, 0.3)
    compliance, gradient = physics.evaluate(start).compliance, physics.evaluate(start).gradient
    asymptotes.step(gradient, physics.volume_limit)
    worth, low = -gradient[free] * 0.3**2, start[free] - 0.3
    weights = physics.volume_weights[free]
    found = minimize(
        lambda x: (worth / (x - low)).sum() / compliance,
        start[free],
        bounds=[(max(0.0, x - 0.27), min(1.0, x + 0.27)) for x in start[free]],
        constraints={"type": "ineq", "fun": lambda x: physics.volume_limit - weights @ x},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert asymptotes.design[free] == pytest.approx(found.x, abs=1e-5)
    assert physics.evaluate(asymptotes.design).compliance < compliance


@pytest.mark.parametrize("steps", [1, 7, 135])
@pytest.mark.parametrize("volume", [0.7, 1.4])
def test_schedules_end_at_the_problem_itself(steps: int, volume: float) -> None:
    for schedule in (from_sheet(steps, 5.0, 2.0, volume), from_patches(steps, 5.0, 2.0), from_design(steps, 6.0, 2.0)):
        assert len(schedule) == steps
        last = schedule[-1]
        assert (last.penalty, last.radius, last.volume) == (PENALTY, 2.0, 1.0)
        radii = [step.radius for step in schedule]
        assert radii == sorted(radii, reverse=True)


@given(st.integers(0, 2**32))
def test_halved_tasks_hold_and_carry_the_same(seed: int) -> None:
    task = random_task(seed, longest=9)
    if not can_be_halved(task):
        return
    coarse = halved(task, 1.5)
    assert (2 * coarse.width, 2 * coarse.height) == (task.width, task.height)
    assert coarse.loads.sum(axis=(1, 2)) == pytest.approx(task.loads.sum(axis=(1, 2)))
    assert coarse.fixed.sum() <= task.fixed.sum()
    assert coarse.fixed.any(axis=(0, 1)).tolist() == task.fixed.any(axis=(0, 1)).tolist()
    assert (doubled(coarse.mask) >= task.mask).all()
    assert (doubled(coarse.solid) <= task.solid).all()
    assert not (coarse.solid & ~coarse.mask).any()
