"""Neighbourhoods: what is found there holds and is no worse, and with every kink open it is the best there is."""

from __future__ import annotations

import numpy as np
import pytest
from engines.test_milp import hard_inversion
from hypothesis import given, settings
from hypothesis import strategies as st

import preimage
from preimage.engines import neighbourhood
from preimage.engines.encoding import encode
from preimage.engines.milp import milp
from preimage.engines.neighbourhood import Neighbourhood, neighbourhoods_pay
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.problem import Inversion, compile_problem

ALONE = Effort(1, 0, frozenset({"adjoint"}))


def random_inversion(seed: int, inputs: int, width: int, extra: str = "") -> Inversion:
    random = np.random.default_rng(seed)
    arrays = {
        "W1": random.normal(size=(width, inputs)),
        "b1": 0.3 * random.normal(size=width),
        "W2": random.normal(size=(3, width)) / np.sqrt(width),
        "b2": np.zeros(3),
    }
    text = f"network f\nparam t\ninput x[{inputs}] in -1..1\n{extra}minimise L1(f(x), t)\n"
    return compile_problem(preimage.check(text, {"f": arrays, "t": 2.0 * random.normal(size=3)}))


def first_design(inversion: Inversion) -> Search:
    search = Search(inversion, 1e-9)
    assert search.offer(0.5 * (inversion.lower + inversion.upper), "outside")
    return search


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_with_all_kinks_open_it_is_the_best(seed: int) -> None:
    inversion = random_inversion(seed, 4, 10)
    search = first_design(inversion)
    Neighbourhood(inversion, search, "neighbours").improve()
    exact = Search(inversion, 1e-6)
    milp(inversion, exact, Effort(1, 0, frozenset({"milp"})))
    best = exact.best()[2]
    assert best - 1e-6 <= search.best()[2] <= best + neighbourhood.GAP * abs(best) + 1e-6


@pytest.mark.parametrize("extra", ["", "require x[0] + x[1] <= 0.5\n", "integer n in 0..3\nrequire n <= 2 + x[2]\n"])
def test_is_better_and_holds(extra: str) -> None:
    inversion = random_inversion(3, 12, 60, extra)
    search = first_design(inversion)
    before = search.best()[2]
    Neighbourhood(inversion, search, "neighbours").improve()
    _, x, value = search.best()
    assert x is not None
    assert value < before
    again, violation = inversion.judge(x)
    assert again == pytest.approx(value)
    assert violation <= 1e-6


def test_more_kinks_are_open_where_nothing_better_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    inversion = hard_inversion()
    search = first_design(inversion)
    asked: list[int] = []
    found = Neighbourhood._best_near

    def watched(self: Neighbourhood, x: neighbourhood.Vector) -> neighbourhood.Vector | None:
        asked.append(len(self._decided(np.asarray(encode(inversion).program.complete(x)))))
        return None if len(asked) > 2 else found(self, x)

    monkeypatch.setattr(Neighbourhood, "_best_near", watched)
    neighbours = Neighbourhood(inversion, search, "neighbours")
    for _ in range(10):
        neighbours.improve()
    decided = [encode(inversion).program.binaries - free for free in (24, 36, 48, 60)]
    assert sorted(set(asked), reverse=True) == decided
    assert asked == sorted(asked, reverse=True)


def test_stops_with_the_search() -> None:
    inversion = hard_inversion()
    search = first_design(inversion)
    search.stop("enough")
    before = search.best()[0]
    Neighbourhood(inversion, search, "neighbours").improve()
    assert search.best()[0] == before


def test_where_it_pays() -> None:
    assert neighbourhoods_pay(hard_inversion(), ALONE)
    assert not neighbourhoods_pay(hard_inversion(), Effort(1, 0, frozenset({"adjoint", "branch"})))
    assert not neighbourhoods_pay(random_inversion(0, 4, 10), ALONE)  # too few kinks
