"""Random small networks with designs that are a little off, and what numpy alone knows of the worst of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Vector = np.ndarray[Any, np.dtype[np.float64]]

AMOUNTS = (1e-3, 0.02, 0.2, 0.7)


@dataclass
class Perturbed:
    """A problem in the language and its twin in numpy.

    Attributes
    ----------
    text, bindings
        The problem.
    design
        Some design of it: an array with a row for each target.
    lower, upper
        The ranges of the values.
    amounts
        How far each value may be off.
    manner
        Of the `robust` statement.
    value
        What is bounded, of a design.
    sign
        1 where larger is worse.
    """

    text: str
    bindings: dict[str, object]
    design: Vector
    lower: Vector
    upper: Vector
    amounts: Vector
    manner: str
    value: Callable[[Vector], float]
    sign: float

    def off(self, deviation: Vector) -> Vector:
        """Return the design for deviations between -1 and 1."""
        return np.clip(self.design + self.amounts * deviation, self.lower, self.upper)

    def badness(self, deviation: Vector) -> float:
        """Return how bad a deviation is."""
        return self.sign * self.value(self.off(deviation))

    @property
    def free(self) -> int:
        """How many numbers a deviation is made of."""
        return len(self.design) if self.manner == "together" else int(np.count_nonzero(self.amounts))

    def deviation(self, numbers: Vector) -> Vector:
        """Return the deviation that so many numbers between -1 and 1 make, inside what the statement allows."""
        if self.manner == "together":
            return np.zeros_like(self.design) + numbers[:, None]
        found = np.zeros(self.design.shape)
        found[self.amounts > 0] = numbers
        if self.manner == "L1":
            found /= np.maximum(np.abs(found).sum(axis=1, keepdims=True), 1.0)
        return found

    def samples(self, random: np.random.Generator, count: int) -> Iterator[Vector]:
        """Return corners, single values off, and random deviations."""
        yield from map(np.array, itertools.product((-1.0, 1.0), repeat=self.free))
        yield from np.concatenate([np.eye(self.free), -np.eye(self.free), np.zeros((1, self.free))])
        yield from random.uniform(-1.0, 1.0, (count, self.free))

    def enumerated(self) -> float:
        """Return the worst over one or two numbers: a grid, made finer thrice around its best places."""
        points = np.array(np.meshgrid(*[np.linspace(-1.0, 1.0, 81 if self.free == 1 else 25)] * self.free))
        points = points.reshape(self.free, -1).T
        width = 2.0 / (80 if self.free == 1 else 24)
        best = -np.inf
        for _ in range(5):
            values = np.array([self.badness(self.deviation(p)) for p in points])
            best = max(best, float(values.max()))
            places = points[np.argsort(-values)[:4]]
            around = np.array(np.meshgrid(*[np.linspace(-width, width, 9)] * self.free)).reshape(self.free, -1).T
            points = np.clip((places[:, None] + around).reshape(-1, self.free), -1.0, 1.0)
            width /= 4.0
        return best


def perturbed(seed: int, manner: str) -> Perturbed:
    """Return a random problem: one target or two together, a drift or an objective, a selection or none."""
    random = np.random.default_rng([seed, len(manner)])
    targets = int(random.integers(1, 3)) if random.random() < 0.3 else 1
    size = int(random.integers(1, 3)) if random.random() < 0.5 else int(random.integers(3, 6))
    size = max(1, size // targets)
    outputs = int(random.integers(1, 4))
    sizes = [size, *random.integers(3, 9, int(random.integers(1, 4))), outputs]
    weights = [random.normal(0.0, 1.5 / np.sqrt(a), (b, a)) for a, b in itertools.pairwise(sizes)]
    biases = [random.normal(0.0, 0.5, b) for b in sizes[1:]]
    wanted = random.normal(size=(targets, outputs))
    lower, upper = -random.random(size), random.random(size) + 0.1
    design = random.uniform(lower, upper, (targets, size))
    at_ends = random.random(design.shape) < 0.3
    design = np.where(at_ends, np.where(random.random(design.shape) < 0.5, lower, upper), design)
    amounts = np.where(random.random(size) < 0.8, random.choice(AMOUNTS), 0.0)
    if manner == "each":
        amounts *= random.choice([0.5, 1.0], size)
    if not amounts.any():
        amounts[0] = 0.1

    def network(x: Vector) -> Vector:
        for k, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            x = weight @ x + bias
            x = np.maximum(x, 0.0) if k < len(weights) - 1 else x
        return x

    lines = [
        "network f",
        "targets t" if targets > 1 else "param t",
        "param low",
        "param high",
        "param amount",
        f"input x[{size}] in low .. high" + " per target" * (targets > 1),
    ]
    drift, selects, maximises = random.random() < 0.3, random.random() < 0.3, random.random() < 0.3
    if selects:
        design = np.where(random.random(design.shape) < 0.4, 0.0, design)
        lines.append(f"select {size} of x" + " per target" * (targets > 1))
    if drift:
        lines.append("minimise sum(x)")
        goal = "robust drift of f(x)"
    elif maximises:
        lines.append("maximise min(f(x) - t)")
        goal = "robust"
    else:
        lines.append("minimise L1(f(x), t) + 0.5*sum(x)")
        goal = "robust"

    def value(x: Vector) -> float:
        given = np.array([network(row) for row in x])
        if drift:
            return float(np.abs(given - np.array([network(row) for row in design])).sum())
        if maximises:
            return float((given - wanted).min(axis=1).sum())
        return float(np.abs(given - wanted).sum() + 0.5 * x.sum())

    if manner == "each":
        lines.append(f"{goal} within amount for x")
    else:
        named = ", ".join(f"x[{k}]" for k in np.flatnonzero(amounts))
        lines.append(f"{goal} within {float(amounts.max())!r} {'in L1' if manner == 'L1' else manner} for {named}")
    sign = -1.0 if maximises and not drift else 1.0
    bindings = {
        "f": {f"W{k}": w for k, w in enumerate(weights, 1)} | {f"b{k}": b for k, b in enumerate(biases, 1)},
        "t": wanted if targets > 1 else wanted[0],
        "low": lower,
        "high": upper,
        "amount": amounts,
    }
    if manner != "each":
        del bindings["amount"]
        lines.remove("param amount")
    per_target = np.zeros((targets, 1)) + amounts
    if selects:
        per_target = np.where(design == 0.0, 0.0, per_target)
    return Perturbed("\n".join(lines), bindings, design, lower, upper, per_target, manner, value, sign)
