"""`Judge`: what a search needs to know of a structure; every design that counts is solved for anew here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from preimage._core import VOLUME_TOLERANCE
from preimage.language.problem import Sense
from preimage.structures.physics import Physics

Vector = NDArray[np.float64]


class Judge:
    """Judges designs, given as flat vectors of all elements, row by row from the top.

    Parameters
    ----------
    physics
        Of the task, with its own filter; no other thread uses it.
    """

    sense: Sense = "minimise"

    def __init__(self, physics: Physics) -> None:
        self.task = physics.task
        self._physics = physics
        self._weights = physics.volume_weights
        self._limit = physics.volume_limit
        self._known: tuple[Vector, float] | None = None  # the vector that was judged last, and its compliance

    def repair(self, x: Vector) -> Vector:
        """Return the design within mask, solid parts, symmetry and volume: scaled down if it takes too much."""
        task = self.task
        design = np.clip(x.reshape(task.mask.shape), 0.0, 1.0)
        for mirrored, axis in ((task.mirror_x, 1), (task.mirror_y, 0)):
            if mirrored:
                design = 0.5 * (design + np.flip(design, axis))
        free = task.mask & ~task.solid
        design = np.where(free, design, task.solid.astype(np.float64))
        taken = float((self._weights * design)[free].sum())
        left = self._limit - float(self._weights[task.solid].sum())
        if taken > left * (1.0 + VOLUME_TOLERANCE):
            design[free] *= left / taken
        return design.ravel()

    def tidy(self, x: Vector) -> Vector:
        """Return the design as it is: an element that is almost empty is no untidier than an empty one."""
        return x

    def judge(self, x: Vector) -> tuple[float, float]:
        """Return the compliance, and by which share the volume is exceeded."""
        if self._known is None or self._known[0] is not x:
            self._known = x, self._physics.evaluate(x.reshape(self.task.mask.shape)).compliance
        excess = self.volume(x) / self._limit - 1.0
        return self._known[1], excess if excess > VOLUME_TOLERANCE else 0.0

    def volume(self, x: Vector) -> float:
        """Return what a design takes of the volume that is limited, in elements."""
        return float((self._weights.ravel() * x).sum())

    def design(self, x: Vector) -> dict[str, Vector]:
        """Return the design by name."""
        return {"design": x.reshape(self.task.mask.shape)}

    def density(self, x: Vector) -> Vector:
        """Return the density of a design, shape ``(height, width)``."""
        return self._physics.density(x.reshape(self.task.mask.shape))
