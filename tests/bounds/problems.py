"""Random small networks over every kind of design, and designs to try them with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import preimage
from preimage.language.problem import Problem
from preimage.problem import Inversion, compile_problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A problem, its weights, and random designs that meet its statements exactly."""

    problem: Problem
    weights: dict[str, Array]
    sample: Callable[[np.random.Generator, int], Array]

    @property
    def inversion(self) -> Inversion:
        return compile_problem(self.problem)

    def layers(self, x: Array) -> list[Array]:
        """Return what the hidden neurons and the outputs are before their kink, by plain numpy."""
        values, result = x, []
        for k in range(1, len(self.weights) // 2 + 1):
            values = values @ self.weights[f"W{k}"].T + self.weights[f"b{k}"]
            result.append(values)
            values = np.maximum(values, 0.0)
        return result


def network(random: np.random.Generator, sizes: list[int]) -> dict[str, Array]:
    weights: dict[str, Array] = {}
    for k, (columns, rows) in enumerate(pairwise(sizes), start=1):
        weights[f"W{k}"] = random.normal(size=(rows, columns)) / np.sqrt(columns)
        weights[f"b{k}"] = 0.4 * random.normal(size=rows)
    return weights


def case(seed: int, width: int = 6, depth: int = 2) -> Case:
    """Return a random case: a box, a sum, a selection, smoothness, or integers with a sum."""
    random = np.random.default_rng(seed)
    kind = ("box", "sum", "select", "smooth", "integers")[seed % 5]
    inputs = int(random.integers(3, 6))
    weights = network(random, [inputs, *[width] * depth, 3])
    declared, sample = _designs(kind, inputs)
    text = f"network f\nparam t\n{declared}\nminimise L1(f(x), t)\n"
    return Case(preimage.check(text, {"f": dict(weights), "t": random.normal(size=3)}), weights, sample)


def _designs(kind: str, inputs: int) -> tuple[str, Callable[[np.random.Generator, int], Array]]:
    def box(random: np.random.Generator, count: int) -> Array:
        x = random.uniform(-1.0, 1.0, (count, inputs))
        corners = random.random(x.shape)
        return np.where(corners < 0.15, -1.0, np.where(corners > 0.85, 1.0, x))

    def summed(random: np.random.Generator, count: int) -> Array:
        x = np.round(random.dirichlet(np.full(inputs, 0.4), count) * 2.0**20) / 2.0**20
        x[:, 0] = 1.0 - x[:, 1:].sum(axis=1)  # exact: all are multiples of 2**-20
        return x[x[:, 0] >= 0.0]

    def selected(random: np.random.Generator, count: int) -> Array:
        order = random.random((count, inputs)).argsort(axis=1)
        return np.where(order < random.integers(0, 3, (count, 1)), box(random, count), 0.0)

    def smooth(random: np.random.Generator, count: int) -> Array:
        start, slope = random.uniform(-1.0, 1.0, (2, count, 1))
        bend = 0.3 * random.choice([-1.0, 1.0, 0.2], (count, inputs))
        x = start + np.cumsum(slope + np.cumsum(bend, axis=1), axis=1)
        kept = (np.abs(x) <= 1.0).all(axis=1) & (np.abs(np.diff(x, 2, axis=1)) <= 0.3).all(axis=1)
        return np.asarray(x[kept])

    def integers(random: np.random.Generator, count: int) -> Array:
        return random.multinomial(4, random.dirichlet(np.full(inputs, 0.5)), count).astype(float)

    texts: dict[str, tuple[str, Any]] = {
        "box": (f"input x[{inputs}] in -1..1", box),
        "sum": (f"input x[{inputs}] in 0..1\nrequire sum(x) == 1", summed),
        "select": (f"input x[{inputs}] in -1..1\nselect 2 of x", selected),
        "smooth": (f"input x[{inputs}] in -1..1\nsmooth x within 0.3", smooth),
        "integers": (f"integer x[{inputs}] in 0..4\nrequire sum(x) == 4", integers),
    }
    text, sample = texts[kind]
    return text, sample
