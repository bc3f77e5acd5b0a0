"""Bounds against samples and against the same bounds written in numpy."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from rust_core.random_graphs import random_graph

from preimage._core import Bounds, Graph, GraphBuilder, Matrix

Array = NDArray[np.float64]


def network(rng: np.random.Generator, sizes: list[int]) -> tuple[Graph, list[tuple[Array, Array]]]:
    """A ReLU network and its weights."""
    layers = [
        (rng.normal(size=(rows, columns)) / np.sqrt(columns), rng.normal(size=rows) / 4)
        for columns, rows in itertools.pairwise(sizes)
    ]
    builder, node = GraphBuilder(sizes[0]), 0
    for index, (weights, bias) in enumerate(layers):
        node = builder.affine([(node, Matrix.dense(weights))], bias)
        if index + 1 < len(layers):
            node = builder.relu(node)
    return builder.build(), layers


def crown_in_numpy(layers: list[tuple[Array, Array]], lower: Array, upper: Array) -> list[tuple[Array, Array]]:
    """CROWN with the adaptive slope, layer after layer, as in the paper; no rounding margins."""
    bounds: list[tuple[Array, Array]] = []
    for depth in range(len(layers)):
        found = []
        for sign in (1.0, -1.0):
            a, c = sign * layers[depth][0], sign * layers[depth][1]
            for (weights, bias), (low, up) in zip(layers[depth - 1 :: -1] if depth else [], bounds[::-1], strict=True):
                chord = np.where(low >= 0, 1.0, np.where(up <= 0, 0.0, up / np.maximum(up - low, 1e-300)))
                free = np.where(low >= 0, 1.0, np.where(up <= 0, 0.0, (up > -low) * 1.0))
                intercept = np.where((low < 0) & (up > 0), -chord * low, 0.0)
                c = c + np.minimum(a, 0) @ intercept
                a = np.where(a > 0, a * free, a * chord)
                c = c + a @ bias
                a = a @ weights
            found.append(sign * (np.maximum(a, 0) @ lower + np.minimum(a, 0) @ upper + c))
        bounds.append((found[0], found[1]))
        if depth:  # our bounds are intersected with intervals of the layer before, so the reference is, too
            weights, bias = layers[depth]
            low, up = (np.maximum(bound, 0) for bound in bounds[depth - 1])
            centre, radius = weights @ (low + up) / 2 + bias, np.abs(weights) @ (up - low) / 2
            bounds[depth] = (np.maximum(found[0], centre - radius), np.minimum(found[1], centre + radius))
    return bounds


def test_crown_is_that_of_the_paper() -> None:
    rng = np.random.default_rng(11)
    graph, layers = network(rng, [4, 30, 30, 20, 7])
    lower, upper = -rng.random(4), rng.random(4)
    bounds = graph.bounds(lower, upper)
    for depth, (low, up) in enumerate(crown_in_numpy(layers, lower, upper)):
        np.testing.assert_allclose(bounds.lower(2 * depth + 1), low, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(bounds.upper(2 * depth + 1), up, rtol=1e-10, atol=1e-10)


def test_many_blocks_in_threads_give_the_same_bounds() -> None:
    rng = np.random.default_rng(12)
    graph, layers = network(rng, [5, 300, 700, 3])
    lower, upper = np.zeros(5), np.full(5, 0.3)
    bounds = graph.bounds(lower, upper)
    for depth, (low, up) in enumerate(crown_in_numpy(layers, lower, upper)):
        np.testing.assert_allclose(bounds.lower(2 * depth + 1), low, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(bounds.upper(2 * depth + 1), up, rtol=1e-9, atol=1e-9)


def assert_inside(graph: Graph, bounds: Bounds, x: Array) -> None:
    for node in range(graph.node_count):
        values = graph.evaluate(x, node)
        assert np.all(values >= bounds.lower(node))
        assert np.all(values <= bounds.upper(node))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 10), st.sampled_from([0.0, 1e-12, 1e-3, 1.0, 1e6]))
def test_no_design_leaves_its_bounds(seed: int, steps: int, width: float) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, steps)
    lower = rng.normal(size=graph.input_size)
    upper = lower + width * rng.random(graph.input_size)
    crown, interval = graph.bounds(lower, upper), graph.bounds(lower, upper, "interval")
    for node in range(graph.node_count):
        assert np.all(crown.lower(node) >= interval.lower(node))
        assert np.all(crown.upper(node) <= interval.upper(node))
    corners = rng.integers(0, 2, size=(100, graph.input_size))
    x = np.concatenate([rng.random((100, graph.input_size)), corners])
    assert_inside(graph, crown, np.clip(lower + x * (upper - lower), lower, upper))


def test_wrong_boxes_and_methods_are_refused() -> None:
    graph = GraphBuilder(2).build()
    with pytest.raises(ValueError, match="for 2 inputs"):
        graph.bounds([0.0], [1.0])
    with pytest.raises(ValueError, match="input 1 has no values"):
        graph.bounds([0.0, 2.0], [1.0, 1.0])
    with pytest.raises(ValueError, match='must be "crown" or "interval", not "lp"'):
        graph.bounds([0.0, 0.0], [1.0, 1.0], "lp")
    with pytest.raises(IndexError, match="node 1 does not exist"):
        graph.bounds([0.0, 0.0], [1.0, 1.0]).lower(1)
