"""The neural-adjoint engine: descents through the graph, then linear programs. It finds designs, and proves little.

Ansari, Seidel and Babaei (2022), section 5; Ren, Padilla and Malof (2020) for the boundary loss.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from preimage._core import StopFlag
from preimage.engines.encoding import fold, least
from preimage.engines.neighbourhood import Neighbourhood, neighbourhoods_pay
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.search import ABSOLUTE_GAP, Search, Vector
from preimage.engines.sequential import Sequential
from preimage.engines.watch import stop_with
from preimage.problem import Inversion
from preimage.problem.inversion import FEASIBILITY_TOLERANCE

FIRST_STARTS = 8
FIRST_STEPS = 100
LEARNING_RATE = 0.03
"""The last digits of a descent are not worth buying: a few linear programs are exact."""

ROUNDS = 9
"""Each round doubles the starts, and the first few the steps; after the last one the engine has done what it can."""

MOST_DOUBLINGS_OF_STEPS = 3

IMPROVED_PER_ROUND = 8

LINEAR_PROGRAMS = (40, 10)
"""For the best design of a round, and for each of the others."""

UNFINISHED = 0.02
"""Descents that linear programs improve by a larger share were too short: the next round begins at once."""

FEW_INPUTS = 12
"""With more inputs, a linear step past many facets often leads straight to the target; with few, it overshoots."""

REST = {"milp": 3.0, "branch": 10.0}
"""Beside another engine, a round is followed by a rest of this many times its length: the proof needs the cores more.

SCIP takes one core, the tree takes all: beside it, every design that is improved is followed by a rest.
"""


def adjoint(inversion: Inversion, search: Search, effort: Effort) -> None:
    """Search by descent in rounds of growing effort; every design goes to ``search``, the best ones improved."""
    flag = StopFlag()
    model = fold(inversion).model
    improve: _Improver | None = None
    neighbourhood: Neighbourhood | None = None
    rest = max((REST.get(engine, 0.0) for engine in effort.beside), default=0.0)
    between = rest if "branch" in effort.beside else 0.0
    discrete = any(declared.kind != "continuous" for declared in inversion.problem.inputs)
    with stop_with(search, flag.set):
        for round_number in range(ROUNDS):
            if search.should_stop():
                return
            begun = search.seconds
            _, best, _ = search.best()
            designs, _, _ = model.descend(
                starts=FIRST_STARTS << round_number,
                steps=FIRST_STEPS << min(round_number, MOST_DOUBLINGS_OF_STEPS),
                learning_rate=LEARNING_RATE,
                seed=effort.seed + round_number,
                threads=effort.threads,
                stop=flag,
                # The local search over discrete inputs goes on from the best design; a descent does not.
                initial=best if discrete else None,
                keep=IMPROVED_PER_ROUND,
            )
            for x in designs:
                search.offer(x, "adjoint")
            descended = search.seconds
            # Made after the first descent: it needs bounds, and the other engines wait for a design.
            improve = improve or _Improver(inversion, search, between)
            long_enough = improve(designs) or round_number >= MOST_DOUBLINGS_OF_STEPS
            search.note_descents()
            if long_enough and neighbourhoods_pay(inversion, effort):
                neighbourhood = neighbourhood or Neighbourhood(inversion, search, "adjoint, neighbours")
                neighbourhood.improve()
            worked = (descended if between else search.seconds) - begun
            if long_enough and search.best()[1] is not None and search.wait(rest * worked):
                return


class _Improver:
    """Takes designs on, in steps past facets where that helps, and then from facet to facet.

    Parameters
    ----------
    rest
        Follows every design, once there is one that holds, this many times as long as it took.
    """

    def __init__(self, inversion: Inversion, search: Search, rest: float) -> None:
        self._inversion, self._search, self._rest = inversion, search, rest
        self._sequential = Sequential(inversion, search, "adjoint, improved")
        self._polisher = Polisher(inversion, search, "adjoint, polished")
        self._least = least(inversion) if inversion.problem.objective is not None else -np.inf

    def __call__(self, designs: NDArray[np.float64]) -> bool:
        """Improve designs of shape ``(k, inputs)``, best first; return False if longer descents are worth more."""
        self._prove()
        _, _, descended = self._search.best()
        if self._inversion.size > FEW_INPUTS or self._search.best()[1] is None:
            designs = np.array([self._stepped(x) for x in designs])
            model = fold(self._inversion).model
            designs = designs[np.lexsort((model.objective(designs), model.violation(designs) > FEASIBILITY_TOLERANCE))]
        for place, x in enumerate(designs):
            begun = self._search.seconds
            self._polisher.polish(x, LINEAR_PROGRAMS[min(place, 1)])
            self._settle(begun)
            _, _, value = self._search.best()
            if not descended - value <= UNFINISHED * abs(value):
                return False
        return True

    def _stepped(self, x: Vector) -> Vector:
        begun = self._search.seconds
        end = self._sequential.improve(x)
        self._settle(begun)
        return end

    def _settle(self, begun: float) -> None:
        """Say what a design proves, and rest."""
        self._prove()
        if self._search.best()[1] is not None:
            self._search.wait(self._rest * (self._search.seconds - begun))

    def _prove(self) -> None:
        """Say so if the best design is as good as any can be: no distance is below zero."""
        if self._inversion.problem.objective is not None and self._search.best()[2] <= self._least + ABSOLUTE_GAP:
            self._search.raise_bound(self._least, "adjoint")
