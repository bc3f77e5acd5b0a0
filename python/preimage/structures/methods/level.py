"""One grid of a continuation, and a descent along a schedule on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.structures.methods.iterate import Account
from preimage.structures.methods.moving_asymptotes import MovingAsymptotes
from preimage.structures.methods.schedule import Step
from preimage.structures.physics import PENALTY, Physics

Array = NDArray[np.float64]

FULLEST = 0.95
"""However much more volume than the task's a step asks for, it gets no larger share of the mask than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A design of some grid and its compliance there."""

    compliance: float
    design: Array


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

    def at(self, radius: float) -> Physics:
        """Give the physics with another radius."""
        if radius not in self._filtered:
            self._filtered[radius] = self.physics.with_filter_radius(radius)
        return self._filtered[radius]

    def follow(self, design: Array, schedule: Sequence[Step], distance: float) -> Candidate:
        """Descend from a design by moving asymptotes, one step for each of the schedule.

        Parameters
        ----------
        design
            Where to start: it holds in the task, or in the volume of the first step.
        schedule
            What to solve.
        distance
            Of the asymptotes, for the first steps.

        Returns
        -------
            The best of the designs that were judged by the problem itself.
        """
        task, full = self.physics.task, self.physics.volume_limit
        most = max(1.0, FULLEST / task.volume)
        asymptotes = MovingAsymptotes(self.physics, design, distance)
        best = Candidate(math.inf, design)
        for step, following in zip(schedule, [*schedule[1:], schedule[-1]], strict=True):
            at = self.at(step.radius)
            exact = step.volume <= 1.0 and step.penalty == PENALTY and at is self.physics
            compliance, gradient = self._account.evaluate(asymptotes.design, at, step.penalty, picture=not exact)
            if exact and compliance < best.compliance:
                best = Candidate(compliance, asymptotes.design)
            asymptotes.step(gradient, full * min(following.volume, most))
        return best
