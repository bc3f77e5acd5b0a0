"""Polishing: the best design of a linear region, and of its neighbours across the facets that pay.

With every binary of the big-M program fixed as a design's forward pass has it, what is left is a linear program: the
region of the design on which the network is affine. Binaries whose reduced costs say so are turned: facets are crossed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from preimage._core import Program
from preimage.engines.encoding import encode
from preimage.engines.search import Search, Vector
from preimage.problem import Inversion

LARGEST_PROGRAM = 400_000
"""Programs with more non-zeros are not polished: one linear program would take longer than many descents."""

LINEAR_PROGRAMS = 20
"""At most this many for one design."""

SINGLE_TURNS = 4
"""When turning all promising binaries at once fails, this many are tried one by one."""

WORTH_TURNING = 1e-7

Pattern = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Region:
    """The best design of a region.

    Attributes
    ----------
    value
        In the model's sense, without the program's offset.
    promising
        Positions in the pattern of the binaries worth turning, best first.
    """

    value: float
    solution: NDArray[np.float64]
    promising: NDArray[np.int64]

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
        program = encode(inversion).program
        self._inversion, self._search, self._source = inversion, search, source
        self._program = program
        self._able = program.nonzeros <= LARGEST_PROGRAM and not program.cones
        self._seen: set[tuple[bytes, tuple[tuple[int, float], ...]]] = set()
        self._left = 0
        self._nudged: dict[int, float] = {}

    def polish(self, x: Vector, linear_programs: int = LINEAR_PROGRAMS) -> None:
        """Offer the best design of the region of ``x``, and of those that facet crossing leads to."""
        if not self._able:
            return
        self._left = linear_programs
        rows = _rows(self._program)
        x = self._inversion.repair(x)
        # What has to be used, and would best be zero, is kept off zero.
        self._nudged = {int(k): float(x[k]) for k in self._inversion.nudged(x)}
        pattern: Pattern = np.round(self._program.complete(x)[rows.discrete])
        region = self._best_of_region(rows, pattern)
        self._seen.add(self._key(pattern))
        while region is not None:
            self._search.offer(self._program.inputs(region.solution), self._source)
            crossed = self._cross(rows, pattern, region)
            if crossed is None:
                return
            pattern, region = crossed
            self._seen.add(self._key(pattern))

    def _cross(self, rows: _Rows, pattern: Pattern, region: _Region) -> tuple[Pattern, _Region] | None:
        """Return a better region and its pattern: all promising binaries turned, or the first one that helps."""
        promising = region.promising
        singles = [promising[k : k + 1] for k in range(min(SINGLE_TURNS, len(promising)))]
        for turned in [promising, *singles] if len(promising) > 1 else singles:
            neighbour = pattern.copy()
            neighbour[turned] = 1.0 - neighbour[turned]
            found = self._best_of_region(rows, neighbour)
            if found is not None and found.beats(region.value):
                return neighbour, found
        return None

    def _key(self, pattern: Pattern) -> tuple[bytes, tuple[tuple[int, float], ...]]:
        return pattern.tobytes(), tuple(self._nudged.items())

    def _best_of_region(self, rows: _Rows, pattern: Pattern) -> _Region | None:
        if self._key(pattern) in self._seen or self._left <= 0 or self._search.should_stop():
            return None
        self._left -= 1
        from scipy.optimize import linprog  # slow to import, and not every run polishes

        program = self._program
        limits = np.column_stack([program.column_lower, program.column_upper])
        for k, value in self._nudged.items():
            limits[k, 0 if value > 0.0 else 1] = value
        limits[rows.discrete] = pattern[:, None]
        answer = linprog(
            program.column_objective,
            A_ub=rows.upper_matrix,
            b_ub=rows.upper,
            A_eq=rows.equal_matrix,
            b_eq=rows.equal,
            bounds=limits,
            method="highs-ds",
        )
        if answer.status != 0:
            return None
        reduced = answer.lower.marginals[rows.discrete] + answer.upper.marginals[rows.discrete]
        gain = np.where(pattern > 0.5, reduced, -reduced) * rows.binary
        promising = np.flatnonzero(gain > WORTH_TURNING)
        return _Region(float(answer.fun), answer.x, promising[np.argsort(-gain[promising])])


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The rows of a program as scipy's solver takes them; which columns are discrete, and which of these binary."""

    upper_matrix: sparse.csr_array
    upper: NDArray[np.float64]
    equal_matrix: sparse.csr_array
    equal: NDArray[np.float64]
    discrete: NDArray[np.int64]
    binary: NDArray[np.bool_]


@lru_cache(maxsize=2)
def _rows(program: Program) -> _Rows:
    matrix = sparse.csr_array(
        (program.data, program.indices, program.starts), shape=(program.row_count, program.column_count)
    )
    low, high = program.row_lower, program.row_upper
    equal = low == high
    above, below = ~equal & np.isfinite(high), ~equal & np.isfinite(low)
    discrete = np.flatnonzero(program.column_kinds != 0)
    return _Rows(
        sparse.csr_array(sparse.vstack([matrix[above], -matrix[below]], format="csr")),
        np.concatenate([high[above], -low[below]]),
        matrix[equal],
        high[equal],
        discrete,
        (program.column_lower[discrete] == 0.0) & (program.column_upper[discrete] == 1.0),
    )
