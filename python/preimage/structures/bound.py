"""`LowerBound`: a proved lower bound on the compliance of every design of a task.

Any displacement proves one (see the core's `fem/bound.rs`). Where stiffness is overrated by the density itself, as if
grey cost nothing extra, the best displacement is that of the best *variable-thickness sheet*, a convex problem. Where
it is overrated by lines above the cube of the density (`fem/lines.rs`), rims of bars are worth little, and the bound is
higher: the sheet is convex for given lines, and the best lines are those at the sheet. Both are found by optimality
criteria, lines and sheet in turn; as they circle the optimum, their means prove the bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from preimage import _core
from preimage.structures.methods.filling import fill
from preimage.structures.physics import VOID_STIFFNESS, Physics, cone_filter
from preimage.structures.task import Task

Array = NDArray[np.float64]

EXPONENT, MOVE = 0.8, 0.5
"""Power of the ratio of gain and price by which a sheet's density grows, and its most change in a step. At the power 1,
some tasks diverge."""

CLOSE = 1e-3
"""A bound this close to a sheet's compliance is as good as that of the best sheet."""

SHEET_STEPS = 8
"""Steps to the sheet before there are lines."""

SHARPNESS, LINE_STEPS, STAGES = 20.0, 80, 4
"""Lines begin to take the least of neighbours for their mean when these differ by one over the sharpness. It doubles
from stage to stage, and so does the number of steps."""

LINE_EXPONENT, FIRST_MOVE, LAST_MOVE = 0.3, 1.0, 0.2
"""With lines; moves shrink during a stage, and are multiples of one over the sharpness."""

PROOF_EVERY = 4
"""With lines, the mean moves little in one step."""

THINNEST, GROWING = 1e-6, 1e-3
"""Densities stay above the first; with lines, they grow as if they were above the second."""

MOST_REACH = 9
"""Elements in the cone of the widest filter, of radius 2, for which there are lines."""


NO_FILTER = 1.0
"""Radius of a filter that reaches no neighbour."""


class LowerBound:
    """A bound that can be improved as long as there is time.

    Parameters
    ----------
    task
        The task. The bound is for its own filter and its own convention of volume.
    physics
        Physics of the task that no other thread uses; its own if left out.

    Attributes
    ----------
    value
        The best bound proved so far; 0 before the first iteration.
    witness
        What proves it, for `proved_by`: ``witness``, the displacement, shape ``(cases, height + 1, width + 1, 2)``, and
        with lines ``witness_design``, shape ``(height, width)``, and ``witness_sharpness``. Empty before.
    settled
        Whether more steps would hardly help.
    """

    def __init__(self, task: Task, physics: Physics | None = None) -> None:
        self._certificate = certificate(task)
        self._task = task = overrated(task)
        self._physics = Physics(task) if physics is None else physics.of(task)
        self._filter = cone_filter(task)
        self._free = task.mask & ~task.solid
        self._design = task.solid.astype(np.float64)
        self._design[self._free] = THINNEST
        self._spend(np.where(self._free, 1.0, 0.0), move=1.0)
        self.value = 0.0
        self.witness: dict[str, Array] = {}
        self.settled = False
        self._steps = self._run()

    def improve(self, iterations: int) -> float:
        """Take some steps and give the best bound: each costs one factorisation."""
        for _ in range(iterations):
            if next(self._steps, None) is None:
                break
        return self.value

    def _run(self) -> Iterator[bool]:
        """Do one step after the other."""
        lined = 1 < self._filter.reach <= MOST_REACH
        for step in count(1):
            compliance, energies, displacement = self._solve(self._filter)
            self._prove({"witness": displacement})
            self.settled = compliance - self.value <= CLOSE * self.value and not lined
            yield True
            if lined and step == SHEET_STEPS:
                break
            self._grow(self._filter.transpose(energies), EXPONENT, MOVE, self._design)
        for stage in range(STAGES):
            yield from self._with_lines(SHARPNESS * 2**stage, LINE_STEPS * 2**stage)
        self.settled = True

    def _with_lines(self, sharpness: float, steps: int) -> Iterator[bool]:
        """Take the sheet for lines at it and lines at the sheet in turn; prove by their means, the later the more."""
        mean: dict[str, Array] = {}
        for step in range(steps):
            lines = _core.CubeLines(self._filter, self._design.ravel(), sharpness)
            _, energies, displacement = self._solve(lines)
            share = min(1.0, 3.0 / (step + 3.0))
            newest = {"witness": displacement, "witness_design": self._design}
            mean = {name: share * new + (1.0 - share) * mean.get(name, new) for name, new in newest.items()}
            if (step + 1) % PROOF_EVERY == 0:
                self._prove(mean | {"witness_sharpness": np.array(sharpness)})
            yield True
            move = FIRST_MOVE * (LAST_MOVE / FIRST_MOVE) ** (step / (steps - 1)) / sharpness
            self._grow(lines.transpose(energies), LINE_EXPONENT, move, np.maximum(self._design, GROWING))

    def _solve(self, stiffness: _core.ConeFilter | _core.CubeLines) -> tuple[float, Array, Array]:
        """Give compliance, energies where material can be chosen, and displacement of the sheet."""
        task = self._task
        density = np.where(task.solid, 1.0, stiffness.apply(self._design.ravel()).reshape(task.mask.shape))
        moduli = VOID_STIFFNESS + density * (1.0 - VOID_STIFFNESS)
        compliance, energies, displacement = self._physics.elasticity.solve(moduli.ravel())
        return compliance, np.where(task.solid.ravel(), 0.0, energies), displacement.reshape(task.loads.shape)

    def _prove(self, witness: dict[str, Array]) -> None:
        proved = _proved(self._certificate, witness)
        if proved > self.value:
            self.value, self.witness = proved, witness

    def _grow(self, gains: Array, exponent: float, move: float, base: Array) -> None:
        costs = self._physics.volume_weights
        ratios = np.divide(gains.reshape(costs.shape), costs, out=np.zeros(costs.shape), where=self._free)
        self._spend(base * ratios**exponent, move)

    def _spend(self, wanted: Array, move: float) -> None:
        """Scale what is wanted, within the move, so that it takes all of the volume."""
        free, costs = self._free, self._physics.volume_weights
        lowest = np.maximum(self._design[free] - move, THINNEST)
        highest = np.minimum(self._design[free] + move, 1.0)
        left = self._physics.volume_limit - (costs * self._design)[~free].sum()
        self._design = self._design.copy()
        self._design[free] = fill(np.zeros(len(lowest)), wanted[free], lowest, highest, costs[free], left)


def proved_by(task: Task, witness: Mapping[str, Array]) -> float:
    """Prove a bound again, from the task and the witness alone; 0 if there is none, or none that fits the task."""
    try:
        return _proved(certificate(task), witness)
    except ValueError:
        return 0.0


def certificate(task: Task) -> _core.ComplianceBound:
    """Prepare the bound that any displacement of the task proves."""
    task = overrated(task)
    return _core.ComplianceBound(
        task.fixed.ravel().tolist(),
        task.loads.ravel(),
        task.weights,
        cone_filter(task),
        mask=task.mask.ravel().tolist(),
        solid=task.solid.ravel().tolist(),
        volume=task.volume * int(task.mask.sum()),
        filtered=task.volume_of == "filtered",
        void=VOID_STIFFNESS,
    )


def overrated(task: Task) -> Task:
    """Give the task that a bound is for: without a filter, where the task projects what is filtered.

    Whatever the projection gives, it is a density from 0 to 1 that takes no more than the volume, 1 where solid: a
    design of the task without filter and projection.
    """
    if not task.projected:
        return task
    return replace(task, projected=False, member_width=0.0, filter_radius=NO_FILTER, volume_of="filtered")


def _proved(proof: _core.ComplianceBound, witness: Mapping[str, Array]) -> float:
    displacement = witness.get("witness")
    if displacement is None:
        return 0.0
    design, sharpness = witness.get("witness_design"), witness.get("witness_sharpness")
    if design is None or sharpness is None:
        return proof.lower_bound(displacement.ravel())
    return proof.lower_bound(displacement.ravel(), design.ravel(), float(sharpness))
