"""A method for tests: optimality criteria, in a few lines."""

from dataclasses import dataclass

import numpy as np

MOVE = 0.2


@dataclass
class Found:
    """What a method reports of a design."""

    design: np.ndarray
    compliance: float | None
    evaluation: float
    method: str


def plain_descent(physics, *, evaluations, seed, report) -> None:
    """Scale each element by the root of what it is worth, until all of them take the volume."""
    task, weights = physics.task, physics.volume_weights
    free = task.mask & ~task.solid
    costs = np.where(weights > 0, weights, 1.0)

    def filled(wanted: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        low, high = 1e-12, 1e12
        for _ in range(100):
            scale = np.sqrt(low * high)
            taken = (weights * np.where(free, np.clip(scale * wanted, lower, upper), task.solid)).sum()
            low, high = (scale, high) if taken <= physics.volume_limit else (low, scale)
        return np.where(free, np.clip(low * wanted, lower, upper), task.solid)

    design = filled(np.ones(task.mask.shape), np.zeros(task.mask.shape), np.ones(task.mask.shape))
    for evaluation in range(1, evaluations + 1):
        found = physics.evaluate(design)
        if not report(Found(design, found.compliance, evaluation, "plain")):
            return
        wanted = design * np.sqrt(np.maximum(-found.gradient, 0.0) / costs)
        design = filled(wanted, np.maximum(design - MOVE, 0.0), np.minimum(design + MOVE, 1.0))
