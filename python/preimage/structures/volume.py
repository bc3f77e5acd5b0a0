"""Designs that take exactly their volume: scaled and clipped, or from numbers without limits.

With `VolumeShift`, a design is the logistic function of its logits plus one shift, the root of volume minus limit
(Hoyer, Sohl-Dickstein and Greydanus 2019, "Neural reparameterization improves structural optimization"). The shift
depends on all logits, and its derivative is that of the implicit function.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from preimage.structures.physics import Physics

Array = NDArray[np.float64]

STEPS = 100
"""Bisections halve their bracket to the last digit in fewer."""

EXACT = 1e-12
"""A volume this close to its limit, relative to it, is met."""


LARGEST = 1e300
"""Nothing is scaled by more."""


class VolumeShift:
    """Designs of a task from logits, both of shape ``(height, width)``.

    Values outside the mask are 0 and solid ones are 1, whatever their logits.

    Parameters
    ----------
    physics
        Physics of the task; its filter radius has no say in the volume.
    """

    def __init__(self, physics: Physics) -> None:
        task = physics.task
        self._free = task.mask & ~task.solid
        self._base = task.solid.astype(np.float64)
        weights = physics.volume_weights
        self._weights = weights[self._free]
        self._left = physics.volume_limit - float(weights[task.solid].sum())

    def design(self, logits: Array) -> Array:
        """Give the design whose volume is the limit, or just below it."""
        design = self._base.copy()
        design[self._free] = self._shifted(logits[self._free])
        return design

    def pull_back(self, design: Array, gradient: Array) -> Array:
        """Carry derivatives by a design back to the logits that it was made from."""
        slopes = design[self._free] * (1.0 - design[self._free])
        gradient = gradient[self._free]
        along = self._weights @ slopes
        mean = (gradient @ slopes) / along if along > 0.0 else 0.0
        pulled = np.zeros(design.shape)
        pulled[self._free] = slopes * (gradient - mean * self._weights)
        return pulled

    def _shifted(self, logits: Array) -> Array:
        share = self._left / self._weights.sum() if logits.size else 1.0
        if not 0.0 < share < 1.0:
            return np.full(logits.shape, float(share >= 1.0))
        # With all logits below the shifted share there is too little, with all above too much.
        low, high = logit(share) - logits.max(), logit(share) - logits.min()
        shift = 0.5 * (low + high)
        for _ in range(STEPS):
            values = expit(logits + shift)
            over = self._weights @ values - self._left
            low, high = (low, shift) if over > 0.0 else (shift, high)
            slope = self._weights @ (values * (1.0 - values))
            newton = shift - over / slope if slope > 0.0 else low
            following = newton if low < newton < high else 0.5 * (low + high)
            if following in (low, high, shift):
                break
            shift = following
        return np.asarray(expit(logits + low))


def scaled_to_volume(wanted: Array, lowest: Array, highest: Array, weights: Array, limit: float) -> Array:
    """Scale what is wanted and clip it, so that it takes a volume to within `EXACT`.

    All arrays are vectors of one length; `wanted` is not negative, and `weights` are positive. Where even the lowest or
    the highest values miss the limit, these are given.
    """
    grown = wanted > 0.0
    if not grown.any() or weights @ lowest >= limit:
        return lowest
    if weights @ highest <= limit:
        return highest
    # The volume is piecewise linear in the scale: Newton's steps end on the right piece, kept in the bracket.
    low, high = 0.0, min(float(highest.max()) / float(wanted[grown].min()), LARGEST)
    scale = min(limit / float(weights @ wanted), high)
    values = lowest
    for _ in range(STEPS):
        values = np.minimum(np.maximum(scale * wanted, lowest), highest)
        over = weights @ values - limit
        if abs(over) <= EXACT * limit:
            break
        low, high = (low, scale) if over > 0.0 else (scale, high)
        inside = (values > lowest) & (values < highest)
        slope = weights[inside] @ wanted[inside]
        newton = scale - over / slope if slope > 0.0 else low
        scale = float(newton) if low < newton < high else (low * high) ** 0.5 if low else 0.1 * high
    return values
