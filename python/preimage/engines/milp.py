"""The mixed-integer engine: the program in SCIP, taking designs from the other engines while it runs.

Ansari, Seidel and Babaei (2022), section 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from pyscipopt import Eventhdlr
from pyscipopt.scip import PY_SCIP_EVENTTYPE as SCIP_EVENTTYPE
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING
from pyscipopt.scip import PY_SCIP_STAGE as SCIP_STAGE

from preimage._core import Program
from preimage.bounds.cutoff import INTEGER
from preimage.engines.encoding import Formulation, fold
from preimage.engines.incumbent import Task, can_be_bounded, is_within_reach, whole, within
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.scip_heuristics import exchange_designs, polish_relaxed_designs
from preimage.engines.scip_model import ScipProgram, build_scip, interrupt
from preimage.engines.scip_propagator import FIRST, Network, see_network, split_inputs
from preimage.engines.search import Search, Vector
from preimage.engines.strong_cuts import Hulls, cut_kinks
from preimage.engines.watch import stop_with
from preimage.problem import Inversion

FEW_INPUTS = 8
"""With so few inputs SCIP's separators cost more than the nodes they save; beside the cuts of kinks they always do."""

MANY_NEURONS = 2
"""Inputs are branched on where their number squared, times this, is no more than that of undecided neurons."""

TICK_SECONDS = 0.1
"""Node counts are reported no more often than this."""

FIRST_SECONDS = 2.0
"""What is not solved by then is bounded to what is better than the designs found so far, for a round."""

WORTH_BEGINNING_ANEW = 0.35
"""If that takes off this share of the widths, it goes on, and the tree is begun anew; else SCIP goes on with it."""

PATIENCE_SECONDS = 10.0
"""From then on SCIP raises its bound first, in a tree that it goes on with."""

TOP = 9
"""In the first levels of a large tree every kink is tried before one is branched on: all below depends on it."""

MOST_TRIED = 120
"""With more kinks, trying them all takes too long: seconds at a node, where they are 200."""

EPSILON = 1e-9
"""SCIP's ``numerics/epsilon``: bounds are pruned, and compared, up to this, relatively where they are large."""

NEVER = 1e20
"""What SCIP takes for no limit of time."""

SOURCE = "milp, by SCIP"
"""What SCIP says is its word: it works in floating point, within tolerances."""


def milp(inversion: Inversion, search: Search, effort: Effort, formulation: Formulation = "bigm") -> None:
    """Solve the mixed-integer program of ``inversion`` with SCIP until ``search`` is over."""
    todo = whole(inversion, search, effort, formulation)
    if search.should_stop():
        return
    solver = _Solver(inversion, search, effort, todo)
    if can_be_bounded(inversion, search, effort, todo):
        solver.solve(nodes=1)
        worth_it = 0.0
        if not is_within_reach(inversion, search):
            solver.solve(seconds=FIRST_SECONDS)
            worth_it = WORTH_BEGINNING_ANEW
        if not (solver.is_done or search.should_stop()):
            bounded = within(inversion, search, effort, todo, formulation, worth_it)
            if bounded is not todo:
                solver = _Solver(inversion, search, effort, bounded)
            else:
                solver.solve(seconds=PATIENCE_SECONDS)
            solver.prove_first()
    solver.solve()
    solver.conclude()


class _Solver:
    """A program in SCIP, which tells the search what it finds, and takes what the others do."""

    def __init__(self, inversion: Inversion, search: Search, effort: Effort, todo: Task) -> None:
        self._search, self._whole = search, todo.whole
        self._scip = scip = build_scip(todo.program)
        scip.model.setParam("randomization/randomseedshift", effort.seed)
        halves = _halves_inputs(inversion, effort, todo.program)
        self._network = see_network(search, scip, todo.bounds) if halves else None
        self._listener = _Listener(inversion, search, scip, self._network)
        scip.model.includeEventhdlr(self._listener, "preimage", "reports designs, bounds and nodes")
        if self._network is not None:
            split_inputs(scip, self._network, self._listener.offer)
        else:
            _cut(scip, Hulls(todo.program), inversion.size, self._listener.fail)
        self._relaxed = polish_relaxed_designs(scip, self._listener.polisher, self._listener.fail)
        exchange_designs(search, scip, self._listener.fail)
        _, x, _ = search.best()
        if x is not None:
            scip.add_solution(np.asarray(todo.program.complete(x)))

    @property
    def is_done(self) -> bool:
        """Whether SCIP has nothing left to do."""
        return bool(self._scip.model.getStage() == SCIP_STAGE.SOLVED)

    def prove_first(self) -> None:
        """From now on, have SCIP solve its least node next and keep its tree, and find designs near its relaxations."""
        prove_first(self._scip.model)
        self._relaxed.begin()

    def solve(self, nodes: int = -1, seconds: float = NEVER) -> None:
        """Go on until SCIP is done, the search is over, or so many nodes, or seconds of solving, are behind."""
        if self._search.should_stop():
            return
        model = self._scip.model
        model.setParam("limits/totalnodes", nodes)
        model.setParam("limits/time", seconds)
        with self._listener, stop_with(self._search, partial(interrupt, model)):
            model.optimizeNogil()
        failure = self._listener.failure or (self._network and self._network.failure)
        if failure:
            raise failure

    def conclude(self) -> None:
        """Tell the search what it means that SCIP is done."""
        if self._search.should_stop():
            return
        if self._scip.model.getStatus() != "infeasible":
            self._listener.report()
            self._listener.raise_bound()
            return
        pruned_at = np.inf if self._network is None else self._network.pruned_at
        if self._whole and pruned_at == np.inf:
            self._search.prove_infeasible(SOURCE)
        else:
            self._search.raise_bound(min(self._search.best()[2], pruned_at), SOURCE)


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
    cut_kinks(scip, hulls, fail)


def prove_first(model: Any) -> None:
    """Have SCIP raise its bound: it solves the least node next, keeps its tree, and branches with care at the top.

    Where a tree grows large, designs come from elsewhere, and diving for them leaves the bound where it is. A tree that
    SCIP begins anew, since it expects it to grow, costs what it had proved. Small trees are done sooner the usual way.
    """
    model.setParam("nodeselection/bfs/stdpriority", FIRST)
    model.setParam("estimation/restarts/restartpolicy", "n")
    if model.getNBinVars() <= MOST_TRIED:
        model.setParam("branching/fullstrong/priority", FIRST)
        model.setParam("branching/fullstrong/maxdepth", TOP)


class _Listener(Eventhdlr):
    """Carries SCIP's progress to the search; what goes wrong in a callback is kept, since SCIP swallows it.

    It listens as a context: when a model is freed, which may be in any thread and much later, SCIP drops open nodes,
    tells of events, and calls its best solution's value a bound.
    """

    def __init__(self, inversion: Inversion, search: Search, scip: ScipProgram, network: Network | None) -> None:
        self.failure: BaseException | None = None
        self.polisher = Polisher(inversion, search, "milp, polished")
        self._difference = fold(inversion).difference
        self._search = search
        self._scip = scip
        self._network = network
        self._ticked = 0.0
        self._listens = False

    def __enter__(self) -> None:
        self._listens = True

    def __exit__(self, *_: object) -> None:
        self._listens = False

    def eventinit(self) -> None:
        for kind in (SCIP_EVENTTYPE.BESTSOLFOUND, SCIP_EVENTTYPE.DUALBOUNDIMPROVED, SCIP_EVENTTYPE.NODESOLVED):
            self.model.catchEvent(kind, self)

    def eventexec(self, event: Any) -> None:
        if self.failure is not None or not self._listens:
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
            self.polisher.polish(x)

    def report(self) -> None:
        """Offer SCIP's best solution to the search, then the best design of its region."""
        x = self._scip.best_inputs()
        if x is None:
            return
        # SCIP's solutions keep to its own tolerances: one that is refused may have a neighbour that holds.
        if self._search.offer(x, "milp") or self.model.getPrimalbound() < self._search.best()[2]:
            self.polisher.polish(x)
