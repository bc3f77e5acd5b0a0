"""Axes: which values are shown, on which scale, and where the round ones are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LOG_RATIO = 4.0
"""The value axis is logarithmic where a curve falls by more than this factor."""

ZERO_RATIO = 1000.0
"""What is smaller than another value by this factor is as good as zero beside it."""

FARTHEST = 10.0
"""On a logarithmic axis, what is lower than the end of the fall by more than this factor is drawn at the edge."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``, linear or logarithmic."""

    low: float
    high: float
    log: bool = False

    def percent(self, value: float) -> float:
        """Return where a value lies, from 0 at the lower end to 100; values beyond an end lie on it."""
        value = min(max(value, self.low), self.high)
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        return 100 * ((math.log(value) if self.log else value) - low) / (high - low)

    def ticks(self, count: int) -> list[float]:
        """Return round values, about ``count`` of them."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            for factors in ((1, 2, 5), (1, 3), (1,)):
                found = [f * 10.0**k for k in range(first, last + 1) for f in factors]
                found = [value for value in found if self.low <= value <= self.high]
                if 2 <= len(found) <= count + 2:
                    return found
            if len(found) > count:
                return found[:: -(-len(found) // count)]
        step = _round_step((self.high - self.low) / count)
        first = math.ceil(self.low / step - 1e-9)
        return [float(f"{k * step:.12g}") for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


def value_scale(*curves: Sequence[float]) -> Scale:
    """Return the axis on which curves read best that move towards each other.

    Logarithmic if the one that falls does so by more than `LOG_RATIO`, and stays above zero.
    """
    values = [value for curve in curves for value in curve]
    if not values:
        return Scale(0.0, 1.0)
    low, high = min(values), max(values)
    falls = [curve[-1] for curve in curves if curve and curve[-1] > 0 and max(curve) > LOG_RATIO * curve[-1]]
    if falls:
        low = max(min(value for value in values if value > 0), min(falls) / FARTHEST)
        return Scale(low / 1.15, high * 1.15, log=True)
    margin = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    return Scale(low - margin, high + margin)


def spread_scale(values: Sequence[float]) -> Scale:
    """Return the axis for unrelated values: logarithmic where they differ much, and none is next to zero."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if low > 0 and LOG_RATIO < high / low < ZERO_RATIO:
        return Scale(low / 1.15, high * 1.15, log=True)
    margin = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    return Scale(low - margin, high + margin)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= rough * (1 - 1e-9)), 10 * power)
