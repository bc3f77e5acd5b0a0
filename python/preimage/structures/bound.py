"""`LowerBound`: a proved lower bound on the compliance of every design of a task.

Any displacement proves one (see the core's `fem/bound.rs`): the better it is, the closer the bound comes to the
compliance of the best *variable-thickness sheet*, where stiffness is the density itself and grey costs nothing extra.
That problem is convex. The displacements here are those of its designs, improved by optimality criteria.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from preimage import _core
from preimage.structures.methods.filling import fill
from preimage.structures.physics import VOID_STIFFNESS, Physics
from preimage.structures.task import Task

Array = NDArray[np.float64]

EXPONENT = 0.8
"""Of the ratio between gain and price by which a density grows. At 1, some tasks diverge."""

MOVE = 0.5
"""The most that a density changes in one step."""

THINNEST = 1e-6
"""Densities stay above this, so that each can grow again."""


class LowerBound:
    """A bound that can be improved as long as there is time.

    Parameters
    ----------
    task
        The task. The bound is for its own filter and its own convention of volume.
    physics
        Physics of the task that no other thread uses; its own if left out.

    Attributes
    ----------
    value
        The best bound proved so far; 0 before the first iteration.
    sheet
        The least compliance of a sheet so far: `value` cannot get above it.
    witness
        The displacement that proves `value`, shape ``(cases, height + 1, width + 1, 2)``; None before.
    """

    def __init__(self, task: Task, physics: Physics | None = None) -> None:
        self._physics = physics or Physics(task)
        self._certificate = certificate(task)
        self._free = task.mask & ~task.solid
        self._costs = self._physics.volume_weights
        self._limit = self._physics.volume_limit
        self._design = task.solid.astype(np.float64)
        self._design[self._free] = THINNEST
        self._spend(np.where(self._free, 1.0, 0.0), move=1.0)
        self.value = 0.0
        self.sheet = float("inf")
        self.witness: Array | None = None

    def improve(self, iterations: int) -> float:
        """Take some steps and give the best bound: each costs one factorisation."""
        for _ in range(iterations):
            found = self._physics.evaluate(self._design, penalty=1.0)
            self.sheet = min(self.sheet, found.compliance)
            proved = self._certificate.lower_bound(found.displacement.ravel())
            if proved > self.value:
                self.value, self.witness = proved, found.displacement
            gains = np.maximum(-found.gradient, 0.0)
            ratios = np.divide(gains, self._costs, out=np.zeros_like(gains), where=self._free)
            self._spend(self._design * ratios**EXPONENT, MOVE)
        return self.value

    def _spend(self, wanted: Array, move: float) -> None:
        """Scale what is wanted, within the move, so that it takes all of the volume."""
        free = self._free
        lowest = np.maximum(self._design[free] - move, THINNEST)
        highest = np.minimum(self._design[free] + move, 1.0)
        left = self._limit - (self._costs * self._design)[~free].sum()
        self._design[free] = fill(np.zeros(len(lowest)), wanted[free], lowest, highest, self._costs[free], left)


def certificate(task: Task) -> _core.ComplianceBound:
    """Prepare the bound that any displacement of the task proves."""
    mask, solid = (field.ravel().tolist() for field in (task.mask, task.solid))
    return _core.ComplianceBound(
        task.fixed.ravel().tolist(),
        task.loads.ravel(),
        task.weights,
        _core.ConeFilter(task.width, task.height, task.filter_radius, mask),
        mask=mask,
        solid=solid,
        volume=task.volume * int(task.mask.sum()),
        filtered=task.volume_of == "filtered",
        void=VOID_STIFFNESS,
    )
