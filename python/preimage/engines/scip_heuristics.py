"""Primal heuristics of SCIP: designs that the other engines have found, and designs near those of its relaxation."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pyscipopt import Heur
from pyscipopt.scip import PY_SCIP_HEURTIMING as SCIP_HEURTIMING
from pyscipopt.scip import PY_SCIP_RESULT as SCIP_RESULT

from preimage.engines.polish import Polisher
from preimage.engines.scip_model import ScipProgram
from preimage.engines.search import Search

LINEAR_PROGRAMS = 10
"""At most, for one design of the relaxation."""

SHARE_OF_TIME = 0.1
"""Polishing takes no more of the time that SCIP takes."""

Fail = Callable[[BaseException], None]
"""Takes what goes wrong, since SCIP swallows it."""


def exchange_designs(search: Search, scip: ScipProgram, fail: Fail) -> None:
    """Have SCIP take what the other engines find."""
    scip.model.includeHeur(
        _Exchange(search, scip, fail),
        "exchange",
        "takes designs of the other engines",
        "P",
        freq=1,
        timingmask=SCIP_HEURTIMING.BEFORENODE,
    )


def polish_relaxed_designs(scip: ScipProgram, polisher: Polisher, fail: Fail) -> Relaxed:
    """Have the designs that SCIP's relaxation would choose polished, now and then, once it is told to begin."""
    heuristic = Relaxed(scip, polisher, fail)
    scip.model.includeHeur(
        heuristic,
        "relaxed",
        "polishes designs of the relaxation",
        "R",
        freq=1,
        timingmask=SCIP_HEURTIMING.AFTERLPNODE,
    )
    return heuristic


class _Exchange(Heur):
    def __init__(self, search: Search, scip: ScipProgram, fail: Fail) -> None:
        self._search, self._scip, self._fail = search, scip, fail
        self._version = -1

    def heurexec(self, heurtiming: Any, nodeinfeasible: bool) -> dict[str, Any]:
        """Hand SCIP the best design, if it is news."""
        try:
            version, x, value = self._search.best()
            if x is None or version == self._version or value >= self.model.getPrimalbound() - 1e-9:
                return {"result": SCIP_RESULT.DIDNOTRUN}
            self._version = version
            accepted = self._scip.add_solution(np.asarray(self._scip.program.complete(x)))
            return {"result": SCIP_RESULT.FOUNDSOL if accepted else SCIP_RESULT.DIDNOTFIND}
        except BaseException as failure:  # noqa: BLE001  # kept for the caller of the solver
            self._fail(failure)
            return {"result": SCIP_RESULT.DIDNOTRUN}


class Relaxed(Heur):
    """Polishes designs of the relaxation: in a large tree, the best design is near one of them.

    What is better goes to the search, and comes back to SCIP as any other design does.
    """

    def __init__(self, scip: ScipProgram, polisher: Polisher, fail: Fail) -> None:
        self._scip, self._polisher, self._fail = scip, polisher, fail
        self._variables: list[Any] = []
        self._begun, self._taken = math.inf, 0.0

    def begin(self) -> None:
        """Polish from now on."""
        self._begun = time.perf_counter()

    def heurinitsol(self) -> None:
        """Take SCIP's own variables, when it begins to branch."""
        self._variables = [self.model.getTransformedVar(column) for column in self._scip.columns]

    def heurexec(self, heurtiming: Any, nodeinfeasible: bool) -> dict[str, Any]:
        """Polish the design of this node's relaxation, if there is time for it."""
        try:
            now = time.perf_counter()
            if nodeinfeasible or self._taken > SHARE_OF_TIME * (now - self._begun):
                return {"result": SCIP_RESULT.DIDNOTRUN}
            values = np.array([self.model.getSolVal(None, variable) for variable in self._variables])
            self._polisher.polish(self._scip.program.inputs(values), LINEAR_PROGRAMS)
            self._taken += time.perf_counter() - now
            return {"result": SCIP_RESULT.DIDNOTFIND}
        except BaseException as failure:  # noqa: BLE001  # kept for the caller of the solver
            self._fail(failure)
            return {"result": SCIP_RESULT.DIDNOTRUN}
