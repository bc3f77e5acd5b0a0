"""SCIP with the network's view of its nodes finds what it finds without, and says so if the view breaks."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from engines.test_portfolio import hard

import preimage
from preimage.engines import run
from preimage.engines.milp import milp
from preimage.engines.portfolio import Effort
from preimage.engines.scip_propagator import Network
from preimage.engines.search import Search
from preimage.problem import Inversion, compile_problem


def problem(seed: int, inputs: int, width: int, statement: str = "input x[{}] in -1..1") -> Inversion:
    """Return the problem of a random network with two hidden layers and a target out of its reach."""
    random = np.random.default_rng(seed)
    sizes = (inputs, width, width, 3)
    arrays: dict[str, Any] = {}
    for k in range(3):
        arrays[f"W{k + 1}"] = random.normal(size=(sizes[k + 1], sizes[k])) / np.sqrt(sizes[k])
        arrays[f"b{k + 1}"] = 0.3 * random.normal(size=sizes[k + 1])
    text = f"network f\nparam t\n{statement.format(inputs)}\nminimise L1(f(x), t)\n"
    return compile_problem(preimage.check(text, {"f": arrays, "t": 2.0 * random.normal(size=3)}))


def solved(inversion: Inversion) -> tuple[float, float]:
    """Return the best objective that the engine found alone, and its bound."""
    seen = run(inversion, gap=1e-6, time_limit=60.0, threads=1, seed=0, engines=("milp",)).search.snapshot()
    assert seen.incumbent is not None
    assert seen.bound is not None
    assert seen.status == "optimal"
    return seen.incumbent, seen.bound


@pytest.mark.parametrize(("inputs", "width"), [(2, 12), (3, 16), (4, 18)])
@pytest.mark.parametrize("statement", ["input x[{}] in -1..1", "integer x[{}] in -2..2"])
def test_the_same_optimum_with_and_without(
    inputs: int, width: int, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inversions = [problem(seed, inputs, width, statement) for seed in range(2)]
    seeing = [solved(inversion) for inversion in inversions]
    engine = sys.modules["preimage.engines.milp"]
    monkeypatch.setattr(engine, "see_network", lambda *_: None)
    for inversion, (best, bound) in zip(inversions, seeing, strict=True):
        blind_best, blind_bound = solved(inversion)
        assert best == pytest.approx(blind_best, rel=3e-6, abs=3e-6)
        assert bound <= blind_best + 1e-6
        assert blind_bound <= best + 1e-6


@pytest.mark.parametrize(
    ("inputs", "width", "beside", "halved"), [(4, 20, "milp", True), (8, 20, "milp", False), (4, 20, "branch", False)]
)
def test_few_inputs_beside_many_neurons_are_halved(
    inputs: int, width: int, beside: str, halved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(sys.modules["preimage.engines.milp"], "see_network", lambda *given: seen.append(given))
    inversion = problem(0, inputs, width)
    milp(inversion, Search(inversion, 1e-4, time_limit=0.5), Effort(1, 0, frozenset({"milp", beside})))
    assert bool(seen) == halved


def test_a_failure_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Network) -> int:
        raise ZeroDivisionError("the view broke")

    monkeypatch.setattr(Network, "look", fail)
    with pytest.raises(ZeroDivisionError, match="the view broke"):
        run(problem(0, 4, 20), gap=1e-6, time_limit=20.0, threads=1, seed=0, engines=("milp",))


def test_a_failure_in_branching_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Network) -> int:
        raise ZeroDivisionError("the choice broke")

    monkeypatch.setattr(Network, "influence", fail)
    with pytest.raises(ZeroDivisionError, match="the choice broke"):
        run(problem(0, 4, 30), gap=1e-6, time_limit=20.0, threads=1, seed=0, engines=("milp",))


def test_a_node_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Network, Any]] = []
    begin = Network.__init__

    def kept(self: Network, search: Any, scip: Any, bounds: Any) -> None:
        begin(self, search, scip, bounds)
        seen.append((self, scip.model))

    monkeypatch.setattr(Network, "__init__", kept)
    text, bindings = hard(4, 20)
    inversion = compile_problem(preimage.check(text, bindings))
    run(inversion, gap=1e-6, time_limit=30.0, threads=1, seed=0, engines=("milp",))
    ((network, model),) = seen
    assert 0 < network.calls <= model.getNTotalNodes() + 1
    assert network.narrowed > 0


def test_bounds_of_others_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without a tree beside it, SCIP needs many nodes to come as far as what it is told in the first.
    inversion = problem(0, 4, 20)
    best, _ = solved(inversion)
    search, told = Search(inversion, 1e-9, time_limit=30.0), 0.99 * best
    duals: list[float] = []
    look = Network.look

    def watched(self: Network) -> int:
        search.raise_bound(told, "outside")
        result = look(self)
        model = self._model
        duals.append(model.getCurrentNode().getLowerbound() + model.getDualbound() - model.getLowerbound())
        if len(duals) == 3:
            search.stop("enough")
        return result

    monkeypatch.setattr(Network, "look", watched)
    milp(inversion, search, Effort(1, 0, frozenset({"milp"})))
    assert duals[1] >= told - 1e-6 * abs(told)
    assert search.snapshot().source_of_bound == "outside"
