"""Ours: a few descents from the variable-thickness sheet, and repairs of the best of them, coarse grids first."""

from __future__ import annotations

from contextlib import suppress
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from preimage.structures.coarsening import can_be_halved, doubled, halved
from preimage.structures.methods.feasible import feasible, uniform
from preimage.structures.methods.iterate import Account, Report, Stopped
from preimage.structures.methods.level import Candidate, Level
from preimage.structures.methods.schedule import from_design, from_sheet
from preimage.structures.physics import Physics

Array = NDArray[np.float64]

STARTS = ((5.0, 0.7), (5.0, 1.4), (5.0, 1.0), (9.0, 1.0))
"""First radius and first volume of the descents from the sheet."""

START_STEPS = 135
REPAIR_STEPS = 100
REPAIRS = (6.0, 8.0, 10.0)
"""Radii that the filter is widened to, one after another."""

SMALL = 10_000
"""Grids of fewer elements are not made coarser."""

START_DISTANCE, REPAIR_DISTANCE = 0.5, 0.1
"""Of the asymptotes: at first far, at a design that is good already near."""


def continuation(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
    """Search from the variable-thickness sheet; the seed has no say."""
    del seed
    account = Account("continuation", physics, evaluations, report)
    with suppress(Stopped):
        levels = _levels(account)
        best = _first(levels[0], evaluations)
        for level in levels[1:]:
            design = feasible(level.physics, doubled(best.design))
            best = level.follow(design, from_design(REPAIR_STEPS, 4.0, level.physics.filter_radius), REPAIR_DISTANCE)
        level = levels[-1]
        for radius in cycle(REPAIRS):
            schedule = from_design(REPAIR_STEPS, radius, level.physics.filter_radius)
            best = min(best, level.follow(best.design, schedule, REPAIR_DISTANCE), key=lambda one: one.compliance)


def _levels(account: Account) -> list[Level]:
    """Give the grids, the coarsest first."""
    levels, task = [Level(account, account.physics)], account.physics.task
    while task.elements >= SMALL and can_be_halved(task):
        task = halved(task, task.filter_radius)
        levels.append(Level(account, Physics(task)))
    return levels[::-1]


def _first(level: Level, evaluations: int) -> Candidate:
    """Descend from the sheet a few times."""
    steps = min(START_STEPS, evaluations)
    found = []
    for radius, volume in STARTS:
        start = min(volume, 1.0) * uniform(level.physics)
        start = np.where(level.physics.task.solid, 1.0, start)
        schedule = from_sheet(steps, radius, level.physics.filter_radius, volume)
        found.append(level.follow(start, schedule, START_DISTANCE))
    return min(found, key=lambda one: one.compliance)
