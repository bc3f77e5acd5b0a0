"""Bounds by linear programs: HiGHS finds the multipliers, and the core proves what they promise."""

from __future__ import annotations

import numpy as np

from preimage._core import Bounds, Model, Multipliers, Program, Prover
from preimage.bounds.highs import highs_program, quiet_highs

TOLERANCE = 1e-9
"""Of HiGHS. It costs strength if it is wide, never truth: what a solution says is proved again from its duals."""

MOST_ITERATIONS = 50_000
"""A program that takes longer is proved as far as it came."""

PRIMAL = 4
"""The simplex whose last basis stays feasible when the cost changes."""

Kept = dict[tuple[int, int, float], Multipliers]
"""By node, unit and sign."""


class LinesProgram:
    """The program of the lines that enclose every kink: solved again and again, from basis to basis.

    Parameters
    ----------
    program
        Encoded with ``"lines"``.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._highs = quiet_highs(TOLERANCE)
        self._highs.setOptionValue("simplex_strategy", PRIMAL)
        self._highs.setOptionValue("simplex_iteration_limit", MOST_ITERATIONS)
        lp = highs_program(program)
        lp.col_cost_ = np.zeros(program.column_count)
        self._highs.passModel(lp)

    def minimise(self, column: int, cost: float) -> Multipliers | None:
        """Return the multipliers that prove the least value of a column times its cost; None without any."""
        self._highs.changeColCost(column, cost)
        self._highs.run()
        solution = self._highs.getSolution()
        valid = solution.dual_valid
        found = self._program.multipliers(solution.row_dual, solution.col_dual) if valid else None
        self._highs.changeColCost(column, 0.0)  # which forgets the solution
        return found


class ByLines:
    """Bounds entries of one node by programs of lines.

    Parameters
    ----------
    model, bounds
        What holds of the designs, and proved bounds of every node.
    program
        Encoded with ``"lines"`` and the entries of the node.
    node
        Of the model's graph.
    signs
        1 where lower bounds are wanted, -1 where upper ones are.
    kept
        Takes the multipliers of every bound, which prove bounds over less as well.
    """

    def __init__(
        self,
        model: Model,
        bounds: Bounds,
        program: Program,
        node: int,
        signs: tuple[float, ...] = (1.0, -1.0),
        kept: Kept | None = None,
    ) -> None:
        self._prover = Prover(model, bounds)
        self._program, self._node = program, node
        self._lines = LinesProgram(program)
        self._columns, self._coefficients, _ = program.entries(node)
        self._signs, self._kept = signs, kept

    def bound(self, unit: int) -> tuple[float, float]:
        """Return a lower and an upper bound of an entry, both proved; infinite where it is not wanted."""
        return self._least(unit, 1.0), -self._least(unit, -1.0)

    def _least(self, unit: int, sign: float) -> float:
        if sign not in self._signs:
            return -np.inf
        column, coefficient = int(self._columns[unit]), float(self._coefficients[unit])
        found = self._lines.minimise(column, sign * coefficient) if column >= 0 else None
        if found is None:
            return -np.inf
        if self._kept is not None:
            self._kept[self._node, unit, sign] = found
        return self._prover.bound(self._node, unit, sign, found)

    def interrupt(self) -> None:
        """Do nothing: a program of lines is over soon."""
