"""How small a box has to be before its bound says anything: what decides whether a deep network can be branched over.

Above a critical half-width r the linear bounds of a deep network are vacuous; with D inputs about (0.5 / r)^D boxes
come before any that can be pruned.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np

from preimage import check
from preimage.problem import compile_problem

BOXES, HALVINGS = 10, 20


def critical_width(problem: Path) -> float:
    """Return the largest half-width, in the median of ten boxes, at which the objective's bound is above zero.

    Parameters
    ----------
    problem
        The file of a problem that minimises a distance, over inputs in 0..1.
    """
    inversion = compile_problem(check(problem.read_text(encoding="utf-8"), {}, base=problem.parent), 0)
    graph, random = inversion.graph, np.random.default_rng(0)

    def says_something(centre: np.ndarray, width: float) -> bool:
        box = np.clip(centre - width, 0.0, 1.0), np.clip(centre + width, 0.0, 1.0)
        return bool(graph.bounds(*box).lower(graph.output).sum() > 0.0)

    widths = []
    for centre in random.random((BOXES, inversion.size)):
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            low, high = (middle, high) if says_something(centre, middle) else (low, middle)
        widths.append(low)
    return statistics.median(widths)
