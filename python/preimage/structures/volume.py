"""`VolumeShift`: designs that take exactly their volume, from numbers without limits.

A design is the logistic function of its logits plus one shift, the root of volume minus limit
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
