"""What is said of a structure becomes the task that Python makes of the same words."""

import dataclasses

import numpy as np
import pytest

from preimage.language import ProblemErrors, check
from preimage.language.problem import SolveLine
from preimage.problem import compile_problem
from preimage.structures import (
    Disc,
    Edge,
    Line,
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
)

BEAM = "structure beam on 12 x 4\nsupport left edge in x and y\nload node (12, 0) by (0, -1)\nvolume 0.4\n"


def task_of(text: str, **bindings: object) -> Task:
    task = check(text, bindings).structure
    assert task is not None
    return task


def assert_same(one: Task, other: Task, *, but: frozenset[str] = frozenset()) -> None:
    for field in dataclasses.fields(Task):
        if field.name not in but:
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), field.name)


def test_everything_that_can_be_said() -> None:
    text = """\
param n = 12
param wind = (1, -0.5)
let top = n/3
structure bridge on n x 4
support left edge from 1 to 3 in x and y
support node (n, 0) in y
support line (0, 0) to (2, 2) in x
load case deck
load top edge by (0, -1) total
load line (0, 0) to (n, top) by (0.1, 0)
load case storm weight 1/2
load node (2*i, 4) by wind for i in 1..3
solid rectangle (0, 3) to (n, top)
void disc (4*i, 1/2) radius 0.6 for i in 1..2
symmetric across x = n/2
volume 60% before filter
filter radius 1.5
minimise compliance
reparameterise by pixels
solve for 50 steps for 2 min using mma with seed 7
"""
    problem = check(text)
    expected = Task.on(
        12,
        4,
        Support(Edge("left", 1, 3)),
        Support(Node(12, 0), "y"),
        Support(Line((0, 0), (2, 2)), "x"),
        LoadCase("deck", (Load(Edge("top"), (0, -1), total=True), Load(Line((0, 0), (12, 4)), (0.1, 0)))),
        LoadCase("storm", tuple(Load(Node(2 * i, 4), (1, -0.5)) for i in (1, 2, 3)), weight=0.5),
        Solid(Rectangle((0, 3), (12, 4))),
        Void(Disc((4, 0.5), 0.6)),
        Void(Disc((8, 0.5), 0.6)),
        Symmetric("x", 6),
        volume=0.6,
        volume_of="design",
        filter_radius=1.5,
        name="bridge",
    )
    assert problem.structure is not None
    assert_same(problem.structure, expected)
    line = SolveLine(time_limit=120.0, engines=("mma",), seed=7, steps=50)
    assert problem.solve == line
    assert (problem.inputs, problem.objective, problem.sweep_rows) == ((), None, 1)


def test_published_tasks_can_be_said() -> None:
    beam = """\
structure mbb_beam on 96 x 32
support left edge in x
support node (96, 0) in y
load node (0, 32) by (0, -1)
volume 0.5
"""
    assert_same(task_of(beam), published("mbb_beam_96x32_0.5"), but=frozenset({"name"}))
    dam = """\
structure dam on 64 x 64
support bottom edge in x and y
load node (0, 64-k) by (2*(k + 1)/64**2, 0) for k in 0..64
volume 20%
"""
    assert_same(task_of(dam), published("dam_64x64_0.2"), but=frozenset({"name"}))


@pytest.mark.parametrize("grid", ["12 x 4", "12 × 4", "12*4", "(12) x (4)", "3*n x n", "2*n + n x 4"])
def test_grids(grid: str) -> None:
    task = task_of("param n = 4\n" + BEAM.replace("12 x 4", grid))
    assert (task.width, task.height) == (12, 4)


@pytest.mark.parametrize(
    ("said", "engines"),
    [
        ("", ()),
        ("reparameterise by pixels\n", ()),
        ("reparameterise by cnn\n", ("cnn",)),
        ("reparameterise by cnn\nsolve using lbfgs\n", ("cnn",)),
        ("reparameterise by pixels\nsolve using lbfgs\n", ("lbfgs",)),
        ("solve using oc\n", ("oc",)),
        ("solve using mma for 10 steps\n", ("mma",)),
    ],
)
def test_methods(said: str, engines: tuple[str, ...]) -> None:
    assert check(BEAM + said).solve.engines == engines


def test_volumes() -> None:
    assert task_of(BEAM).volume_of == "filtered"
    assert task_of(BEAM.replace("0.4", "0.4 after filter")).volume_of == "filtered"
    assert task_of(BEAM.replace("0.4", "2*20% before filter")).volume_of == "design"
    assert task_of(BEAM.replace("0.4", "2*20%")).volume == 0.4


def test_filters() -> None:
    assert task_of(BEAM).filter_radius == 2
    assert not task_of(BEAM + "filter radius 3").projected
    projected = task_of(BEAM + "param projection = 3\nfilter radius projection with projection")
    assert (projected.filter_radius, projected.projected) == (3, True)


def test_values_from_outside() -> None:
    text = BEAM.replace("(0, -1)", "force").replace("12 x 4", "width x 4")
    task = task_of(f"param force\nparam width\n{text}", force=np.array([1.0, 2.0]), width=12)
    assert task.loads[0, 4, 12].tolist() == [1, -2]
    with pytest.raises(ProblemErrors, match="PRE208"):
        check(BEAM, {"force": 1})


def test_words_of_structures_are_names_everywhere_else() -> None:
    text = "param top = 4\nparam x = 12\nparam node = (12, 0)\nparam total = (0, -1)\nlet volume = 0.4\n"
    text += "structure load on x x top\nsupport left edge in x and y\nload node node by total\nvolume volume\n"
    assert_same(task_of(text), task_of(BEAM), but=frozenset({"name"}))
    problem = check("input volume[2] in 0..1\nlet x = sum(volume)\nrequire x >= 0.5\nminimise x + max(volume)\n")
    assert problem.structure is None
    assert [declared.name for declared in problem.inputs] == ["volume"]


def test_all_mistakes_are_said_together() -> None:
    text = BEAM.replace("(12, 0)", "(13, 0)").replace("0.4", "4") + "symmetric across x = 5\nfilter radius r\n"
    with pytest.raises(ProblemErrors) as caught:
        check(text)
    assert [found.code for found in caught.value.diagnostics] == ["PRE204"]  # the rest waits until names are known
    with pytest.raises(ProblemErrors) as caught:
        check(text.replace("radius r", "radius 2"))
    assert [found.code for found in caught.value.diagnostics] == ["PRE806", "PRE814"]


def test_a_line_that_cannot_be_read_makes_no_other_mistake() -> None:
    with pytest.raises(ProblemErrors) as caught:
        check(BEAM.replace("left edge", "left"))
    assert [found.code for found in caught.value.diagnostics] == ["PRE101"]
    with pytest.raises(ProblemErrors) as caught:
        check(BEAM.replace("12 x 4", "12"))
    assert [found.code for found in caught.value.diagnostics] == ["PRE132"]


def test_what_is_about_networks_refuses_a_structure() -> None:
    with pytest.raises(ProblemErrors, match="PRE825"):
        compile_problem(check(BEAM))
