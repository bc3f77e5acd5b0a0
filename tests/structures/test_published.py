"""The published tasks, entry by entry."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from preimage.language import ProblemErrors
from preimage.structures import PUBLISHED, Task, published
from structures import published_tasks


@pytest.fixture(scope="module")
def rows(data: Path) -> dict[str, dict[str, Any]]:
    """The shared table, made from the program of the paper."""
    if not (data / "structures" / "tasks.json").exists():
        pytest.skip("the table of published tasks is missing")
    return published_tasks.read(data)


def test_all_names_are_there_in_the_order_of_the_paper(rows: dict[str, dict[str, Any]]) -> None:
    assert list(PUBLISHED) == list(rows)
    assert len(PUBLISHED) == 116


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_task_equals_the_published_one(name: str, rows: dict[str, dict[str, Any]]) -> None:
    row, task = rows[name], published(name)
    there = published_tasks.task(row)
    for field in dataclasses.fields(Task):
        if field.name != "loads":
            np.testing.assert_array_equal(getattr(task, field.name), getattr(there, field.name))
    # Loads point down here; there, vertical ones carry a minus in arrays whose rows count down: all turned around.
    sign = -1.0 if there.loads[..., 1].any() else 1.0
    np.testing.assert_array_equal(task.loads != 0, there.loads != 0)
    np.testing.assert_allclose(task.loads, sign * there.loads, rtol=1e-15)
    assert (task.loads[..., 1] >= 0).all()


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
