"""`Task`: one structural problem on a grid of square elements: supports, loads, where material may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from preimage.structures.parts import Part

VolumeOf = Literal["filtered", "design"]
"""Which mean the volume limits: that of the density after the filter (as published for MMA and OC), or before it (as
published for the CNN and pixels with L-BFGS). The filter does not keep the volume at edges and masks."""

FILTER_RADIUS = 2.0
"""Radius of the cone filter of the published tasks, in elements."""


RADIUS_BY_WIDTH = 1.1
"""Radius of the filter for members of a width: those that are 0.94 radii wide just survive erosion; see `erosion`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """The stiffest structure for given supports, loads and volume.

    Rows count from the top, as in an image: row 0 is the top row, and a positive vertical component points down.

    Attributes
    ----------
    width, height
        Elements along x and along y. There are ``(height + 1) x (width + 1)`` nodes.
    fixed
        Whether a node is held, shape ``(height + 1, width + 1, 2)``, bool; the last axis is x, y.
    loads
        Forces on the nodes by load case, shape ``(cases, height + 1, width + 1, 2)``.
    weights
        Weight of each load case in the compliance, shape ``(cases,)``.
    volume
        Mean density over the designable elements (solid ones count as designable here), in (0, 1].
    mask
        Where material may be, shape ``(height, width)``, bool.
    solid
        Where material must be, shape ``(height, width)``, bool: density 1; part of `mask`.
    mirror_x, mirror_y
        Whether the design is symmetric from left to right, or from top to bottom.
    filter_radius
        Radius of the cone filter, in elements.
    volume_of
        Whether `volume` is the mean of the filtered density or of the design before the filter.
    projected
        Whether the filtered design is projected, which keeps its volume: nearly every density is 0 or 1 then.
    member_width
        How wide every member of the structure is to be at least, in elements; 0 if nothing is asked for. It implies
        `projected`, and sets `filter_radius`.
    """

    name: str
    width: int
    height: int
    fixed: NDArray[np.bool_]
    loads: NDArray[np.float64]
    weights: NDArray[np.float64]
    volume: float
    mask: NDArray[np.bool_]
    solid: NDArray[np.bool_]
    mirror_x: bool = False
    mirror_y: bool = False
    filter_radius: float = FILTER_RADIUS
    volume_of: VolumeOf = "filtered"
    projected: bool = False
    member_width: float = 0.0

    def __post_init__(self) -> None:
        if self.member_width:
            object.__setattr__(self, "projected", True)
            if self.filter_radius == FILTER_RADIUS:
                object.__setattr__(self, "filter_radius", RADIUS_BY_WIDTH * self.member_width)

    @property
    def elements(self) -> int:
        """Number of elements of the grid."""
        return self.width * self.height

    @classmethod
    def on(
        cls,
        width: int,
        height: int,
        /,
        *parts: Part,
        volume: float,
        name: str = "structure",
        volume_of: VolumeOf = "filtered",
        filter_radius: float = FILTER_RADIUS,
        projected: bool = False,
        member_width: float = 0.0,
    ) -> Task:
        """Return the task on a grid that its parts describe, in the words of the language.

        Points are counted from the lower left corner here, and a force with a positive second number points up.

        Parameters
        ----------
        width, height, volume, volume_of, filter_radius, projected, member_width
            As in `Task`.
        *parts
            What is said of it: `Support`, `Load` or `LoadCase`, `Solid`, `Void` and `Symmetric`.

        Raises
        ------
        ProblemErrors
            With the mistakes in it, by code.

        Examples
        --------
        >>> from preimage.structures import Edge, Load, Node, Support
        >>> beam = Task.on(96, 32, Support(Edge("left")), Load(Node(96, 0), (0, -1)), volume=0.4)
        >>> beam.loads.sum(axis=(0, 1, 2))
        array([0., 1.])
        """
        from preimage.structures.draft import Draft
        from preimage.structures.fault import errors

        draft = Draft(
            name=name,
            width=width,
            height=height,
            parts=parts,
            volume=volume,
            volume_of=volume_of,
            filter_radius=filter_radius,
            projected=projected,
            member_width=member_width,
        )
        task, faults = draft.task()
        if task is None:
            raise errors(faults)
        return task
