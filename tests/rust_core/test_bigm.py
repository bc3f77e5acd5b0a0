"""The encoded program, solved, against the model: the same designs, the same values, the same optimum."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import highspy
import hypothesis.strategies as st
import numpy as np
import pyscipopt
import pytest
from hypothesis import given, settings
from pyscipopt import SCIP_HEURTIMING, SCIP_PARAMSETTING, SCIP_RESULT
from rust_core.random_models import CATALOGUE, CONTINUOUS, INTEGER, Parts, random_parts
from rust_core.solvers import by_highs, by_scip, quiet_highs, run_highs

from preimage._core import GraphBuilder, Matrix, Model, Program
from preimage.engines import scip_access
from preimage.engines.scip_model import ScipProgram, build_scip

seeds = st.integers(0, 2**32)
TOLERANCE = 2e-5
"""What the tolerances of the solvers (1e-6 a row) may amount to over a few layers."""


def encodings(parts: Parts, rng: np.random.Generator) -> list[Program] | None:
    """The program in both formulations, or None if a norm would have to be bounded below."""
    model = parts.model()
    bounds = model.bounds(str(rng.choice(["crown", "interval"])))
    try:
        return [model.encode(bounds, formulation) for formulation in ("bigm", "plain", "sos1")]
    except ValueError as error:
        if "not convex" not in str(error):
            raise
        return None


def optima(programs: list[Program], fixed: np.ndarray | None = None) -> list[tuple[Program, float, np.ndarray] | None]:
    """The optimum of every program by SCIP, and of the first one by HiGHS where it can read it."""
    solved = [(program, by_scip(program, fixed)) for program in programs]
    if not programs[0].cones:
        solved.append((programs[0], by_highs(programs[0], fixed)))
    return [None if optimum is None else (program, *optimum) for program, optimum in solved]


@given(seed=seeds)
def test_the_optimum_over_discrete_inputs_is_that_of_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = random_parts(rng, [INTEGER, CATALOGUE], norms=False)
    designs = parts.all_designs()
    model = parts.model()
    feasible = model.violation(designs) <= 1e-9
    almost = ~feasible & (model.violation(designs) < 1e-5)
    if almost.any():
        return
    programs = encodings(parts, rng)
    assert programs is not None
    for optimum in optima(programs):
        assert (optimum is not None) == feasible.any()
        if optimum is not None:
            program, value, solution = optimum
            x = program.inputs(solution)
            assert value == pytest.approx(model.objective(designs[feasible]).min(), abs=TOLERANCE)
            assert model.objective(x)[0] == pytest.approx(value, abs=TOLERANCE)
            assert model.violation(x)[0] <= 1e-9


@given(seed=seeds)
def test_a_fixed_design_is_feasible_exactly_if_it_holds_and_keeps_its_objective(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = random_parts(rng, [CONTINUOUS, CONTINUOUS, INTEGER, CATALOGUE], norms=True)
    programs = encodings(parts, rng)
    if programs is None:
        return
    for x in parts.sample(rng, 3):
        violation = parts.violation(x)
        if 0 < violation < 1e-3 or (violation > 0 and _holds_in_the_closure(parts, x)):
            continue
        for optimum in optima(programs, x):
            assert (optimum is not None) == (violation == 0)
            if optimum is not None:
                assert optimum[1] == pytest.approx(parts.graph.evaluate(x)[0], abs=TOLERANCE)


@given(seed=seeds)
@settings(max_examples=30)
def test_no_sample_beats_the_optimum_over_continuous_inputs_and_its_design_attains_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = random_parts(rng, [CONTINUOUS], norms=True)
    programs = encodings(parts, rng)
    if programs is None:
        return
    model = parts.model()
    samples = parts.sample(rng, 2000)
    samples = samples[model.violation(samples) == 0.0]
    for optimum in optima(programs):
        if optimum is None:
            assert len(samples) == 0
            continue
        program, value, solution = optimum
        assert len(samples) == 0 or value <= model.objective(samples).min() + TOLERANCE
        x = program.inputs(solution)
        assert model.objective(x)[0] == pytest.approx(value, abs=20 * TOLERANCE)
        assert parts.violation(x) <= 20 * TOLERANCE or _holds_in_the_closure(parts, x)


def _holds_in_the_closure(parts: Parts, x: np.ndarray) -> bool:
    """Whether all that a design lacks is that enough continuous inputs are not zero."""
    selections = [(groups, 0, at_most) for groups, _, at_most in parts.selections]
    closure = Parts(
        parts.graph,
        parts.lower,
        parts.upper,
        parts.kinds,
        parts.catalogues,
        selections,
        parts.requirements,
        parts.objective,
    )
    return CONTINUOUS in parts.kinds and closure.violation(x) <= 20 * TOLERANCE


@given(seed=seeds)
@settings(max_examples=25)
def test_files_read_back_have_the_same_optimum(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    rng = np.random.default_rng(seed)
    parts = random_parts(rng, [CONTINUOUS, INTEGER, CATALOGUE], norms=True)
    programs = encodings(parts, rng)
    if programs is None:
        return
    folder = tmp_path_factory.mktemp("files")
    for program in programs:
        expected = by_scip(program)
        for path in (folder / "program.mps", folder / "program.lp"):
            (program.write_mps if path.suffix == ".mps" else program.write_lp)(path)
            found = [_read_by_scip(path)]
            if not program.sos1 and not program.cones:
                found.append(_read_by_highs(path))
            for value in found:
                assert (value is None) == (expected is None), path.read_text()
                if expected is not None:
                    assert value == pytest.approx(expected[0], abs=TOLERANCE), path.read_text()


def _read_by_scip(path: Path) -> float | None:
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.optimize()
    return None if model.getStatus() == "infeasible" else model.getObjVal()


def _read_by_highs(path: Path) -> float | None:
    highs = quiet_highs()
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    optimum = run_highs(highs)
    return None if optimum is None else optimum[0]


def network_distance() -> Model:
    """The distance of a small random network's outputs from a target: 3 inputs, 24 ReLUs, 5 outputs."""
    rng = np.random.default_rng(5)
    builder, node = GraphBuilder(3), 0
    for size in (12, 12):
        weights = Matrix.dense(rng.normal(size=(size, builder.size(node))) / 2)
        node = builder.relu(builder.affine([(node, weights)], rng.normal(size=size) / 4))
    node = builder.absolute(builder.affine([(node, Matrix.dense(rng.normal(size=(5, 12))))], rng.normal(size=5)))
    node = builder.affine([(node, Matrix.dense(np.ones((1, 5))))], [0.0])
    return Model(builder.build(), np.zeros(3), np.ones(3), [0, 0, 0], {}, [], [], node)


@pytest.mark.parametrize("formulation", ["bigm", "plain", "sos1"])
def test_the_inside_of_an_absolute_value_is_tied_from_both_sides(formulation: str) -> None:
    # Minimise 10 x + |relu(x) - 0.5| over [-1, 1]: were relu(x) only bounded below, it could be 0.5 at x = -1.
    builder = GraphBuilder(1)
    inside = builder.affine([(builder.relu(0), Matrix.dense([[1.0]]))], [-0.5])
    terms = [(0, Matrix.dense([[10.0]])), (builder.absolute(inside), Matrix.dense([[1.0]]))]
    objective = builder.affine(terms, [0.0])
    model = Model(builder.build(), [-1], [1], [0], {}, [], [], objective)
    optimum = by_scip(model.encode(model.bounds(), formulation))
    assert optimum is not None
    assert optimum[0] == pytest.approx(-9.5)


def test_integers_of_either_sign_are_used_only_when_they_are_not_zero() -> None:
    builder = GraphBuilder(2)
    objective = builder.affine([(builder.absolute(0), Matrix.dense([[1.0, 3.0]]))], [0.0])
    for at_least, best in ((1, 1.0), (2, 4.0)):
        model = Model(builder.build(), [-3, -2], [2, 3], [1, 1], {}, [([[0], [1]], at_least, 2)], [], objective)
        for optimum in optima([model.encode(model.bounds())]):
            assert optimum is not None
            assert optimum[1] == pytest.approx(best)


def test_alternatives_inside_an_alternative_count_when_it_is_taken() -> None:
    def above(input_: int, limit: float) -> tuple[object, ...]:
        lower = [-np.inf, -np.inf]
        lower[input_] = limit
        return ("within", 0, lower, [np.inf, np.inf])

    # Minimise x + y where (x >= .2 or y >= .3) and y >= .1, or else x >= .9.
    either = ("any", [("all", [("any", [above(0, 0.2), above(1, 0.3)]), above(1, 0.1)]), above(0, 0.9)])
    builder = GraphBuilder(2)
    objective = builder.affine([(0, Matrix.dense([[1.0, 1.0]]))], [0.0])
    model = Model(builder.build(), [0, 0], [1, 1], [0, 0], {}, [], [(0, either)], objective)
    for optimum in optima([model.encode(model.bounds())]):
        assert optimum is not None
        assert optimum[1] == pytest.approx(0.3)


@pytest.mark.parametrize("formulation", ["bigm", "plain", "sos1"])
def test_completed_designs_are_taken_by_scip(formulation: str) -> None:
    model = network_distance()
    program = model.encode(model.bounds(), formulation)
    scip = build_scip(program)
    assert scip.slow_because is None
    x = np.full(3, 0.25)
    assert scip.add_solution(program.complete(x))
    scip.model.setParam("limits/solutions", 1)
    scip.model.setParam("presolving/maxrounds", 0)
    scip.model.optimize()
    assert scip.model.getObjVal() == pytest.approx(model.objective(x)[0], abs=1e-9)
    found = scip.best_inputs()
    assert found is not None
    np.testing.assert_allclose(found, x, atol=1e-9)


def nearest_point() -> Model:
    """The point of a ring sector nearest to a point outside: a norm, and rows with two limits."""
    builder = GraphBuilder(2)
    distance = builder.norm(builder.affine([(0, Matrix.dense(np.eye(2)))], [-3.0, -2.0]), [[0, 1]])
    limits = ("within", builder.affine([(0, Matrix.dense([[1.0, 1.0]]))], [0.0]), [0.5], [1.5])
    return Model(builder.build(), [0, 0], [1, 1], [0, 0], {}, [], [(0, limits)], distance)


class Offer(pyscipopt.Heur):  # type: ignore[misc]  # pyscipopt has no types
    """Tries one solution before the first node."""

    def __init__(self, scip: ScipProgram, values: np.ndarray) -> None:
        self.scip = scip
        self.values = values
        self.taken: list[bool] = []

    def heurexec(self, heurtiming: object, nodeinfeasible: bool) -> dict[str, object]:
        self.taken += [self.scip.add_solution(self.values), self.scip.add_solution(self.values + 0.5)]
        return {"result": SCIP_RESULT.FOUNDSOL}


@pytest.mark.parametrize("formulation", ["bigm", "plain", "sos1"])
@pytest.mark.parametrize("make", [network_distance, nearest_point])
@pytest.mark.parametrize("public", [False, True])
def test_both_ways_into_scip_do_the_same(
    make: Callable[[], Model], formulation: str, public: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make()
    program = model.encode(model.bounds(), formulation)
    if public:
        monkeypatch.setattr(scip_access, "_library_candidates", lambda: iter([Path("libscip-gone.so")]))
    scip = build_scip(program, names=True)
    assert ("libscip-gone.so" in (scip.slow_because or "")) == public
    x = np.full(model.input_size, 0.5)
    offer = Offer(scip, program.complete(x))
    scip.model.includeHeur(offer, "offer", "", "o", timingmask=SCIP_HEURTIMING.BEFORENODE, freq=0)
    scip.model.setHeuristics(SCIP_PARAMSETTING.OFF)
    scip.model.setPresolve(SCIP_PARAMSETTING.OFF)
    scip.model.setParam("heuristics/offer/freq", 0)
    scip.model.optimize()
    assert offer.taken == [True, False]
    monkeypatch.undo()
    expected = by_scip(program)
    assert expected is not None
    assert scip.model.getObjVal() == pytest.approx(expected[0], abs=1e-6)
    solution = scip.best_solution()
    assert solution is not None
    assert program.violation(solution) <= 1e-5
    if make is nearest_point:
        assert scip.model.getObjVal() == pytest.approx(np.hypot(2.0, 1.5), abs=1e-6)


def test_a_wrong_length_is_refused() -> None:
    model = network_distance()
    program = model.encode(model.bounds())
    with pytest.raises(ValueError, match="cannot have shape"):
        build_scip(program).add_solution(np.zeros(3))
    with pytest.raises(ValueError, match=r"x must have shape \(3,\)"):
        program.complete([0.0])
    with pytest.raises(ValueError, match="formulation must be"):
        model.encode(model.bounds(), "magic")
    with pytest.raises(IndexError, match="node 99 does not exist"):
        program.entries(99)


def test_arrays_are_read_only_views_that_outlive_the_program() -> None:
    model = network_distance()
    program = model.encode(model.bounds())
    data, total = program.data, program.data.sum()
    assert not data.flags.writeable
    assert np.shares_memory(data, program.data)
    del program
    assert data.sum() == total


def test_names_come_from_labels() -> None:
    builder = GraphBuilder(2)
    z = builder.affine([(0, Matrix.dense([[1.0, 1.0], [1.0, -1.0]]))], [0.1, 0.2])
    builder.relu(z)
    either = ("any", [("within", 2, [0.5, -np.inf], [np.inf] * 2), ("within", 2, [-np.inf] * 2, [np.inf, 0.25])])
    model = Model(builder.build(), [-1, -1], [1, 1], [0, 0], {}, [([[0], [1]], 0, 1)], [(9, either)], None)
    labels = {"input_labels": ["inks[0]", "inks[1]"], "node_labels": ["in", "print.z", "print.y"]}
    program = model.encode(model.bounds(), **labels, requirement_labels={9: "line 9 (snake.inv)"})
    names = program.column_names()
    assert names[:4] == ["inks[0]", "inks[1]", "select0.used[0]", "select0.used[1]"]
    assert {"print.z[0]", "print.y[0]", "print.y.active[0]", "line 9 (snake.inv).holds[1]"} <= set(names)
    assert len(set(names)) == len(names)
    rows = program.row_names()
    assert rows.count("line 9 (snake.inv)[0]") == 1
    assert len(set(rows)) == len(rows)
    assert (program.row_requirements == 9).sum() == sum(name.startswith("line 9") for name in rows)
    assert (program.row_selections == 0).sum() == sum(name.startswith("select0") for name in rows)
    columns, coefficients, constants = program.entries(1)
    assert [names[column] for column in columns] == ["print.z[0]", "print.z[1]"]
    assert coefficients.tolist() == [1.0, 1.0]
    assert constants.tolist() == [0.0, 0.0]
    assert names[program.active_columns(2)[0]] == "print.y.active[0]"
    scip = build_scip(program, names=True)
    assert [column.name for column in scip.columns] == names


def test_what_can_never_hold_is_named(tmp_path: Path) -> None:
    graph = GraphBuilder(1).build()
    never = ("any", [("within", 0, [2.0], [np.inf]), ("within", 0, [-np.inf], [-1.0])])
    model = Model(graph, [0], [1], [0], {}, [([[0]], 1, 1)], [(4, never)], None)
    program = model.encode(model.bounds(), requirement_labels={4: "line 4"})
    assert program.impossible == ["line 4[0]"]
    assert by_scip(program) is None
    assert by_highs(program) is None
    program.write_lp(tmp_path / "never.lp")
    assert _read_by_scip(tmp_path / "never.lp") is None
