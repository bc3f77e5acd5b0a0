"""What the network says at a node of SCIP's tree: CROWN with all that branching has decided, and where to branch next.

SCIP propagates row by row. Linear forms carried back through the whole network see further: they decide neurons, and
where inputs are few, they bound the objective so well that boxes of inputs are the better thing to branch on.
Sources: H. Zhang et al., "Efficient neural network robustness certification with general activation functions",
NeurIPS 2018; K. Xu et al., "Fast and complete", ICLR 2021, for the bounds of decided neurons.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyscipopt import Branchrule, Prop
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING
from pyscipopt.scip import PY_SCIP_PROPTIMING as SCIP_PROPTIMING
from pyscipopt.scip import PY_SCIP_RESULT as SCIP_RESULT

from preimage._core import Bounds, Propagator
from preimage.engines.scip_model import ScipProgram
from preimage.engines.search import Search

NARROWEST = 1e-4
"""Inputs are split down to this share of their range; neurons are branched on from there."""

FEW_NEURONS = 12
"""Where so few are undecided, they are branched on: each is decided for good, but inputs can be halved without end."""

BELOW = 1e-8
"""Bounds of others enter lower by this, relatively: SCIP takes values as close as 1e-9 for the same."""

FIRST = 1_000_000
"""A priority beyond all of SCIP's own."""

LAST = -1_000_000
"""A priority below all of SCIP's own: what costs nothing is propagated before."""

Floats = NDArray[np.float64]


class Network:
    """The network's view of the node that SCIP is at.

    Attributes
    ----------
    failure
        What went wrong in a callback: PySCIPOpt swallows it, so the caller of the solver has to raise it.
    pruned_at
        No design below this value has been cut off by what the network says of the objective.
    neurons
        How many are watched.
    calls, cut_off, narrowed
        Nodes looked at, those that were cut off, and those that had a column narrowed.
    """

    def __init__(self, search: Search, scip: ScipProgram, bounds: Bounds) -> None:
        self.failure: BaseException | None = None
        self.pruned_at = math.inf
        self.calls = self.cut_off = self.narrowed = 0
        self._search, self._model = search, scip.model
        self._propagator = Propagator(scip.program, bounds)
        self._columns = [scip.columns[column] for column in self._propagator.columns]
        self.neurons = (len(self._columns) - len(scip.program.inputs(scip.program.column_lower))) // 2
        self._variables: list[Any] = []
        self._node = -1

    def sides(self) -> tuple[Floats, Floats]:
        """Return the bounds of the watched columns at this node."""
        if not self._variables:
            self._variables = [self._model.getTransformedVar(column) for column in self._columns]
        lower = np.array([variable.getLbLocal() for variable in self._variables])
        return lower, np.array([variable.getUbLocal() for variable in self._variables])

    def influence(self) -> Floats:
        """Return how much of the undecided neurons is each input's doing."""
        return self._propagator.influence(*self.sides())

    def variable(self, place: int) -> Any:
        """Return the variable of a watched column; the inputs come first."""
        return self._variables[place]

    def look(self) -> int:
        """Narrow the columns of this node, once, and return what SCIP calls the result."""
        here = self._model.getCurrentNode()
        number = here.getNumber()
        if number == self._node or self._model.inProbing():
            return int(SCIP_RESULT.DIDNOTRUN)
        self._node = number
        self.calls += 1
        self._take_bound(here)
        lower, upper = self.sides()
        threshold = self._search.prune_value()
        left = self._propagator.narrow(lower, upper, threshold)
        if threshold < math.inf:
            self.pruned_at = min(self.pruned_at, threshold)
        if left is None or left[2] >= threshold:
            self.cut_off += 1
            return int(SCIP_RESULT.CUTOFF)
        changed = False
        for sides, before, tighten in (
            (left[0], lower, self._model.tightenVarLb),
            (left[1], upper, self._model.tightenVarUb),
        ):
            for place in np.flatnonzero(sides != before).tolist():
                empty, tightened = tighten(self._variables[place], float(sides[place]), True)
                if empty:
                    self.cut_off += 1
                    return int(SCIP_RESULT.CUTOFF)
                changed |= tightened
        self.narrowed += changed
        return int(SCIP_RESULT.REDUCEDDOM if changed else SCIP_RESULT.DIDNOTFIND)

    def _take_bound(self, here: Any) -> None:
        """Have SCIP know the bound that others have proved: no node is below it."""
        dual, lower = self._model.getDualbound(), self._model.getLowerbound()  # one with the offset, one without
        if math.isfinite(self._search.bound) and not self._model.isInfinity(max(abs(dual), abs(lower))):
            self._model.updateNodeLowerbound(here, self._search.bound - (dual - lower) - BELOW * max(1.0, abs(dual)))

    def keep(self, failure: BaseException) -> None:
        """Keep what went wrong in a callback and have SCIP stop."""
        self.failure = self.failure or failure
        self._model.interruptSolve()


class NetworkPropagator(Prop):
    """Narrows neurons before the linear program of a node."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def propexec(self, proptiming: Any) -> dict[str, Any]:
        """Narrow the columns of this node."""
        try:
            return {"result": self._network.look()}
        except BaseException as failure:  # noqa: BLE001  # kept for the caller of the solver
            self._network.keep(failure)
            return {"result": SCIP_RESULT.DIDNOTRUN}


class InputBranching(Branchrule):
    """Halves the input that leaves most neurons undecided, and offers the design that the linear program would have."""

    def __init__(self, network: Network, widths: Floats, offer: Callable[[Floats], object]) -> None:
        self._network = network
        self._least = NARROWEST * widths
        self._offer = offer

    def branchexeclp(self, allowaddcons: bool) -> dict[str, Any]:
        """Halve an input, if one is still wide."""
        try:
            inputs = len(self._least)
            self._offer(np.array([self._network.variable(place).getLPSol() for place in range(inputs)]))
            lower, upper = self._network.sides()
            undecided = np.count_nonzero(lower[inputs + 1 :: 2] < upper[inputs + 1 :: 2])
            if undecided <= FEW_NEURONS:
                return {"result": SCIP_RESULT.DIDNOTRUN}
            wide = upper[:inputs] - lower[:inputs] > self._least
            influence = np.where(wide, self._network.influence(), 0.0)
            if not influence.any():
                return {"result": SCIP_RESULT.DIDNOTRUN}
            place = int(np.argmax(influence))
            self.model.branchVarVal(self._network.variable(place), float(lower[place] + upper[place]) / 2.0)
            return {"result": SCIP_RESULT.BRANCHED}
        except BaseException as failure:  # noqa: BLE001  # kept for the caller of the solver
            self._network.keep(failure)
            return {"result": SCIP_RESULT.DIDNOTRUN}


def see_network(search: Search, scip: ScipProgram, bounds: Bounds) -> Network | None:
    """Have SCIP look at the network at every node; None where there is no neuron to decide.

    Presolving, which replaces columns by others, is turned off: that costs nothing, as bounds were tightened before.

    Parameters
    ----------
    bounds
        Proved bounds of every node, which hold wherever the program does.
    """
    model = scip.model
    network = Network(search, scip, bounds)
    if not network.neurons:
        return None
    model.setPresolve(SCIP_PARAMSETTING.OFF)
    model.setParam("misc/scaleobj", False)
    model.includeProp(
        NetworkPropagator(network),
        "network",
        "narrows neurons by linear forms of the network",
        presolpriority=0,
        presolmaxrounds=0,
        proptiming=SCIP_PROPTIMING.BEFORELP,
        priority=LAST,
        freq=1,
        delay=False,
    )
    return network


def split_inputs(scip: ScipProgram, network: Network, offer: Callable[[Floats], object]) -> None:
    """Have SCIP branch on inputs; designs come from ``offer``, not from its heuristics, and it does not separate.

    Parameters
    ----------
    offer
        Takes the inputs that a linear program would choose.
    """
    model, program = scip.model, scip.program
    widths = program.inputs(program.column_upper) - program.inputs(program.column_lower)
    model.setSeparating(SCIP_PARAMSETTING.OFF)
    model.setHeuristics(SCIP_PARAMSETTING.OFF)
    model.includeBranchrule(
        InputBranching(network, widths, offer), "inputs", "halves inputs", priority=FIRST, maxdepth=-1, maxbounddist=1.0
    )
