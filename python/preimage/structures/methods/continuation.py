"""Ours: descents from the variable-thickness sheet, races among random starts, and repairs of the best of them.

Large grids begin on coarser ones, where descents cost little and find thick members; thin ones are found by a race on
the grid itself.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from preimage.structures.coarsening import can_be_halved, doubled, halved
from preimage.structures.methods.descent import Descent
from preimage.structures.methods.feasible import feasible, uniform
from preimage.structures.methods.iterate import Account, Report, Stopped
from preimage.structures.methods.level import Candidate, Level, stiffer
from preimage.structures.methods.patches import patches
from preimage.structures.methods.race import Heat, race
from preimage.structures.methods.schedule import from_design, from_patches, from_sheet
from preimage.structures.physics import Physics

FIRST_RADIUS = 2.5
"""All radii are multiples of the task's own."""

SHEET_STEPS = 110
SHEET_VOLUMES = (1.4, 0.7)
"""First volumes of the descents from the sheet: thin members come from more, few thick ones from less."""

RACE_STEPS = 100
RUNNERS = 4 * ((8.0, 2.0), (4.0, 1.0))
"""Blur and contrast of the random starts."""
HEATS = (Heat(0.2, 4), Heat(0.4, 2), Heat(0.6, 1))
RACE_COST = 320
"""What all of them take together."""

REFINE_STEPS, REFINE_RADIUS = 70, 2.0
REPAIR_STEPS, REPAIR_RADII = 105, (3.0, 2.0, 4.0)

SHEET_DISTANCE, RACE_DISTANCE, REPAIR_DISTANCE = 0.5, 0.3, 0.1
"""Of the asymptotes: at first far, at a design that is good already near."""

SMALL = 10_000
"""Grids of fewer elements are not made coarser."""


def continuation(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
    """Search from the sheet, then by races on every grid and by repairs, in turn; the seed says where races begin."""
    account = Account("continuation", physics, evaluations, report)
    random = np.random.default_rng(seed)
    with suppress(Stopped):
        levels = _levels(account)
        best = _refined(_from_sheet(levels[0]), levels)
        while True:
            for at, level in enumerate(levels):
                if account.left >= level.cost(RACE_COST) + REPAIR_STEPS:
                    best = stiffer(best, _refined(_from_patches(level, random), levels[at:]))
            for radius in REPAIR_RADII:
                best = stiffer(best, _repaired(best, levels[-1], REPAIR_STEPS, radius))


def _levels(account: Account) -> list[Level]:
    """Give the grids, the coarsest first."""
    levels, task = [Level(account, account.physics)], account.physics.task
    while task.elements >= SMALL and can_be_halved(task):
        task = halved(task, task.filter_radius)
        levels.append(Level(account, Physics(task)))
    return levels[::-1]


def _from_sheet(level: Level) -> Candidate:
    """Descend from the sheet, once if there is no budget for more."""
    physics, radius = level.physics, level.physics.filter_radius
    enough = level.steps(3 * SHEET_STEPS) == 3 * SHEET_STEPS
    descents = []
    for volume in SHEET_VOLUMES if enough else SHEET_VOLUMES[:1]:
        start = np.where(physics.task.solid, 1.0, min(volume, 1.0) * uniform(physics))
        schedule = from_sheet(level.steps(SHEET_STEPS), FIRST_RADIUS * radius, radius, volume)
        descents.append(Descent(level, start, schedule, SHEET_DISTANCE))
    return race(descents, ())


def _from_patches(level: Level, random: np.random.Generator) -> Candidate:
    """Race random designs."""
    radius = level.physics.filter_radius
    schedule = from_patches(RACE_STEPS, FIRST_RADIUS * radius, radius)
    starts = [patches(level.physics, random, blur, contrast) for blur, contrast in RUNNERS]
    return race([Descent(level, start, schedule, RACE_DISTANCE) for start in starts], HEATS)


def _refined(found: Candidate, levels: list[Level]) -> Candidate:
    """Carry a design of the first, coarsest grid to the last, finest."""
    for level in levels[1:]:
        found = Candidate(np.inf, feasible(level.physics, doubled(found.design)))
        found = _repaired(found, level, REFINE_STEPS, REFINE_RADIUS)
    return found


def _repaired(found: Candidate, level: Level, steps: int, widening: float) -> Candidate:
    """Widen the filter and descend from a design."""
    radius = level.physics.filter_radius
    schedule = from_design(level.steps(steps), widening * radius, radius)
    return race([Descent(level, found.design, schedule, REPAIR_DISTANCE)], ())
