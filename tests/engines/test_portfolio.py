"""Engines side by side: interruptions, failures, and nothing left behind."""

from __future__ import annotations

import _thread
import threading
import time
from typing import Any

import numpy as np
import pytest

import preimage
from preimage.engines.portfolio import Effort, run_side_by_side
from preimage.engines.search import Search, Snapshot
from preimage.problem import Inversion, compile_problem
from preimage.results import Result, Sweep

EASY = "input x in 0..1\nminimise abs(x - 0.3)\n"


def hard(inputs: int = 24, width: int = 60) -> tuple[str, dict[str, Any]]:
    random = np.random.default_rng(3)
    sizes = (inputs, width, width, 8)
    arrays: dict[str, Any] = {}
    for k in range(3):
        arrays[f"W{k + 1}"] = random.normal(size=(sizes[k + 1], sizes[k])) / np.sqrt(sizes[k])
        arrays[f"b{k + 1}"] = 0.3 * random.normal(size=sizes[k + 1])
    text = f"network f\nparam t\ninput x[{inputs}] in -1..1\nminimise L1(f(x), t)\n"
    return text, {"f": arrays, "t": 3.0 * random.normal(size=8)}


def engines_alive() -> list[str]:
    names = {"branch", "milp", "adjoint", "watch", "waiting", "failing"}
    return [thread.name for thread in threading.enumerate() if thread.name in names]


def compiled(text: str, **bindings: Any) -> Inversion:
    return compile_problem(preimage.check(text, bindings))


def waiting(inversion: Inversion, search: Search, effort: Effort) -> None:
    while not search.should_stop():
        search.wait(0.01)


def failing(inversion: Inversion, search: Search, effort: Effort) -> None:
    raise ZeroDivisionError("an engine broke")


@pytest.mark.parametrize("method", [None, "milp", "adjoint", "branch,adjoint"])
def test_ctrl_c_in_the_callback(method: str | None) -> None:
    text, bindings = hard(8 if method and "branch" in method else 24)
    raised: list[float] = []

    def progress(seen: Snapshot) -> None:
        if seen.incumbent is not None and seen.seconds > 1.0 and not raised:
            raised.append(time.perf_counter())
            raise KeyboardInterrupt

    with pytest.raises(preimage.Interrupted) as caught:
        preimage.invert(text, method=method, gap=1e-12, progress=progress, time_limit=60, **bindings)
    assert time.perf_counter() - raised[0] < 3.0
    result = caught.value.result
    assert isinstance(result, Result)
    assert result.status == "interrupted"
    assert result.design["x"].shape == bindings["f"]["W1"].shape[1:]
    assert result.objective is not None
    if method == "adjoint":
        assert result.bound is None
    elif result.bound is not None:
        assert result.bound <= result.objective
    assert not engines_alive()


def test_ctrl_c_from_outside() -> None:
    text, bindings = hard()
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.perf_counter())
        _thread.interrupt_main()

    timer = threading.Timer(1.5, interrupt)
    timer.start()
    with pytest.raises(preimage.Interrupted) as caught:
        preimage.invert(text, gap=1e-12, time_limit=60, **bindings)
    timer.join()
    assert time.perf_counter() - sent[0] < 3.0
    assert isinstance(caught.value.result, Result)
    assert not engines_alive()


def test_a_callback_that_always_interrupts() -> None:
    def progress(seen: Snapshot) -> None:
        raise KeyboardInterrupt

    with pytest.raises(preimage.Interrupted) as caught:
        preimage.invert(EASY, progress=progress)
    assert isinstance(caught.value.result, Result)
    assert not engines_alive()


def test_ctrl_c_in_a_sweep_keeps_what_was_begun() -> None:
    text, bindings = hard()
    bindings["t"] = np.array([bindings["t"], -bindings["t"], 2.0 * bindings["t"]])

    def progress(seen: Snapshot) -> None:
        assert seen.rows == 3
        if seen.row == 1:
            raise KeyboardInterrupt

    with pytest.raises(preimage.Interrupted) as caught:
        preimage.invert(text.replace("param t", "target t"), time_limit=0.7, progress=progress, **bindings)
    result = caught.value.result
    assert isinstance(result, Sweep)
    assert len(result) == 2
    assert not engines_alive()


def test_an_engine_that_fails_is_raised() -> None:
    inversion = compiled(EASY)
    search = Search(inversion)
    with pytest.raises(ZeroDivisionError, match="an engine broke"):
        run_side_by_side({"waiting": waiting, "failing": failing}, inversion, search, Effort(1, 0))
    assert not engines_alive()


def test_a_callback_that_fails_leaves_nothing_behind() -> None:
    inversion = compiled(EASY)
    search = Search(inversion)

    def progress(seen: Snapshot) -> None:
        raise LookupError("a view broke")

    with pytest.raises(LookupError, match="a view broke"):
        run_side_by_side({"waiting": waiting}, inversion, search, Effort(1, 0), progress)
    assert search.should_stop()
    assert not engines_alive()


def test_engines_that_give_up() -> None:
    inversion = compiled(EASY)
    search = Search(inversion)
    calls: list[Snapshot] = []
    effort = Effort(1, 0)
    assert not run_side_by_side({"waiting": lambda i, s, e: None}, inversion, search, effort, calls.append)
    assert calls[-1].status == "exhausted"


def test_ctrl_c_while_engines_are_ending() -> None:
    inversion = compiled(EASY)
    search = Search(inversion)

    def slow_to_end(inversion: Inversion, search: Search, effort: Effort) -> None:
        search.offer(np.array([0.3]), "slow")
        search.raise_bound(0.0, "slow")
        time.sleep(0.8)

    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    assert run_side_by_side({"waiting": slow_to_end}, inversion, search, Effort(1, 0))
    timer.join()
    assert search.snapshot().status == "optimal"
    assert not engines_alive()


@pytest.mark.parametrize("method", ["milp", pytest.param("adjoint", marks=pytest.mark.slow)])
def test_the_same_again(method: str) -> None:
    text, bindings = hard(3, 6)
    answers = []
    for _ in range(2):
        result = preimage.invert(text, method=method, seed=7, threads=1, **bindings)
        assert isinstance(result, Result)
        answers.append(result)
    assert answers[0].objective == answers[1].objective
    np.testing.assert_array_equal(answers[0].design["x"], answers[1].design["x"])
    assert answers[0].bound == answers[1].bound


@pytest.mark.parametrize("method", [None, "branch"])
def test_as_good_again(method: str | None) -> None:
    # Engines that race may end with another design, but not with a worse one than the gap allows.
    text, bindings = hard(3, 6)
    results = [preimage.invert(text, method=method, threads=2, **bindings) for _ in range(2)]
    values = [result.objective for result in results if isinstance(result, Result) and result.status == "optimal"]
    assert len(values) == 2
    assert values[0] == pytest.approx(values[1], rel=2e-4)


STEEP = {
    "steep": "input x[2] in 0..1\nrequire x[0] + x[1] <= 0.6\nmaximise 1e6*(x[0] + x[1] - 0.6)\n",
    "infeasible by less than is allowed": (
        "input x[2] in 0..1\nrequire x[0]*3 == x[1]*7 + 0.1\nrequire x[0]*3 - x[1]*7 == 0.10000002\nminimise x[0]\n"
    ),
}


@pytest.mark.parametrize("method", [None, "adjoint,branch", "adjoint,milp"])
@pytest.mark.parametrize("text", STEEP.values(), ids=STEEP)
def test_what_a_tolerance_gains_is_no_contradiction(text: str, method: str | None) -> None:
    result = preimage.invert(text, method=method, time_limit=5)
    assert isinstance(result, Result)
    assert result.status in ("optimal", "feasible", "infeasible")
    result.check(preimage.inversion.Verifier())


def test_an_engine_that_does_not_fit_is_refused() -> None:
    text = "integer n[3] in 0..3\nselect at least 2 of n\nminimise sum(n)\n"
    with pytest.raises(preimage.ProblemErrors, match="PRE507") as caught:
        preimage.invert(text, method="branch")
    assert "branch" in str(caught.value)
    assert not engines_alive()
