"""The method of moving asymptotes (Svanberg 1987) for a compliance under one linear limit on the volume.

The derivative of the compliance is nowhere positive, so only the lower asymptotes count and each step has a closed
form: where an element lies at distance s above its asymptote, compliance is approximated by a multiple of 1 / distance,
and the optimum under the multiplier of the volume is a new distance proportional to ``s sqrt(worth / weight)``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from preimage.structures.methods.filling import fill
from preimage.structures.physics import Physics

Array = NDArray[np.float64]

MOVE = 0.5
"""The most that an element changes in one step."""

WIDEN, NARROW = 1.2, 0.7
"""What a distance is multiplied by where an element goes on in its direction, and where it turns back."""

LEAST_DISTANCE, GREATEST_DISTANCE = 0.01, 10.0

NEAREST = 0.1
"""An element keeps this share of the distance to its asymptote."""

FARTHEST = 0.9
"""An element goes up by no more than this share of the distance."""


class MovingAsymptotes:
    """A design, and how far below each of its elements the asymptote lies.

    Parameters
    ----------
    physics
        Whose task the designs keep to.
    design
        Where to start: it holds in the task.
    distance
        Of the asymptotes, for the first two steps.
    """

    def __init__(self, physics: Physics, design: Array, distance: float) -> None:
        self.design = design
        self._free = physics.task.mask & ~physics.task.solid
        self._weights = physics.volume_weights
        self._distance: Array = np.full(design.shape, distance)
        self._change: Array = np.zeros(design.shape)
        self._earlier_change: Array = np.zeros(design.shape)

    def step(self, gradient: Array, volume: float) -> None:
        """Move the design, given the derivative of the compliance there and the volume that it may take now."""
        design = self.design
        trend = self._change * self._earlier_change
        factor = np.where(trend > 0, WIDEN, np.where(trend < 0, NARROW, 1.0))
        distance = np.clip(self._distance * factor, LEAST_DISTANCE, GREATEST_DISTANCE)
        lower = np.maximum(np.maximum(0.0, design - MOVE), design - (1.0 - NEAREST) * distance)
        upper = np.minimum(np.minimum(1.0, design + MOVE), design + FARTHEST * distance)
        worth = np.maximum(-gradient, 0.0) / np.where(self._weights > 0, self._weights, 1.0)
        moved = fill(
            design - distance,
            distance * np.sqrt(worth),
            np.where(self._free, lower, design),
            np.where(self._free, upper, design),
            self._weights,
            volume,
        )
        self._earlier_change, self._change = self._change, moved - design
        self._distance, self.design = distance, moved
