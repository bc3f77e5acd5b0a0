"""HiGHS in the place of SCIP: it takes designs, hears that the search is over, and its bounds are its word."""

from __future__ import annotations

import threading
import time

import highspy
import numpy as np
import pytest
from engines.test_milp import good_design, hard_inversion

import preimage
from preimage.engines import highs as by_highs
from preimage.engines.encoding import encode
from preimage.engines.highs import milp_by_highs
from preimage.engines.polish import Polisher
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


def test_takes_a_design_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[float] = []
    plain = by_highs._Solver._exchange

    def watched(self: by_highs._Solver, event: object) -> None:
        known = self._version
        plain(self, event)
        if self._version != known:
            taken.append(search.best()[2])

    monkeypatch.setattr(by_highs._Solver, "_exchange", watched)
    monkeypatch.setattr(Polisher, "polish", lambda *_: None)  # HiGHS's own designs stay behind the one offered
    inversion = hard_inversion(12, 24)
    x = good_design(inversion)
    encode(inversion)
    search = Search(inversion, 1e-9, time_limit=30.0)
    thread = started(inversion, search)
    while not search.snapshot().nodes and not search.should_stop():
        time.sleep(0.05)
    assert search.offer(x, "outside")
    value = search.best()[2]
    begun = time.perf_counter()
    while not any(v <= value for v in taken) and time.perf_counter() - begun < 20.0:
        time.sleep(0.05)
    search.stop("enough")
    thread.join()
    assert any(v <= value for v in taken)
    assert search.failure is None


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
