"""Designs that take exactly their volume, and their derivative."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from preimage.structures import Task
from preimage.structures.physics import Physics
from preimage.structures.volume import VolumeShift
from structures.random_tasks import designs, tasks


def volume_and_room(task: Task) -> tuple[Physics, float]:
    physics = Physics(task)
    return physics, physics.volume_limit - float(physics.volume_weights[task.solid].sum())


@given(tasks, designs, st.sampled_from([0.1, 3.0, 300.0]))
def test_designs_take_the_volume(task: Task, random: np.random.Generator, spread: float) -> None:
    physics, room = volume_and_room(task)
    assume(room > 0 and (task.mask & ~task.solid).any())
    logits = spread * random.normal(size=task.mask.shape) + random.normal()
    design = VolumeShift(physics).design(logits)
    assert (design[task.solid] == 1).all()
    assert not design[~task.mask].any()
    assert ((design >= 0) & (design <= 1)).all()
    free = task.mask & ~task.solid
    wanted = min(physics.volume_limit, float(physics.volume_weights.sum()))
    assert (physics.volume_weights * design).sum() == pytest.approx(wanted, rel=1e-12)
    assert (physics.volume_weights * design).sum() <= wanted * (1 + 1e-15)
    order = np.argsort(logits[free])
    assert (np.diff(design[free][order]) >= 0).all()


@given(tasks, designs)
def test_pull_back_is_the_finite_difference(task: Task, random: np.random.Generator) -> None:
    physics, room = volume_and_room(task)
    assume(room > 0)
    shift = VolumeShift(physics)
    logits, direction, gradient = (random.normal(size=task.mask.shape) for _ in range(3))
    step = 1e-6
    ahead, behind = (shift.design(logits + sign * step * direction) for sign in (1, -1))
    difference = ((ahead - behind) * gradient).sum() / (2 * step)
    pulled = shift.pull_back(shift.design(logits), gradient)
    assert (pulled * direction).sum() == pytest.approx(difference, rel=1e-5, abs=1e-7)


@given(tasks, designs)
def test_without_choice_there_is_no_derivative(task: Task, random: np.random.Generator) -> None:
    shift = VolumeShift(Physics(replace(task, volume=1.0, solid=np.zeros_like(task.mask))))
    design = shift.design(random.normal(size=task.mask.shape))
    np.testing.assert_allclose(design, task.mask)
    assert np.abs(shift.pull_back(design, random.normal(size=task.mask.shape))).max() < 1e-8


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_torch_differentiates_the_same(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    from preimage.structures.torch_compliance import compliance, design_of
    from structures.random_tasks import random_task

    task = random_task(8)
    physics = Physics(task)
    shift = VolumeShift(physics)
    logits = torch.randn(task.mask.shape, generator=torch.Generator().manual_seed(1), dtype=getattr(torch, dtype))
    logits.requires_grad_(True)
    (2.0 * compliance(physics, design_of(shift, logits), penalty=2.0)).backward()
    design = shift.design(logits.detach().numpy().astype(np.float64))
    wanted = 2.0 * shift.pull_back(design, physics.evaluate(design, penalty=2.0).gradient)
    np.testing.assert_allclose(logits.grad.numpy(), wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max())
