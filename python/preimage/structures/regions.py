"""Regions of the grid that are kept solid or void: rectangles and discs, counted from its lower left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from preimage.structures.places import Point


@dataclass(frozen=True, slots=True)
class Rectangle:
    """The elements whose middle lies between two opposite corners."""

    corner: Point
    opposite: Point

    def points(self) -> tuple[Point, ...]:
        """Return the points that must lie on the grid."""
        return (self.corner, self.opposite)

    def holds(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points lie inside."""
        (x0, y0), (x1, y1) = self.corner, self.opposite
        return (x > min(x0, x1)) & (x < max(x0, x1)) & (y > min(y0, y1)) & (y < max(y0, y1))

    def __str__(self) -> str:
        return f"rectangle ({self.corner[0]:g}, {self.corner[1]:g}) to ({self.opposite[0]:g}, {self.opposite[1]:g})"


@dataclass(frozen=True, slots=True)
class Disc:
    """The elements whose middle lies within a circle; it may reach beyond the grid."""

    centre: Point
    radius: float

    def points(self) -> tuple[Point, ...]:
        """Return the points that must lie on the grid."""
        return (self.centre,)

    def holds(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points lie inside."""
        return (x - self.centre[0]) ** 2 + (y - self.centre[1]) ** 2 <= self.radius**2

    def __str__(self) -> str:
        return f"disc ({self.centre[0]:g}, {self.centre[1]:g}) radius {self.radius:g}"


Region: TypeAlias = Rectangle | Disc


def elements_in(region: Region, width: int, height: int) -> NDArray[np.bool_]:
    """Return which elements of the grid a region holds, shape ``(height, width)``, in image order."""
    x = np.arange(width, dtype=np.float64)[None, :] + 0.5
    y = height - 0.5 - np.arange(height, dtype=np.float64)[:, None]
    return region.holds(x, y)
