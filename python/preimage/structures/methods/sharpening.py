"""Projected tasks: a method finds a design without the projection, which then sharpens in stages.

Where members are to have a least width, what erosion leaves of the structure is to be stiff as well: thin members are
worth nothing there, and their material goes to others.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from preimage.structures.methods.filling import fill
from preimage.structures.methods.iterate import Account, Iterate, Method, Report, Stopped
from preimage.structures.methods.widths import RESERVE, Widths
from preimage.structures.physics import Physics
from preimage.structures.projection import SHARPEST

Array = NDArray[np.float64]

SHARE, SHARE_OF_WIDTHS = 0.3, 0.5
"""Of the evaluations, for sharpening: without and with a least width of members, which takes two for each design."""

Evaluate = Callable[[Array], tuple[float, Array]]

STAGES = (SHARPEST / 16, SHARPEST / 8, SHARPEST / 4, SHARPEST / 2, SHARPEST)
"""Each twice as sharp as the one before: the last is what designs are judged by."""

DISTANCE, MOVE = 1.0, 0.5
"""Of the asymptotes at first in each stage, over the sharpness, and the share of it that an element moves at most."""

WIDEN, NARROW = 1.5, 0.4
"""What the distance is multiplied by after a step that was taken, and after one that was not."""


def sharpened(method: Method) -> Method:
    """Give the method for projected tasks that begins with a method for others."""

    def search(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
        smooth = _Smooth(report)
        unprojected = physics.of(replace(physics.task, projected=False, member_width=0.0))
        share = SHARE_OF_WIDTHS if physics.task.member_width else SHARE
        method(unprojected, evaluations=max(1, round((1.0 - share) * evaluations)), seed=seed, report=smooth)
        if smooth.best is not None and not smooth.stopped:
            account = Account(smooth.best.method, physics, evaluations, report)
            account.spent = smooth.spent
            with suppress(Stopped):
                _sharpen(account, smooth.best.design)

    return search


class _Smooth:
    """Passes on what is found without the projection, as pictures, and keeps the best of it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.best: Iterate | None = None
        self.spent, self.stopped = 0.0, False

    def __call__(self, found: Iterate) -> bool:
        best = self.best
        if found.compliance is not None and (best is None or found.compliance < (best.compliance or 0.0)):
            self.best = found
        self.spent = found.evaluation
        self.stopped = not self._report(replace(found, compliance=None))
        return not self.stopped


def _sharpen(account: Account, design: Array) -> None:
    """Sharpen a design that was found without the projection."""
    physics = account.physics
    if physics.task.member_width:
        widths = Widths(account, design)
        _descend(account, design, widths.stage, RESERVE)
        widths.settle()
        return

    def projected(sharpness: float) -> Evaluate:
        at = physics if sharpness == SHARPEST else physics.with_sharpness(sharpness)
        return lambda design: account.evaluate(design, at)

    account.evaluate(design)
    _descend(account, design, projected, 0.0)


def _descend(account: Account, design: Array, of: Callable[[float], Evaluate], reserve: float) -> None:
    """Descend under one projection after another, and under the last until all but a reserve is spent."""
    for stage, sharpness in enumerate(STAGES):
        last = stage == len(STAGES) - 1
        end = max(reserve, 0.0 if last else account.left * (1.0 - 1.0 / (len(STAGES) - stage)))
        evaluate = of(sharpness)
        compliance, gradient = evaluate(design)
        distance = DISTANCE / sharpness
        while account.left > end:
            tried = _moved(account.physics, design, gradient, distance)
            there, slope = evaluate(tried)
            if there < compliance:
                design, compliance, gradient = tried, there, slope
                distance *= WIDEN
            else:
                distance *= NARROW


def _moved(physics: Physics, design: Array, gradient: Array, distance: float) -> Array:
    """Take the step of moving asymptotes that all lie at one distance below the design."""
    free, weights = physics.task.mask & ~physics.task.solid, physics.volume_weights
    worth = np.maximum(-gradient, 0.0) / np.where(weights > 0, weights, 1.0)
    return fill(
        design - distance,
        distance * np.sqrt(worth),
        np.where(free, np.maximum(0.0, design - MOVE * distance), design),
        np.where(free, np.minimum(1.0, design + MOVE * distance), design),
        weights,
        physics.volume_limit,
    )
