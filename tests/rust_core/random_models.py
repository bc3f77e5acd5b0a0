"""Random models over random graphs, and their meaning written down a second time, in numpy."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rust_core.random_graphs import random_graph

from preimage._core import Graph, GraphBuilder, Matrix, Model

Array = NDArray[np.float64]
CONTINUOUS, INTEGER, CATALOGUE = range(3)


@dataclass(frozen=True)
class Parts:
    """What a model is made of."""

    graph: Graph
    lower: Array
    upper: Array
    kinds: list[int]
    catalogues: dict[int, Array]
    selections: list[tuple[list[list[int]], int, int]]
    requirements: list[tuple[int, tuple[Any, ...]]]
    objective: int | None

    def model(self) -> Model:
        return Model(
            self.graph,
            self.lower,
            self.upper,
            self.kinds,
            self.catalogues,
            self.selections,
            self.requirements,
            self.objective,
        )

    def violation(self, x: Array) -> float:
        """The worst violation of one design, by the definitions."""
        worst = float(np.maximum(self.lower - x, x - self.upper).max())
        for i, kind in enumerate(self.kinds):
            if kind == INTEGER:
                worst = max(worst, abs(x[i] - round(x[i])))
            elif kind == CATALOGUE:
                allowed = self.catalogues[i]
                allowed = allowed[(allowed >= self.lower[i]) & (allowed <= self.upper[i])]
                worst = max(worst, np.abs(allowed - x[i]).min())
        for groups, at_least, at_most in self.selections:
            sizes = sorted((max(abs(x[i]) for i in group) for group in groups), reverse=True)
            used = sum(size > 0 for size in sizes)
            if used > at_most:
                worst = max(worst, sizes[at_most])
            worst = max(worst, at_least - used)
        for _, formula in self.requirements:
            worst = max(worst, self.formula_violation(formula, x))
        return max(worst, 0.0)

    def formula_violation(self, formula: tuple[Any, ...], x: Array) -> float:
        match formula:
            case ("within", node, lower, upper):
                values = self.graph.evaluate(x, node)
                return max(0.0, float(np.maximum(lower - values, values - upper).max()))
            case ("all", parts):
                return max((self.formula_violation(part, x) for part in parts), default=0.0)
            case (_, parts):
                return min((self.formula_violation(part, x) for part in parts), default=np.inf)

    def values(self, i: int) -> list[float]:
        """The values of a discrete input."""
        if self.kinds[i] == INTEGER:
            return [float(v) for v in range(int(np.ceil(self.lower[i])), int(np.floor(self.upper[i])) + 1)]
        return [float(v) for v in self.catalogues[i] if self.lower[i] <= v <= self.upper[i]]

    def all_designs(self) -> Array:
        """Every design of a model without continuous inputs."""
        return np.array(list(itertools.product(*(self.values(i) for i in range(len(self.kinds))))))

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Designs of the box that keep to the domains; many of them have zeros and ends of the box."""
        x = self.lower + rng.random((count, len(self.lower))) * (self.upper - self.lower)
        x = np.where(rng.random(x.shape) < 0.2, self.lower, np.where(rng.random(x.shape) < 0.2, self.upper, x))
        x = np.where((rng.random(x.shape) < 0.3) & (self.lower <= 0) & (self.upper >= 0), 0.0, x)
        for i, kind in enumerate(self.kinds):
            if kind != CONTINUOUS:
                values = np.array(self.values(i))
                x[:, i] = values[np.abs(values[:, None] - x[:, i]).argmin(axis=0)]
        return x


def random_parts(rng: np.random.Generator, kinds: list[int], *, norms: bool) -> Parts:
    """A model whose inputs are of the given kinds (drawn with repetition)."""
    graph = with_objective(rng, random_graph(rng, int(rng.integers(1, 6))))
    if not norms:
        while any(graph.operation(node) == "norm" for node in range(graph.node_count)):
            graph = with_objective(rng, random_graph(rng, int(rng.integers(1, 6))))
    inputs = graph.input_size
    lower = rng.choice([-2.0, -1.0, 0.0, 0.0, 1.0], size=inputs)
    upper = lower + rng.choice([0.0, 1.0, 2.0, 3.0], size=inputs, p=[0.1, 0.3, 0.3, 0.3])
    chosen = rng.choice(kinds, size=inputs).tolist()
    catalogues = {
        i: np.unique(np.append(lower[i] + rng.random(3) * (upper[i] - lower[i]), [lower[i], 0.0]))
        for i, kind in enumerate(chosen)
        if kind == CATALOGUE
    }
    parts = Parts(graph, lower, upper, chosen, catalogues, [], [], graph.output)
    selections = [_selection(rng, inputs) for _ in range(rng.integers(0, 2))]
    inside = parts.sample(rng, 1)[0]
    requirements = [(label, _formula(rng, graph, inside, 2)) for label in range(rng.integers(0, 3))]
    return Parts(graph, lower, upper, chosen, catalogues, selections, requirements, graph.output)


def with_objective(rng: np.random.Generator, graph: Graph) -> Graph:
    """The graph with a random weighted sum of its last node behind it."""
    builder = GraphBuilder(graph.input_size)
    node = builder.append(graph, 0)
    weights = rng.normal(size=(1, builder.size(node)))
    return builder.build(builder.affine([(node, Matrix.dense(weights))], rng.normal(size=1)))


def _selection(rng: np.random.Generator, inputs: int) -> tuple[list[list[int]], int, int]:
    groups = [rng.integers(0, inputs, size=rng.integers(1, 3)).tolist() for _ in range(rng.integers(1, inputs + 1))]
    at_most = int(rng.integers(0, len(groups) + 1))
    return groups, int(rng.integers(0, at_most + 1)), at_most


def _formula(rng: np.random.Generator, graph: Graph, inside: Array, depth: int) -> tuple[Any, ...]:
    """Limits near the values at a design, so that they bind and can be met."""
    kind = rng.integers(0, 3) if depth else 0
    if kind:
        parts = [_formula(rng, graph, inside, depth - 1) for _ in range(rng.integers(0, 4))]
        return ("all" if kind == 1 else "any", parts)
    node = int(rng.integers(0, graph.node_count))
    values = np.atleast_1d(graph.evaluate(inside, node)) + 0.5 * rng.normal(size=graph.size(node))
    lower = np.where(rng.random(len(values)) < 0.3, values - rng.random(len(values)), -np.inf)
    upper = np.where(rng.random(len(values)) < 0.3, values + rng.random(len(values)), np.inf)
    return ("within", node, lower, upper)
