"""Every pixel a logit: L-BFGS on the logits, which one shift keeps to the volume."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import fmin_l_bfgs_b

from preimage.structures.methods.iterate import Account, Report, Stopped
from preimage.structures.physics import Physics
from preimage.structures.volume import VolumeShift

Array = NDArray[np.float64]


def pixels(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
    """Minimise over logits that are all the same at first, as published: ten pairs, no tolerance."""
    del seed
    account = Account("pixels", physics, evaluations, report)
    shift = VolumeShift(physics)
    shape = physics.task.mask.shape

    def value_and_gradient(logits: Array) -> tuple[float, Array]:
        design = shift.design(logits.reshape(shape))
        compliance, gradient = account.evaluate(design)
        return compliance, shift.pull_back(design, gradient).ravel()

    with suppress(Stopped):
        fmin_l_bfgs_b(
            value_and_gradient, np.zeros(physics.task.elements), factr=1.0, pgtol=1e-14, maxfun=evaluations + 1
        )
