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

from preimage.structures import Task
from preimage.structures.bound import MOST_REACH, LowerBound, certificate, proved_by
from preimage.structures.physics import Physics, cone_filter
from preimage.structures.supports import floating_parts
from preimage.structures.task import VolumeOf
from structures import published_tasks, reference
from structures.random_tasks import designs, random_task, tasks

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


def compliances(task: Task, random: np.random.Generator, count: int, penalties: tuple[float, ...]) -> Iterator[float]:
    """Compliances of designs at random, by the physics and by the reference."""
    physics = Physics(task)
    # What floats hangs in the void alone, on a matrix whose condition takes half of the reference's digits.
    sound = not floating_parts(task)
    for design in feasible_designs(task, random, count):
        for penalty in penalties:
            yield physics.evaluate(design, penalty).compliance
            if sound:
                yield reference.compliance(task, design, penalty) * (1 + 1e-10)


def has_lines(task: Task) -> bool:
    """Whether its bound is that of rims, for the penalty 3, and not that of a sheet, for any."""
    return 1 < cone_filter(task).reach <= MOST_REACH


@given(tasks, designs)
def test_no_design_is_better(task: Task, random: np.random.Generator) -> None:
    assume(room(task) > 0)
    bound = LowerBound(task)
    bound.improve(int(random.integers(1, 40)))
    assert 0.0 < bound.value == proved_by(task, bound.witness)
    penalties = (3.0, 3.3) if has_lines(task) else (3.0, 1.0)
    assert min(compliances(task, random, 15, penalties)) >= bound.value


@given(tasks, designs)
def test_any_displacement_proves_a_bound(task: Task, random: np.random.Generator) -> None:
    assume(room(task) > 0)
    proof = certificate(task)
    shown, guide = feasible_designs(task, random, 2)
    displacement = Physics(task).evaluate(shown, penalty=1.0).displacement.ravel()
    sheets = min(compliances(task, random, 10, (1.0,)))
    for size in [0.0, 1e-3, 0.1, 10.0]:
        noise = random.normal(size=displacement.size) * np.abs(displacement).max()
        assert proof.lower_bound(displacement + size * noise) <= sheets
    assert proof.lower_bound(np.full(displacement.size, np.nan)) == 0.0
    assert proof.lower_bound(-displacement) == 0.0
    if has_lines(task):
        penal = min(compliances(task, random, 10, (3.0,)))
        displacement = Physics(task).evaluate(shown).displacement.ravel()
        for sharpness in [0.0, 3.0, 40.0, 500.0]:
            noise = random.choice([0.0, 0.1]) * random.normal(size=displacement.size) * np.abs(displacement).max()
            assert proof.lower_bound(displacement + noise, guide.ravel(), sharpness) <= penal


def test_a_witness_that_does_not_fit_proves_nothing() -> None:
    task = replace(random_task(9), filter_radius=2.0)
    bound = LowerBound(task)
    bound.improve(40)
    assert "witness_design" in bound.witness
    witness = bound.witness["witness"]
    assert proved_by(task, {}) == 0.0
    assert proved_by(task, {"witness": witness[:, 1:]}) == 0.0
    assert proved_by(task, bound.witness | {"witness_design": np.full(task.mask.shape, 1.5)}) == 0.0
    assert proved_by(task, bound.witness | {"witness_sharpness": np.array(np.nan)}) == 0.0
    assert 0.0 < proved_by(task, {"witness": witness}) < bound.value


def test_rims_raise_the_bound(data: Path) -> None:
    task = published_tasks.task(published_tasks.read(data)["mbb_beam_96x32_0.5"])
    bound = LowerBound(task)
    assert bound.improve(8) < 166.1  # the best sheet has 166.1
    assert bound.improve(40) > 170.0


def test_of_one_design_the_bound_is_its_compliance() -> None:
    """All of the volume, or all of it solid, leaves nothing to choose."""
    task = random_task(5, solid=False)
    everything = replace(task, mask=np.ones_like(task.mask), volume=1.0)
    wanted = reference.compliance(everything, np.ones(task.mask.shape))
    assert LowerBound(everything).improve(1) == pytest.approx(wanted, rel=1e-7)
    solid = replace(everything, solid=everything.mask, volume=0.9)
    assert LowerBound(solid).improve(1) == pytest.approx(wanted, rel=1e-7)


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.sampled_from(["filtered", "design"]), st.sampled_from([1.0, 2.3]))
def test_bound_is_the_optimum_of_the_sheet(seed: int, volume_of: VolumeOf, radius: float) -> None:
    """The convex problem, solved by sequential quadratic programming over the plain reference."""
    task = random_task(seed, volume_of, longest=4)
    task = replace(task, filter_radius=radius)
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


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.sampled_from(["filtered", "design"]), designs)
def test_bound_is_the_optimum_with_rims(seed: int, volume_of: VolumeOf, random: np.random.Generator) -> None:
    """No design is below the bound, were it as stiff as is concave; the one that the proof ends at is near it."""
    task = replace(random_task(seed, volume_of, longest=5), filter_radius=2.0)
    assume(room(task) > 0.1 and not floating_parts(task))
    bound = LowerBound(task)
    bound.improve(160)
    convex = [*feasible_designs(task, random, 5), bound.witness.get("witness_design", task.mask * 1.0)]
    values = [reference.compliance_of(task, reference.concave_cube(task, design)) for design in convex]
    assert min(values) * (1 + 1e-9) >= bound.value
    assert bound.value == pytest.approx(values[-1], rel=0.05)


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
    compare(data, list(measured(data, "small")), 60)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_bounds_of_large_published_tasks(data: Path) -> None:
    compare(data, list(measured(data, "large"))[::4], 40)
