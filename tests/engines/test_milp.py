"""SCIP beside others: it takes designs, hears that the search is over, and keeps to the time."""

from __future__ import annotations

import gc
import importlib
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyscipopt
import pytest
from engines.test_portfolio import hard
from pyscipopt.scip import PY_SCIP_EVENTTYPE as SCIP_EVENTTYPE

import preimage
from preimage.engines import scip_heuristics
from preimage.engines.encoding import encode
from preimage.engines.highs import milp_by_highs
from preimage.engines.incumbent import whole
from preimage.engines.milp import MOST_TRIED, _Solver, milp, prove_first
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.scip_model import build_scip
from preimage.engines.search import Search
from preimage.problem import Inversion, compile_problem
from preimage.results import Result


def hard_inversion(inputs: int = 24, width: int = 60) -> Inversion:
    text, bindings = hard(inputs, width)
    return compile_problem(preimage.check(text, bindings))


def good_design(inversion: Inversion) -> np.ndarray[Any, np.dtype[np.float64]]:
    designs, _, _ = inversion.model.descend(64, 200, 0.03, 0, 1, None)
    return np.asarray(designs[0])


def started(inversion: Inversion, search: Search) -> threading.Thread:
    thread = threading.Thread(target=milp, args=(inversion, search, Effort(1, 0, frozenset({"milp"}))))
    thread.start()
    return thread


def test_takes_a_design_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from preimage.engines import scip_model

    accepted: list[bool] = []
    plain = scip_model.ScipProgram.add_solution

    def watched(self: scip_model.ScipProgram, values: scip_model.Floats) -> bool:
        accepted.append(plain(self, values))
        return accepted[-1]

    monkeypatch.setattr(scip_model.ScipProgram, "add_solution", watched)
    monkeypatch.setattr(Polisher, "polish", lambda *_: None)  # SCIP's own designs stay behind the one offered
    inversion = hard_inversion(12, 24)
    x = good_design(inversion)
    encode(inversion)
    search = Search(inversion, 1e-9, time_limit=30.0)
    thread = started(inversion, search)
    while not search.snapshot().nodes and not search.should_stop():
        time.sleep(0.05)
    assert search.offer(x, "outside"), "a descent beats what SCIP finds in its first nodes"
    begun = time.perf_counter()
    while not any(accepted) and time.perf_counter() - begun < 20.0:
        time.sleep(0.05)
    search.stop("enough")
    thread.join()
    assert any(accepted)
    assert search.failure is None


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3, 1.0])
def test_stops_at_every_stage(delay: float) -> None:
    inversion = hard_inversion()
    encode(inversion)
    search = Search(inversion, 1e-9)
    thread = started(inversion, search)
    time.sleep(delay)
    stopped = time.perf_counter()
    search.stop("interrupted")
    thread.join(20.0)
    assert not thread.is_alive()
    assert time.perf_counter() - stopped < 3.0


@pytest.mark.parametrize("method", ["milp", "adjoint", None])
def test_keeps_to_the_time(method: str | None) -> None:
    text, bindings = hard()
    preimage.invert(text, method="adjoint", time_limit=0.1, **bindings)  # what is read once is read by now
    begun = time.perf_counter()
    result = preimage.invert(text, method=method, time_limit=1.0, gap=1e-9, **bindings)
    assert isinstance(result, Result)
    assert result.status in ("feasible", "no design found")
    assert time.perf_counter() - begun < 1.0 + 3.0


def test_an_infeasible_problem_has_no_infinite_bound() -> None:
    text = "input x[2] in 0..1\nrequire x[0] + x[1] >= 1.5\nrequire x[0] - x[1] >= 0.8\nminimise abs(x[0] - 0.5)\n"
    result = preimage.invert(text, method="milp")
    assert isinstance(result, Result)
    assert (result.status, result.objective, result.gap) == ("infeasible", None, None)
    assert result.bound is None or abs(result.bound) <= 1.0


def test_no_bound_from_what_scip_takes_for_the_same() -> None:
    # A design a little above the optimum cuts off everything that is no better by SCIP's epsilon.
    inversion = compile_problem(preimage.check("input x[2] in 0..1\nminimise abs(x[0] - 0.7) + abs(x[1] - 2)\n", {}))
    search = Search(inversion, 1e-12)
    search.offer(np.array([0.7 + 6e-10, 1.0]), "outside")
    milp(inversion, search, Effort(1, 0, frozenset({"milp"})))
    assert search.bound <= 1.0


def test_believes_nothing_of_a_model_that_is_freed() -> None:
    # A root alone is solved, from a design far from the best; freed, SCIP calls the value of its best solution a bound.
    inversion = hard_inversion()
    search = Search(inversion, 1e-9)
    search.offer(0.5 * (inversion.lower + inversion.upper), "outside")
    for by_hand in (False, True):
        solver = _Solver(inversion, search, Effort(1, 0), whole(inversion, search, Effort(1, 0), "bigm"))
        solver.solve(nodes=1)
        search.offer(good_design(inversion), "outside")
        told = search.bound
        assert told < search.best()[2]
        if by_hand:
            solver._scip.model.freeTransform()
        del solver
        gc.collect()
        assert search.bound == told
    assert search.failure is None


@pytest.mark.parametrize(("worth_it", "trees"), [(0.0, 2), (1.0, 1)], ids=["begun anew", "gone on with"])
def test_bounds_what_takes_long(monkeypatch: pytest.MonkeyPatch, worth_it: float, trees: int) -> None:
    engine = importlib.import_module("preimage.engines.milp")  # the package has a function of that name
    monkeypatch.setattr(engine, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(engine, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(engine, "WORTH_BEGINNING_ANEW", worth_it)
    monkeypatch.setattr(engine, "is_within_reach", lambda *_: False)
    made: list[Any] = []
    plain = _Solver.__init__

    def watched(self: _Solver, *arguments: Any) -> None:
        made.append(self)
        plain(self, *arguments)

    monkeypatch.setattr(_Solver, "__init__", watched)
    inversion = hard_inversion(10, 18)
    search = Search(inversion, 1e-6, time_limit=60.0)
    search.offer(good_design(inversion), "outside")
    milp(inversion, search, Effort(1, 0, frozenset({"milp"})))
    assert len(made) == trees
    other = Search(inversion, 1e-6, time_limit=60.0)
    milp_by_highs(inversion, other, Effort(1, 0, frozenset({"milp"})))
    assert search.best()[2] == pytest.approx(other.best()[2], rel=1e-5)
    assert search.bound == pytest.approx(search.best()[2], rel=2e-6)


@pytest.mark.parametrize(("width", "tried"), [(50, True), (110, False)])
def test_tries_every_kink_where_they_are_few(width: int, tried: bool) -> None:
    inversion = hard_inversion(12, width)
    todo = whole(inversion, Search(inversion), Effort(1, 0), "bigm")
    assert (todo.program.binaries <= MOST_TRIED) == tried
    model = build_scip(todo.program).model
    usual = model.getParam("branching/relpscost/priority")
    prove_first(model)
    assert (model.getParam("branching/fullstrong/priority") > usual) == tried


def test_polishes_what_the_relaxation_would_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = importlib.import_module("preimage.engines.milp")
    monkeypatch.setattr(engine, "FIRST_SECONDS", 0.1)
    monkeypatch.setattr(engine, "PATIENCE_SECONDS", 0.2)
    inversion = hard_inversion(12, 24)
    polished: list[int] = []
    plain = Polisher.polish

    def watched(self: Polisher, x: Any, linear_programs: int = 40) -> None:
        polished.append(linear_programs)
        plain(self, x, linear_programs)

    monkeypatch.setattr(Polisher, "polish", watched)
    search = Search(inversion, 1e-9, time_limit=2.0)
    search.offer(0.5 * (inversion.lower + inversion.upper), "outside")
    milp(inversion, search, Effort(1, 0, frozenset({"milp"})))
    assert scip_heuristics.LINEAR_PROGRAMS in polished
    assert search.failure is None


TOLD = 0.25
"""The bound that a pretended SCIP tells; without it, the bound is 0."""


def nothing(search: Search) -> None: ...


def hear(
    monkeypatch: pytest.MonkeyPatch,
    status: str = "optimal",
    while_solving: Callable[[Search], object] = nothing,
    while_reading: Callable[[Search], object] = nothing,
) -> Search:
    """Return a search that has heard of a SCIP that solves nothing, by two events and at the end."""
    inversion = compile_problem(preimage.check("input x[2] in 0..1\nminimise abs(x[0] - 0.7) + x[1]\n", {}))
    search = Search(inversion)

    class PretendedScip(pyscipopt.Model):  # type: ignore[misc]
        def includeEventhdlr(self, handler: Any, name: str, description: str) -> None:
            super().includeEventhdlr(handler, name, description)
            self.handler = handler

        def optimizeNogil(self) -> None:
            while_solving(search)
            for _ in range(2):
                self.handler.eventexec(SimpleNamespace(getType=lambda: SCIP_EVENTTYPE.DUALBOUNDIMPROVED))

        def getDualbound(self) -> float:
            while_reading(search)
            return TOLD

        def getStatus(self) -> str:
            return status

    monkeypatch.setattr(pyscipopt, "Model", PretendedScip)
    milp(inversion, search, Effort(1, 0, frozenset({"milp"})))
    return search


def stop(search: Search) -> None:
    search.stop("time limit")


def test_believes_a_bound_while_the_search_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hear(monkeypatch).bound == pytest.approx(TOLD)


@pytest.mark.parametrize("status", ["optimal", "infeasible", "userinterrupt"])
def test_believes_nothing_once_it_was_told_to_stop(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    # SCIP then drops open nodes: what it calls a bound, or infeasible, is proved no more.
    def find_and_stop(search: Search) -> None:
        assert search.offer(np.array([0.9, 0.5]), "outside")
        stop(search)

    search = hear(monkeypatch, status, while_solving=find_and_stop)
    assert search.failure is None
    assert search.bound <= 0.0
    assert search.snapshot().status == "time limit"


def test_no_bound_if_the_stop_comes_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hear(monkeypatch, while_reading=stop).bound <= 0.0


def test_no_bound_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    # A failure in a callback interrupts SCIP, too.
    broken: list[Search] = []

    def break_once(search: Search) -> None:
        if not broken:
            broken.append(search)
            raise ZeroDivisionError("a callback broke")

    with pytest.raises(ZeroDivisionError, match="a callback broke"):
        hear(monkeypatch, while_reading=break_once)
    assert broken[0].bound <= 0.0
