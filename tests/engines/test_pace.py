"""Engines side by side wait for each other where that pays, and rest where the others need the cores."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import preimage
from preimage.engines import incumbent
from preimage.engines.adjoint import adjoint
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.problem import Inversion, compile_problem

LONG = 60.0
"""Seconds that no test waits."""


def problem(width: int) -> Inversion:
    random = np.random.default_rng(width)
    weights: dict[str, Any] = {"W1": random.normal(size=(width, 14)), "b1": random.normal(size=width)}
    weights |= {"W2": random.normal(size=(3, width)), "b2": np.zeros(3)}
    text = "network f\nparam t\ninput x[14] in -1..1\nminimise L1(f(x), t)\n"
    return compile_problem(preimage.check(text, {"f": weights, "t": 4.0 * width * np.ones(3)}))


@pytest.mark.parametrize(("width", "waits_for_descents"), [(3, False), (60, True)])
@pytest.mark.parametrize("end", [Search.note_descents, lambda search: search.stop("interrupted")])
def test_a_solver_with_much_to_decide_begins_after_the_first_descents(
    width: int, waits_for_descents: bool, end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incumbent, "HEAD_START_SECONDS", LONG)
    inversion = problem(width)
    search, effort = Search(inversion), Effort(1, 0, frozenset({"adjoint", "milp"}))
    solver = threading.Thread(target=incumbent.whole, args=(inversion, search, effort, "bigm"), daemon=True)
    solver.start()
    assert search.offer(np.zeros(14), "adjoint")
    solver.join(1.0 if waits_for_descents else LONG)
    assert solver.is_alive() == waits_for_descents
    end(search)
    solver.join(LONG)
    assert not solver.is_alive()


@pytest.mark.parametrize("beside", ["branch", "milp"])
def test_descents_rest_after_every_design_beside_a_tree_only(beside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    search, rests = Search(problem(20)), list[float]()

    def wait(seconds: float) -> bool:
        if seconds > 0.0 and threading.current_thread() is threading.main_thread():
            rests.append(seconds)
            return search.should_stop()
        return wait_in_earnest(seconds)

    wait_in_earnest = search.wait
    monkeypatch.setattr(search, "wait", wait)
    monkeypatch.setattr(search, "note_descents", lambda: search.stop("interrupted"))
    adjoint(problem(20), search, Effort(1, 0, frozenset({"adjoint", beside})))
    between = rests[:-1]  # the last one follows the round
    assert bool(between) == (beside == "branch")
