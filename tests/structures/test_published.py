"""The published tasks, entry by entry."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from preimage.language import ProblemErrors
from preimage.structures import PUBLISHED, Task, published


@cache
def table(path: Path) -> dict[str, dict]:
    """The shared table, made from the program of the paper."""
    tasks = json.loads(path.read_text(encoding="utf-8"))["tasks"]
    return {task["name"]: task for task in (tasks.values() if isinstance(tasks, dict) else tasks)}


@pytest.fixture
def rows(data: Path) -> dict[str, dict]:
    path = data / "structures" / "tasks.json"
    if not path.exists():
        pytest.skip(f"no published tasks to compare with: {path} is missing")
    return table(path)


def test_all_names_are_there_in_the_order_of_the_paper(rows: dict[str, dict]) -> None:
    assert list(PUBLISHED) == list(rows)
    assert len(PUBLISHED) == 116


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_task_equals_the_published_one(name: str, rows: dict[str, dict]) -> None:
    row, task = rows[name], published(name)
    assert (task.name, task.width, task.height) == (name, row["width"], row["height"])
    assert (task.volume, task.filter_radius) == (row["density"], row["filter_width"])
    np.testing.assert_array_equal(task.fixed, fixed_of(row))
    np.testing.assert_array_equal(task.mask, mask_of(row))
    assert task.mask.sum() == row["design_elements"]
    assert not task.solid.any()
    assert task.weights.tolist() == [1.0]
    # Loads point down here; there, vertical ones carry a minus in arrays whose rows count down: all turned around.
    (forces,) = task.loads
    there = loads_of(row)
    sign = -1.0 if there[..., 1].any() else 1.0
    np.testing.assert_array_equal(forces != 0, there != 0)
    np.testing.assert_allclose(forces, sign * there, rtol=1e-15)
    assert (forces[..., 1] >= 0).all()


def fixed_of(row: dict) -> np.ndarray:
    found = np.zeros((row["height"] + 1, row["width"] + 1, 2), dtype=bool)
    for x, y, component in row["fixed"]:
        found[y, x, component] = True
    return found


def loads_of(row: dict) -> np.ndarray:
    found = np.zeros((row["height"] + 1, row["width"] + 1, 2))
    for x, y, component, value in row["loads"]:
        found[y, x, component] = value
    return found


def mask_of(row: dict) -> np.ndarray:
    rectangles = row["mask_rects_y0_y1_x0_x1"]
    found = np.full((row["height"], row["width"]), rectangles is None)
    for top, bottom, left, right in rectangles or ():
        found[top:bottom, left:right] = True
    return found


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("mbb_beam_192x64_0.5", "`mbb_beam_192x64_0.4`"),
        ("mbb_beam", "`mbb_beam_96x32_0.5` or `mbb_beam_192x64_0.4`"),
        ("bridge", "`causeway_bridge_top_64x64_0.3`"),
        ("spaceship", "the families are mbb_beam, cantilever_beam_full"),
        ("", "the families are"),
    ],
)
def test_a_name_that_is_wrong_is_answered_with_ones_that_are_near(typed: str, offered: str) -> None:
    with pytest.raises(ProblemErrors, match="PRE821") as caught:
        published(typed)
    assert offered in str(caught.value)


def test_the_floors_of_a_building_carry_one_each() -> None:
    task = published("multistory_building_32x64_0.5")
    assert isinstance(task, Task)
    floors = task.loads[0, ..., 1].sum(axis=1)
    assert np.flatnonzero(floors).tolist() == [0, 16, 32, 48, 64]
    np.testing.assert_allclose(floors[[0, 16]], 33 / 32)
