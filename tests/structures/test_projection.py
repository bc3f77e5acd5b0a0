"""Projected tasks: the volume stays, derivatives are right, the bound holds, and answers are crisp."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import preimage
from preimage.language import ProblemErrors
from preimage.structures import Disc, Edge, Load, Node, Solid, Support, Symmetric, Task, Void
from preimage.structures.bound import LowerBound, overrated, proved_by
from preimage.structures.facts import facts
from preimage.structures.methods import Iterate
from preimage.structures.methods.oc import oc
from preimage.structures.methods.sharpening import SHARE, sharpened
from preimage.structures.physics import Physics
from preimage.structures.projection import SHARPEST, Projection
from preimage.structures.result import StructureResult
from preimage.structures.supports import floating_parts
from structures import reference
from structures.random_tasks import designs, random_task

HELD, TIP = Support(Edge("left")), Load(Node(48, 0), (0, -1))
BEAM = Task.on(48, 16, HELD, TIP, volume=0.4, projected=True)
ROUND = Task.on(
    48, 16, HELD, TIP, Solid(Disc((44, 2), 4)), Void(Disc((16, 8), 4)), volume=0.5, filter_radius=3, projected=True
)
MIRRORED = Task.on(48, 16, HELD, TIP, Symmetric("y", 8), volume=0.4, projected=True)

sharpnesses = st.sampled_from([0.5, 2.0, 8.0, SHARPEST, 200.0])
projected_tasks = st.integers(0, 2**32).map(lambda seed: replace(random_task(seed), projected=True))


def fields(random: np.random.Generator) -> np.ndarray:
    """Numbers from 0 to 1, some of them exactly these, few or many of them small."""
    values = random.random((5, 7)) ** random.choice([0.2, 1.0, 5.0])
    return np.where(random.random((5, 7)) < 0.3, random.integers(0, 2, (5, 7)), values)


@given(designs, sharpnesses)
def test_the_sum_stays_and_so_do_zeros_and_ones(random: np.random.Generator, sharpness: float) -> None:
    filtered = fields(random)
    found = Projection(filtered, sharpness)
    assert found.density.sum() == pytest.approx(filtered.sum(), rel=1e-10)
    assert found.density.sum() <= filtered.sum() * (1 + 1e-14)
    assert ((found.density >= 0) & (found.density <= 1)).all()
    for end in (0.0, 1.0):
        assert (found.density[filtered == end] == end).all()
    order = np.argsort(filtered, axis=None)
    assert (np.diff(found.density.ravel()[order]) >= 0).all()
    assert found.density == pytest.approx(reference.projected(filtered, sharpness), abs=1e-7)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_what_is_the_same_everywhere_stays(value: float) -> None:
    found = Projection(np.full((3, 4), value), SHARPEST)
    assert found.density == pytest.approx(value)
    assert np.isfinite(found.pull_back(np.ones((3, 4)))).all()


@given(designs, sharpnesses)
def test_derivatives_are_finite_differences(random: np.random.Generator, sharpness: float) -> None:
    filtered = random.uniform(0.01, 0.99, (5, 7))
    above, direction = random.normal(size=(2, 5, 7))
    step = 1e-4 / max(sharpness, 1.0) ** 1.5
    ahead, behind = (Projection(filtered + sign * step * direction, sharpness).density for sign in (1, -1))
    difference = ((ahead - behind) * above).sum() / (2 * step)
    pulled = Projection(filtered, sharpness).pull_back(above)
    assert difference == pytest.approx((pulled * direction).sum(), rel=1e-4, abs=1e-4 * np.abs(pulled).sum())


@settings(max_examples=30)
@given(projected_tasks, designs, st.sampled_from([1.0, 4.0, SHARPEST]))
def test_gradient_of_the_compliance(task: Task, random: np.random.Generator, sharpness: float) -> None:
    physics = Physics(task).with_sharpness(sharpness)
    free = task.mask & ~task.solid
    assume(not floating_parts(task) and free.any())
    design = np.where(free, random.uniform(0.3, 0.7, task.mask.shape), task.solid)
    found = physics.evaluate(design)
    direction = np.where(free, random.normal(size=design.shape), 0.0)
    step = 1e-4 / sharpness**1.5
    ahead, behind = (physics.evaluate(design + sign * step * direction).compliance for sign in (1, -1))
    difference = (ahead - behind) / (2 * step)
    exact = float((found.gradient * direction).sum())
    assert difference == pytest.approx(exact, rel=1e-3, abs=1e-4 * np.abs(found.gradient).sum())


@given(projected_tasks, designs)
def test_density_and_volume_are_the_reference_s(task: Task, random: np.random.Generator) -> None:
    design = np.where(task.solid, 1.0, random.random(task.mask.shape) * task.mask)
    physics = Physics(task)
    density = physics.density(design)
    np.testing.assert_allclose(density, reference.density(task, design), atol=1e-7)
    assert (density[task.solid] == 1).all()
    assert not density[~task.mask].any()
    assert density.sum() == pytest.approx(float((physics.volume_weights * design).sum()), rel=1e-10)
    assert physics.of(replace(task, projected=False)).density(design).sum() >= density.sum() * (1 - 1e-14)


@given(projected_tasks, designs)
def test_no_design_is_better_than_the_bound(task: Task, random: np.random.Generator) -> None:
    physics = Physics(task)
    free = task.mask & ~task.solid
    left = physics.volume_limit - float(physics.volume_weights[task.solid].sum())
    assume(left > 0)
    bound = LowerBound(task, physics.twin())
    bound.improve(int(random.integers(1, 40)))
    assert 0.0 < bound.value == proved_by(task, bound.witness)
    for _ in range(15):
        design = np.where(free, random.random(task.mask.shape) ** random.choice([0.3, 1.0, 20.0]), 0.0)
        design *= min(1.0, left / max(float((physics.volume_weights * design).sum()), 1e-12))
        design = np.where(task.solid, 1.0, design)
        for sharpness in (1.0, SHARPEST, 1000.0):
            for penalty in (1.0, 3.0):
                assert physics.with_sharpness(sharpness).evaluate(design, penalty).compliance >= bound.value
        if not floating_parts(task):
            assert reference.compliance(task, design) * (1 + 1e-9) >= bound.value


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_no_structure_of_full_and_empty_elements_is_better_than_the_bound(seed: int) -> None:
    """All of them, whether a filter can make them or not."""
    task = replace(random_task(seed, longest=3), projected=True, filter_radius=2.0)
    free = np.flatnonzero(task.mask & ~task.solid)
    assume(not floating_parts(task) and Physics(task).volume_weights[task.solid].sum() < Physics(task).volume_limit)
    bound = LowerBound(task).improve(60)
    for chosen in product((0.0, 1.0), repeat=len(free)):
        density = task.solid.astype(np.float64)
        density.ravel()[free] = chosen
        if density.sum() <= task.volume * task.mask.sum():
            assert reference.compliance_of(task, density) * (1 + 1e-9) >= bound


def test_the_bound_is_that_of_the_task_without_a_filter() -> None:
    plain = overrated(BEAM)
    assert (plain.filter_radius, plain.volume_of, plain.projected) == (1.0, "filtered", False)
    assert LowerBound(BEAM).improve(20) == LowerBound(plain).improve(20)
    other = replace(BEAM, projected=False)
    assert overrated(other) is other


@pytest.mark.parametrize("task", [BEAM, ROUND, MIRRORED], ids=["beam", "regions", "symmetric"])
def test_answers_are_crisp_and_hold(task: Task, tmp_path: Path) -> None:
    result = preimage.invert(task, method="oc", steps=100)
    assert isinstance(result, StructureResult)
    assert result.provenance["engines"] == ("oc",)
    density = result["density"]
    np.testing.assert_array_equal(density, Physics(task).density(result["design"]))
    assert result.discreteness < 0.06 < 0.3 < result.discreteness_before_projection
    assert result.volume == pytest.approx(task.volume, rel=1e-3)
    assert density[task.mask].mean() <= task.volume * (1 + 1e-9)
    assert (density[task.solid] == 1).all()
    assert not density[~task.mask].any()
    if task.mirror_y:
        np.testing.assert_allclose(density, density[::-1], atol=1e-9)
    assert 0 < result.bound < result.objective
    assert "before the projection" in facts(result)[-2][2]
    assert result.check().holds
    result.save(tmp_path / "beam.result")
    loaded = preimage.load(tmp_path / "beam.result")
    assert loaded.task.projected
    assert loaded.discreteness_before_projection == result.discreteness_before_projection
    assert loaded.check().holds


@pytest.mark.parametrize("method", ["continuation", "mma", "lbfgs", pytest.param("cnn", marks=pytest.mark.slow)])
def test_any_method_ends_crisp(method: str) -> None:
    result = preimage.invert(BEAM, method=method, steps=80)
    assert result.discreteness < 0.1
    assert result.check().holds
    grey = preimage.invert(replace(BEAM, projected=False), method=method, steps=80)
    assert grey.discreteness_before_projection is None
    assert result.objective < grey.objective  # its rims are not grey


def test_all_steps_are_taken_and_only_the_last_projection_counts() -> None:
    physics = Physics(BEAM)
    found: list[Iterate] = []

    def report(iterate: Iterate) -> bool:
        found.append(iterate)
        return True

    sharpened(oc)(physics, evaluations=50, seed=0, report=report)
    assert [iterate.evaluation for iterate in found] == pytest.approx(range(1, 51))
    assert {iterate.method for iterate in found} == {"oc"}
    smooth = round(50 * (1 - SHARE))
    assert all(iterate.compliance is None for iterate in found[:smooth])
    judged = [iterate for iterate in found if iterate.compliance is not None]
    assert judged[0] is found[smooth]
    assert judged[-1] is found[-1]
    assert len(judged) < 50 - smooth
    for iterate in judged:
        assert physics.evaluate(iterate.design).compliance == iterate.compliance
        assert (physics.volume_weights * iterate.design).sum() <= physics.volume_limit * (1 + 1e-12)


@pytest.mark.parametrize("last", [1, 3, 36, 45])
def test_a_search_ends_when_it_is_told(last: int) -> None:
    found: list[Iterate] = []

    def report(iterate: Iterate) -> bool:
        found.append(iterate)
        return len(found) < last

    sharpened(oc)(Physics(BEAM), evaluations=50, seed=0, report=report)
    assert len(found) == last


def test_one_step_is_an_answer() -> None:
    result = preimage.invert(BEAM, method="oc", steps=1)
    assert result.check().holds


def test_in_words() -> None:
    text = "structure beam on 48 x 16\nsupport left edge in x and y\nload node (48, 0) by (0, -1)\nvolume 0.4\n"
    text += "filter radius 2 with projection\nsolve for 40 steps using oc\n"
    said, made = preimage.invert(text), preimage.invert(BEAM, method="oc", steps=40)
    assert said.objective == made.objective
    np.testing.assert_array_equal(said["density"], made["density"])


def test_another_volume_is_refused() -> None:
    with pytest.raises(ProblemErrors, match="PRE828"):
        Task.on(48, 16, HELD, TIP, volume=0.4, volume_of="design", projected=True)
    with pytest.raises(ProblemErrors, match="PRE828"):
        preimage.invert(replace(BEAM, volume_of="design"))
