"""Simplified graphs compute what the layers say, with no more numbers than the layers have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preimage.networks import layers
from preimage.networks.architecture import Architecture
from preimage.networks.network import ImportRefused
from preimage.networks.reference import forward

KINDS = ("dense", "scale", "relu", "leaky", "abs", "clip", "add", "concat", "max", "take", "transpose", "mean", "norm")


def grow(kinds, choices, generator):
    """Add layers of the given kinds to a network of vectors, each to results picked by ``choices``."""
    network = Architecture((4,))
    values = [network.input]
    for kind, choice in zip(kinds, choices, strict=True):
        x = values[-1 - choice % min(3, len(values))]
        other = values[choice % len(values)]
        (n,) = x.shape
        match kind:
            case "dense":
                value = network.add(
                    layers.Dense(generator.normal(size=(3 + choice % 4, n)), generator.normal(size=3 + choice % 4)), x
                )
            case "scale":
                value = network.add(layers.Scale(generator.normal(size=n), generator.normal(size=n)), x)
            case "relu":
                value = network.add(layers.Relu(), x)
            case "leaky":
                value = network.add(layers.LeakyRelu(0.2), x)
            case "abs":
                value = network.add(layers.Absolute(), x)
            case "clip":
                value = network.add(layers.Clip(-0.5, 1.0), x)
            case "add":
                value = network.add(layers.Add(), x, other if other.shape == x.shape else x)
            case "concat":
                value = network.add(layers.Concat(0), x, other) if n < 12 else x
            case "max":
                value = network.add(layers.Maximum(), x, other if other.shape == x.shape else x)
            case "take":
                value = network.add(layers.Take(0, generator.integers(0, n, size=max(1, n - 1))), x)
            case "transpose":
                column = network.add(layers.Reshape((n, 1)), x)
                value = network.add(layers.Reshape((n,)), network.add(layers.Transpose((1, 0)), column))
            case "mean":
                value = network.add(layers.Reduce("mean", (0,), keep=True), x)
            case _:
                value = network.add(layers.BatchNorm(generator.normal(size=n), generator.uniform(1, 2, n)), x)
        values.append(value)
    network.output = values[-1].result
    return network


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 50)), min_size=1, max_size=14))
def test_simplified_graphs_compute_the_same(plan):
    kinds, choices = zip(*plan, strict=True)
    generator = np.random.default_rng(3)
    network = grow(kinds, choices, generator)
    x = generator.normal(size=(8, 4))
    expected = forward(network, x)
    np.testing.assert_allclose(network.graph().evaluate(x), expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def operations(network):
    graph = network.graph()
    return [graph.operation(node) for node in range(graph.node_count)]


def test_scalers_and_batch_norm_vanish_into_dense_layers():
    network = Architecture((4,))
    x = network.add(layers.Scale(np.full(4, 2.0), np.ones(4)), network.input)
    x = network.add(layers.Dense(np.ones((5, 4)), np.ones(5)), x)
    x = network.add(layers.BatchNorm(np.ones(5), np.full(5, 4.0)), x)
    x = network.add(layers.Dense(np.ones((2, 5)), np.ones(2)), network.add(layers.Relu(), x))
    network.add(layers.Scale(np.full(2, 3.0), np.zeros(2)), x)
    assert operations(network) == ["input", "affine", "kink", "affine"]


def test_a_narrow_linear_layer_stays_narrow():
    # 60 → 2 → 60 has 240 weights, its product 3600.
    network = Architecture((60,))
    x = network.add(layers.Dense(np.ones((2, 60))), network.input)
    network.add(layers.Dense(np.ones((60, 2))), x)
    assert operations(network) == ["input", "affine", "affine"]


def test_a_chain_is_composed_as_a_whole_where_its_steps_would_grow():
    # 6 → 40 → 40 → 6: no two steps are worth composing alone, all three are.
    network = Architecture((6,))
    x = network.input
    for outputs, inputs in ((40, 6), (400, 40), (6, 400)):
        x = network.add(layers.Dense(np.ones((outputs, inputs))), x)
    assert operations(network) == ["input", "affine"]


def test_a_split_layer_is_computed_in_parts():
    network = Architecture((4,))
    whole = network.add(layers.Dense(np.ones((10, 4)), np.arange(10.0)), network.input)
    halves = [network.add(layers.Take(0, np.arange(5) + start), whole) for start in (0, 5)]
    network.add(layers.Concat(0), *(network.add(layers.Relu(), half) for half in halves))
    assert sorted(operations(network)) == ["affine", "affine", "affine", "input", "kink", "kink"]
    graph = network.graph()
    assert sum(graph.operation(node) == "affine" and graph.sources(node) == [0] for node in range(6)) == 2


def test_layers_that_do_not_reach_the_output_are_left_out():
    network = Architecture((4,))
    kept = network.add(layers.Relu(), network.input)
    network.add(layers.Absolute(), network.input)
    network.output = kept.result
    assert operations(network) == ["input", "kink"]
    assert network.summary() == "4 → 4, 4 ReLU"


def test_weights_that_overflow_together_are_refused():
    network = Architecture((1,))
    x = network.add(layers.Scale(np.full(1, 1e300), np.zeros(1)), network.input)
    network.add(layers.Scale(np.full(1, 1e300), np.zeros(1)), x)
    with pytest.raises(ImportRefused, match="do not make a graph"):
        network.graph()


def test_clips_are_two_kinks_without_layers_between():
    network = Architecture((4,))
    x = network.add(layers.Dense(np.ones((3, 4))), network.input)
    network.add(layers.Dense(np.ones((2, 3))), network.add(layers.Clip(-1.0, 2.0), x))
    assert operations(network) == ["input", "affine", "kink", "affine", "kink", "affine"]
    assert network.summary() == "4 → 3 → 2, 3 clip"
