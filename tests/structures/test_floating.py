"""What floats, against the stiffness of small structures: what is held has no free motion, and the rest has."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from preimage.language import ProblemErrors
from preimage.structures import Edge, Load, Node, Rectangle, Support, Task, Void
from preimage.structures.floating import floating_bodies

HEIGHT, WIDTH = 3, 4


def element_stiffness() -> np.ndarray:
    """The stiffness of a square of four nodes, integrated by two points a side: nodes clockwise from the upper left."""
    elastic = np.array([[1, 0.3, 0], [0.3, 1, 0], [0, 0, 0.35]]) / (1 - 0.3**2)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    total = np.zeros((8, 8))
    for xi in (-1, 1):
        for eta in (-1, 1):
            at = np.array([xi, eta]) / np.sqrt(3)
            slopes = 0.5 * corners * (1 + corners[:, ::-1] * at[::-1])
            strain = np.zeros((3, 8))
            strain[0, ::2], strain[1, 1::2] = slopes.T
            strain[2, ::2], strain[2, 1::2] = slopes[:, 1], slopes[:, 0]
            total += strain.T @ elastic @ strain / 4
    return total


def stiffness(mask: np.ndarray) -> np.ndarray:
    """The stiffness of all nodes, x and y in turn, row by row."""
    count = 2 * (HEIGHT + 1) * (WIDTH + 1)
    total, element = np.zeros((count, count)), element_stiffness()
    for row, column in np.argwhere(mask):
        nodes = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
        at = [2 * (r * (WIDTH + 1) + c) + axis for r, c in nodes for axis in (0, 1)]
        total[np.ix_(at, at)] += element
    return total


@given(
    arrays(bool, (HEIGHT, WIDTH)),
    arrays(bool, (HEIGHT + 1, WIDTH + 1, 2), elements=st.sampled_from([False] * 3 + [True])),
)
def test_a_body_floats_where_its_stiffness_is_singular(mask: np.ndarray, fixed: np.ndarray) -> None:
    assume(mask.any())
    around = np.pad(mask, 1)
    touched = around[:-1, :-1] | around[:-1, 1:] | around[1:, :-1] | around[1:, 1:]
    free = np.flatnonzero(~fixed.ravel() & np.repeat(touched.ravel(), 2))
    values, motions = np.linalg.eigh(stiffness(mask)[np.ix_(free, free)])
    singular = np.zeros((HEIGHT + 1) * (WIDTH + 1), dtype=bool)
    for k in np.flatnonzero(values < 1e-9):
        singular[free[np.abs(motions[:, k]) > 1e-6] // 2] = True
    floating = floating_bodies(mask, fixed, touched)
    assert bool(floating) == bool(singular.any())
    moving = singular.reshape(HEIGHT + 1, -1)
    explained = np.zeros_like(moving)
    for body in floating:
        nodes = tuple(slice(first, last + 1) for first, last in (body.rows, body.columns))
        assert moving[nodes].any()
        explained[nodes] = True
    assert explained[moving].all()


@pytest.mark.parametrize(
    ("supports", "motions"),
    [
        ([], "moving in x, moving in y and turning"),
        ([Support(Edge("left"), "x")], "moving in y"),
        ([Support(Edge("bottom"), "y")], "moving in x"),
        ([Support(Node(3, 2))], "turning"),
        ([Support(Node(3, 2), "x")], "moving in y and turning"),
        ([Support(Node(3, 2), "x"), Support(Node(3, 2), "y")], "turning"),
        ([Support(Node(0, 0), "x"), Support(Node(6, 0), "x")], "moving in y and turning"),
    ],
)
def test_it_is_said_how_a_structure_can_move(supports: list[Support], motions: str) -> None:
    with pytest.raises(ProblemErrors, match=f"the structure floats: nothing keeps it from {motions}"):
        Task.on(6, 4, *supports, Load(Node(6, 0), (0, -1)), volume=0.5)


def test_it_is_said_which_part_floats() -> None:
    cut = Void(Rectangle((3, 0), (4, 4)))
    parts = [Support(Edge("left")), Load(Edge("top", 0, 3), (0, -1))]
    assert Task.on(6, 4, *parts, cut, volume=0.5).mask.sum() == 20  # what carries nothing may float
    with pytest.raises(ProblemErrors, match=r"the part between \(4, 0\) and \(6, 4\) floats: nothing keeps it"):
        Task.on(6, 4, *parts, cut, Load(Node(6, 0), (0, -1)), volume=0.5)


def test_parts_that_touch_at_a_corner_hold_one_another_but_not_from_turning() -> None:
    cuts = [Void(Rectangle((0, 0), (3, 2))), Void(Rectangle((3, 2), (6, 4)))]
    held, load = Support(Edge("left", 2, 4)), Load(Node(6, 0), (0, -1))
    with pytest.raises(ProblemErrors, match=r"between \(3, 0\) and \(6, 2\) floats: nothing keeps it from turning"):
        Task.on(6, 4, held, load, *cuts, volume=0.5)
    Task.on(6, 4, held, load, Support(Node(6, 2), "y"), *cuts, volume=0.5)
