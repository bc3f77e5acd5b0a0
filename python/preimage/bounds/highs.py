"""Programs in HiGHS."""

from __future__ import annotations

from typing import Any

import highspy

from preimage._core import Program


def quiet_highs(tolerance: float) -> Any:
    """Return a HiGHS that prints nothing, runs on one thread and keeps to a tolerance.

    Its presolve is off: that of version 1.15 calls some programs infeasible that have solutions.
    """
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("primal_feasibility_tolerance", tolerance)
    highs.setOptionValue("dual_feasibility_tolerance", tolerance)
    return highs


def highs_program(program: Program) -> Any:
    """Return the objective, the columns and the rows of a program, not yet its integrality, for ``passModel``."""
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.column_count, program.row_count
    lp.col_cost_, lp.offset_ = program.column_objective, program.offset
    lp.col_lower_, lp.col_upper_ = program.column_lower, program.column_upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = program.starts, program.indices, program.data
    return lp
