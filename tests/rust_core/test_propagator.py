"""Nodes of a solver's tree: no design that lies in a node is lost, and none is better than what is said of it."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from rust_core.random_graphs import random_network
from rust_core.random_models import CONTINUOUS, INTEGER, random_parts

from preimage._core import Bounds, GraphBuilder, Matrix, Model, Program, Propagator

seeds = st.integers(0, 2**32)
ROOM = 1e-8


def nodes_around(
    rng: np.random.Generator, program: Program, watched: Propagator, solution: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return sides of the watched columns between which the solution lies, some of them narrow."""
    columns = watched.columns
    lower, upper = program.column_lower[columns], program.column_upper[columns]
    values, kinds = solution[columns], program.column_kinds[columns]
    shares = rng.random((2, len(columns))) * rng.integers(0, 2, (2, len(columns)))
    around = values - shares[0] * (values - lower), values + shares[1] * (upper - values)
    whole = kinds > 0
    keep = rng.integers(0, 2, len(columns)) == 1
    return (
        np.where(whole, np.where(keep, lower, values), np.minimum(around[0], values)),
        np.where(whole, np.where(keep, upper, values), np.maximum(around[1], values)),
    )


def check_nodes(rng: np.random.Generator, model: Model, bounds: Bounds, program: Program) -> int:
    """Check random nodes around random designs that hold; return how often something was narrowed."""
    watched, narrowed = Propagator(program, bounds), 0
    for _ in range(8):
        x = rng.uniform(model.lower, model.upper)
        x = np.where(model.kinds == INTEGER, np.round(x), x)
        if model.violation(x[None])[0] > 0.0:
            continue
        value = float(model.objective(x[None])[0])
        solution = program.complete(x)
        lower, upper = nodes_around(rng, program, watched, solution)
        for threshold in (np.inf, value + abs(rng.normal()) + 1e-6):
            left = watched.narrow(lower, upper, threshold)
            assert left is not None
            assert np.all(left[0] <= solution[watched.columns] + ROOM)
            assert np.all(left[1] >= solution[watched.columns] - ROOM)
            assert np.all(left[0] >= lower)
            assert np.all(left[1] <= upper)
            assert left[2] <= value + ROOM
            narrowed += int(np.any(left[0] > lower) or np.any(left[1] < upper))
        assert np.all(watched.influence(lower, upper) >= 0.0)
    return narrowed


@given(seed=seeds)
def test_no_design_of_a_node_is_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = random_parts(rng, [CONTINUOUS, INTEGER], norms=False).model()
    bounds = model.bounds()
    check_nodes(rng, model, bounds, model.encode(bounds))


def test_networks_are_narrowed() -> None:
    rng = np.random.default_rng(0)
    narrowed = 0
    for _ in range(10):
        graph, weights = random_network(rng, [4, 10, 10, 3]), rng.normal(size=(1, 3))
        builder = GraphBuilder(4)
        end = builder.append(graph, 0)
        output = builder.affine([(builder.absolute(end), Matrix.dense(np.ones((1, 3))))], np.zeros(1))
        signed = builder.affine([(output, Matrix.dense(np.ones((1, 1)))), (end, Matrix.dense(weights))], np.zeros(1))
        graph = builder.build(signed)
        model = Model(graph, -np.ones(4), np.ones(4), [CONTINUOUS] * 4, {}, [], [], graph.output)
        bounds = model.bounds()
        narrowed += check_nodes(rng, model, bounds, model.encode(bounds))
    assert narrowed > 30


def test_a_kink_that_is_pushed_from_one_side_is_left_alone() -> None:
    # max abs(x): the binary may say "positive" of what is not, where that only makes the solution worse.
    builder = GraphBuilder(1)
    graph = builder.build(builder.affine([(builder.absolute(0), Matrix.dense(-np.ones((1, 1))))], np.zeros(1)))
    model = Model(graph, [-1.0], [1.0], [CONTINUOUS], {}, [], [], graph.output)
    bounds = model.bounds()
    program = model.encode(bounds)
    assert program.binaries == 1
    assert Propagator(program, bounds).columns.tolist() == [0]


def test_refuses_bounds_of_another_graph_and_sides_of_other_columns() -> None:
    rng = np.random.default_rng(1)
    graph = random_network(rng, [2, 4, 1])
    model = Model(graph, -np.ones(2), np.ones(2), [CONTINUOUS] * 2, {}, [], [], graph.output)
    bounds = model.bounds()
    program = model.encode(bounds)
    with pytest.raises(ValueError, match="another graph"):
        Propagator(program, random_network(rng, [3, 4, 1]).bounds(-np.ones(3), np.ones(3)))
    with pytest.raises(ValueError, match="bounds were given"):
        Propagator(program, bounds).narrow([0.0], [1.0], np.inf)
