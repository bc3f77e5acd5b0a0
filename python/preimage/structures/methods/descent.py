"""A descent along a schedule, which can be paused."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from preimage.structures.methods.level import Candidate, Level
from preimage.structures.methods.moving_asymptotes import MovingAsymptotes
from preimage.structures.methods.schedule import Step

Array = NDArray[np.float64]


class Descent:
    """Descends from a design by moving asymptotes, one step for each of a schedule.

    Parameters
    ----------
    level
        The grid.
    design
        Where to start: it takes no more than the volume of the first step.
    schedule
        What to solve.
    distance
        Of the asymptotes, for the first steps.

    Attributes
    ----------
    best
        The best of the designs that were judged by the problem itself; of infinite compliance before there is one.
    latest
        Compliance at the last step, under its penalty, radius and volume.
    """

    def __init__(self, level: Level, design: Array, schedule: Sequence[Step], distance: float) -> None:
        self.best = Candidate(math.inf, design)
        self.latest = math.inf
        self._level, self._schedule = level, schedule
        self._asymptotes = MovingAsymptotes(level.physics, design, distance)
        self._taken = 0

    def advance(self, share: float = 1.0) -> None:
        """Go on until that share of all steps is taken."""
        level, steps = self._level, round(share * len(self._schedule))
        for step in self._schedule[self._taken : steps]:
            design = self._asymptotes.design
            self.latest, gradient = level.evaluate(design, step)
            if level.is_exact(step) and self.latest < self.best.compliance:
                self.best = Candidate(self.latest, design)
            self._taken += 1
            following = self._schedule[min(self._taken, len(self._schedule) - 1)]
            self._asymptotes.step(gradient, level.volume(following))
