"""Linear programs on SCIP's own simplex: rows that are far away are left out until a solution misses them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyscipopt import LP
from pyscipopt.scip import PY_SCIP_LPPARAM as PARAMETER
from scipy import sparse

from preimage._core import Region

Vector = NDArray[np.float64]
Chosen = NDArray[np.int64]

TOLERANCE = 1e-9
"""Rows and reduced costs may be missed by this much."""

ROUNDS = 20
"""Rows are added this often at most before all of them are."""

ADDED = 40
"""At most so many rows are added at once."""

MOST_ITERATIONS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class LinearProgram:
    """Minimise ``objective @ v + offset`` with ``lower <= v <= upper``, ``row_lower <= matrix @ v <= row_upper``."""

    objective: Vector
    offset: float
    lower: Vector
    upper: Vector
    matrix: sparse.csr_array
    row_lower: Vector
    row_upper: Vector

    @classmethod
    def of_region(cls, region: Region) -> LinearProgram:
        """Return the program of a region."""
        starts, columns = region.starts, region.lower.size
        return cls(
            region.objective,
            region.offset,
            region.lower,
            region.upper,
            sparse.csr_array((region.data, region.indices, starts), shape=(starts.size - 1, columns)),
            region.row_lower,
            region.row_upper,
        )

    def excess(self, v: Vector) -> Vector:
        """Return by how much ``v`` misses every row."""
        activity = self.matrix @ v
        excess: Vector = np.maximum(np.maximum(self.row_lower - activity, activity - self.row_upper), 0.0)
        return excess

    def slack(self, v: Vector) -> Vector:
        """Return how far every row is from its nearer limit, below zero where it is missed."""
        activity = self.matrix @ v
        slack: Vector = np.minimum(activity - self.row_lower, self.row_upper - activity)
        return slack

    def minimise(self, first: Chosen) -> Solution | None:
        """Return the best solution; None if there is none, or the solver gave up.

        Parameters
        ----------
        first
            The rows to begin with; others are added when a solution misses them.
        """
        lp = LP()
        lp.setRealParam(PARAMETER.FEASTOL, TOLERANCE)
        lp.setRealParam(PARAMETER.DUALFEASTOL, TOLERANCE)
        lp.setIntParam(PARAMETER.LPITLIM, MOST_ITERATIONS)
        infinity = lp.infinity()
        lower, upper = np.maximum(self.lower, -infinity).tolist(), np.minimum(self.upper, infinity).tolist()
        lp.addCols([[]] * len(lower), self.objective.tolist(), lower, upper)
        order, missing = first, np.ones(self.row_lower.size, dtype=np.bool_)
        missing[first] = False
        self._add(lp, first)
        for round_number in range(ROUNDS + 1):
            value = lp.solve() + self.offset
            if not lp.isOptimal():
                return None
            v: Vector = np.array(lp.getPrimal())
            slack = np.where(missing, self.slack(v), np.inf)
            missed = np.flatnonzero(slack < -TOLERANCE)
            if missed.size == 0:
                duals = np.zeros(self.row_lower.size)
                duals[order] = lp.getDual()
                return Solution(value, v, duals)
            added = np.flatnonzero(missing)
            if round_number < ROUNDS - 1:
                added = missed[np.argsort(slack[missed], kind="stable")[:ADDED]]
            missing[added] = False
            order = np.concatenate([order, added])
            self._add(lp, added)
        return None

    def _add(self, lp: LP, rows: Chosen) -> None:
        if rows.size == 0:
            return
        infinity = lp.infinity()
        part = self.matrix[rows]
        entries = list(zip(part.indices.tolist(), part.data.tolist(), strict=True))
        starts = part.indptr.tolist()
        lp.addRows(
            [entries[a:b] for a, b in pairwise(starts)],
            np.maximum(self.row_lower[rows], -infinity).tolist(),
            np.minimum(self.row_upper[rows], infinity).tolist(),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A minimum of a linear program.

    Attributes
    ----------
    value
        With the offset.
    v
        The columns.
    duals
        Of the rows; 0 for those that were never needed.
    """

    value: float
    v: Vector
    duals: Vector
