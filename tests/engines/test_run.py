"""One search from beginning to end: what is done once the engines are."""

from __future__ import annotations

import numpy as np
import pytest

import preimage
from preimage.engines import ENGINES, Effort, Engine, Search, run
from preimage.engines.linear_program import LinearProgram
from preimage.problem import Inversion, compile_problem

TEXT = "network f\nparam t\ninput x[12] in -1..1\nrequire sum(x) <= 1\nminimise L1(f(x), t) + {more}\n"


def planted(seed: int, more: float = 0.0) -> tuple[Inversion, np.ndarray]:
    """A target that can be reached, and a design that nearly reaches it."""
    random = np.random.default_rng(seed)
    weights = {"W1": random.normal(size=(20, 12)), "b1": random.normal(size=20), "W2": random.normal(size=(2, 20))}
    exact = random.uniform(-0.5, 0.0, 12)
    target = weights["W2"] @ np.maximum(weights["W1"] @ exact + weights["b1"], 0.0)
    bindings = {"f": weights | {"b2": np.zeros(2)}, "t": target}
    return compile_problem(preimage.check(TEXT.format(more=more), bindings)), exact + 2e-9 * random.normal(size=12)


def nearly(x: np.ndarray) -> Engine:
    def offers(inversion: Inversion, search: Search, effort: Effort) -> None:
        search.offer(x, "adjoint, improved")
        search.raise_bound(float(inversion.model.bounds().lower(inversion.graph.output)[0]), "a distance")

    return offers


@pytest.mark.parametrize("seed", range(6))
def test_a_search_ends_at_the_best_design_of_a_region(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    inversion, x = planted(seed)
    monkeypatch.setitem(ENGINES, "adjoint", nearly(x))
    before = inversion.judge(x)[0]
    done = run(inversion, gap=1e-4, time_limit=None, threads=1, seed=0, engines=("adjoint",))
    seen = done.search.snapshot()
    assert 1e-9 < before <= 1e-6
    assert seen.incumbent is not None
    assert seen.incumbent <= 1e-12
    assert seen.status == "optimal"
    assert seen.source_of_incumbent == "adjoint, polished"
    assert not done.interrupted


def test_nothing_is_done_when_the_time_is_over_or_the_gap_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LinearProgram, "minimise", lambda *_: pytest.fail("no linear program is called for"))
    for more, limit, remaining in ((0.0, 60.0, 0.0), (1.0, None, np.inf)):
        inversion, x = planted(0, more)
        monkeypatch.setitem(ENGINES, "adjoint", nearly(x))
        monkeypatch.setattr(Search, "remaining", remaining)
        done = run(inversion, gap=1e-4, time_limit=limit, threads=1, seed=0, engines=("adjoint",))
        assert done.search.snapshot().source_of_incumbent == "adjoint, improved"


def test_what_is_close_enough_is_proved_as_soon_as_a_design_is_that_close() -> None:
    random = np.random.default_rng(5)
    weights = {"W1": random.normal(size=(40, 24)), "b1": random.normal(size=40), "W2": random.normal(size=(31, 40))}
    printed = weights["W2"] @ np.maximum(weights["W1"] @ random.uniform(-1, 1, 24) + weights["b1"], 0.0)
    bindings = {"f": weights | {"b2": np.zeros(31)}, "t": printed + 0.02 * random.normal(size=31)}
    text = "network f\nparam t\ninput x[24] in -1..1\nminimise max(L1(f(x), t), 1)\n"
    found = preimage.invert(text, **bindings)
    assert (found.status, found.objective, found.bound) == ("optimal", pytest.approx(1.0), pytest.approx(1.0))
