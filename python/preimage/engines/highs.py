"""The mixed-integer engine with HiGHS in the place of SCIP.

HiGHS begins with the best design known, and hears of no other: handed one in a callback, version 1.15 drops nodes that
hold better ones, and calls what is left optimal.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
from numpy.typing import ArrayLike

from preimage._core import Program
from preimage.bounds.highs import highs_program, quiet_highs
from preimage.engines.encoding import Formulation, fold
from preimage.engines.incumbent import task
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.problem import Inversion

SOURCE = "milp, by HiGHS"
"""What HiGHS says is its word: it works in floating point, within tolerances."""

TOLERANCE = 1e-9
"""Rows, bounds, reduced costs and whole numbers may be missed by this much; a bound is lowered by it, relatively."""

TICK_SECONDS = 0.1
"""Bounds and node counts are reported no more often than this."""


def milp_by_highs(inversion: Inversion, search: Search, effort: Effort, formulation: Formulation = "bigm") -> None:
    """Solve the mixed-integer program of ``inversion`` with HiGHS until ``search`` is over."""
    todo = task(inversion, search, effort, formulation)
    if search.should_stop():
        return
    solver = _Solver(inversion, search, todo.program, effort.seed)
    status = solver.run()
    if search.should_stop():
        return
    if status == highspy.HighsModelStatus.kInfeasible:
        if todo.whole:
            search.prove_infeasible(SOURCE)
        else:
            search.raise_bound(search.best()[2], SOURCE)


class _Solver:
    """A program in HiGHS, and what it tells the search and hears from it while it runs.

    Parameters
    ----------
    program
        Without cones and special ordered sets, which HiGHS does not know.
    """

    def __init__(self, inversion: Inversion, search: Search, program: Program, seed: int) -> None:
        if program.cones or program.sos1:
            raise ValueError("HiGHS takes linear rows only")
        self._search, self._program = search, program
        self._difference = fold(inversion).difference
        self._polisher = Polisher(inversion, search, "milp, polished")
        self._failure: BaseException | None = None
        self._ticked = 0.0
        self._highs = _loaded(program, seed)
        self._hear("cbMipImprovingSolution", self._improved)
        self._hear("cbMipInterrupt", self._tick)
        self._hear("cbSimplexInterrupt", lambda _: None)

    def run(self) -> Any:
        """Solve until HiGHS is done or the search is over; return the status of HiGHS."""
        _, x, _ = self._search.best()
        if x is not None:
            start: Any = highspy.HighsSolution()
            start.col_value, start.value_valid = self._program.complete(x), True
            self._highs.setSolution(start)
        self._highs.run()
        if self._failure is not None:
            raise self._failure
        status = self._highs.getModelStatus()
        if status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty):
            info = self._highs.getInfo()
            self._offer(self._highs.getSolution().col_value, info.objective_function_value)
            mixed = np.any(self._program.column_kinds)
            self._raise_bound(info.mip_dual_bound if mixed else info.objective_function_value)
        return status

    def _hear(self, name: str, act: Callable[[Any], None]) -> None:
        def heard(event: Any) -> None:
            try:
                if self._failure is None and not self._search.should_stop():
                    act(event)
            except BaseException as failure:  # noqa: BLE001  # kept for the caller: HiGHS is in between
                self._failure = failure
            if self._failure is not None or self._search.should_stop():
                event.interrupt()

        getattr(self._highs, name).subscribe(heard)

    def _improved(self, event: Any) -> None:
        self._offer(event.data_out.mip_solution, event.data_out.objective_function_value)

    def _offer(self, values: ArrayLike, value: float) -> None:
        """Offer a solution's design to the search, then the best design of its region."""
        x = self._program.inputs(values)
        # Solutions keep to HiGHS's own tolerances: one that is refused may have a neighbour that holds.
        if self._search.offer(x, "milp") or value < self._search.best()[2]:
            self._polisher.polish(x)

    def _tick(self, event: Any) -> None:
        if time.perf_counter() - self._ticked >= TICK_SECONDS:
            self._ticked = time.perf_counter()
            self._search.note("milp", event.data_out.mip_node_count)
            self._raise_bound(event.data_out.mip_dual_bound)

    def _raise_bound(self, bound: float) -> None:
        if math.isfinite(bound) and not self._search.should_stop():
            self._search.raise_bound(bound - TOLERANCE * max(1.0, abs(bound)) - self._difference, SOURCE)


def _loaded(program: Program, seed: int) -> Any:
    """Return a HiGHS with a program, which stops at no gap: the search knows when to."""
    highs = quiet_highs(TOLERANCE)
    highs.setOptionValue("mip_feasibility_tolerance", TOLERANCE)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.0)
    highs.setOptionValue("random_seed", seed % 2**31)
    lp = highs_program(program)
    if np.any(program.column_kinds):
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[kind] for kind in program.column_kinds]
    highs.passModel(lp)
    return highs
