"""Tasks made from supports, loads and regions; and what is said where they make no sense."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preimage.language import CODES, ProblemErrors
from preimage.structures import Disc, Edge, Line, Load, LoadCase, Node, Rectangle, Solid, Support, Symmetric, Task, Void
from preimage.structures.parts import Part
from preimage.structures.soundness import faults_of

HELD = Support(Edge("left"))
TIP = Load(Node(6, 0), (0, -1))


def test_points_are_counted_from_the_lower_left_and_forces_point_up() -> None:
    task = Task.on(6, 4, Support(Node(1, 0), "y"), HELD, Load(Node(6, 4), (2, -3)), volume=0.5)
    assert task.fixed[4, 1].tolist() == [False, True]
    assert task.fixed[:, 0].all()
    assert task.fixed.sum() == 11
    assert task.loads[0, 0, 6].tolist() == [2, 3]
    assert np.count_nonzero(task.loads) == 2
    assert (task.mask.shape, task.mask.all(), task.solid.any()) == ((4, 6), True, False)


def test_a_force_is_on_each_node_or_on_all_together() -> None:
    each = Task.on(6, 4, HELD, Load(Edge("top"), (0, -1)), volume=0.5).loads[0, 0, :, 1]
    assert each.tolist() == [1] * 7
    total = Task.on(6, 4, HELD, Load(Edge("top"), (0, -1), total=True), volume=0.5).loads[0, 0, :, 1]
    np.testing.assert_allclose(total, np.array([0.5, 1, 1, 1, 1, 1, 0.5]) / 6)
    part = Task.on(6, 4, HELD, Load(Edge("right", 1, 3), (1, 0), total=True), volume=0.5).loads[0, :, 6, 0]
    np.testing.assert_allclose(part, [0, 0.25, 0.5, 0.25, 0])


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=4))
def test_a_total_force_is_all_of_it_and_stays_near_its_line(points: list[tuple[int, int]]) -> None:
    task = Task.on(6, 4, Support(Edge("left")), Load(Line(*points), (1.0, -2.0), total=True), volume=0.5)
    np.testing.assert_allclose(task.loads.sum(axis=(0, 1, 2)), [1.0, 2.0])
    rows, columns = np.nonzero(task.loads[0, ..., 0])
    x, y = np.array(points).T
    assert columns.min() == x.min()
    assert columns.max() == x.max()
    assert (4 - rows).min() == y.min()
    assert (4 - rows).max() == y.max()


def test_a_line_holds_the_nodes_beside_it_by_their_distance() -> None:
    weights = Task.on(4, 4, Support(Edge("left")), Load(Line((0, 0), (4, 4)), (0, -1)), volume=0.5).loads[0, ..., 1]
    weights = weights[::-1].T  # by x, y
    np.testing.assert_allclose(np.diag(weights), 1)
    np.testing.assert_allclose(np.diag(weights, 1), 1 - np.sqrt(0.5))
    assert not np.diag(weights, 2).any()
    held = Task.on(4, 4, Support(Line((0, 0), (4, 4))), Load(Node(4, 0), (0, -1)), volume=0.5).fixed
    assert held.sum() == 10


def test_regions() -> None:
    void, solid = Void(Rectangle((6, 4), (4, 2))), Solid(Rectangle((0, 0), (2, 1)))
    task = Task.on(6, 4, HELD, TIP, void, solid, volume=0.5)
    assert np.argwhere(~task.mask).tolist() == [[0, 4], [0, 5], [1, 4], [1, 5]]
    assert np.argwhere(task.solid).tolist() == [[3, 0], [3, 1]]
    disc = Task.on(6, 4, HELD, TIP, Void(Disc((6, 4), 1)), volume=0.5)
    assert np.argwhere(~disc.mask).tolist() == [[0, 5]]


def test_load_cases_and_symmetry() -> None:
    wind = LoadCase("wind", (Load(Node(6, 4), (1, 0)), Load(Node(6, 4), (0, 1))), weight=0.5)
    task = Task.on(6, 4, Support(Edge("bottom")), LoadCase("deck", (TIP,)), wind, Symmetric("x", 3), volume=0.5)
    assert task.weights.tolist() == [1, 0.5]
    assert task.loads[1, 0, 6].tolist() == [1, -1]
    assert (task.mirror_x, task.mirror_y) == (True, False)


WRONG: list[tuple[str, list[Part], dict[str, float]]] = [
    ("PRE804", [HELD, TIP], {"width": 6.5}),
    ("PRE804", [HELD, TIP], {"height": 0}),
    ("PRE805", [HELD, TIP], {"width": 600_000, "height": 400_000}),
    ("PRE806", [HELD, Load(Node(7, 0), (0, -1))], {}),
    ("PRE806", [HELD, Load(Node(6, 0.5), (0, -1))], {}),
    ("PRE806", [Support(Line((0, 0), (0, 5))), TIP], {}),
    ("PRE806", [Support(Edge("left", 0, 5)), TIP], {}),
    ("PRE806", [HELD, TIP, Void(Rectangle((0, 0), (7, 1)))], {}),
    ("PRE806", [HELD, LoadCase("tip", (Load(Node(-1, 0), (0, -1)),))], {}),
    ("PRE807", [HELD, TIP, Void(Disc((3, 2), 0.4))], {}),
    ("PRE807", [HELD, TIP, Solid(Rectangle((3, 2), (3.4, 4)))], {}),
    ("PRE808", [HELD, TIP, Solid(Rectangle((0, 2), (6, 4))), Void(Rectangle((2, 0), (4, 3)))], {}),
    ("PRE826", [HELD, TIP, Void(Rectangle((0, 0), (6, 4)))], {}),
    ("PRE809", [HELD, TIP], {"volume": 0}),
    ("PRE809", [HELD, TIP], {"volume": 40}),
    ("PRE809", [HELD, TIP], {"volume": float("nan")}),
    ("PRE810", [HELD, TIP, Solid(Rectangle((0, 2), (6, 4)))], {}),
    ("PRE811", [TIP], {}),
    ("PRE812", [HELD], {}),
    ("PRE812", [HELD, LoadCase("tip", (TIP,)), LoadCase("none", ())], {}),
    ("PRE813", [HELD, TIP, Void(Rectangle((5, 0), (6, 1)))], {}),
    ("PRE814", [HELD, TIP, Symmetric("x", 2)], {}),
    ("PRE815", [HELD, TIP, Void(Disc((3, 1), 1)), Symmetric("y", 2)], {}),
    ("PRE816", [HELD, TIP], {"filter_radius": 0}),
    ("PRE817", [HELD, Load(Node(6, 0), (0, float("inf")))], {}),
    ("PRE818", [HELD, TIP, LoadCase("tip", (TIP,))], {}),
    ("PRE819", [HELD, LoadCase("tip", (TIP,), weight=0)], {}),
]


@pytest.mark.parametrize(("code", "parts", "given"), WRONG, ids=[f"{w[0]}-{k}" for k, w in enumerate(WRONG)])
def test_what_makes_no_sense_is_said_by_code(code: str, parts: list[Part], given: dict[str, float]) -> None:
    named = {"width": 6, "height": 4, "volume": 0.5, **given}
    width, height = named.pop("width"), named.pop("height")
    with pytest.raises(ProblemErrors) as caught:
        Task.on(width, height, *parts, **named)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.advice


def test_the_mistakes_of_a_task_are_said_together() -> None:
    with pytest.raises(ProblemErrors) as caught:
        Task.on(6, 4, HELD, TIP, Symmetric("x", 2), Void(Disc((3, 2), 0.1)), volume=0.5)
    assert [found.code for found in caught.value.diagnostics] == ["PRE814", "PRE807"]
    with pytest.raises(ProblemErrors) as caught:
        Task.on(6, 4, TIP, volume=5, filter_radius=-1)
    assert [found.code for found in caught.value.diagnostics] == ["PRE809", "PRE816", "PRE811"]


def sound() -> dict[str, object]:
    task = Task.on(6, 4, HELD, TIP, volume=0.5)
    return {name: getattr(task, name) for name in ("fixed", "loads", "weights", "mask", "solid")}


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("fixed", np.zeros((7, 5, 2), bool)),
        ("fixed", np.zeros((5, 7, 2))),
        ("loads", np.zeros((5, 7, 2))),
        ("loads", np.full((1, 5, 7, 2), np.nan)),
        ("weights", np.ones(2)),
        ("weights", np.zeros(1)),
        ("mask", np.ones((6, 4), bool)),
        ("solid", np.ones((4, 6))),
    ],
)
def test_arrays_that_make_no_task(name: str, array: np.ndarray) -> None:
    arrays = sound() | {name: array}
    task = Task(name="arrays", width=6, height=4, volume=0.5, **arrays)
    assert {fault.code for fault in faults_of(task)} == {"PRE820"}


def test_what_is_solid_outside_of_the_mask() -> None:
    arrays = sound() | {"mask": np.arange(24).reshape(4, 6) > 0, "solid": np.arange(24).reshape(4, 6) == 0}
    (fault,) = faults_of(Task(name="arrays", width=6, height=4, volume=0.5, **arrays))
    assert fault.code == "PRE820"
    assert CODES["PRE820"].template.format(**fault.values).startswith("`solid` of a task holds")
