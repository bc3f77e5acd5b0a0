"""How small a box of inputs has to be before its bound says anything: what decides whether branching on them ends.

Linear bounds of a deep network are worth nothing in a large box and nearly exact in a small one, and between the two
lies no more than a factor of two. Below that width most boxes are ruled out as they come; above it all are split.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from preimage._core import Tree
from preimage.engines.branch import grow
from preimage.problem import Inversion
from preimage.problem.inversion import FEASIBILITY_TOLERANCE

WHOLE = 0.5
"""The half-width of the whole box, as a share of the ranges."""

BOXES = 10
HALVINGS, BISECTIONS = 10, 3

MOST_SECONDS = 1.0
"""Of processor time; when it is over, the width is the least that was tried."""

MANY_BOXES = 1000
"""Fewer are bounded in no time: nothing to speak of."""

STARTS, STEPS, LEARNING_RATE = 8, 100, 0.03


@dataclass(frozen=True, slots=True)
class CriticalWidth:
    """The size from which on a box is mostly ruled out by its bound.

    Attributes
    ----------
    half_width
        As a share of the ranges of the inputs, at most `WHOLE`.
    boxes
        How many of that size fill the ranges: about so many are bounded before the bound of the whole rises.
    seconds
        Of processor time for all of them.
    """

    half_width: float
    boxes: float
    seconds: float


def critical_width(inversion: Inversion, best: float) -> CriticalWidth | None:
    """Measure the critical width by boxes around random points; None where boxes are not all that is split.

    Parameters
    ----------
    best
        A value in the model's sense; a box is ruled out if no design in it is proved to be better.
    """
    free = inversion.upper > inversion.lower
    if not free.any() or any(declared.kind != "continuous" for declared in inversion.problem.inputs):
        return None
    try:
        tree = grow(inversion, 1)
    except ValueError:
        return None
    if tree.rules_out(inversion.lower, inversion.upper, best) is None:
        return None
    samples = _Samples(tree, inversion, best)
    share, too_large = WHOLE, WHOLE
    for _ in range(HALVINGS):
        if samples.mostly_ruled_out(share):
            break
        share, too_large = share / 2.0, share
    for _ in range(BISECTIONS if share < too_large else 0):
        middle = float(np.sqrt(share * too_large))
        share, too_large = (middle, too_large) if samples.mostly_ruled_out(middle) else (share, middle)
    boxes = float((WHOLE / share) ** int(free.sum()))
    return CriticalWidth(share, boxes, boxes * samples.seconds(share))


class _Samples:
    """Boxes of any size around the same random points."""

    def __init__(self, tree: Tree, inversion: Inversion, best: float) -> None:
        self._tree, self._best = tree, best
        self._lower, self._upper = inversion.lower, inversion.upper
        self._ranges = inversion.upper - inversion.lower
        self._centres = inversion.lower + np.random.default_rng(0).random((BOXES, inversion.size)) * self._ranges
        self._begun = time.process_time()

    def mostly_ruled_out(self, share: float) -> bool:
        """Tell whether half of the boxes are ruled out; with the time over, whatever ends the search soonest."""
        ruled_out = left = 0
        for place in range(BOXES):
            if time.process_time() - self._begun > MOST_SECONDS:
                return True
            if self._rules_out(place, share):
                ruled_out += 1
            else:
                left += 1
            if 2 * max(ruled_out, left) > BOXES:
                break
        return ruled_out >= left

    def seconds(self, share: float) -> float:
        """Return the processor time that one box takes."""
        start = time.process_time()
        self._rules_out(0, share)
        return time.process_time() - start

    def _rules_out(self, place: int, share: float) -> bool:
        lower = np.maximum(self._centres[place] - share * self._ranges, self._lower)
        upper = np.minimum(self._centres[place] + share * self._ranges, self._upper)
        return bool(self._tree.rules_out(lower, upper, self._best))


def first_value(inversion: Inversion) -> float:
    """Return the value of the best design of a short descent, in the model's sense."""
    _, values, violations = inversion.model.descend(STARTS, STEPS, LEARNING_RATE, 0, 1, None)
    holds = violations <= FEASIBILITY_TOLERANCE
    return float(np.min(values[holds] if holds.any() else values))
