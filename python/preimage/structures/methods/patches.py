"""Random designs of smooth patches: other ways for the material to lie than the sheet's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import expit

from preimage.structures.methods.feasible import feasible
from preimage.structures.physics import Physics
from preimage.structures.symmetry import symmetrised

Array = NDArray[np.float64]

FLAT = 1e-12
"""Noise that varies less is none."""


def patches(physics: Physics, random: np.random.Generator, blur: float, contrast: float) -> Array:
    """Draw a design that holds in the task.

    Parameters
    ----------
    physics
        Of the task.
    random
        Where the noise comes from.
    blur
        Standard deviation of the Gaussian that smooths it, in elements.
    contrast
        Standard deviation of the logits of the design.
    """
    task = physics.task
    noise = symmetrised(task, gaussian_filter(random.normal(size=task.mask.shape), blur))
    noise -= noise.mean()
    return feasible(physics, expit(contrast * noise / max(float(noise.std()), FLAT)))
