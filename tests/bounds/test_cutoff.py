"""Nothing that is better than a known design is cut off, and a program of what is better has the same optimum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bounds.problems import Array, Case, case, network

import preimage
from preimage._core import Bounds, Program
from preimage.bounds.cutoff import Cutoff, tighten_by_cutoff
from preimage.engines import incumbent
from preimage.engines.scip_model import build_scip
from preimage.problem import Inversion, compile_problem
from preimage.results import Result


def designs(of: Case, inversion: Inversion, seed: int) -> tuple[Array, Array]:
    """Return designs that hold, among them very good ones, and their objectives; the best first."""
    random = np.random.default_rng(seed)
    x = of.sample(random, 3000)
    found, _, violations = inversion.model.descend(32, 100, 0.05, seed, 1, None)
    x = np.concatenate([x, found[violations == 0.0]])
    values = inversion.model.objective(x)
    order = np.argsort(values)
    return x[order], values[order]


def assert_within(inversion: Inversion, bounds: Bounds, x: Array) -> None:
    for node in range(inversion.graph.node_count):
        values = inversion.graph.evaluate(x, node)
        assert np.all(values >= bounds.lower(node))
        assert np.all(values <= bounds.upper(node))


def check(seed: int) -> float:
    """Return the share of the widths that a cutoff leaves."""
    of = case(seed)
    inversion = of.inversion
    x, values = designs(of, inversion, seed)
    cutoff = float(values[int(np.random.default_rng(seed).integers(0, 40))])
    plain = inversion.model.bounds()
    left = tighten_by_cutoff(inversion, plain, cutoff, threads=1, rounds=3)
    better = x[values <= cutoff]
    assert left.bounds is not None, "there is a design with this value"
    assert_within(inversion, left.bounds, better)
    program = inversion.model.encode(left.bounds, unconditional=plain)
    for design in better[:5]:
        assert program.violation(program.complete(design)) <= 1e-9
    nodes = range(inversion.graph.node_count)
    widths = [sum(float(np.sum(b.upper(node) - b.lower(node))) for node in nodes) for b in (left.bounds, plain)]
    return widths[0] / widths[1]


def test_nothing_better_is_cut_off() -> None:
    shares = [check(seed) for seed in range(60)]
    assert np.mean(shares) < 0.6, "and much is cut off"


@pytest.mark.slow
def test_nothing_better_is_cut_off_of_many() -> None:
    for seed in range(60, 500):
        check(seed)


@pytest.mark.parametrize("seed", range(5))
def test_below_the_optimum_nothing_is_left(seed: int) -> None:
    inversion = case(seed).inversion
    best = preimage.invert(inversion.problem, method="milp", gap=1e-6)
    assert isinstance(best, Result)
    assert best.bound is not None
    left = tighten_by_cutoff(inversion, inversion.model.bounds(), 0.5 * best.bound, threads=1)
    x, values = designs(case(seed), inversion, seed)
    if left.bounds is not None:
        assert_within(inversion, left.bounds, x[values <= 0.5 * best.bound])


@pytest.mark.parametrize(("worth_going_on", "pays"), [(0.0, True), (0.999, False)])
def test_a_first_round_that_takes_off_too_little_is_the_last(worth_going_on: float, pays: bool) -> None:
    inversion = case(1).inversion
    x, values = designs(case(1), inversion, 1)
    cutoff, plain = float(np.median(values)), inversion.model.bounds()
    left = tighten_by_cutoff(inversion, plain, cutoff, threads=1, worth_going_on=worth_going_on)
    assert left.pays is pays
    assert pays or left.rounds == 1
    assert left.bounds is not None
    assert_within(inversion, left.bounds, x[values <= cutoff])


def bound_always(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Have SCIP begin again within a cutoff, however small the problem, and however far the target."""
    cutoffs: list[float] = []

    def watched(inversion: Inversion, bounds: Bounds, cutoff: float, **options: Any) -> Cutoff:
        cutoffs.append(cutoff)
        return tighten_by_cutoff(inversion, bounds, cutoff, **options)

    monkeypatch.setattr(incumbent, "tighten_by_cutoff", watched)
    for name, value in (("MANY_INPUTS", 0), ("MANY_BINARIES", 0), ("OUT_OF_REACH", 2.0)):
        monkeypatch.setattr(incumbent, name, value)
    return cutoffs


@pytest.mark.parametrize("seed", range(15))
def test_the_optimum_is_the_same_within_a_cutoff(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = case(seed, width=8).problem
    plain = preimage.invert(problem, method=("milp", "adjoint"), gap=1e-6)
    bound_always(monkeypatch)
    within = preimage.invert(problem, method=("milp", "adjoint"), gap=1e-6)
    assert isinstance(plain, Result)
    assert isinstance(within, Result)
    assert plain.status == within.status == "optimal"
    assert within.objective == pytest.approx(plain.objective, rel=1e-5, abs=2e-6)


def test_requirements_on_a_network_are_kept_within_a_cutoff(monkeypatch: pytest.MonkeyPatch) -> None:
    # What must hold of the network's own values may be implied by bounds that assume it: its row has to stay.
    bound_always(monkeypatch)
    for seed in range(12):
        weights = case(seed).weights
        inputs = weights["W1"].shape[1]
        text = (
            f"network f\nparam t\ninput x[{inputs}] in -1..1\nlet y = f(x)\nrequire y[0] <= y[1] - 0.2\n"
            "require abs(y[2]) <= 1\nminimise L1(y, t)\n"
        )
        bindings = {"f": dict(weights), "t": np.random.default_rng(seed).normal(size=3)}
        within = preimage.invert(text, method=("milp", "adjoint"), gap=1e-6, **bindings)
        plain = preimage.invert(text, method="branch", gap=1e-6, **bindings)
        assert isinstance(plain, Result)
        assert isinstance(within, Result)
        assert within.status == plain.status
        if plain.objective is not None:
            assert within.objective == pytest.approx(plain.objective, rel=1e-5, abs=2e-6)


def forward(weights: dict[str, Array], x: Array) -> Array:
    for k in (1, 2):
        x = np.maximum(weights[f"W{k}"] @ x + weights[f"b{k}"], 0.0)
    return np.asarray(weights["W3"] @ x + weights["b3"])


@pytest.mark.parametrize("reached", [True, False])
def test_only_what_is_almost_within_reach_is_bounded(reached: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    cutoffs = bound_always(monkeypatch)
    monkeypatch.setattr(incumbent, "OUT_OF_REACH", 0.1)
    random = np.random.default_rng(1)
    f = network(random, [10, 16, 16, 12])
    target = np.full(12, -20.0)
    if reached:
        target = forward(f, random.uniform(-1.0, 1.0, 10)) + random.normal(0.0, 0.02, 12)
    text = "network f\nparam t\ninput x[10] in -1..1\nminimise L1(f(x), t)\n"
    found = preimage.invert(text, method=("milp", "adjoint"), f=f, t=target)
    assert isinstance(found, Result)
    assert bool(cutoffs) == reached
    assert found.objective is not None
    assert all(cutoff >= found.objective for cutoff in cutoffs)


def value_in(program: Program, x: Array) -> float:
    """Return the least objective that a program has for a design; infinite if it does not hold it."""
    scip = build_scip(program)
    for column, value in zip(scip.columns, x.tolist(), strict=False):
        scip.model.chgVarLb(column, min(max(value, column.getLbOriginal()), column.getUbOriginal()))
        scip.model.chgVarUb(column, column.getLbOriginal())
    scip.model.optimizeNogil()
    moved = any(abs(c.getLbOriginal() - v) > 1e-9 for c, v in zip(scip.columns, x.tolist(), strict=False))
    return np.inf if moved or scip.model.getStatus() == "infeasible" else float(scip.model.getObjVal())


def test_a_program_within_a_cutoff_gives_no_design_a_better_value() -> None:
    # The neuron relu(x0 + x1 - 0.9) is zero for all that is better than 0.1, and one tenth at (0.5, 0.5).
    weights = {"W1": np.ones((1, 2)), "b1": np.array([-0.9]), "W2": np.ones((1, 1)), "b2": np.zeros(1)}
    text = "network f\ninput x[2] in 0..1\nminimise abs(x[0] + x[1] - 0.4) + sum(f(x))\n"
    inversion = compile_problem(preimage.check(text, {"f": weights}))
    plain = inversion.model.bounds()
    left = tighten_by_cutoff(inversion, plain, 0.1, threads=1).bounds
    assert left is not None
    design = np.array([0.5, 0.5])
    assert inversion.model.objective(design) == pytest.approx(0.7)
    assert value_in(inversion.model.encode(left), design) == pytest.approx(0.6), "the neuron was left out"
    assert value_in(inversion.model.encode(left, unconditional=plain), design) == np.inf


def test_programs_within_a_cutoff_give_the_value_or_nothing() -> None:
    for seed in range(0, 40, 3):
        inversion = case(seed).inversion
        x, values = designs(case(seed), inversion, seed)
        plain = inversion.model.bounds()
        left = tighten_by_cutoff(inversion, plain, float(values[0]), threads=1, rounds=3)
        assert left.bounds is not None
        program = inversion.model.encode(left.bounds, unconditional=plain)
        for design, value in list(zip(x, values, strict=True))[::300]:
            assert value_in(program, design) >= value - 1e-6
