"""Folded models: the engines give the same answers on them, whether folding is worth it or not."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from inversion.random_problems import Maker
from inversion.rich_problems import RichMaker
from inversion.trial import check

import preimage
from preimage.engines import encoding
from preimage.engines.encoding import Folded, bound, fold, least
from preimage.problem import Inversion, compile_problem
from preimage.results import Result

WORST = "network f\nparam x0\ninput x[4] in x0 - {off} .. x0 + {off}\nmaximise L1(f(x), f(x0))\n"
NEAREST = "network f\nparam x0\ninput x[4] in x0 - {off} .. x0 + {off}\nminimise L1(f(x), {goal})\n"


def bindings(seed: int) -> dict[str, Any]:
    """A random network of three layers of 40 neurons, and a design."""
    random = np.random.default_rng(seed)
    arrays = {}
    for k, (columns, rows) in enumerate(itertools.pairwise((4, 40, 40, 40, 3)), 1):
        arrays[f"W{k}"] = random.normal(size=(rows, columns)) * np.sqrt(2.0 / columns)
        arrays[f"b{k}"] = 0.3 * random.normal(size=rows)
    return {"f": arrays, "x0": random.uniform(-1.0, 1.0, 4)}


def narrow(seed: int, text: str = WORST, off: float = 1e-3, goal: str = "0") -> Inversion:
    return compile_problem(preimage.check(text.format(off=off, goal=goal), bindings(seed)))


@pytest.fixture
def everything_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fold whatever can be folded."""

    @lru_cache(maxsize=2)
    def forced(inversion: Inversion) -> Folded:
        found = inversion.model.compact(np.inf, np.inf)
        if found is None:
            return Folded(inversion.model, inversion.model)
        return Folded(found.model, found.outer, found.difference, found.decided)

    monkeypatch.setattr(encoding, "_fold", forced)


@pytest.mark.parametrize("seed", range(4))
def test_a_narrow_box_is_folded_and_gives_the_same(seed: int) -> None:
    inversion = narrow(seed)
    folded = fold(inversion)
    assert folded.decided is not None
    assert sum(folded.model.graph.size(n) for n in range(folded.model.graph.node_count)) < 60
    assert 0.0 < folded.difference < 1e-9
    x = np.random.default_rng(seed).uniform(inversion.lower, inversion.upper, (1000, 4))
    values = inversion.model.objective(x)
    np.testing.assert_allclose(folded.model.objective(x), values, rtol=0.0, atol=folded.difference)
    assert least(inversion) <= values.min()
    # No worse than what the whole network is bounded by, but for the rounding.
    whole = inversion.model.bounds().lower(inversion.graph.output)[0]
    assert least(inversion) >= whole - 1e-3 * abs(whole)


def test_a_wide_box_is_not_folded() -> None:
    inversion = narrow(0, off=1.0)
    folded = fold(inversion)
    assert folded.model is inversion.model
    assert folded.outer is inversion.model
    assert folded.decided is None
    assert bound(inversion).lower(inversion.graph.output)[0] == least(inversion)


def test_a_distance_is_not_below_zero_by_any_digit() -> None:
    inversion = narrow(1, NEAREST, goal="f(x0)")
    assert fold(inversion).decided is not None
    assert least(inversion) == 0.0


@pytest.mark.parametrize("method", ["adjoint", "milp", "branch", ("adjoint", "milp")])
@pytest.mark.parametrize("text", [WORST, NEAREST], ids=["worst", "nearest"])
def test_answers_are_those_of_the_whole_model(text: str, method: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = narrow(2, text).problem
    found = [preimage.invert(problem, method=method, time_limit=20.0 if method != "adjoint" else 0.3)]
    monkeypatch.setattr(encoding, "_fold", lambda inversion: Folded(inversion.model, inversion.model))
    found.append(preimage.invert(problem, method=method, time_limit=20.0 if method != "adjoint" else 0.3))
    then, first = found
    assert isinstance(then, Result)
    assert isinstance(first, Result)
    assert then.objective == pytest.approx(first.objective, rel=2e-4)
    assert then.statistics["layers"] == first.statistics["layers"]
    if method != "adjoint":
        assert then.status == first.status == "optimal"


@pytest.mark.parametrize("seed", range(30))
def test_problems_of_all_kinds_by_solver(seed: int, everything_folded: None) -> None:
    twin = (Maker if seed % 2 else RichMaker)(2000 + seed).problem()
    if "target aim" not in twin.text.splitlines():
        check(twin, f"folded, milp, seed {seed}", method="milp")


@pytest.mark.parametrize("seed", range(6))
def test_problems_of_all_kinds_side_by_side(seed: int, everything_folded: None) -> None:
    twin = RichMaker(2100 + seed).problem()
    if "target aim" not in twin.text.splitlines():
        check(twin, f"folded, seed {seed}")
