"""The method of moving asymptotes, globally convergent (Svanberg 2002), by NLopt, as published."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from preimage.structures.methods.feasible import uniform
from preimage.structures.methods.iterate import Account, Report, Stopped
from preimage.structures.physics import Physics

Array = NDArray[np.float64]

TOLERANCE = 1e-8
"""By so much may the mean density that NLopt tries exceed its limit; such designs are scaled back at once."""


def mma(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
    """Move the asymptotes of the compliance and of the volume from the uniform design, within 0 and 1.

    Raises
    ------
    ImportError
        Without the package ``nlopt``.
    """
    import nlopt

    del seed
    account = Account("mma", physics, evaluations, report)
    task, weights, volume = physics.task, physics.volume_weights, physics.volume_limit
    free = task.mask & ~task.solid
    start, count = uniform(physics), task.mask.sum()

    def compliance(values: Array, gradient: Array) -> float:
        design = start.copy()
        design[free] = values
        over = float((weights * design).sum()) - volume
        if over > 0:
            design[free] *= 1.0 - over / float((weights * design)[free].sum())
        found, slope = account.evaluate(design)
        gradient[:] = slope[free]
        return found

    def excess(values: Array, gradient: Array) -> float:
        gradient[:] = weights[free] / count
        return float(weights[free] @ values + weights[task.solid].sum() - volume) / float(count)

    optimiser = nlopt.opt(nlopt.LD_MMA, int(free.sum()))
    optimiser.set_lower_bounds(0.0)
    optimiser.set_upper_bounds(1.0)
    optimiser.set_min_objective(compliance)
    optimiser.add_inequality_constraint(excess, TOLERANCE)
    with suppress(Stopped):
        optimiser.optimize(start[free])
