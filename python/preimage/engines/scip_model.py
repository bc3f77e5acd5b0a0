"""Programs in SCIP."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pyscipopt
from numpy.typing import NDArray
from pyscipopt.scip import PY_SCIP_STAGE as SCIP_STAGE

from preimage._core import Program
from preimage.engines.scip_access import Access, ArrayAccess, LibraryNotFound, PublicAccess

Floats = NDArray[np.float64]

TOLERANCE = 1e-8
"""SCIP may miss rows and whole numbers by this much. A binary that is off by it lets its row off by a big-M as much.

No less: next to its epsilon, 1e-9, SCIP has cut off nodes with better designs where weights are large."""

_TYPES = ("C", "I", "B")


class ScipProgram:
    """A program in SCIP. Made by `build_scip`.

    Attributes
    ----------
    program
        What was loaded.
    model
        The ``pyscipopt.Model``; its objective includes the program's offset.
    columns
        The PySCIPOpt variables, in the order of the program's columns.
    slow_because
        Why entries were handed over one by one instead of in arrays; None if they were not.
    """

    def __init__(self, program: Program, model: Any, columns: list[Any]) -> None:
        self.program = program
        self.model = model
        self.columns = columns
        self.slow_because: str | None = None
        self._access: Access
        try:
            self._access = ArrayAccess(model, columns)
        except LibraryNotFound as error:
            self._access = PublicAccess(model, columns)
            self.slow_because = str(error)

    def add_rows(self, names: list[str] | None) -> None:
        """Add all rows, sets and cones of the program."""
        self._access.add_rows(self.program, names)

    def add_solution(self, values: Floats) -> bool:
        """Hand SCIP a full solution: before it solves, which checks it then, or from within one of its callbacks.

        Parameters
        ----------
        values
            A value for every column, as `Program.complete` gives them.

        Returns
        -------
        bool
            Whether SCIP kept it: while it solves, only what is feasible and better than what it has.
        """
        if values.shape != (len(self.columns),):
            raise ValueError(f"a solution of {len(self.columns)} columns cannot have shape {values.shape}")
        return self._access.add_solution(values, check=self.model.getStage() != SCIP_STAGE.PROBLEM)

    def best_solution(self) -> Floats | None:
        """Return the value of every column in the best solution that SCIP has, or None without one."""
        return self._access.best_solution()

    def best_inputs(self) -> Floats | None:
        """Return the design of SCIP's best solution, with exact integers, catalogue values and zeros."""
        values = self.best_solution()
        return None if values is None else self.program.inputs(values)


def build_scip(program: Program, *, names: bool = False) -> ScipProgram:
    """Load a program into SCIP.

    Parameters
    ----------
    program
        What `preimage._core.Model.encode` returned.
    names
        Whether columns and rows get their names: for messages and files, at some cost.

    Returns
    -------
    ScipProgram
        A model that prints nothing, leaves Ctrl-C to Python and solves linear programs on one thread.
    """
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParam("misc/catchctrlc", False)
    model.setParam("lp/threads", 1)
    model.setParam("numerics/feastol", TOLERANCE)
    titles = program.column_names() if names else [""] * program.column_count
    columns = [
        model.addVar(name=title, vtype=_TYPES[kind], lb=lower, ub=upper, obj=cost)
        for title, kind, lower, upper, cost in zip(
            titles,
            program.column_kinds.tolist(),
            program.column_lower.tolist(),
            program.column_upper.tolist(),
            program.column_objective.tolist(),
            strict=True,
        )
    ]
    model.setMinimize()
    if program.offset:
        model.addObjoffset(program.offset)
    loaded = ScipProgram(program, model, columns)
    loaded.add_rows(program.row_names() if names else None)
    return loaded


def interrupt(model: Any) -> None:
    """Have SCIP stop, if it is at work."""
    # In its other stages SCIP refuses to be interrupted, and says so on stderr.
    if model.getStage() in (SCIP_STAGE.PRESOLVING, SCIP_STAGE.SOLVING):
        with suppress(Exception):  # pyscipopt's only error: the stage has changed since; the next call will do
            model.interruptSolve()
