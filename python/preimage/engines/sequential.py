"""Sequential linear programming: steps through many regions at once, with elastic requirements.

Near a design the model is linear, and of every alternative the nearest counts. A linear program over a box around the
design finds the best step; requirements that the design misses may be missed further, at a price. Where many inputs
face few outputs, one linear region mostly holds an exact solution, and a handful of steps finds it.
Source: R. Fletcher and E. Sainz de la Maza, "Nonlinear programming and nonsmooth optimization by successive linear
programming", Mathematical Programming 43 (1989).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from preimage._core import Regions
from preimage.engines.linear_program import LinearProgram
from preimage.engines.regions import REQUIREMENT, regions_of
from preimage.engines.search import Search, Vector
from preimage.problem import Inversion
from preimage.problem.inversion import FEASIBILITY_TOLERANCE

STEPS = 40
"""At most so many linear programs for one start."""

FIRST_REACH = 0.125
"""How far the first step may go, as a share of every range."""

LAST_REACH = 1e-7

FIRST_PRICE = 10.0
"""Of a unit of violation, in units of the objective."""

DEARER = 30.0
"""Where steps end while something is violated, the price rises by this factor."""

HIGHEST_PRICE = 1e6

WORTH_KEEPING = 0.05
"""A step is kept if the merit falls by this share of what the linear program promised."""

WORTH_REACHING = 0.5
"""From this share on, the next step may go twice as far."""

PROGRESS = 1e-9
"""A promise that is smaller, relatively, ends the steps."""

NEAREST_ROWS = 20


class _Place:
    """A design and its linear model.

    Attributes
    ----------
    objective
        In the model's sense.
    violation
        The sum over all rows of what must hold.
    """

    def __init__(self, regions: Regions, x: Vector) -> None:
        region = regions.region(regions.pattern(x), x, facets=False)
        self.x, self._point = x, region.point
        self._program = LinearProgram.of_region(region)
        required = region.kinds == REQUIREMENT
        excess = np.where(required, self._program.excess(region.point), 0.0)
        self.objective = float(self._program.objective @ region.point) + region.offset
        self.violation = float(excess.sum())
        self._missed = np.flatnonzero(excess > 0.0)
        slack = np.where(required, self._program.slack(region.point), -np.inf)
        self._first = np.argsort(slack, kind="stable")[: np.sum(~required) + self._missed.size + NEAREST_ROWS]

    def merit(self, price: float) -> float:
        return self.objective + price * self.violation

    def step(self, reach: Vector, price: float) -> tuple[float, Vector] | None:
        """Return the merit that the linear model promises within ``reach``, and where."""
        plain, missed, size = self._program, self._missed, self.x.size
        lower, upper = plain.lower.copy(), plain.upper.copy()
        lower[:size] = np.maximum(lower[:size], self.x - reach)
        upper[:size] = np.minimum(upper[:size], self.x + reach)
        # A column for what each missed row still lacks after the step.
        signs = np.where((plain.matrix @ self._point < plain.row_lower)[missed], 1.0, -1.0)
        places = (missed, np.arange(missed.size))
        lacks = sparse.csr_array((signs, places), shape=(plain.row_lower.size, missed.size))
        elastic = replace(
            plain,
            objective=np.concatenate([plain.objective, np.full(missed.size, price)]),
            lower=np.concatenate([lower, np.zeros(missed.size)]),
            upper=np.concatenate([upper, np.full(missed.size, np.inf)]),
            matrix=sparse.csr_array(sparse.hstack([plain.matrix, lacks], format="csr")),
        )
        solution = elastic.minimise(self._first)
        return None if solution is None else (solution.value, solution.v[:size])


class Sequential:
    """Improves designs of one inversion by steps of linear programs.

    Parameters
    ----------
    source
        The name under which designs are offered to the search.
    """

    def __init__(self, inversion: Inversion, search: Search, source: str) -> None:
        self._inversion, self._search, self._source = inversion, search, source
        self._regions = regions_of(inversion)

    def improve(self, x: Vector) -> Vector:
        """Return where the steps from ``x`` end; the end is offered, and before it the first design that holds."""
        regions = self._regions
        if regions is None:
            return x
        widths = self._inversion.upper - self._inversion.lower
        place, price, reach = _Place(regions, self._inversion.repair(x)), FIRST_PRICE, FIRST_REACH
        for _ in range(STEPS):
            if self._search.should_stop():
                break
            found = place.step(reach * widths, price)
            merit = place.merit(price)
            promised = 0.0 if found is None else merit - found[0]
            if found is None or promised <= PROGRESS * max(1.0, abs(merit)) or reach < LAST_REACH:
                if place.violation <= FEASIBILITY_TOLERANCE or price >= HIGHEST_PRICE:
                    break
                price, reach = DEARER * price, FIRST_REACH
                continue
            other = _Place(regions, found[1])
            gained = merit - other.merit(price)
            if gained > WORTH_REACHING * promised:
                reach = min(2.0 * reach, 1.0)
            elif gained <= WORTH_KEEPING * promised:
                share = np.abs(found[1] - place.x) / np.where(widths > 0.0, widths, 1.0)
                reach = min(reach, float(share.max())) / 3.0
                continue
            place = other
            if place.violation <= FEASIBILITY_TOLERANCE and self._search.best()[1] is None:
                self._search.offer(place.x, self._source)
        self._search.offer(place.x, self._source)
        return place.x
