"""Polishing: the best design of a linear region, and of its neighbours across the facets that pay.

Where every neuron keeps the side that a design gives it, the network is affine: the best design of that region solves a
linear program, in which the inputs are columns and the neurons are rows. A facet whose dual value says so is crossed.
The value falls with every crossing, so a path ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.engines.linear_program import LinearProgram
from preimage.engines.regions import FACET, regions_of
from preimage.engines.search import Search, Vector
from preimage.problem import Inversion

LINEAR_PROGRAMS = 40
"""At most this many for one design."""

NEAREST_FACETS = 40
"""A program begins with so many facets; others come in when a solution is beyond them."""

WORTH_CROSSING = 1e-9
"""A facet is crossed if its dual value is larger."""

SAME_POINT = 1e-9
"""Two paths that end this close to each other are one."""

Pattern = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class _Best:
    """The best design of a region.

    Attributes
    ----------
    value
        In the model's sense.
    crossings
        Decisions and the side beyond the facet, for the facets worth crossing, best first: shape ``(facets, 2)``.
    """

    value: float
    x: Vector
    pattern: Pattern
    crossings: NDArray[np.int64]

    def beats(self, value: float) -> bool:
        return self.value < value - 1e-9 * max(1.0, abs(value))


class Polisher:
    """Polishes designs of one inversion for one engine; a region that was left once is not entered again.

    Parameters
    ----------
    source
        The name under which designs are offered to the search.
    """

    def __init__(self, inversion: Inversion, search: Search, source: str) -> None:
        self._inversion, self._search, self._source = inversion, search, source
        self._regions = regions_of(inversion)
        self._seen: set[bytes] = set()
        self._ends: list[Vector] = []
        self._left = 0
        self._nudged: dict[int, float] = {}

    def polish(self, x: Vector, linear_programs: int = LINEAR_PROGRAMS) -> None:
        """Offer the best design of the region of ``x``, and of those that facet crossing leads to."""
        if self._regions is None:
            return
        self._left = linear_programs
        x = self._inversion.repair(x)
        # What has to be used, and would best be zero, is kept off zero.
        self._nudged = {int(k): float(x[k]) for k in self._inversion.nudged(x)}
        best = self._best_of_region(self._regions.pattern(x), x)
        while best is not None:
            self._search.offer(best.x, self._source)
            if self._has_ended_at(best.x):
                return
            end, best = best.x, self._cross(best)
            if best is None:
                self._ends.append(end)

    def _has_ended_at(self, x: Vector) -> bool:
        reach = SAME_POINT * (self._inversion.upper - self._inversion.lower)
        return any(np.all(np.abs(x - end) <= reach) for end in self._ends)

    def _cross(self, best: _Best) -> _Best | None:
        """Return the best design of a better region: across all facets that pay, or across the first one that helps."""
        singles = [best.crossings[k : k + 1] for k in range(len(best.crossings))]
        for crossed in [best.crossings, *singles] if len(singles) > 1 else singles:
            pattern = best.pattern.copy()
            pattern[crossed[:, 0]] = crossed[:, 1]
            found = self._best_of_region(pattern, best.x)
            if found is not None and found.beats(best.value):
                return found
        return None

    def _best_of_region(self, pattern: Pattern, x: Vector) -> _Best | None:
        if self._regions is None or self._left <= 0 or self._search.should_stop():
            return None
        region = self._regions.region(pattern, x)
        program = LinearProgram.of_region(region)
        for k, value in self._nudged.items():
            (program.lower if value > 0.0 else program.upper)[k] = value
        key = pattern.tobytes() + program.lower[: x.size].tobytes() + program.upper[: x.size].tobytes()
        if key in self._seen:
            return None
        self._seen.add(key)
        self._left -= 1
        facet = region.kinds == FACET
        distance = np.where(facet, program.slack(region.point), -np.inf)
        solution = program.minimise(np.argsort(distance, kind="stable")[: np.sum(~facet) + NEAREST_FACETS])
        if solution is None:
            return None
        pays = np.where(region.decisions >= 0, np.abs(solution.duals), 0.0)
        promising = np.flatnonzero(pays > WORTH_CROSSING)
        promising = promising[np.argsort(-pays[promising], kind="stable")]
        crossings = np.column_stack([region.decisions, region.sides])[promising]
        return _Best(solution.value, solution.v[: x.size], pattern, crossings)
