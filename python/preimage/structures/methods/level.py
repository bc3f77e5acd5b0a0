"""One grid of a continuation: the physics there for every step of a schedule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.structures.methods.iterate import ROUNDING, Account
from preimage.structures.methods.schedule import Step
from preimage.structures.physics import PENALTY, Physics

Array = NDArray[np.float64]

FULLEST = 0.95
"""However much more volume than the task's a step asks for, it gets no larger share of the free elements than this."""

COARSE = 0.5
"""One descent on a coarse grid takes no larger share of the evaluations that are left than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A design of some grid and its compliance there."""

    compliance: float
    design: Array


def stiffer(one: Candidate, other: Candidate) -> Candidate:
    """Give the one with less compliance, the first if they are alike."""
    return other if other.compliance < one.compliance else one


class Level:
    """One grid: its physics for every radius of the filter.

    Parameters
    ----------
    account
        Where evaluations are made.
    physics
        Of the account, or of a coarser grid of its task.
    """

    def __init__(self, account: Account, physics: Physics) -> None:
        self.physics = physics
        self._account = account
        self._filtered = {physics.filter_radius: physics}
        task, weights = physics.task, physics.volume_weights
        self._solid = float(weights[task.solid].sum())
        self._left = physics.volume_limit - self._solid
        self._most = max(self._left, FULLEST * float(weights[task.mask & ~task.solid].sum()))

    def steps(self, most: int) -> int:
        """Give how many steps can still be paid for, at least one and no more than that many."""
        left = self._account.left * (1.0 if self.physics is self._account.physics else COARSE)
        return max(1, min(most, int(left / self.cost(1) + ROUNDING)))

    def cost(self, steps: int) -> float:
        """Give how many evaluations so many steps take."""
        return steps * self.physics.task.elements / self._account.physics.task.elements

    def volume(self, step: Step) -> float:
        """Give what a design may take at a step; solid elements take the same at each."""
        return self._solid + min(step.volume * self._left, self._most)

    def is_exact(self, step: Step) -> bool:
        """Whether a step is about the problem itself."""
        return step.volume <= 1.0 and step.penalty == PENALTY and step.radius == self.physics.filter_radius

    def evaluate(self, design: Array, step: Step) -> tuple[float, Array]:
        """Give the compliance of a design at a step, and its derivative."""
        if step.radius not in self._filtered:
            self._filtered[step.radius] = self.physics.with_filter_radius(step.radius)
        physics = self._filtered[step.radius]
        return self._account.evaluate(design, physics, step.penalty, picture=not self.is_exact(step))
