"""The descent: against brute force where that is possible, and for what every design must keep."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rust_core.random_graphs import random_network

from preimage._core import Graph, GraphBuilder, Matrix, Model, StopFlag

Array = NDArray[np.float64]
INTEGER, CATALOGUE = 1, 2


def distance_to(graph: Graph, target: Array) -> Graph:
    """The sum of absolute differences between the output of a graph and a target."""
    builder = GraphBuilder(graph.input_size)
    output = builder.append(graph, 0)
    difference = builder.affine([(output, Matrix.dense(np.eye(len(target))))], -target)
    builder.affine([(builder.absolute(difference), Matrix.dense(np.ones((1, len(target)))))], [0.0])
    return builder.build()


def model_of(
    graph: Graph,
    lower: Array,
    upper: Array,
    kinds: Any = None,
    catalogues: dict[int, Array] | None = None,
    selections: list[tuple[list[list[int]], int, int]] | None = None,
    requirements: list[tuple[int, Any]] | None = None,
) -> Model:
    kinds = np.zeros(graph.input_size, np.uint8) if kinds is None else np.asarray(kinds, np.uint8)
    return Model(graph, lower, upper, kinds, catalogues or {}, selections or [], requirements or [], graph.output)


def with_sum(graph: Graph) -> tuple[Graph, int]:
    """The graph with one more node, the sum of its inputs, and that node."""
    builder = GraphBuilder(graph.input_size)
    total = builder.affine([(0, Matrix.dense(np.ones((1, graph.input_size))))], [0.0])
    return builder.build(builder.append(graph, 0)), total


def descend(model: Model, **changes: Any) -> tuple[Array, Array, Array]:
    settings: dict[str, Any] = {"starts": 32, "steps": 150, "learning_rate": 0.05, "seed": 1, "threads": 2}
    return model.descend(**(settings | {"stop": None} | changes))


def best_of(model: Model, designs: Array) -> float:
    """The least objective of the designs that violate nothing."""
    holds = model.violation(designs) <= 1e-9
    assert holds.any()
    return float(model.objective(designs)[holds].min())


def test_a_target_in_reach_is_reached() -> None:
    rng = np.random.default_rng(20)
    network = random_network(rng, [3, 30, 30, 5])
    planted = rng.random(3)
    model = model_of(distance_to(network, network.evaluate(planted)), np.zeros(3), np.ones(3))
    x, objectives, violations = descend(model, steps=300)
    assert objectives[0] < 2e-3
    assert violations.max() == 0
    np.testing.assert_array_equal(np.sort(objectives), objectives)
    np.testing.assert_allclose(model.objective(x), objectives, rtol=1e-9, atol=1e-12)


def test_an_optimum_at_a_corner_is_exact() -> None:
    builder = GraphBuilder(3)
    builder.affine([(0, Matrix.dense([[1.0, -2.0, 0.5]]))], [0.0])
    x, objectives, _ = descend(model_of(builder.build(), np.array([-1.0, 2.0, 0.1]), np.array([4.0, 3.0, 0.3])))
    assert x[0].tolist() == [-1.0, 3.0, 0.1]
    assert objectives[0] == pytest.approx(-6.95)


def test_designs_are_distinct_and_no_more_than_asked_for() -> None:
    rng = np.random.default_rng(21)
    network = random_network(rng, [4, 20, 6])
    model = model_of(distance_to(network, rng.normal(size=6)), np.zeros(4), np.ones(4))
    x, _, _ = descend(model, keep=5)
    assert 1 <= len(x) <= 5
    for a, b in itertools.combinations(x, 2):
        assert np.abs(a - b).max() > 1e-6


def test_linear_and_nonlinear_requirements_hold() -> None:
    rng = np.random.default_rng(22)
    network = random_network(rng, [5, 40, 40, 3])
    graph, total = with_sum(distance_to(network, np.full(3, 2.0)))
    output = 1 + network.output  # the network stands behind the sum
    middle = network.evaluate(np.full(5, 0.4))
    reach = np.array([0.05, np.inf, np.inf])
    requirements = [
        (0, ("within", total, [2.0], [2.0])),
        (1, ("within", output, middle - reach, middle + reach)),
    ]
    model = model_of(graph, np.zeros(5), np.ones(5), requirements=requirements)
    x, objectives, violations = descend(model, steps=300)
    assert violations[0] <= 1e-8
    np.testing.assert_allclose(x[0].sum(), 2.0, atol=1e-8)
    sampled = rng.random((200_000, 5))
    sampled *= 2.0 / sampled.sum(axis=1, keepdims=True)
    holds = (model.violation(sampled) <= 1e-9).nonzero()[0]
    assert len(holds) > 100
    assert objectives[0] <= model.objective(sampled[holds]).min()


def test_one_of_two_regions_is_enough() -> None:
    builder = GraphBuilder(1)
    builder.affine([(0, Matrix.dense([[1.0]]))], [0.0])
    regions = (
        "any",
        [("within", 0, [0.6], [0.7]), ("all", [("within", 0, [0.2], [1.0]), ("within", 0, [0.0], [0.3])])],
    )
    x, _, violations = descend(model_of(builder.build(), np.zeros(1), np.ones(1), requirements=[(0, regions)]))
    assert violations[0] <= 1e-8
    assert x[0, 0] == pytest.approx(0.2, abs=1e-6)


def test_integers_with_a_sum_match_brute_force() -> None:
    rng = np.random.default_rng(23)
    for _ in range(3):
        network = random_network(rng, [5, 20, 20, 4])
        graph, total = with_sum(distance_to(network, rng.normal(size=4)))
        requirements = [(7, ("within", total, [7.0], [7.0]))]
        model = model_of(graph, np.zeros(5), np.full(5, 7.0), [INTEGER] * 5, requirements=requirements)
        x, objectives, violations = descend(model)
        every = np.array([c for c in itertools.product(range(8), repeat=5) if sum(c) == 7], float)
        assert violations.max() == 0
        assert np.all(x == np.round(x))
        assert objectives[0] == pytest.approx(best_of(model, every), rel=1e-9)


def test_kicks_lead_out_of_where_the_local_search_ends() -> None:
    rng = np.random.default_rng(30)
    # Seven numbers with the sum 9: six bars among nine stars.
    bars = np.array(list(itertools.combinations(range(15), 6)), float)
    every = np.diff(bars, prepend=-1.0, append=15.0) - 1.0
    missed = 0
    for _ in range(8):
        network = random_network(rng, [7, 16, 16, 16, 16])
        target = network.evaluate(rng.permutation([3.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0])) + 0.1 * rng.normal(size=16)
        graph, total = with_sum(distance_to(network, target))
        requirements = [(7, ("within", total, [9.0], [9.0]))]
        model = model_of(graph, np.zeros(7), np.full(7, 9.0), [INTEGER] * 7, requirements=requirements)
        best = best_of(model, every)
        # Fewer than 16 starts take no kicks.
        missed += descend(model, starts=1, steps=0)[1][0] > best + 1e-9
        _, objectives, violations = descend(model, starts=64, steps=20)
        assert violations.max() == 0
        assert objectives[0] == pytest.approx(best, rel=1e-9)
    assert missed > 0, "these would be found without kicks"


def test_catalogues_and_integers_match_brute_force() -> None:
    rng = np.random.default_rng(24)
    catalogues = {0: np.array([0.0, 0.13, 0.5, 1.0]), 2: np.array([-1.0, 0.25, 0.75])}
    for _ in range(3):
        network = random_network(rng, [3, 20, 20, 4])
        graph = distance_to(network, rng.normal(size=4))
        lower, upper = np.array([0.0, -3.0, -1.0]), np.array([1.0, 3.0, 1.0])
        model = model_of(graph, lower, upper, [CATALOGUE, INTEGER, CATALOGUE], catalogues)
        _, objectives, violations = descend(model)
        every = np.array(list(itertools.product(catalogues[0], range(-3, 4), catalogues[2])))
        assert violations.max() == 0
        assert objectives[0] == pytest.approx(best_of(model, every), rel=1e-9)


def test_continuous_inputs_descend_beside_discrete_ones() -> None:
    rng = np.random.default_rng(25)
    network = random_network(rng, [3, 20, 20, 4])
    planted = np.array([0.3, 2.0, 0.8])
    graph = distance_to(network, network.evaluate(planted))
    model = model_of(graph, np.zeros(3), np.array([1.0, 4.0, 1.0]), [0, INTEGER, 0])
    x, objectives, violations = descend(model, starts=64, steps=300)
    assert violations.max() == 0
    assert objectives[0] < 0.02
    assert x[0, 1] == 2.0


def test_selections_are_exact_and_find_the_planted_pair() -> None:
    rng = np.random.default_rng(26)
    network = random_network(rng, [6, 30, 30, 8])
    planted = np.array([0.0, 0.0, 0.7, 0.0, 0.4, 0.0])
    graph = distance_to(network, network.evaluate(planted))
    model = model_of(graph, np.zeros(6), np.ones(6), selections=[([[i] for i in range(6)], 0, 2)])
    x, objectives, violations = descend(model, starts=128, steps=300)
    assert violations.max() == 0
    assert np.all((x != 0).sum(axis=1) <= 2)
    assert objectives[0] < 0.02
    assert np.flatnonzero(x[0]).tolist() == [2, 4]


def test_groups_and_least_numbers_of_groups_are_kept() -> None:
    builder = GraphBuilder(4)
    builder.affine([(0, Matrix.dense(np.ones((1, 4))))], [0.0])
    selections = [([[0, 1], [2, 3]], 1, 1), ([[0], [1], [2], [3]], 2, 4)]
    model = model_of(builder.build(), np.zeros(4), np.ones(4), selections=selections)
    x, _, violations = descend(model)
    used = [(x[0, :2] != 0).any(), (x[0, 2:] != 0).any()]
    assert violations[0] == 0
    assert sum(used) == 1
    assert x[0].sum() < 1e-4


def test_inputs_that_cannot_be_zero_stay() -> None:
    builder = GraphBuilder(3)
    builder.affine([(0, Matrix.dense(-np.ones((1, 3))))], [0.0])
    model = model_of(builder.build(), np.array([0.0, 0.5, 0.0]), np.ones(3), selections=[([[0], [1], [2]], 0, 1)])
    x, _, violations = descend(model)
    assert violations[0] == 0
    assert x[0].tolist() == [0.0, 1.0, 0.0]


def test_the_same_seed_gives_the_same_designs() -> None:
    rng = np.random.default_rng(27)
    network = random_network(rng, [4, 30, 30, 5])
    model = model_of(distance_to(network, rng.normal(size=5)), np.zeros(4), np.ones(4))
    first, again, other = descend(model), descend(model), descend(model, seed=2)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])


def test_initial_designs_are_never_lost() -> None:
    rng = np.random.default_rng(28)
    network = random_network(rng, [4, 30, 30, 5])
    planted = rng.random(4)
    model = model_of(distance_to(network, network.evaluate(planted)), np.zeros(4), np.ones(4))
    x, objectives, _ = descend(model, starts=0, initial=planted)
    np.testing.assert_allclose(x, [planted])
    assert objectives[0] < 1e-12
    assert descend(model, starts=0)[0].shape == (0, 4)


def test_a_raised_flag_stops_at_once_with_designs_that_hold() -> None:
    rng = np.random.default_rng(29)
    network = random_network(rng, [6, 200, 200, 5])
    kinds = [INTEGER, 0, CATALOGUE, 0, 0, 0]
    model = model_of(
        distance_to(network, rng.normal(size=5)),
        np.zeros(6),
        np.full(6, 3.0),
        kinds,
        {2: np.array([0.0, 1.0])},
        [([[i] for i in range(6)], 1, 3)],
    )
    flag = StopFlag()
    assert not flag.is_set()
    timer = threading.Timer(0.3, flag.set)
    timer.start()
    began = time.perf_counter()
    _, _, violations = descend(model, starts=256, steps=1_000_000, stop=flag)
    timer.join()
    assert flag.is_set()
    assert time.perf_counter() - began < 5
    assert len(violations) > 0
    assert violations.max() == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"learning_rate": 0.0}, "learning rate must be positive"),
        ({"learning_rate": np.nan}, "learning rate must be positive"),
        ({"threads": 0}, "at least one thread"),
        ({"initial": np.zeros((2, 3))}, r"initial must have shape \(2,\) or \(batch, 2\)"),
        ({"initial": np.array([0.0, np.nan])}, "not a number"),
    ],
)
def test_settings_without_sense_are_refused(changes: dict[str, Any], reason: str) -> None:
    builder = GraphBuilder(2)
    builder.affine([(0, Matrix.dense(np.ones((1, 2))))], [0.0])
    with pytest.raises(ValueError, match=reason):
        descend(model_of(builder.build(), np.zeros(2), np.ones(2)), **changes)
