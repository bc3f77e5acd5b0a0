"""The physics: published values, a plain reference, finite differences."""

import csv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from preimage.structures import Task
from preimage.structures.physics import Physics
from preimage.structures.supports import floating_parts
from structures import published_tasks, reference
from structures.random_tasks import designs, random_task, tasks


def published_uniform(data: Path, table: str) -> dict[str, float]:
    with (data / "structures" / f"lower_bounds_{table}.csv").open() as file:
        return {row["task"]: float(row["c_uniform_p3"]) for row in csv.DictReader(file)}


def test_uniform_designs_have_the_published_compliance(data: Path) -> None:
    rows = published_tasks.read(data)
    for name, wanted in {"mbb_beam_192x64_0.4": 2030.97864, "multistory_building_64x128_0.4": 241.3725}.items():
        task = published_tasks.task(rows[name])
        assert Physics(task).evaluate(task.mask * task.volume).compliance == pytest.approx(wanted, rel=3e-7)


@pytest.mark.slow
@pytest.mark.parametrize("table", ["small", "large"])
def test_all_uniform_designs_have_the_published_compliance(data: Path, table: str) -> None:
    rows = published_tasks.read(data)
    for name, wanted in published_uniform(data, table).items():
        task = published_tasks.task(rows[name])
        assert Physics(task).evaluate(task.mask * task.volume).compliance == pytest.approx(wanted, abs=6e-5, rel=1e-8)


@given(tasks, designs)
def test_compliance_and_density_are_the_reference_s(task: Task, random: np.random.Generator) -> None:
    design = np.where(task.solid, 1.0, random.uniform(0.05, 1.0, task.mask.shape) * task.mask)
    penalty = float(random.choice([1.0, 2.2, 3.0]))
    found = Physics(task).evaluate(design, penalty)
    # What floats hangs in the void alone, on a matrix whose condition is the ratio of the stiffnesses.
    relative = 1e-3 if floating_parts(task) else 1e-6
    np.testing.assert_allclose(found.density, reference.density(task, design), atol=1e-14)
    assert found.compliance == pytest.approx(reference.compliance(task, design, penalty), rel=relative)
    assert not found.displacement[np.broadcast_to(task.fixed, found.displacement.shape)].any()
    moduli = 1e-9 + found.density**penalty * (1 - 1e-9)
    assert (moduli * found.energies).sum() == pytest.approx(found.compliance, rel=relative)


@settings(max_examples=20)
@given(tasks, designs)
def test_gradient_is_the_finite_difference(task: Task, random: np.random.Generator) -> None:
    task = replace(task, mask=np.ones_like(task.mask))
    design = random.uniform(0.3, 0.9, task.mask.shape)
    physics = Physics(task)
    gradient = physics.evaluate(design).gradient
    direction = random.normal(size=design.shape)
    step = 1e-5
    ahead, behind = (physics.evaluate(design + sign * step * direction).compliance for sign in (1, -1))
    difference = (ahead - behind) / (2 * step)
    assert difference == pytest.approx(float((gradient * direction).sum()), rel=1e-5, abs=1e-6 * np.abs(gradient).sum())


@given(tasks, designs)
def test_volume_weights_give_the_volume(task: Task, random: np.random.Generator) -> None:
    design = np.where(task.solid, 1.0, random.random(task.mask.shape) * task.mask)
    physics = Physics(task, filter_radius=4.0)
    limited = reference.density(task, design) if task.volume_of == "filtered" else design
    assert (physics.volume_weights * design).sum() == pytest.approx(limited[task.mask].sum())


def test_another_radius_is_another_filter() -> None:
    task = random_task(4)
    physics = Physics(task)
    design = np.where(task.solid, 1.0, 0.5 * task.mask)
    design[0, 0] = 1.0
    for radius in [3.0, 1.0, task.filter_radius]:
        changed = replace(task, filter_radius=radius)
        found = physics.with_filter_radius(radius).evaluate(design)
        assert found.compliance == pytest.approx(reference.compliance(changed, design), rel=1e-7)
    before = physics.volume_weights
    np.testing.assert_array_equal(physics.with_filter_radius(3.0).volume_weights, before)


def test_twins_solve_at_once_and_alike() -> None:
    task = random_task(11, longest=30)
    physics = Physics(task)
    random = np.random.default_rng(0)
    wanted = [random.uniform(0.1, 1.0, task.mask.shape) * task.mask for _ in range(12)]
    alone = [physics.evaluate(design).compliance for design in wanted]
    twins = [physics.twin() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        turns = [pool.submit(twins[index % 3].evaluate, design) for index, design in enumerate(wanted)]
        assert [turn.result().compliance for turn in turns] == alone


def test_what_nothing_holds_is_refused() -> None:
    task = random_task(3)
    with pytest.raises(ValueError, match="moving as a whole"):
        Physics(replace(task, fixed=np.zeros_like(task.fixed)))
    with pytest.raises(ArithmeticError, match="singular"):
        Physics(task).evaluate(np.full(task.mask.shape, np.nan))
