"""Polishing: never worse, nothing solved twice."""

from __future__ import annotations

import numpy as np
import pytest
from inversion.random_problems import Maker
from inversion.trial import refusal

import preimage
from preimage.engines.linear_program import LinearProgram
from preimage.engines.polish import Polisher
from preimage.engines.search import Search
from preimage.problem import compile_problem


@pytest.mark.parametrize("seed", range(700, 712))
def test_never_worse(seed: int) -> None:
    twin = Maker(seed).problem()
    if refusal(twin) or twin.objective is None:
        pytest.skip("nothing to polish")
    inversion = compile_problem(preimage.check(twin.text, twin.bindings))
    random = np.random.default_rng(seed)
    for _ in range(3):
        search = Search(inversion, 1e-12)
        x = inversion.repair(random.uniform(inversion.lower, inversion.upper))
        search.offer(x, "random")
        before = search.best()[2]
        Polisher(inversion, search, "polished").polish(x)
        assert search.best()[2] <= before
        assert search.failure is None
        truth = twin.optimum()
        if truth is not None:
            sign = -1.0 if twin.maximise else 1.0
            assert search.best()[2] >= sign * truth - 1e-6 * max(1.0, abs(truth))


def test_nothing_is_solved_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    solved: list[bytes] = []
    plain = LinearProgram.minimise

    def counted(self: LinearProgram, first: np.ndarray) -> object:
        solved.append(self.matrix.toarray().tobytes() + self.lower.tobytes())
        return plain(self, first)

    monkeypatch.setattr(LinearProgram, "minimise", counted)
    random = np.random.default_rng(5)
    arrays = {
        "W1": random.normal(size=(12, 4)),
        "b1": random.normal(size=12),
        "W2": random.normal(size=(3, 12)),
        "b2": random.normal(size=3),
    }
    text = "network f\ninput x[4] in -1..1\nminimise L1(f(x), (1, -2, 3))\n"
    inversion = compile_problem(preimage.check(text, {"f": arrays}))
    search = Search(inversion, 1e-12)
    polisher = Polisher(inversion, search, "polished")
    starts = random.uniform(-1, 1, size=(10, 4))
    for x in starts:
        polisher.polish(x)
    assert len(solved) > 10
    assert len(set(solved)) == len(solved), "every region is solved once"
    count = len(solved)
    for x in starts:
        polisher.polish(x)
    assert len(solved) == count


def test_stops_with_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    inversion = compile_problem(preimage.check("input x in 0..1\nminimise abs(x - 0.3)\n", {}))
    search = Search(inversion)
    search.stop("interrupted")
    monkeypatch.setattr(LinearProgram, "minimise", lambda *_: pytest.fail("the search was over"))
    Polisher(inversion, search, "polished").polish(np.array([0.9]))
    assert search.best()[1] is None


def test_facets_are_crossed_down_to_the_target() -> None:
    # Rising everywhere, with another slope between any two whole numbers.
    slopes = np.array([1.0, 0.3, 2.0, 0.5, 1.5, 0.2, 1.0, 3.0])
    arrays = {
        "W1": np.ones((8, 1)),
        "b1": -np.arange(8.0),
        "W2": np.diff(slopes, prepend=0.0)[None],
        "b2": np.zeros(1),
    }
    text = "network f\ninput x in 0..8\nminimise abs(f(concat(x))[0] - 0.4)\n"
    inversion = compile_problem(preimage.check(text, {"f": arrays}))
    search = Search(inversion, 1e-12)
    Polisher(inversion, search, "polished").polish(np.array([7.5]))
    _, x, value = search.best()
    assert value == pytest.approx(0.0, abs=1e-9)
    assert x == pytest.approx([0.4])
