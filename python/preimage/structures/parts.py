"""What a structural problem is said with: supports, loads, regions and symmetry, as in the language.

Points are counted from the lower left corner of the grid, and forces point up where their second number is positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from preimage.structures.places import Place
from preimage.structures.regions import Region

Directions = Literal["x", "y", "xy"]


@dataclass(frozen=True, slots=True)
class Support:
    """The nodes of a place are held in ``x``, in ``y`` or in both."""

    place: Place
    directions: Directions = "xy"


@dataclass(frozen=True, slots=True)
class Load:
    """A force on each node of a place; if ``total``, on all of them together, spread evenly along it."""

    place: Place
    force: tuple[float, float]
    total: bool = False


@dataclass(frozen=True, slots=True)
class LoadCase:
    """Loads that act together; the compliances of all cases are summed, each times its weight."""

    name: str
    loads: tuple[Load, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Solid:
    """A region that is full of material."""

    region: Region


@dataclass(frozen=True, slots=True)
class Void:
    """A region that stays empty; its elements do not count in the volume."""

    region: Region


@dataclass(frozen=True, slots=True)
class Symmetric:
    """The design is its own mirror image across the line ``x = at`` or ``y = at``; loads need not be."""

    across: Literal["x", "y"]
    at: float


Part: TypeAlias = Support | Load | LoadCase | Solid | Void | Symmetric
