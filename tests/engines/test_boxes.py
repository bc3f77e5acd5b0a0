"""The boxes that a search shows while it runs: they tile the plane of two values."""

from typing import Any

import numpy as np
import pytest

import preimage
from preimage.engines.boxes import Boxes
from preimage.engines.search import Snapshot
from preimage.results import Result


def network(inputs: int) -> dict[str, Any]:
    random = np.random.default_rng(5)
    sizes = (inputs, 24, 24, 2)
    arrays: dict[str, Any] = {}
    for k in range(3):
        arrays[f"W{k + 1}"] = random.normal(size=(sizes[k + 1], sizes[k])) / np.sqrt(sizes[k] / 2)
        arrays[f"b{k + 1}"] = 0.4 * random.normal(size=sizes[k + 1])
    return arrays


PLANE = "network f\ninput x[2] in -2..2\nminimise L1(f(x), (1, -1))\nsolve using branch\n"


def solved(text: str, inputs: int = 2, **options: Any) -> Result:
    result = preimage.invert(text, f=network(inputs), **options)
    assert isinstance(result, Result)
    return result


def area(rectangles: np.ndarray) -> np.ndarray:
    return (rectangles[:, 2] - rectangles[:, 0]) * (rectangles[:, 3] - rectangles[:, 1])


@pytest.mark.parametrize(
    ("change", "plane"),
    [
        (("", ""), (-2, -2, 2, 2)),
        (("input x[2] in -2..2", "integer x[2] in -9..9"), (-9.5, -9.5, 9.5, 9.5)),
        (("input x[2] in -2..2", "input x[2] in {-1, 0, 2, 3}"), (-1, -1, 3, 3)),
        (("solve", "require sum(x) <= 1\nsolve"), (-2, -2, 2, 2)),
        (("minimise", "maximise"), (-2, -2, 2, 2)),
    ],
    ids=["continuous", "integer", "catalogue", "constrained", "maximised"],
)
def test_they_tile_the_plane(change: tuple[str, str], plane: tuple[float, ...]) -> None:
    result = solved(PLANE.replace(*change))
    boxes = result.boxes
    assert boxes is not None
    assert boxes.names == ("x[0]", "x[1]")
    np.testing.assert_array_equal(boxes.entered[0], plane)
    leaves = boxes.weight[boxes.leaves] @ area(boxes.kept[boxes.leaves]) / area(boxes.entered[:1])[0]
    assert leaves + boxes.cut == pytest.approx(1.0)
    assert (boxes.kept[:, :2] >= boxes.entered[:, :2]).all()
    assert (boxes.kept[:, 2:] <= boxes.entered[:, 2:]).all()


@pytest.mark.parametrize("sense", ["minimise", "maximise"])
def test_their_bounds_hold(sense: str) -> None:
    boxes = solved(PLANE.replace("minimise", sense)).boxes
    assert boxes is not None
    sign = 1 if sense == "minimise" else -1
    inversion = preimage.problem.compile_problem(preimage.check(PLANE.replace("minimise", sense), {"f": network(2)}), 0)
    random = np.random.default_rng(0)
    whole = np.flatnonzero(boxes.weight == 1.0)
    for k in whole[boxes.fate[whole] != 0]:
        for x in random.uniform(boxes.kept[k, :2], boxes.kept[k, 2:], (20, 2)):
            assert sign * inversion.judge(x)[0] >= sign * boxes.bound[k] - 1e-9


def test_snapshots_show_them_growing() -> None:
    seen: list[Boxes] = []

    def note(snapshot: Snapshot) -> None:
        if snapshot.boxes is not None:
            seen.append(snapshot.boxes)

    result = solved(PLANE, progress=note)
    assert seen
    assert seen[-1] == result.boxes
    sizes = [len(boxes.fate) for boxes in seen]
    assert sizes == sorted(sizes)


def test_an_early_stop_leaves_open_ones() -> None:
    result = solved(PLANE.replace("(1, -1)", "(9, -7)"), time_limit=1e-3)
    if result.boxes is not None:
        assert result.boxes.open >= (result.status != "optimal")


@pytest.mark.parametrize(
    "text",
    [
        "network f\ninput x[3] in -2..2\nminimise L1(f(x), (1, -1))\nsolve using branch\n",
        "network f\ninput x[3] in -2..2\nselect 2 of x\nminimise L1(f(x), (1, -1))\nsolve using branch\n",
    ],
    ids=["three values", "two of three"],
)
def test_other_trees_show_none(text: str) -> None:
    assert solved(text, 3, gap=0.5).boxes is None


def test_values_are_called_what_the_problem_calls_them() -> None:
    text = PLANE.replace("input x[2] in -2..2", 'input a in -2..2\ninput b[1] in -2..2\nnames b = ("wide")')
    boxes = solved(text.replace("f(x)", "f((a, b[0]))")).boxes
    assert boxes is not None
    assert boxes.names == ("a", "wide")
    assert boxes.entries == (("a", 0), ("b", 0))
