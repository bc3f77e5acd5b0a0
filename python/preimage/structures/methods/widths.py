"""`Widths`: what is minimised where members are to have a least width, and which of the designs count."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from preimage.structures.members import keeps_width
from preimage.structures.methods.iterate import Account
from preimage.structures.projection import SHARPEST

Array = NDArray[np.float64]

WEIGHT = 0.2
"""Of the compliance of what erosion leaves, beside that of the structure: enough, since there is no end to that of what
has fallen apart, and little, so that members become no wider than they need to be."""

RESERVE = 4.0
"""Evaluations that are left in the end: two for a step, and two for designs that are too thin."""

BROKEN = 3.0
"""A structure that is so many times less stiff than the one found without a least width has fallen apart."""


class Widths:
    """Judges designs on the way to one whose members are as wide as its task asks for.

    Parameters
    ----------
    account
        Where evaluations are made: two for each design.
    design
        What the way begins with: the best that was found without a least width.
    """

    def __init__(self, account: Account, design: Array) -> None:
        self._account, self._first = account, design
        self._thin: Array | None = None
        self._limit = BROKEN * account.evaluate(design, picture=True)[0]
        self._best = math.inf

    def stage(self, sharpness: float) -> Callable[[Array], tuple[float, Array]]:
        """Give what is minimised at a sharpness, with its derivative; at the last one, what is wide is judged."""
        account, physics = self._account, self._account.physics
        whole, left = physics.with_sharpness(sharpness), physics.eroded(sharpness)

        def evaluate(design: Array) -> tuple[float, Array]:
            last = sharpness == SHARPEST
            wide = last and keeps_width(physics.task, physics.density(design))
            compliance, gradient = account.evaluate(design, physics if wide else whole)
            if wide:
                self._best = min(self._best, compliance)
            elif last:
                self._thin = design
            eroded, slope = account.evaluate(design, left)
            return WEIGHT * eroded + (1.0 - WEIGHT) * compliance, WEIGHT * slope + (1.0 - WEIGHT) * gradient

        return evaluate

    def settle(self) -> None:
        """Judge a design that is too thin, if all that are not have fallen apart."""
        for design in (self._thin, self._first):
            if self._best > self._limit and design is not None:
                self._best = min(self._best, self._account.evaluate(design)[0])
