"""Optimality criteria: each element scaled by the root of what its material is worth (Bendsøe 1995)."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from preimage.structures.methods.feasible import uniform
from preimage.structures.methods.filling import fill
from preimage.structures.methods.iterate import Account, Report, Stopped
from preimage.structures.physics import Physics

MOVE = 0.2
"""The most that an element changes in one step."""


def oc(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
    """Scale by the optimality criteria from the uniform design, as published: move limit 0.2, exponent 1/2."""
    del seed
    account = Account("oc", physics, evaluations, report)
    design, weights, volume = uniform(physics), physics.volume_weights, physics.volume_limit
    solid = physics.task.solid
    with suppress(Stopped):
        while True:
            _, gradient = account.evaluate(design)
            worth = np.maximum(-gradient, 0.0) / np.where(weights > 0, weights, 1.0)
            lower = np.where(solid, 1.0, np.maximum(design - MOVE, 0.0))
            upper = np.minimum(design + MOVE, 1.0)
            design = fill(np.zeros_like(design), design * np.sqrt(worth), lower, upper, weights, volume)
