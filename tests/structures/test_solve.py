"""Structures are solved: designs that hold, honest compliances, a proved bound, and ends of all kinds."""

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import preimage
from preimage.engines.search import BrokenCertificate, Snapshot
from preimage.language import ProblemErrors
from preimage.structures import (
    Disc,
    Edge,
    Load,
    LoadCase,
    Node,
    Rectangle,
    Solid,
    Support,
    Symmetric,
    Task,
    Void,
    published,
    solve,
)
from preimage.structures.bound import LowerBound
from preimage.structures.physics import Physics
from preimage.structures.result import StructureResult

HELD, TIP = Support(Edge("left")), Load(Node(24, 0), (0, -1))
BEAM = Task.on(24, 8, HELD, TIP, volume=0.4)
TASKS = {
    "beam": BEAM,
    "before filter": Task.on(24, 8, HELD, TIP, volume=0.4, volume_of="design"),
    "void and solid": Task.on(24, 8, HELD, TIP, Void(Disc((12, 4), 3)), Solid(Rectangle((0, 7), (24, 8))), volume=0.5),
    "symmetric": Task.on(24, 8, HELD, TIP, Symmetric("y", 4), volume=0.4),
    "cases": Task.on(
        24, 8, HELD, LoadCase("down", (TIP,)), LoadCase("up", (Load(Node(24, 8), (1, 1)),), weight=2.0), volume=0.4
    ),
    "wide filter": Task.on(24, 8, HELD, TIP, volume=0.4, filter_radius=3.5),
}


@dataclass
class Found:
    """What a method reports of a design."""

    design: np.ndarray
    compliance: float | None
    evaluation: float = 1.0
    method: str = "pretended"


def pretend(monkeypatch: pytest.MonkeyPatch, method: Callable[..., None]) -> None:
    """Let a method of our own work in the place of all others."""
    monkeypatch.setattr(solve, "method_called", lambda name: method)


def inverted(task: Task, **options: object) -> StructureResult:
    result = preimage.invert(task, **{"method": "oc", "steps": 15, **options})
    assert isinstance(result, StructureResult)
    return result


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_an_answer_holds_and_says_what_it_is(task: Task) -> None:
    result = inverted(task)
    assert result.status == "feasible"
    assert result.message.startswith("Finished after")
    design, density = result["design"], result["density"]
    assert design.shape == density.shape == (8, 24)
    physics = Physics(task)
    found = physics.evaluate(design)
    assert result.objective == pytest.approx(found.compliance, rel=1e-12)
    np.testing.assert_array_equal(density, found.density)
    assert (physics.volume_weights * design).sum() <= physics.volume_limit * (1 + 1e-9)
    assert result.volume == pytest.approx(task.volume, rel=1e-3)
    assert 0 < result.discreteness < 1
    assert 0 < result.bound < result.objective
    assert result.gap == pytest.approx(1 - result.bound / result.objective)
    assert (design[task.solid] == 1).all()
    assert not design[~task.mask].any()
    if task.mirror_y:
        np.testing.assert_array_equal(design, design[::-1])
    uniform = physics.evaluate(task.mask * 0.99 * task.volume).compliance
    assert result.objective < uniform
    assert result.check().holds


def test_the_task_of_an_answer_is_the_one_that_was_solved() -> None:
    task = TASKS["cases"]
    for field in dataclasses.fields(Task):
        np.testing.assert_array_equal(getattr(inverted(task).task, field.name), getattr(task, field.name))


def test_the_same_again() -> None:
    first, second = inverted(BEAM, seed=1), inverted(BEAM, seed=1)
    np.testing.assert_array_equal(first["design"], second["design"])
    assert (first.objective, first.bound) == (second.objective, second.bound)
    np.testing.assert_array_equal(first.arrays["witness"], second.arrays["witness"])


def test_the_default_method_beats_a_few_steps_of_another() -> None:
    ours = preimage.invert(BEAM, steps=200)
    assert ours.provenance["engines"] == ("continuation",)
    assert ours.objective <= 1.02 * inverted(BEAM, steps=40).objective


def test_text_task_and_name_are_solved_alike() -> None:
    text = "structure beam on 24 x 8\nsupport left edge in x and y\nload node (24, 0) by (0, -1)\nvolume 0.4\n"
    by_text = preimage.invert(f"{text}minimise compliance\nsolve for 15 steps using oc\n")
    assert by_text.objective == inverted(BEAM).objective
    assert by_text.text.startswith(text)
    by_name = preimage.invert("structures:mbb_beam_96x32_0.5", method="oc", steps=5)
    assert by_name.objective == inverted(published("mbb_beam_96x32_0.5"), steps=5).objective
    with pytest.raises(ProblemErrors, match="PRE821"):
        preimage.invert("structures:mbb")


def test_options_overrule_the_text() -> None:
    text = "structure beam on 6 x 4\nsupport left edge in x and y\nload node (6, 0) by (0, -1)\nvolume 0.4\n"
    text += "solve for 9 steps for 1 min to gap 50% using mma with seed 4\n"
    asked = preimage.invert(text, method="oc").provenance
    names = ("engines", "steps", "time_limit", "gap", "seed")
    assert [asked[name] for name in names] == [("oc",), 9, 60.0, 0.5, 4]
    asked = preimage.invert(text, method="oc", steps=3, time_limit=20, gap=0.4, seed=0).provenance
    assert [asked[name] for name in names] == [("oc",), 3, 20.0, 0.4, 0]


@pytest.mark.parametrize("method", ["branch", "milp", "oc mma", ("oc", "mma"), "simplex"])
def test_methods_for_networks_are_refused(method: str) -> None:
    with pytest.raises((ProblemErrors, ValueError)):
        preimage.invert(BEAM, method=method)


def test_networks_take_no_steps_and_no_methods_of_structures() -> None:
    with pytest.raises(ProblemErrors, match="PRE801"):
        preimage.invert("input x in 0..1\nminimise x\n", steps=10)
    with pytest.raises(ProblemErrors, match="PRE507"):
        preimage.invert("input x in 0..1\nminimise x\n", method="oc")


def test_a_method_whose_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ProblemErrors, match="the method `cnn` needs the package torch"):
        preimage.invert(BEAM, method="cnn")


def test_tasks_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ProblemErrors, match="PRE811"):
        preimage.invert(dataclasses.replace(BEAM, fixed=np.zeros_like(BEAM.fixed)))
    solid = Solid(Rectangle((0, 0), (24, 4)))
    tight = Task.on(24, 8, HELD, TIP, solid, volume=0.5 + 1e-9)  # the filter counts the rim of what is solid too
    with pytest.raises(ProblemErrors, match="PRE810"):
        preimage.invert(tight)


def test_where_all_is_filled_the_bound_is_met() -> None:
    result = inverted(Task.on(6, 4, HELD, Load(Node(6, 0), (0, -1)), volume=1.0))
    assert result.status == "optimal"
    assert result.message.startswith("Optimal: no design has less compliance than 20.1")
    assert result.discreteness < 1e-6


def test_a_gap_to_reach() -> None:
    result = inverted(BEAM, steps=10_000, gap=0.8)
    assert result.status == "optimal"
    assert result.gap <= 0.8
    assert result.check().holds


def test_what_a_method_says_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def boast(physics, *, evaluations, seed, report) -> None:
        report(Found(np.full((8, 24), 7.0), 1e-9))  # everywhere, and more than there can be

    pretend(monkeypatch, boast)
    result = inverted(BEAM)
    assert result.volume == pytest.approx(0.4)
    assert result.objective > result.bound > 1
    assert result.check().holds


@pytest.mark.parametrize("shape", [None, (8, 24), (4, 12), (2, 24), (3, 7)])
def test_without_a_design_of_the_method_its_last_picture_is_one(
    shape: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paint(physics, *, evaluations, seed, report) -> None:
        if shape is not None:
            report(Found(np.linspace(0.1, 0.9, shape[0] * shape[1]).reshape(shape), None))

    pretend(monkeypatch, paint)
    result = inverted(BEAM)
    assert (np.ptp(result["design"]) == 0) == (shape in (None, (3, 7)))
    assert result.volume == pytest.approx(0.4)
    assert result.check().holds


def wait(physics, *, evaluations, seed, report) -> None:
    """Report one design until it is enough."""
    design = np.full(physics.task.mask.shape, 0.4)
    compliance = physics.evaluate(design).compliance
    while report(Found(design, compliance)):
        threading.Event().wait(0.005)


def test_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, wait)
    result = inverted(BEAM, time_limit=0.3)
    assert (result.status, result.provenance["stopped_by"]) == ("feasible", "time limit")
    assert result.message.startswith("Stopped after")
    assert result.bound > 0


def test_ctrl_c_keeps_design_and_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, wait)
    pictures = []

    def progress(seen: Snapshot) -> None:
        pictures.append(seen.picture)
        if seen.incumbent is not None and seen.bound is not None:
            raise KeyboardInterrupt

    with pytest.raises(preimage.Interrupted) as caught:
        inverted(BEAM, progress=progress)
    result = caught.value.result
    assert result.status == "interrupted"
    assert result.message.startswith("Interrupted after")
    assert result.check().holds
    assert pictures[-1].shape == (8, 24)
    assert not [thread for thread in threading.enumerate() if thread.name in ("oc", "sheet")]


def test_a_method_that_breaks_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(physics, *, evaluations, seed, report) -> None:
        raise ZeroDivisionError("a method broke")

    pretend(monkeypatch, fail)
    with pytest.raises(ZeroDivisionError, match="a method broke"):
        inverted(BEAM)


def test_a_false_bound_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LowerBound, "improve", lambda self, iterations: 1e9)
    pretend(monkeypatch, wait)
    with pytest.raises(BrokenCertificate):
        inverted(BEAM, time_limit=20)


@pytest.mark.parametrize("problem", ["structures:mbb_beam_96x32_0.5", preimage.check("input x in 0..1\nminimise x\n")])
def test_a_value_that_nothing_takes_is_refused_also_where_no_text_is_given(problem: "str | preimage.Problem") -> None:
    with pytest.raises(ProblemErrors, match="PRE208"):
        preimage.invert(problem, force=1)
