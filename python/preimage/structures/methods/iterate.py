"""What a method is, what it reports, and the account of the evaluations that it spends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from preimage.structures.physics import PENALTY, Physics
from preimage.structures.symmetry import symmetrised

Array = NDArray[np.float64]

ROUNDING = 1e-9
"""Shares of evaluations add up to a whole number but for this."""


@dataclass(frozen=True, slots=True, eq=False)
class Iterate:
    """A design on the way.

    Attributes
    ----------
    design
        Shape ``(height, width)`` of the grid that was solved: that of the task, or a coarser one.
    compliance
        None where the design was judged on another problem (penalty, filter radius, volume or grid): it is a picture.
    evaluation
        Evaluations spent so far, those on a coarser grid counted by its share of the elements.
    method
        Who found it.
    """

    design: Array
    compliance: float | None
    evaluation: float
    method: str


Report = Callable[[Iterate], bool]
"""Takes every iterate; says whether to go on."""


class Method(Protocol):
    """Searches for a stiff design.

    Every iterate with a compliance meets the volume, is 0 outside the mask and 1 where solid, and symmetric if the task
    is. Same physics, budget and seed: same iterates.
    """

    def __call__(self, physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
        """Search until the evaluations are spent or `report` says so."""


class Stopped(Exception):
    """The evaluations are spent, or whom we report to wants no more."""


class Account:
    """Makes the evaluations of one method: counts and reports each, and ends them by raising `Stopped`.

    Parameters
    ----------
    method
        Name to report under.
    physics
        The problem that the designs are for; its penalty is `PENALTY`.
    evaluations
        So many may be spent.
    report
        Told of each.
    """

    def __init__(self, method: str, physics: Physics, evaluations: float, report: Report) -> None:
        self.physics, self.spent = physics, 0.0
        self._method, self._evaluations, self._report = method, float(evaluations), report

    @property
    def left(self) -> float:
        """Evaluations that may still be spent."""
        return self._evaluations - self.spent

    def evaluate(
        self, design: Array, physics: Physics | None = None, penalty: float = PENALTY, *, picture: bool = False
    ) -> tuple[float, Array]:
        """Give the compliance and its derivative, which is symmetric if the task is.

        Parameters
        ----------
        design
            Of the grid of `physics`.
        physics
            The account's own if left out; otherwise that of another radius or grid.
        penalty
            Power of the density in the stiffness.
        picture
            Whether the design breaks the volume.

        Raises
        ------
        Stopped
            If the evaluation is beyond the budget, or the last that is wanted.
        """
        physics = physics or self.physics
        share = physics.task.elements / self.physics.task.elements
        if share > self.left + ROUNDING:
            raise Stopped
        self.spent += share
        found = physics.evaluate(design, penalty)
        holds = not picture and physics is self.physics and penalty == PENALTY
        compliance = found.compliance if holds else None
        if not self._report(Iterate(design, compliance, self.spent, self._method)):
            raise Stopped
        return found.compliance, symmetrised(physics.task, found.gradient)
