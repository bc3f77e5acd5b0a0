"""Cuts of single kinks: they hold for every design, none cuts deeper, and SCIP gets by with fewer nodes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from engines.test_milp import hard_inversion
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING

from preimage._core import GraphBuilder, Matrix, Model, Program
from preimage.engines.encoding import encode
from preimage.engines.scip_model import build_scip
from preimage.engines.strong_cuts import Cut, Hulls, StrongCuts


def program(seed: int, formulation: str = "bigm") -> tuple[Model, Program]:
    """Kinks of many slopes in two layers behind inputs of many ranges, pushed up."""
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 5))
    builder, node = GraphBuilder(size), 0
    for _ in range(2):
        weights = random.normal(size=(4, builder.size(node))) * (random.random((4, builder.size(node))) < 0.8)
        node = builder.affine([(node, Matrix.dense(weights))], 0.3 * random.normal(size=4))
        node = builder.kink(node, random.choice([0.0, 0.0, 0.1, -1.0, -0.4], size=4))
    node = builder.affine([(node, Matrix.dense(-random.random((1, 4))))], [0.0])
    lower = random.choice([-2.0, -1.0, 0.0, 0.5], size=size)
    model = Model(builder.build(), lower, lower + random.random(size) + 0.5, [0] * size, {}, [], [], node)
    return model, model.encode(model.bounds(), formulation)


def excess(cut: Cut, values: np.ndarray) -> float:
    return float(values[cut.value] - cut.coefficients @ values[cut.columns] - cut.on * values[cut.active] - cut.limit)


def random_point(random: np.random.Generator, program: Program) -> np.ndarray:
    share = random.random(program.column_count)
    return program.column_lower + share * (program.column_upper - program.column_lower)


@pytest.mark.parametrize("formulation", ["bigm", "plain"])
@pytest.mark.parametrize("seed", range(40))
def test_every_design_meets_every_cut(seed: int, formulation: str) -> None:
    model, encoded = program(seed, formulation)
    random = np.random.default_rng(seed)
    hulls = Hulls(encoded)
    cuts = [cut for _ in range(30) for cut in hulls.deepest(random_point(random, encoded))]
    lower, upper = encoded.column_lower[: model.input_size], encoded.column_upper[: model.input_size]
    ends = np.array(list(itertools.product(*zip(lower, upper, strict=True))))
    inside = lower + random.random((50, model.input_size)) * (upper - lower)
    for x in np.vstack([ends, inside]):
        solution = encoded.complete(x)
        assert encoded.violation(solution) <= 1e-9
        for cut in cuts:
            assert excess(cut, solution) <= 1e-12


@pytest.mark.parametrize("seed", range(20))
def test_no_cut_of_the_family_is_deeper(seed: int) -> None:
    _, encoded = program(seed)
    random = np.random.default_rng(seed)
    point = random_point(random, encoded)
    found = {cut.value: excess(cut, point) for cut in Hulls(encoded).deepest(point)}
    for value, active, slope, columns, weights, constant in encoded.switches():
        ends = weights * encoded.column_lower[columns], weights * encoded.column_upper[columns]
        least, largest, terms, on = np.minimum(*ends), np.maximum(*ends), weights * point[columns], point[active]
        hull = min(
            float(np.where(taken, terms - least * (1 - on), largest * on).sum()) + constant * on
            for taken in itertools.product([False, True], repeat=len(columns))
        )
        deepest = float(point[value] - slope * (terms.sum() + constant) - (1 - slope) * hull)
        if value in found:
            assert found[value] == pytest.approx(deepest, abs=1e-9)
        else:
            assert deepest <= 1.1e-3 * max(1.0, abs(point[value]))


def nodes_and_optimum(encoded: Program, *, cut: bool) -> tuple[int, float]:
    scip = build_scip(encoded)
    scip.model.setSeparating(SCIP_PARAMSETTING.OFF)
    failures: list[BaseException] = []
    if cut:
        cuts = StrongCuts(scip, Hulls(encoded), failures.append)
        scip.model.includeSepa(cuts, "strong", "", priority=1000, freq=1, maxbounddist=1.0)
    scip.model.optimizeNogil()
    assert not failures
    return scip.model.getNTotalNodes(), scip.model.getObjVal()


def test_scip_needs_fewer_nodes() -> None:
    inversion = hard_inversion(6, 16)
    encoded = encode(inversion).program
    (many, without), (few, optimum) = (nodes_and_optimum(encoded, cut=cut) for cut in (False, True))
    assert optimum == pytest.approx(without, abs=1e-6)
    assert few < many


def test_a_failure_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Hulls, values: Any) -> list[Cut]:
        raise ZeroDivisionError("a callback broke")

    monkeypatch.setattr(Hulls, "deepest", broken)
    scip = build_scip(encode(hard_inversion(6, 16)).program)
    failures: list[BaseException] = []

    def fail(failure: BaseException) -> None:
        failures.append(failure)
        scip.model.interruptSolve()

    scip.model.includeSepa(StrongCuts(scip, Hulls(scip.program), fail), "strong", "", priority=1000, freq=1)
    scip.model.optimizeNogil()
    assert isinstance(failures[0], ZeroDivisionError)
