"""Linear programs with rows that come in late: against another solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from preimage.engines.linear_program import LinearProgram


def random_program(seed: int) -> LinearProgram:
    rng = np.random.default_rng(seed)
    columns, rows = int(rng.integers(1, 7)), int(rng.integers(0, 120))
    inside = rng.uniform(-1, 1, columns)
    matrix = rng.normal(size=(rows, columns)) * (rng.random((rows, columns)) < 0.8)
    activity = matrix @ inside + (rng.normal(size=rows) if rng.random() < 0.1 else 0.0)
    lower = np.where(rng.random(rows) < 0.6, activity - rng.random(rows), -np.inf)
    upper = np.where(rng.random(rows) < 0.3, activity + rng.random(rows), np.inf)
    equal = rng.random(rows) < 0.05 if rng.random() < 0.3 else np.zeros(rows, bool)
    lower, upper = np.where(equal, activity, lower), np.where(equal, activity, upper)
    return LinearProgram(
        rng.normal(size=columns),
        0.5,
        np.full(columns, -2.0),
        np.full(columns, 2.0),
        sparse.csr_array(matrix),
        lower,
        upper,
    )


@given(st.integers(0, 10_000), st.integers(0, 60))
def test_the_same_as_with_all_rows_at_once(seed: int, begin: int) -> None:
    program = random_program(seed)
    rows = program.row_lower.size
    dense = program.matrix.toarray()
    above, below = np.isfinite(program.row_upper), np.isfinite(program.row_lower)
    other = linprog(
        program.objective,
        A_ub=np.vstack([dense[above], -dense[below]]),
        b_ub=np.concatenate([program.row_upper[above], -program.row_lower[below]]),
        bounds=np.column_stack([program.lower, program.upper]),
    )
    first = np.random.default_rng(seed).permutation(rows)[:begin]
    solution = program.minimise(first)
    if other.status == 2:
        assert solution is None
        return
    assert solution is not None
    assert solution.value == pytest.approx(other.fun + 0.5, abs=1e-6)
    assert program.excess(solution.v).max(initial=0.0) <= 1e-7
    # Strong duality: the rows with a price and the bounds account for the whole value.
    reduced = program.objective - dense.T @ solution.duals
    sides = np.where(solution.duals > 0, program.row_lower, program.row_upper)
    priced = solution.duals != 0
    value = float(solution.duals[priced] @ sides[priced])
    value += float(np.minimum(reduced * program.lower, reduced * program.upper).sum())
    assert value + 0.5 == pytest.approx(solution.value, abs=1e-5)
