"""Bounds by mixed-integer programs: the dual bound of SCIP when it stops, never the value of a solution it found."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING
from pyscipopt.scip import PY_SCIP_STAGE as SCIP_STAGE

from preimage._core import Program

SOLVER_MARGIN = 1e-6
"""A dual bound is moved out by this much, relatively where it is large.

It allows for SCIP's tolerances a thousand times over; it is no proof, since errors may grow on their way through a
network.
"""

GAP = 1e-3
"""A unit whose bound is this close to the best solution is done."""


class ByScip:
    """Bounds entries of one node by SCIP, each within a time limit.

    Parameters
    ----------
    program
        Encoded with the entries of the node.
    node
        Of the model's graph.
    seconds
        For the two bounds of one unit together.
    nodes
        Nodes for each bound; no limit by default.
    """

    def __init__(self, program: Program, node: int, seconds: float, nodes: int = -1) -> None:
        from preimage.engines.scip_model import build_scip  # the engines make use of what is bounded here

        self._scip = build_scip(program)
        self._model: Any = self._scip.model
        # The relaxed value is all that counts: heuristics find solutions, and long presolving leaves no time.
        self._model.setHeuristics(SCIP_PARAMSETTING.OFF)
        self._model.setPresolve(SCIP_PARAMSETTING.FAST)
        self._model.setParam("limits/gap", GAP)
        self._model.setParam("limits/totalnodes", nodes)
        self._seconds, self._stopped = seconds, False
        self._columns, self._coefficients, self._constants = program.entries(node)

    def bound(self, unit: int) -> tuple[float, float]:
        """Return a lower and an upper bound of an entry, by the word of SCIP; infinite where it has none."""
        return self._least(unit, 1.0), -self._least(unit, -1.0)

    def _least(self, unit: int, sign: float) -> float:
        column = int(self._columns[unit])
        if column < 0 or self._stopped:
            return -np.inf
        model, cost = self._model, sign * float(self._coefficients[unit])
        model.freeTransform()
        model.setParam("limits/time", 0.5 * self._seconds)
        model.setObjective(cost * self._scip.columns[column])
        model.optimizeNogil()
        # Told to stop, SCIP drops nodes that are open, and calls what is left a bound.
        stopped: bool = self._stopped
        if stopped or model.getStatus() in ("infeasible", "unbounded", "inforunbd"):
            return -np.inf
        bound = float(model.getDualbound())
        if model.isInfinity(abs(bound)):
            return -np.inf
        bound += sign * float(self._constants[unit])
        return bound - SOLVER_MARGIN * max(1.0, abs(bound))

    def interrupt(self) -> None:
        """Stop what is going on; its bound is not believed."""
        self._stopped = True
        # In its other stages SCIP refuses to be interrupted, and says so on stderr.
        if self._model.getStage() in (SCIP_STAGE.PRESOLVING, SCIP_STAGE.SOLVING):
            with suppress(Exception):  # pyscipopt's only error: the stage has changed since; the next call will do
                self._model.interruptSolve()
