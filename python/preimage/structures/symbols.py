"""Where a task is held and what pulls at it, as a few symbols: the same in pictures and in notebooks.

Places are in elements, x from the left and y from the *top*, as an image has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from preimage.structures.task import Task

Directions = Literal["x", "y", "xy"]

Kind = TypeVar("Kind")

CELLS = 16
"""Symbols stand apart by a share of the longer side: 1 / `CELLS`."""

SECTORS = 8
"""Forces of one cell are summed if they point into the same sector."""

SHORTEST = 0.35
"""Length of the arrow of the weakest force, as a share of the longest."""


@dataclass(frozen=True, slots=True)
class Held:
    """A node that is held, and the side of it from which it is held: a unit step away from the structure."""

    x: float
    y: float
    directions: Directions
    away: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A force that acts from ``tail`` to ``tip``, by load case; one of the two is a node."""

    tail: tuple[float, float]
    tip: tuple[float, float]
    case: int


@dataclass(frozen=True, slots=True)
class Symbols:
    """All symbols of a task.

    Attributes
    ----------
    spacing
        Between symbols; a support is to be drawn with about half this size, and `arrows` are at most so long.
    """

    held: tuple[Held, ...]
    arrows: tuple[Arrow, ...]
    spacing: float


def symbols(task: Task) -> Symbols:
    """Return the symbols of a task: one for all nodes of a cell that are held alike or pulled alike."""
    spacing = max(task.width, task.height) / CELLS
    return Symbols(tuple(_held(task, spacing)), tuple(_arrows(task, spacing)), spacing)


def _held(task: Task, spacing: float) -> list[Held]:
    found = []
    for ((directions, away), _, _), nodes in _cells(task, np.any(task.fixed, axis=2), spacing, _holding).items():
        x, y = _middle(nodes)
        found.append(Held(x, y, directions, away))
    return found


def _holding(task: Task, x: int, y: int) -> tuple[Directions, tuple[int, int]]:
    """Return in which directions a node is held, and from which side."""
    in_x, in_y = task.fixed[y, x]
    directions: Directions = "xy" if in_x and in_y else "x" if in_x else "y"
    sides = {"y": {(0, 1): task.height - y, (0, -1): y}, "x": {(-1, 0): x, (1, 0): task.width - x}}
    distances = (sides["y"] | sides["x"]) if directions == "xy" else sides[directions]
    nearest = [away for away, distance in distances.items() if distance == min(distances.values())]
    if len(nearest) == 1:
        return directions, nearest[0]
    held = np.any(task.fixed, axis=2)  # in a corner the longer run of supports decides
    return directions, max(nearest, key=lambda away: int((held[:, x] if away[0] else held[y]).sum()))


def _arrows(task: Task, spacing: float) -> list[Arrow]:
    sums = []
    for case, forces in enumerate(task.loads):

        def sector(task: Task, x: int, y: int, forces: NDArray[np.float64] = forces) -> int:
            across, down = forces[y, x]
            return round(SECTORS * float(np.arctan2(down, across)) / (2 * np.pi)) % SECTORS

        for nodes in _cells(task, np.any(forces, axis=2), spacing, sector).values():
            force = sum((forces[y, x] for x, y in nodes), start=np.zeros(2))
            sums.append((_middle(nodes), force, case))
    largest = max((float(np.linalg.norm(force)) for _, force, _ in sums), default=1.0)
    return [_arrow(task, place, force, largest, spacing, case) for place, force, case in sums]


def _arrow(
    task: Task, place: tuple[float, float], force: NDArray[np.float64], largest: float, spacing: float, case: int
) -> Arrow:
    size = float(np.linalg.norm(force))
    length = spacing * (SHORTEST + (1.0 - SHORTEST) * size / largest)
    step = (length * float(force[0]) / size, length * float(force[1]) / size)
    x, y = place
    before, after = (x - step[0], y - step[1]), (x + step[0], y + step[1])
    # An arrow stays out of the structure if it can: it pushes at an edge, or pulls at one.
    inside = [0 < x < task.width and 0 < y < task.height for x, y in (before, after)]
    return Arrow(place, after, case) if inside == [True, False] else Arrow(before, place, case)


def _cells(
    task: Task,
    chosen: NDArray[np.bool_],
    spacing: float,
    kind: Callable[[Task, int, int], Kind],
) -> dict[tuple[Kind, int, int], list[tuple[int, int]]]:
    """Return the chosen nodes, as x and y, by their kind and by the cell of the plane in which they lie."""
    across, down = (max(round(size / spacing), 1) for size in (task.width, task.height))
    cells: dict[tuple[Kind, int, int], list[tuple[int, int]]] = defaultdict(list)
    for y, x in np.argwhere(chosen).tolist():
        cell = x * across // (task.width + 1), y * down // (task.height + 1)
        cells[kind(task, x, y), *cell].append((x, y))
    return cells


def _middle(nodes: list[tuple[int, int]]) -> tuple[float, float]:
    """Return the node that is nearest to the middle of some."""
    places = np.array(nodes, dtype=np.float64)
    x, y = places[np.square(places - places.mean(axis=0)).sum(axis=1).argmin()]
    return float(x), float(y)
