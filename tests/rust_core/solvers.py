"""Programs solved by SCIP and by HiGHS, which reads the arrays on its own."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

from preimage._core import Program
from preimage.engines.scip_model import build_scip

Array = NDArray[np.float64]
Optimum = tuple[float, Array]
"""The objective of a solution, and the solution."""


def by_scip(program: Program, fixed: Array | None = None) -> Optimum | None:
    """The optimum, the inputs perhaps fixed; None if infeasible."""
    scip = build_scip(program)
    for i, value in enumerate(() if fixed is None else fixed):
        scip.model.chgVarLb(scip.columns[i], value)
        scip.model.chgVarUb(scip.columns[i], value)
    scip.model.optimize()
    status = scip.model.getStatus()
    if status == "infeasible":
        return None
    assert status == "optimal", status
    solution = scip.best_solution()
    assert solution is not None
    return scip.model.getObjVal(), solution


def by_highs(program: Program, fixed: Array | None = None) -> Optimum | None:
    """The optimum, the inputs perhaps fixed; None if infeasible."""
    assert not program.sos1
    assert not program.cones
    lower, upper = program.column_lower.copy(), program.column_upper.copy()
    if fixed is not None:
        lower[: len(fixed)] = upper[: len(fixed)] = fixed
    highs = quiet_highs()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.column_count, program.row_count
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.column_objective, lower, upper
    lp.row_lower_, lp.row_upper_, lp.offset_ = program.row_lower, program.row_upper, program.offset
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.starts.astype(np.int32)
    lp.a_matrix_.index_ = program.indices.astype(np.int32)
    lp.a_matrix_.value_ = program.data
    types = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger, highspy.HighsVarType.kInteger)
    lp.integrality_ = [types[kind] for kind in program.column_kinds]
    highs.passModel(lp)
    return run_highs(highs)


def quiet_highs() -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 1e-9)
    highs.setOptionValue("threads", 1)
    # The presolve of HiGHS 1.15 calls a few small programs infeasible that have solutions.
    highs.setOptionValue("presolve", "off")
    return highs


def run_highs(highs: highspy.Highs) -> Optimum | None:
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    assert status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty), status
    return highs.getInfo().objective_function_value, np.array(highs.getSolution().col_value)
