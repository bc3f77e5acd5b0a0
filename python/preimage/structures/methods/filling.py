"""How far a design may move before it takes the whole volume."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_STEPS = 200
"""Of Newton's method or bisection, together: far more than are ever needed."""

FULL = 1e-13
"""The share of the volume that may stay empty."""


def fill(base: Array, rate: Array, lower: Array, upper: Array, weights: Array, volume: float) -> Array:
    """Give ``clip(base + m * rate, lower, upper)`` for the largest m >= 0 that the volume allows.

    Its volume, the sum of `weights` times it, grows with m and is piecewise linear: Newton's method, kept between a
    step that is too short and one that is too long, ends after a few steps.

    Parameters
    ----------
    base, rate, lower, upper, weights
        Arrays of one shape; `rate` and `weights` at least 0, `lower` at most `upper`.
    volume
        The most that the sum may be. Where even m = 0 takes more, the result is that for m = 0.
    """

    def at(step: float) -> Array:
        return np.clip(base + step * rate, lower, upper)

    moving = rate > 0
    if not moving.any() or float((weights * np.where(moving, upper, at(0.0))).sum()) <= volume:
        return np.where(moving, upper, at(0.0))
    short, long, step = 0.0, np.inf, 1.0
    for _ in range(MOST_STEPS):
        design = at(step)
        empty = volume - float((weights * design).sum())
        if empty >= 0:
            short = step
        else:
            long = step
        if 0 <= empty <= FULL * volume or long - short <= FULL * short:
            break
        slope = float((weights * rate)[(design > lower) & (design < upper)].sum())
        step = step + empty / slope if slope > 0 else np.inf
        if not short < step < long:
            step = 2 * short if long == np.inf else 0.5 * (short + long)
    return at(short)
