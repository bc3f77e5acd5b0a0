"""What is said of structures that float."""

import pytest

from preimage.language import ProblemErrors
from preimage.structures import Edge, Load, Node, Rectangle, Support, Task, Void


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
