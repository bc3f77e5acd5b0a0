"""What a continuation solves at each step: which penalty, which filter radius, which volume."""

from __future__ import annotations

import math
from dataclasses import dataclass

from preimage.structures.physics import PENALTY

RADIUS_STEP = 0.25
"""Radii are multiples of it: every new one costs a new filter."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a continuation.

    Attributes
    ----------
    penalty
        Power of the density in the stiffness.
    radius
        Of the cone filter, in elements.
    volume
        What the design may take beside what is solid, as a multiple of what the task allows.
    """

    penalty: float
    radius: float
    volume: float


def from_sheet(steps: int, radius: float, last_radius: float, volume: float) -> list[Step]:
    """Go from the variable-thickness sheet (penalty 1), whose optimum is unique, to the problem itself.

    The penalty rises first, under a wide filter and with another volume, both of which then go to what the task says:
    that way the thick members form before the thin ones.

    Parameters
    ----------
    steps
        How many.
    radius, last_radius
        Of the filter, first and last.
    volume
        To begin with, as a multiple of what the task allows.
    """
    return [
        Step(
            penalty=_ramp(1.0, PENALTY, at, 0.0, 0.37),
            radius=_rounded(_ramp(radius, last_radius, at, 0.37, 0.81), last_radius),
            volume=_ramp(volume, 1.0, at, 0.2, 0.75),
        )
        for at in _shares(steps)
    ]


def from_patches(steps: int, radius: float, last_radius: float) -> list[Step]:
    """Go from a random design, of which less would be left if the penalty began at 1; parameters as in `from_sheet`."""
    return [
        Step(
            penalty=_ramp(1.5, PENALTY, at, 0.0, 0.3),
            radius=_rounded(_ramp(radius, last_radius, at, 0.1, 0.8), last_radius),
            volume=1.0,
        )
        for at in _shares(steps)
    ]


def from_design(steps: int, radius: float, last_radius: float) -> list[Step]:
    """Widen the filter at a design at once, so that members merge, and narrow it; parameters as in `from_sheet`."""
    return [
        Step(PENALTY, _rounded(_ramp(radius, last_radius, at, 0.0, 0.8), last_radius), 1.0) for at in _shares(steps)
    ]


def _shares(steps: int) -> list[float]:
    return [(step + 1) / steps for step in range(steps)]


def _ramp(first: float, last: float, at: float, begin: float, end: float) -> float:
    share = min(max((at - begin) / (end - begin), 0.0), 1.0)
    return first + (last - first) * share


def _rounded(radius: float, last_radius: float) -> float:
    steps = math.ceil((radius - last_radius) / RADIUS_STEP - 1e-9)
    return last_radius + max(steps, 0) * RADIUS_STEP
