"""Neighbourhoods of a design: the kinks it is nearest to are left to SCIP, all others keep their sides.

Polishing crosses one facet after the other, and only where the value falls. The best design is often a few crossings
away that pay together. Source: E. Danna, E. Rothberg, C. Le Pape, "Exploring relaxation induced neighborhoods to
improve MIP solutions", Mathematical Programming 102, 2005, for programs with most binaries fixed.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING

from preimage.engines.encoding import encode
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.scip_model import build_scip, interrupt
from preimage.engines.search import Search, Vector
from preimage.engines.strong_cuts import Hulls, cut_kinks
from preimage.engines.watch import stop_with
from preimage.problem import Inversion

FEWEST, MOST = 24, 60
"""Kinks that are left open."""

MORE = 12
"""Where nothing better is found, so many more are left open next time."""

MOST_NONZEROS = 300_000
"""Larger programs take SCIP too long to load, again and again."""

NODES = 500
"""At most, for one neighbourhood."""

WORTH_MORE = 1e-3
"""A design that is better by this share has neighbours of its own."""

GAP = 0.01
"""Closer than this to the best of its neighbours is close enough: polishing finds the rest."""


def neighbourhoods_pay(inversion: Inversion, effort: Effort) -> bool:
    """Tell whether there is much to decide, in a program that is soon loaded, and no tree beside that decides it."""
    if inversion.problem.objective is None or "branch" in effort.beside:
        return False
    program = encode(inversion).program
    return program.binaries > FEWEST and program.nonzeros <= MOST_NONZEROS


class Neighbourhood:
    """Looks for better designs near the best one, for one engine.

    Parameters
    ----------
    source
        The name under which designs are offered to the search.
    """

    def __init__(self, inversion: Inversion, search: Search, source: str) -> None:
        self._search, self._source = search, source
        self._polisher = Polisher(inversion, search, source)
        self._program = encode(inversion).program
        self._hulls = Hulls(self._program)
        self._open = FEWEST

    def improve(self) -> None:
        """Go from the best design known to the best of its neighbours, again and again."""
        while not self._search.should_stop() and self._open <= MOST:
            _, x, value = self._search.best()
            if x is None:
                return
            found = self._best_near(x)
            if found is not None and self._search.offer(found, self._source):
                self._polisher.polish(found)
            _, _, better = self._search.best()
            if not better < value - WORTH_MORE * abs(value):
                self._open += MORE
                return

    def _best_near(self, x: Vector) -> Vector | None:
        values = np.asarray(self._program.complete(x))
        scip = build_scip(self._program)
        for column in self._decided(values):
            side = round(values[column])
            scip.model.chgVarLb(scip.columns[column], side)
            scip.model.chgVarUb(scip.columns[column], side)
        failures: list[BaseException] = []
        scip.model.setSeparating(SCIP_PARAMSETTING.OFF)
        cut_kinks(scip, self._hulls, failures.append)
        scip.model.setParam("limits/totalnodes", NODES)
        scip.model.setParam("limits/gap", GAP)
        scip.add_solution(values)
        with stop_with(self._search, partial(interrupt, scip.model)):
            scip.model.optimizeNogil()
        if failures:
            raise failures[0]
        return scip.best_inputs()

    def _decided(self, values: Vector) -> list[int]:
        """Return the binaries of all kinks but the nearest, by the share of its range that a neuron is from zero."""
        program, nearness = self._program, []
        lower, upper = program.column_lower, program.column_upper
        for _, active, _, columns, weights, constant in program.switches():
            reach = float(np.abs(weights) @ (upper[columns] - lower[columns]))
            nearness.append((abs(weights @ values[columns] + constant) / max(reach, 1e-12), active))
        return [active for _, active in sorted(nearness)[self._open :]]
