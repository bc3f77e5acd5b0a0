"""The lower bound: below every design, at the optimum of the sheet, and where it was measured before."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, minimize
from structures import published_tasks, reference
from structures.random_tasks import designs, random_task, tasks

from preimage.structures import Task
from preimage.structures.bound import LowerBound, certificate
from preimage.structures.physics import Physics
from preimage.structures.supports import floating_parts
from preimage.structures.task import VolumeOf

Array = NDArray[np.float64]


def room(task: Task) -> float:
    """The volume left for what is free when the rest is void."""
    physics = Physics(task)
    return physics.volume_limit - float(physics.volume_weights[task.solid].sum())


def feasible_designs(task: Task, random: np.random.Generator, count: int) -> Iterator[Array]:
    """Designs at random, grey to crisp, that take all of the volume."""
    weights, left = Physics(task).volume_weights, room(task)
    free = task.mask & ~task.solid
    for _ in range(count):
        design = np.where(free, random.random(task.mask.shape) ** random.choice([0.3, 1.0, 4.0, 20.0]), 0.0)
        for _ in range(30):
            design = np.minimum(design * left / max(float((weights * design).sum()), 1e-12), 1.0)
        design *= min(1.0, left / max(float((weights * design).sum()), 1e-12))
        yield np.where(task.solid, 1.0, design)


def compliances(task: Task, random: np.random.Generator, count: int) -> Iterator[float]:
    """Compliances of designs at random, as published and as a sheet, by the physics and by the reference."""
    physics = Physics(task)
    # What floats hangs in the void alone, on a matrix whose condition takes half of the reference's digits.
    sound = not floating_parts(task)
    for design in feasible_designs(task, random, count):
        for penalty in (3.0, 1.0):
            yield physics.evaluate(design, penalty).compliance
            if sound:
                yield reference.compliance(task, design, penalty) * (1 + 1e-10)


@given(tasks, designs)
def test_no_design_is_better(task: Task, random: np.random.Generator) -> None:
    assume(room(task) > 0)
    bound = LowerBound(task)
    bound.improve(int(random.integers(1, 10)))
    assert 0.0 < bound.value <= bound.sheet
    assert min(compliances(task, random, 20)) >= bound.value


@given(tasks, designs)
def test_any_displacement_proves_a_bound(task: Task, random: np.random.Generator) -> None:
    assume(room(task) > 0)
    proof = certificate(task)
    shown = next(feasible_designs(task, random, 1))
    found = Physics(task).evaluate(shown, penalty=1.0)
    best = min(compliances(task, random, 10))
    for size in [0.0, 1e-3, 0.1, 10.0]:
        noise = random.normal(size=found.displacement.shape) * np.abs(found.displacement).max()
        assert proof.lower_bound((found.displacement + size * noise).ravel()) <= min(
            best, found.compliance * (1 + 1e-15)
        )
    assert proof.lower_bound(np.full(found.displacement.size, np.nan)) == 0.0
    assert proof.lower_bound(-found.displacement.ravel()) == 0.0


def test_of_one_design_the_bound_is_its_compliance() -> None:
    """All of the volume, or all of it solid, leaves nothing to choose."""
    task = random_task(5, solid=False)
    everything = replace(task, mask=np.ones_like(task.mask), volume=1.0)
    wanted = reference.compliance(everything, np.ones(task.mask.shape))
    assert LowerBound(everything).improve(1) == pytest.approx(wanted, rel=1e-7)
    solid = replace(everything, solid=everything.mask, volume=0.9)
    assert LowerBound(solid).improve(1) == pytest.approx(wanted, rel=1e-7)


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.sampled_from(["filtered", "design"]), st.booleans())
def test_bound_is_the_optimum_of_the_sheet(seed: int, volume_of: VolumeOf, unfiltered: bool) -> None:
    """The convex problem, solved by sequential quadratic programming over the plain reference."""
    task = random_task(seed, volume_of, longest=4)
    task = replace(task, filter_radius=1.0 if unfiltered else task.filter_radius)
    assume(room(task) > 0.1 and not floating_parts(task))
    free = task.mask & ~task.solid
    weights = reference.filter_matrix(task).T @ np.where(task.solid, 0.0, task.mask).ravel()
    weights = weights if volume_of == "filtered" else task.mask.ravel() * 1.0

    def whole(values: Array) -> Array:
        design = task.solid.astype(np.float64)
        design[free] = values
        return design

    def compliance(values: Array) -> float:
        return reference.compliance(task, whole(values), penalty=1.0)

    start = np.full(int(free.sum()), 0.5 * min(1.0, room(task) / weights[free.ravel()].sum()))
    solved = minimize(
        compliance,
        start,
        method="SLSQP",
        bounds=Bounds(1e-4, 1.0),
        constraints=LinearConstraint(weights[free.ravel()], ub=room(task)),
        options={"maxiter": 200, "ftol": 1e-9},
    )
    bound = LowerBound(task)
    bound.improve(150)
    assert bound.value <= solved.fun * (1 + 1e-9)
    assert bound.value == pytest.approx(solved.fun, rel=1e-2)
    assert bound.sheet == pytest.approx(solved.fun, rel=1e-2)


def measured(data: Path, table: str) -> Iterator[dict[str, str]]:
    with (data / "structures" / f"lower_bounds_{table}.csv").open() as file:
        yield from csv.DictReader(file)


def published(data: Path) -> dict[tuple[str, bool], float]:
    """The best compliance ever published of a task, by the volume that it was limited to."""
    best: dict[tuple[str, bool], float] = {}
    with (data / "structures" / "published_results.csv").open() as file:
        for row in csv.DictReader(file):
            key = (row["task"], row["method"] in ("pixels-mma", "pixels-oc"))
            best[key] = min(best.get(key, float("inf")), float(row["compliance"]))
    return best


def compare(data: Path, rows: list[dict[str, str]], iterations: int) -> None:
    supports, best = published_tasks.read(data), published(data)
    for row in rows:
        columns: list[tuple[VolumeOf, str]] = [("filtered", "lb_volphys"), ("design", "lb_volraw")]
        for volume_of, column in columns:
            task = published_tasks.task(supports[row["task"]], volume_of)
            bound = LowerBound(task).improve(iterations)
            assert bound >= float(row[column]) * 0.99
            assert bound < best[row["task"], volume_of == "filtered"]


def test_bounds_of_published_tasks(data: Path) -> None:
    names = {"mbb_beam_96x32_0.5", "hoop_32x64_0.25", "crane_64x64_0.3"}
    compare(data, [row for row in measured(data, "small") if row["task"] in names], 12)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_bounds_of_all_small_published_tasks(data: Path) -> None:
    compare(data, list(measured(data, "small")), 20)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_bounds_of_large_published_tasks(data: Path) -> None:
    compare(data, list(measured(data, "large"))[::4], 15)
