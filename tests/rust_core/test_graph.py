"""Graphs against the same sums written in numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from preimage._core import Graph, GraphBuilder, Matrix

Array = NDArray[np.float64]


def every_operation(rng: np.random.Generator) -> tuple[Graph, Callable[[Array], Array]]:
    """A graph with every operation and branches, and the same function in numpy."""
    first, second, third = rng.normal(size=(7, 4)), rng.normal(size=(6, 7)), rng.normal(size=(6, 4))
    bias, slopes = rng.normal(size=7), rng.uniform(-2, 2, size=7)
    groups = [[0, 1], [2, 3, 4], [5]]
    builder = GraphBuilder(4)
    hidden = builder.kink(builder.affine([(0, Matrix.dense(first))], bias), slopes)
    joined = builder.affine([(hidden, Matrix.dense(second)), (0, Matrix.dense(third))], np.zeros(6))
    clipped = builder.clip(joined, np.full(6, -0.5), np.full(6, 1.5))
    builder.max(clipped, groups)
    largest = builder.build().output
    lengths = builder.norm(joined, groups)
    stack = [Matrix.dense(np.eye(6)[:, :3]), Matrix.dense(np.eye(6)[:, 3:])]
    builder.affine([(largest, stack[0]), (lengths, stack[1])], np.zeros(6))

    def function(x: Array) -> Array:
        z = x @ first.T + bias
        z = np.where(z >= 0, z, slopes * z) @ second.T + x @ third.T
        clipped = np.clip(z, -0.5, 1.5)
        maxima = [clipped[:, group].max(axis=1) for group in groups]
        norms = [np.linalg.norm(z[:, group], axis=1) for group in groups]
        return np.stack(maxima + norms, axis=1)

    return builder.build(), function


@pytest.mark.parametrize("batch", [0, 1, 3, 300])
def test_every_operation_matches_numpy(batch: int) -> None:
    rng = np.random.default_rng(3)
    graph, function = every_operation(rng)
    x = rng.normal(size=(batch, 4))
    np.testing.assert_allclose(graph.evaluate(x), function(x), rtol=1e-12, atol=1e-12)


def test_a_large_batch_in_threads_matches_numpy() -> None:
    rng = np.random.default_rng(4)
    weights, bias = rng.normal(size=(300, 200)), rng.normal(size=300)
    builder = GraphBuilder(200)
    builder.relu(builder.affine([(0, Matrix.dense(weights))], bias))
    x = rng.normal(size=(1000, 200))
    np.testing.assert_allclose(builder.build().evaluate(x), np.maximum(x @ weights.T + bias, 0), rtol=1e-10, atol=1e-10)


def test_gradients_match_differences() -> None:
    rng = np.random.default_rng(5)
    graph, function = every_operation(rng)
    x, seed, step = rng.normal(size=(40, 4)), rng.normal(size=(40, 6)), 1e-6
    gradient = graph.gradient(x, seed)
    for i in range(4):
        shift = step * np.eye(4)[i]
        difference = ((function(x + shift) - function(x - shift)) * seed).sum(axis=1) / (2 * step)
        near_a_kink = ~np.isclose(gradient[:, i], difference, rtol=1e-5, atol=1e-5)
        assert near_a_kink.sum() <= 1
    np.testing.assert_allclose(graph.gradient(x[0], seed[0]), gradient[0], rtol=1e-12)


def test_subgradients_at_the_kink() -> None:
    builder = GraphBuilder(1)
    builder.absolute(0)
    assert builder.build().gradient(np.zeros(1), np.ones(1)) == 1.0
    builder = GraphBuilder(2)
    builder.norm(0, [[0, 1]])
    assert builder.build().gradient(np.zeros(2), np.ones(1)).tolist() == [0.0, 0.0]
    builder = GraphBuilder(2)
    builder.max(0, [[0, 1]])
    assert builder.build().gradient(np.ones(2), np.ones(1)).tolist() == [1.0, 0.0]


def test_a_norm_neither_overflows_nor_vanishes() -> None:
    builder = GraphBuilder(2)
    builder.norm(0, [[0, 1]])
    graph = builder.build()
    np.testing.assert_allclose(graph.evaluate(np.array([[3e200, 4e200], [3e-200, 4e-200]])), [[5e200], [5e-200]])


def test_sparse_matrices_match_dense_ones() -> None:
    rng = np.random.default_rng(6)
    dense = rng.normal(size=(30, 40)) * (rng.random((30, 40)) < 0.2)
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(31))
    matrix = Matrix.sparse(30, 40, starts, columns, dense[rows, columns])
    assert (matrix.rows, matrix.columns, matrix.nonzeros) == (30, 40, len(rows))
    builder = GraphBuilder(40)
    builder.affine([(0, matrix)], np.ones(30))
    graph, x, seed = builder.build(), rng.normal(size=(9, 40)), rng.normal(size=(9, 30))
    np.testing.assert_allclose(graph.evaluate(x), x @ dense.T + 1, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(graph.gradient(x, seed), seed @ dense, rtol=1e-12, atol=1e-12)


def test_an_appended_graph_is_the_composition() -> None:
    rng = np.random.default_rng(7)
    inner, function = every_operation(rng)
    scale = np.diag(rng.normal(size=4))
    builder = GraphBuilder(4)
    source = builder.affine([(0, Matrix.dense(scale))], np.ones(4))
    output = builder.append(inner, source)
    graph = builder.build(output)
    assert graph.node_count == inner.node_count + 1
    assert [graph.operation(node) for node in (0, 1, 3)] == ["input", "affine", "kink"]
    assert graph.sources(2) == [1]
    x = rng.normal(size=(20, 4))
    np.testing.assert_allclose(graph.evaluate(x), function(x @ scale + 1), rtol=1e-11, atol=1e-11)


def test_an_appended_input_is_its_source() -> None:
    builder = GraphBuilder(2)
    node = builder.relu(0)
    assert builder.append(GraphBuilder(2).build(), node) == node


def test_the_digest_depends_on_every_number() -> None:
    def digest(weight: float = 1.0, slope: float = 0.0, group: int = 0) -> str:
        builder = GraphBuilder(2)
        source = builder.kink(builder.affine([(0, Matrix.dense([[weight, 2.0]]))], [0.0]), [slope])
        builder.max(builder.affine([(source, Matrix.dense([[1.0], [2.0]]))], [0, 0]), [[group]])
        return builder.build().digest()

    assert digest() == digest()
    assert len({digest(), digest(weight=1.0 + 2**-52), digest(slope=0.1), digest(group=1)}) == 4


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda b: b.affine([(3, Matrix.dense(np.eye(2)))], np.zeros(2)), "node 3 does not exist"),
        (lambda b: b.affine([(0, Matrix.dense(np.eye(3)))], np.zeros(3)), "3 columns cannot multiply node 0 of size 2"),
        (lambda b: b.affine([(0, Matrix.dense(np.eye(2)))], np.zeros(3)), "2 rows cannot be added to a bias"),
        (lambda b: b.affine([], [np.nan]), "entry 0 of the bias is NaN"),
        (lambda b: b.kink(0, [1.0]), "1 slopes"),
        (lambda b: b.kink(0, [1.0, np.inf]), "entry 1 of the slopes is inf"),
        (lambda b: b.clip(0, [0.0, 2.0], [1.0, 1.0]), "entry 1 are crossed"),
        (lambda b: b.max(0, [[]]), "group 0 is empty"),
        (lambda b: b.norm(0, [[0, 2]]), "names entry 2"),
        (lambda b: b.append(GraphBuilder(3).build(), 0), "3 inputs cannot be applied"),
        (lambda b: b.build(5), "node 5 does not exist"),
        (lambda b: Matrix.dense([[np.inf]]), "entry 0 of the matrix"),
        (lambda b: Matrix.sparse(1, 2, [0, 1], [2], [1.0]), "names column 2"),
        (lambda b: Matrix.sparse(1, 2, [0, 2], [1, 1], [1.0, 2.0]), "column 1 twice"),
        (lambda b: Matrix.sparse(2, 2, [0, 2, 1], [0, 1], [1.0, 2.0]), "row starts"),
        (lambda b: Matrix.sparse(1, 2, [0, 1], [-1], [1.0]), "negative"),
        (lambda b: b.build().evaluate(np.zeros(3)), r"shape \(2,\) or \(batch, 2\)"),
        (lambda b: b.build().gradient(np.zeros((2, 2)), np.zeros((3, 2))), "same number of rows"),
    ],
)
def test_malformed_parts_are_refused(build: Callable[[GraphBuilder], Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build(GraphBuilder(2))


def test_a_missing_node_is_an_index_error() -> None:
    graph = GraphBuilder(2).build()
    with pytest.raises(IndexError, match="node 1 does not exist"):
        graph.evaluate(np.zeros(2), node=1)
