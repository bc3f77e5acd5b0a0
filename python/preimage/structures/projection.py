"""`Projection`: densities that are nearly 0 or 1, from filtered designs, with the same volume.

A smoothed step (Wang, Lazarov and Sigmund 2011, "On projection methods, convergence and robust formulations in topology
optimization"), whose threshold is the one that keeps the volume (Xu, Cai and Cheng 2010, "Volume preserving nonlinear
density filter based on Heaviside functions"): the volume stays linear in the design.
"""

from __future__ import annotations

from math import tanh

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHARPEST = 32.0
"""Sharpness of the step that answers are judged with: what is a tenth above the threshold is 99.8 % full."""

STEPS = 100
"""Bisections halve the bracket of the threshold to the last digit in fewer."""

ROUNDING = 1e-12
"""The share of the volume that may be lost."""


class Projection:
    """The projection of a filtered design.

    Parameters
    ----------
    filtered
        From 0 to 1.
    sharpness
        Slope of the step at its threshold, nearly.

    Attributes
    ----------
    density
        Of the shape of `filtered`; its sum is that of `filtered`, or less by rounding. What is 0 or 1 stays so.
    threshold
        Where the step is.
    filtered, sharpness
        As given.
    """

    def __init__(self, filtered: Array, sharpness: float) -> None:
        grey = (filtered > 0.0) & (filtered < 1.0)
        self.filtered, self.sharpness = filtered, sharpness
        self.threshold = _threshold(filtered[grey], sharpness)
        self.density = np.clip(filtered, 0.0, 1.0)
        self.density[grey] = step(filtered[grey], self.threshold, sharpness)

    def pull_back(self, gradient: Array) -> Array:
        """Carry derivatives by the density back to the filtered design.

        Where one value grows, the threshold rises, and what is grey everywhere pays for it.
        """
        slopes = slopes_of_step(self.filtered, self.threshold, self.sharpness)
        grey = self.density * (1.0 - self.density)
        total = float(grey.sum())
        price = float((gradient * grey).sum()) / total if total > 0.0 else 0.0
        return price + slopes * (gradient - price)

    def slopes_of_threshold(self) -> Array:
        """Give the derivatives of the threshold by the filtered design, whose sum is to stay that of the density."""
        slopes = slopes_of_step(self.filtered, self.threshold, self.sharpness)
        rate = self.sharpness * height_of_step(self.threshold, self.sharpness)
        fall = rate * float((self.density * (1.0 - self.density)).sum())
        return (slopes - 1.0) / fall if fall > 0.0 else np.zeros(self.filtered.shape)


def step(values: Array, threshold: float, sharpness: float) -> Array:
    """Give the smoothed step, from 0 at 0 to 1 at 1."""
    below, above = tanh(sharpness * threshold), tanh(sharpness * (1.0 - threshold))
    density = (below + np.tanh(sharpness * (values - threshold))) / (below + above)
    return np.clip(density, 0.0, 1.0)


def slopes_of_step(values: Array, threshold: float, sharpness: float) -> Array:
    """Give its derivatives by the values."""
    return sharpness / height_of_step(threshold, sharpness) * (1.0 - np.tanh(sharpness * (values - threshold)) ** 2)


def height_of_step(threshold: float, sharpness: float) -> float:
    """Give the height of the step before it is scaled to 1.

    As the threshold rises, a density d falls at the rate of height times sharpness times ``d * (1 - d)``.
    """
    return tanh(sharpness * threshold) + tanh(sharpness * (1.0 - threshold))


def _threshold(values: Array, sharpness: float) -> float:
    """Give the threshold where the sum of the step is that of the values, or just below it: it falls with it."""
    total = float(values.sum())
    low, high, threshold = 0.0, 1.0, 0.5
    for _ in range(STEPS):
        density = step(values, threshold, sharpness)
        over = float(density.sum()) - total
        low, high = (threshold, high) if over > 0.0 else (low, threshold)
        if -ROUNDING * total <= over <= 0.0:
            break
        slope = sharpness * height_of_step(threshold, sharpness) * float((density * (1.0 - density)).sum())
        newton = threshold + over / slope if slope > 0.0 else low
        following = newton if low < newton < high else 0.5 * (low + high)
        if following in (low, high):
            break
        threshold = following
    return high
