"""The mixed-integer engine: the program in SCIP, taking designs from the other engines while it runs.

Ansari, Seidel and Babaei (2022), section 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from pyscipopt import Eventhdlr, Heur
from pyscipopt.scip import PY_SCIP_EVENTTYPE as SCIP_EVENTTYPE
from pyscipopt.scip import PY_SCIP_HEURTIMING as SCIP_HEURTIMING
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING
from pyscipopt.scip import PY_SCIP_RESULT as SCIP_RESULT
from pyscipopt.scip import PY_SCIP_STAGE as SCIP_STAGE

from preimage._core import Program
from preimage.bounds.cutoff import INTEGER
from preimage.engines.encoding import Formulation, fold
from preimage.engines.incumbent import task
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.scip_model import ScipProgram, build_scip
from preimage.engines.scip_propagator import Network, see_network, split_inputs
from preimage.engines.search import Search, Vector
from preimage.engines.strong_cuts import Hulls, StrongCuts
from preimage.engines.watch import stop_with
from preimage.problem import Inversion

FEW_INPUTS = 8
"""With so few inputs SCIP's separators cost more than the nodes they save; beside the cuts of kinks they always do."""

MANY_NEURONS = 2
"""Inputs are branched on where their number squared, times this, is no more than that of undecided neurons."""

TICK_SECONDS = 0.1
"""Node counts are reported, and foreign designs looked for, no more often than this."""

EPSILON = 1e-9
"""SCIP's ``numerics/epsilon``: bounds are pruned, and compared, up to this, relatively where they are large."""


SOURCE = "milp, by SCIP"
"""What SCIP says is its word: it works in floating point, within tolerances."""


def milp(inversion: Inversion, search: Search, effort: Effort, formulation: Formulation = "bigm") -> None:
    """Solve the mixed-integer program of ``inversion`` with SCIP until ``search`` is over."""
    todo = task(inversion, search, effort, formulation)
    if search.should_stop():
        return
    program = todo.program
    scip = build_scip(program)
    model = scip.model
    model.setParam("randomization/randomseedshift", effort.seed)
    network = see_network(search, scip, todo.bounds) if _halves_inputs(inversion, effort, program) else None
    listener = _Listener(inversion, search, scip, network)
    model.includeEventhdlr(listener, "preimage", "reports designs, bounds and nodes")
    if network is not None:
        split_inputs(scip, network, listener.offer)
    else:
        _cut(scip, Hulls(program), inversion.size, listener.fail)
    model.includeHeur(
        _Exchange(search, scip, listener),
        "preimage",
        "takes designs of the other engines",
        "P",
        freq=1,
        timingmask=SCIP_HEURTIMING.BEFORENODE,
    )
    _, x, _ = search.best()
    if x is not None:
        scip.add_solution(np.asarray(program.complete(x)))
    if search.should_stop():
        return
    with stop_with(search, partial(_interrupt, model)):
        model.optimizeNogil()
    failure = listener.failure or (network and network.failure)
    if failure:
        raise failure
    if search.should_stop():
        return
    if model.getStatus() == "infeasible":
        pruned_at = np.inf if network is None else network.pruned_at
        if todo.whole and pruned_at == np.inf:
            search.prove_infeasible(SOURCE)
        else:
            search.raise_bound(min(search.best()[2], pruned_at), SOURCE)
    else:
        listener.report()
        listener.raise_bound()


def _halves_inputs(inversion: Inversion, effort: Effort, program: Program) -> bool:
    """Tell whether to branch on inputs: few beside the neurons, chosen as numbers, with no tree beside to do it."""
    if "branch" in effort.beside or inversion.problem.selections or np.any(inversion.model.kinds > INTEGER):
        return False
    few = inversion.size <= FEW_INPUTS and program.binaries >= MANY_NEURONS * inversion.size**2
    return few and fold(inversion).decided is None  # in a narrow box, which is folded, little is left to decide


def _cut(scip: ScipProgram, hulls: Hulls, inputs: int, fail: Callable[[BaseException], None]) -> None:
    """Have SCIP cut with the hulls of kinks, in the place of its own separators."""
    if hulls.any or inputs <= FEW_INPUTS:
        scip.model.setSeparating(SCIP_PARAMSETTING.OFF)
    cuts = StrongCuts(scip, hulls, fail)
    scip.model.includeSepa(cuts, "strong", "cuts from the hulls of kinks", priority=1000, freq=1, maxbounddist=1.0)


def _interrupt(model: Any) -> None:
    # In its other stages SCIP refuses to be interrupted, and says so on stderr.
    if model.getStage() in (SCIP_STAGE.PRESOLVING, SCIP_STAGE.SOLVING):
        with suppress(Exception):  # pyscipopt's only error: the stage has changed since; the next call will do
            model.interruptSolve()


class _Listener(Eventhdlr):
    """Carries SCIP's progress to the search; what goes wrong in a callback is kept, since SCIP swallows it."""

    def __init__(self, inversion: Inversion, search: Search, scip: ScipProgram, network: Network | None) -> None:
        self.failure: BaseException | None = None
        self._polisher = Polisher(inversion, search, "milp, polished")
        self._difference = fold(inversion).difference
        self._search = search
        self._scip = scip
        self._network = network
        self._ticked = 0.0

    def eventinit(self) -> None:
        for kind in (SCIP_EVENTTYPE.BESTSOLFOUND, SCIP_EVENTTYPE.DUALBOUNDIMPROVED, SCIP_EVENTTYPE.NODESOLVED):
            self.model.catchEvent(kind, self)

    def eventexec(self, event: Any) -> None:
        if self.failure is not None:
            return
        try:
            kind = event.getType()
            if kind == SCIP_EVENTTYPE.BESTSOLFOUND:
                self.report()
            elif kind == SCIP_EVENTTYPE.DUALBOUNDIMPROVED:
                self.raise_bound()
            elif time.perf_counter() - self._ticked >= TICK_SECONDS:
                self._ticked = time.perf_counter()
                self._search.note("milp", self.model.getNTotalNodes(), self.model.getNNodesLeft())
                self.raise_bound()
        except BaseException as failure:  # noqa: BLE001  # kept for the caller of the solver
            self.fail(failure)

    def fail(self, failure: BaseException) -> None:
        """Keep what went wrong, and end SCIP's work."""
        self.failure = failure
        self.model.interruptSolve()

    def raise_bound(self) -> None:
        """Tell the search the bound of SCIP, which takes values as close as its epsilon for the same.

        Once it is told to stop, SCIP drops open nodes and calls its best solution's value a bound: so the bound is read
        first, and then only believed if nobody has asked it to stop.
        """
        bound = self.model.getDualbound()
        if self.model.isInfinity(abs(bound)) or self._search.should_stop():
            return
        bound -= EPSILON * max(1.0, abs(bound))
        if self._network is not None:
            bound = min(bound, self._network.pruned_at)
        self._search.raise_bound(bound - self._difference, SOURCE)

    def offer(self, x: Vector) -> None:
        """Offer a design that SCIP's linear program would choose, then the best design of its region."""
        if self._search.offer(x, "milp"):
            self._polisher.polish(x)

    def report(self) -> None:
        """Offer SCIP's best solution to the search, then the best design of its region."""
        x = self._scip.best_inputs()
        if x is None:
            return
        # SCIP's solutions keep to its own tolerances: one that is refused may have a neighbour that holds.
        if self._search.offer(x, "milp") or self.model.getPrimalbound() < self._search.best()[2]:
            self._polisher.polish(x)


class _Exchange(Heur):
    """A primal heuristic of SCIP that asks the search what the others have found."""

    def __init__(self, search: Search, scip: ScipProgram, listener: _Listener) -> None:
        self._search = search
        self._scip = scip
        self._listener = listener
        self._version = -1

    def heurexec(self, heurtiming: Any, nodeinfeasible: bool) -> dict[str, Any]:
        try:
            version, x, value = self._search.best()
            if x is None or version == self._version or value >= self.model.getPrimalbound() - 1e-9:
                return {"result": SCIP_RESULT.DIDNOTRUN}
            self._version = version
            accepted = self._scip.add_solution(np.asarray(self._scip.program.complete(x)))
            return {"result": SCIP_RESULT.FOUNDSOL if accepted else SCIP_RESULT.DIDNOTFIND}
        except BaseException as failure:  # noqa: BLE001  # kept for the caller of the solver
            self._listener.fail(failure)
            return {"result": SCIP_RESULT.DIDNOTRUN}
