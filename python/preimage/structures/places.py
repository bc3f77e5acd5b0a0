"""Where supports and loads stand: nodes, edges and lines of the grid, counted from its lower left corner."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Point: TypeAlias = tuple[float, float]
Side = Literal["left", "right", "top", "bottom"]

NEAR = 0.5
"""A support holds the nodes that lie no farther from its line, in elements."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node, ``x`` from the left and ``y`` from the bottom."""

    x: float
    y: float

    def corners(self, width: int, height: int) -> tuple[Point, ...]:
        """Return the node."""
        return ((self.x, self.y),)

    def __str__(self) -> str:
        return f"node {_shown((self.x, self.y))}"


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of the grid, or its nodes from ``start`` to ``end``, counted from the left or from the bottom."""

    side: Side
    start: float | None = None
    end: float | None = None

    def corners(self, width: int, height: int) -> tuple[Point, ...]:
        """Return both ends."""
        upright = self.side in ("left", "right")
        across = {"left": 0, "right": width, "bottom": 0, "top": height}[self.side]
        start = 0 if self.start is None else self.start
        end = (height if upright else width) if self.end is None else self.end
        return ((across, start), (across, end)) if upright else ((start, across), (end, across))

    def __str__(self) -> str:
        return f"{self.side} edge"


@dataclass(frozen=True, slots=True, init=False)
class Line:
    """A line through two nodes or more.

    Of a slanted line, the nodes beside it belong to it too, each by one minus its distance: it is drawn smoothly.
    """

    points: tuple[Point, ...]

    def __init__(self, *points: Point) -> None:
        object.__setattr__(self, "points", points)

    def corners(self, width: int, height: int) -> tuple[Point, ...]:
        """Return the nodes that it goes through."""
        return self.points

    def __str__(self) -> str:
        return f"line {' to '.join(map(_shown, self.points))}"


Place: TypeAlias = Node | Edge | Line


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Nodes of a grid in image order, and how much each belongs to a place: in (0, 1].

    Attributes
    ----------
    rows, columns
        Counted from the upper left corner.
    weights
        One for nodes on the line.
    shares
        How much of a total force each one takes, one in sum. The ends of a line take half of what the others do.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: NDArray[np.float64]
    shares: NDArray[np.float64]


def nodes_at(place: Place, width: int, height: int) -> Nodes:
    """Return the nodes of a place whose corners are nodes of the grid."""
    corners = [(round(x), round(y)) for x, y in place.corners(width, height)]
    found: dict[tuple[int, int], float] = {}
    for start, end in itertools.pairwise(corners if len(corners) > 1 else corners * 2):
        for point, weight in _along(start, end):
            found[point] = max(weight, found.get(point, 0.0))
    x, y = np.array(list(found), dtype=np.intp).T
    weights = np.array(list(found.values()))
    shares = weights.copy()
    if corners[0] != corners[-1]:
        for end in (corners[0], corners[-1]):
            shares[(x == end[0]) & (y == end[1])] /= 2
    return Nodes(height - y, x, weights, shares / shares.sum())


def _along(start: tuple[int, int], end: tuple[int, int]) -> Sequence[tuple[tuple[int, int], float]]:
    """Return the nodes along one stretch of a line, within the rectangle that it spans, and their weights."""
    (x0, y0), (x1, y1) = start, end
    if start == end:
        return [(start, 1.0)]
    x = np.arange(min(x0, x1), max(x0, x1) + 1)[:, None]
    y = np.arange(min(y0, y1), max(y0, y1) + 1)[None, :]
    distance = np.abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / np.hypot(x1 - x0, y1 - y0)
    weights = 1.0 - distance
    return [((int(x[i, 0]), int(y[0, j])), float(weights[i, j])) for i, j in np.argwhere(weights > 0.0)]


def _shown(point: Point) -> str:
    return f"({point[0]:g}, {point[1]:g})"
