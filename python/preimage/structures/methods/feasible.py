"""Designs that hold in a task: the uniform one, and any field brought into the mask and to the volume."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from preimage.structures.methods.filling import fill
from preimage.structures.physics import Physics

Array = NDArray[np.float64]


def feasible(physics: Physics, field: Array) -> Array:
    """Scale a field, cut to 0..1 within the mask, until it takes the volume; both of shape ``(height, width)``."""
    task = physics.task
    free = task.mask & ~task.solid
    rate = np.where(free, np.maximum(field, 0.0), 0.0)
    lower = task.solid.astype(np.float64)
    upper = np.where(free, 1.0, lower)
    return fill(lower, rate, lower, upper, physics.volume_weights, physics.volume_limit)


def uniform(physics: Physics) -> Array:
    """Give the design that is the same wherever it is free, shape ``(height, width)``."""
    return feasible(physics, np.ones(physics.task.mask.shape))
