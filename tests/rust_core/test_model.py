"""Models: their meaning against numpy, and the sentences with which nonsense is refused."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from rust_core.random_models import CATALOGUE, CONTINUOUS, INTEGER, random_parts

from preimage._core import GraphBuilder, Matrix, Model

INFINITY = np.array([np.inf])


@given(st.integers(0, 2**32))
def test_objective_and_violation_are_those_of_the_definitions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = random_parts(rng, [CONTINUOUS, INTEGER, CATALOGUE], norms=True)
    model = parts.model()
    x = np.concatenate([parts.sample(rng, 4), rng.normal(size=(3, len(parts.lower)))])
    expected = [parts.violation(row) for row in x]
    np.testing.assert_allclose(model.violation(x), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(model.objective(x), parts.graph.evaluate(x).ravel(), rtol=1e-12, atol=1e-12)
    worst = [max(model.violations(row).values(), default=0.0) for row in x]
    np.testing.assert_allclose(worst, expected, rtol=1e-12, atol=1e-12)


def test_violations_name_their_subjects() -> None:
    builder = GraphBuilder(3)
    graph = builder.build(builder.affine([(0, Matrix.dense(np.ones((1, 3))))], [0.0]))
    sum_is_one = ("within", 1, [1.0], [1.0])
    model = Model(
        graph, [0, 0, 0], [1, 1, 1], [0, 1, 2], {2: [0.0, 0.5]}, [([[0], [1], [2]], 0, 1)], [(7, sum_is_one)], None
    )
    found = model.violations([1.5, 0.25, 0.125])
    assert found == {"box": 0.5, "domain": 0.25, "selection 0": 0.25, "requirement 7": 0.875}
    assert model.violations([1.0, 0.0, 0.0]) == {}
    assert model.objective([[0.0, 0.0, 0.0]]).tolist() == [0.0]
    assert model.violation([np.nan, 0.0, 0.0]).tolist() == [np.inf]


def test_the_box_shrinks_to_the_domains() -> None:
    graph = GraphBuilder(2).build()
    model = Model(graph, [-0.5, 0.3], [2.7, 0.9], [1, 2], {1: [0.1, 0.4, 0.8, 1.2]}, [], [], None)
    assert model.lower.tolist() == [0.0, 0.4]
    assert model.upper.tolist() == [2.0, 0.8]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"lower": [0.0]}, "1 lower bounds were given for 2 inputs"),
        ({"kinds": [0]}, "1 domains were given for 2 inputs"),
        ({"lower": [0.0, -np.inf]}, "input 1 needs finite bounds, not -inf and 1"),
        ({"upper": [1.0, np.nan]}, "input 1 needs finite bounds, not 0 and NaN"),
        ({"upper": [-1.0, 1.0]}, "the bounds of input 0 are crossed: 0 > -1"),
        ({"lower": [0.2, 0.0], "upper": [0.8, 1.0], "kinds": [1, 0]}, "there is no integer between the bounds 0.2"),
        ({"kinds": [3, 0]}, "the kind of input 0 must be 0"),
        ({"kinds": [2, 0]}, "input 0 is of kind 2 but has no catalogue"),
        ({"catalogues": {1: [0.5]}}, "a catalogue was given for input 1, which is not of kind 2"),
        ({"kinds": [2, 0], "catalogues": {0: [0.5, 0.5]}}, "must ascend, but 0.5 comes before 0.5"),
        ({"kinds": [2, 0], "catalogues": {0: [5.0]}}, "has no value between its bounds 0 and 1"),
        ({"kinds": [2, 0], "catalogues": {0: [np.nan]}}, "holds NaN, not a finite number"),
        ({"selections": [([[0]], 2, 1)]}, "selection 0 wants at least 2 and at most 1"),
        ({"selections": [([[0]], 2, 3)]}, "selection 0 wants at least 2 of 1 groups"),
        ({"selections": [([[]], 0, 1)]}, "group 0 of selection 0 is empty"),
        ({"selections": [([[2]], 0, 1)]}, "names input 2, but there are 2 inputs"),
        ({"requirements": [(3, ("within", 9, [0], [1]))]}, "requirement 3 names node 9, which does not exist"),
        ({"requirements": [(3, ("within", 0, [0], [1]))]}, "gives 1 lower and 1 upper limits to node 0 of size 2"),
        ({"requirements": [(3, ("within", 0, [0, 2], [1, 1]))]}, "wants entry 1 of node 0 between 2 and 1"),
        ({"requirements": [(3, ("within", 0, [0, np.nan], [1, 1]))]}, "entry 1, is not a number"),
        ({"requirements": [(3, ("any", [("maybe", [])]))]}, "a formula must be"),
        ({"requirements": [(3, ("all",))]}, "a formula must be"),
        ({"requirements": [(3, "all")]}, "a formula must be"),
        ({"objective": 4}, "the objective is node 4, which does not exist"),
        ({"objective": 0}, "the objective has 2 entries, not 1"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(changed: dict[str, Any], sentence: str) -> None:
    plain: dict[str, Any] = {
        "graph": GraphBuilder(2).build(),
        "lower": [0.0, 0.0],
        "upper": [1.0, 1.0],
        "kinds": [0, 0],
        "catalogues": {},
        "selections": [],
        "requirements": [],
        "objective": None,
    }
    Model(**plain)
    with pytest.raises(ValueError, match=sentence):
        Model(**{**plain, **changed})


def test_endless_formulas_are_refused() -> None:
    formula: tuple[Any, ...] = ("all", [])
    for _ in range(1000):
        formula = ("all", [formula])
    with pytest.raises(ValueError, match="nested deeper than 256"):
        Model(GraphBuilder(1).build(), [0], [1], [0], {}, [], [(0, formula)], None)
