"""Polishing: the best design of a linear region, and of its neighbours across the facets that pay.

With every binary of the big-M program fixed as a design's forward pass has it, what is left is a linear program: the
region of the design on which the network is affine. Binaries whose reduced costs say so are turned, which crosses facets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from preimage._core import Program
from preimage.engines.encoding import encode
from preimage.engines.search import Search, Vector
from preimage.problem import Inversion

LARGEST_PROGRAM = 400_000
"""Programs with more non-zeros are not polished: one linear program would take longer than many descents."""

LINEAR_PROGRAMS = 40
"""At most this many for one design."""

SINGLE_TURNS = 6
"""When turning all promising binaries at once fails, this many are tried one by one."""

WORTH_TURNING = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The rows of a program as scipy's solver takes them."""

    upper_matrix: sparse.csr_array
    upper: NDArray[np.float64]
    equal_matrix: sparse.csr_array
    equal: NDArray[np.float64]
    discrete: NDArray[np.int64]


def polish(inversion: Inversion, search: Search, x: Vector, source: str = "adjoint, polished") -> None:
    """Offer to ``search`` the best design of the region of ``x`` and of those that facet crossing leads to."""
    program = encode(inversion).program
    if program.nonzeros > LARGEST_PROGRAM or program.cones:
        return
    rows = _rows(program)
    solution = np.asarray(program.complete(inversion.repair(x)))
    pattern = np.round(solution[rows.discrete])
    value = np.inf
    for _ in range(LINEAR_PROGRAMS):
        if search.should_stop():
            return
        improved = _best_of_region(program, rows, pattern)
        if improved is None or improved[0] >= value - 1e-9 * max(1.0, abs(value)):
            return
        value, solution, promising = improved
        search.offer(program.inputs(solution), source)
        crossed = _cross(program, rows, pattern, promising, value, search)
        if crossed is None:
            return
        pattern = crossed


def _cross(
    program: Program,
    rows: _Rows,
    pattern: NDArray[np.float64],
    promising: NDArray[np.int64],
    value: float,
    search: Search,
) -> NDArray[np.float64] | None:
    """Return a pattern with a better region: all promising binaries turned, or the first single one that helps."""
    attempts = [promising, *promising[:SINGLE_TURNS, None]] if len(promising) > 1 else [promising]
    for attempt in attempts:
        if len(attempt) == 0 or search.should_stop():
            return None
        turned = pattern.copy()
        turned[attempt] = 1.0 - turned[attempt]
        found = _best_of_region(program, rows, turned)
        if found is not None and found[0] < value - 1e-9 * max(1.0, abs(value)):
            return turned
    return None


def _best_of_region(
    program: Program, rows: _Rows, pattern: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.int64]] | None:
    """Return value, solution and the binaries worth turning (positions in ``pattern``, best first), or None."""
    limits = np.column_stack([program.column_lower, program.column_upper])
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
    binary = (program.column_upper[rows.discrete] == 1.0) & (program.column_lower[rows.discrete] == 0.0)
    gain = np.where(pattern > 0.5, reduced, -reduced) * binary
    promising = np.flatnonzero(gain > WORTH_TURNING)
    return float(answer.fun), answer.x, promising[np.argsort(-gain[promising])]


@lru_cache(maxsize=2)
def _rows(program: Program) -> _Rows:
    matrix = sparse.csr_array(
        (program.data, program.indices, program.starts), shape=(program.row_count, program.column_count)
    )
    low, high = np.asarray(program.row_lower), np.asarray(program.row_upper)
    equal = low == high
    above, below = ~equal & np.isfinite(high), ~equal & np.isfinite(low)
    return _Rows(
        sparse.csr_array(sparse.vstack([matrix[above], -matrix[below]], format="csr")),
        np.concatenate([high[above], -low[below]]),
        matrix[equal],
        high[equal],
        np.flatnonzero(np.asarray(program.column_kinds) != 0),
    )
