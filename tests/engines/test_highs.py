"""HiGHS in the place of SCIP: it begins with a design, hears that the search is over, and its bounds are its word."""

from __future__ import annotations

import threading
import time
from typing import Any

import highspy
import numpy as np
import pytest
from engines.layer_problems import layer_problem
from engines.test_milp import good_design, hard_inversion

import preimage
from preimage.engines import highs as by_highs
from preimage.engines.encoding import encode
from preimage.engines.highs import milp_by_highs
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.problem import Inversion, compile_problem
from preimage.results import Result

ALONE = Effort(1, 0, frozenset({"milp"}))


def compiled(text: str) -> Inversion:
    return compile_problem(preimage.check(text, {}))


def started(inversion: Inversion, search: Search) -> threading.Thread:
    thread = threading.Thread(target=milp_by_highs, args=(inversion, search, ALONE))
    thread.start()
    return thread


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3, 1.0])
def test_stops_at_every_stage(delay: float) -> None:
    inversion = hard_inversion()
    encode(inversion)
    search = Search(inversion, 1e-9)
    thread = started(inversion, search)
    time.sleep(delay)
    search.stop("interrupted")
    thread.join(20.0)
    assert not thread.is_alive()
    assert search.failure is None


def test_begins_with_the_best_design(monkeypatch: pytest.MonkeyPatch) -> None:
    inversion = hard_inversion(12, 24)
    x = good_design(inversion)
    search = Search(inversion, 1e-9, time_limit=30.0)
    search.offer(x, "outside")
    known: list[float] = []
    plain = by_highs._Solver._improved

    def watched(self: by_highs._Solver, event: Any) -> None:
        known.append(event.data_out.objective_function_value)
        plain(self, event)
        search.stop("enough")

    monkeypatch.setattr(by_highs._Solver, "_improved", watched)
    milp_by_highs(inversion, search, ALONE)
    assert known[0] == pytest.approx(inversion.model.objective(x)[0], rel=1e-9)


def test_designs_found_beside_it_do_not_mislead_it() -> None:
    # Handed the polished design, HiGHS 1.15 would prove a false bound.
    problem = layer_problem(399)
    result = preimage.invert(problem.text, method="milp with highs", gap=1e-7, **problem.bindings)
    assert result.objective == pytest.approx(problem.optimum(), abs=1e-6)


def test_a_failure_in_a_callback_is_raised_and_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: by_highs._Solver, event: object) -> None:
        raise ZeroDivisionError("a callback broke")

    monkeypatch.setattr(by_highs._Solver, "_improved", broken)
    inversion = compiled("integer x[3] in 0..5\nminimise abs(x[0] - 0.7) + abs(x[1] + x[2] - 2.5)\n")
    search = Search(inversion)
    with pytest.raises(ZeroDivisionError, match="a callback broke"):
        milp_by_highs(inversion, search, ALONE)
    assert search.bound <= 0.0


def test_believes_nothing_once_it_was_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    inversion = compiled("input x[2] in 0..1\nminimise abs(x[0] - 0.7) + x[1] + 1\n")
    search = Search(inversion)
    plain = highspy.Highs.run

    def run_and_stop(self: highspy.Highs) -> object:
        status = plain(self)
        search.stop("time limit")
        return status

    monkeypatch.setattr(highspy.Highs, "run", run_and_stop)
    milp_by_highs(inversion, search, ALONE)
    assert search.snapshot().status == "time limit"
    assert search.snapshot().source_of_bound != by_highs.SOURCE


@pytest.mark.parametrize("method", ["milp", "milp with highs"])
@pytest.mark.parametrize("kind", ["input", "integer"])
def test_what_can_never_hold_is_the_word_of_the_solver(method: str, kind: str) -> None:
    text = f"{kind} x[2] in 0..1\nrequire x[0] + x[1] >= 1.5\nrequire x[0] - x[1] >= 0.8\nminimise abs(x[0] - 0.5)\n"
    result = preimage.invert(text, method=method)
    assert isinstance(result, Result)
    assert (result.status, result.objective, result.gap) == ("infeasible", None, None)
    assert result.solver in (None, {"milp": "SCIP", "milp with highs": "HiGHS"}[method])
    assert ("'s word" in result.message) == (result.solver is not None)


def test_a_norm_is_refused_where_it_is_said() -> None:
    text = "input x[2] in 0..1\nminimise L2(x, (2, 3))\nsolve using milp with highs\n"
    with pytest.raises(preimage.ProblemErrors, match=r"PRE507.*`L2` is none") as caught:
        preimage.invert(text)
    assert "line 3" in str(caught.value)
    assert "│             ^^^^^^^^^^^^^^^\n" in str(caught.value)
    with pytest.raises(preimage.ProblemErrors, match="PRE507"):
        preimage.invert(text.replace("highs", "plain"), method="milp with highs")
    result = preimage.invert(text.replace("highs", "sos1"))
    assert result.objective == pytest.approx(np.hypot(1.0, 2.0))
