"""Random small problems about networks with every kind of layer, and their optima by other means."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from engines.textbook import Textbook
from numpy.typing import NDArray

from preimage.networks import Network
from preimage.networks.architecture import Architecture, Value
from preimage.networks.layers import (
    Absolute,
    Add,
    BatchNorm,
    Clip,
    Concat,
    Convolution,
    Dense,
    LeakyRelu,
    Maximum,
    Pad,
    Pool,
    PRelu,
    Reduce,
    Relu,
    Reshape,
    Scale,
    Take,
    Transpose,
    TransposedConvolution,
)
from preimage.networks.reference import forward

Array = NDArray[np.float64]
Random = np.random.Generator
Kind = Callable[[Random, Architecture, Value], Value]
"""Adds layers behind six numbers."""


def _image(architecture: Architecture, value: Value, *shape: int) -> Value:
    return architecture.add(Reshape((1, *shape)), value)


def _convolution(random: Random, a: Architecture, v: Value) -> Value:
    weight, bias = random.normal(size=(2, 2, 2)), random.normal(size=2)
    return a.add(Relu(), a.add(Convolution(weight, bias, (1,), ((1, 0),), (1,)), _image(a, v, 2, 3)))


def _convolution_2d(random: Random, a: Architecture, v: Value) -> Value:
    weight, bias = random.normal(size=(2, 1, 2, 2)), random.normal(size=2)
    return a.add(Relu(), a.add(Convolution(weight, bias, (1, 1), ((0, 0), (0, 0)), (1, 1)), _image(a, v, 1, 2, 3)))


def _transposed(random: Random, a: Architecture, v: Value) -> Value:
    layer = TransposedConvolution(random.normal(size=(2, 1, 2)), random.normal(size=1), (2,), ((0, 0),), (0,), (1,))
    return a.add(Relu(), a.add(layer, _image(a, v, 2, 3)))


def _transposed_2d(random: Random, a: Architecture, v: Value) -> Value:
    weight = random.normal(size=(1, 1, 2, 2))
    layer = TransposedConvolution(weight, None, (1, 1), ((1, 0), (0, 1)), (0, 0), (1, 1))
    return a.add(LeakyRelu(0.1), a.add(layer, _image(a, v, 1, 2, 3)))


def _residual(random: Random, a: Architecture, v: Value) -> Value:
    inner = a.add(Dense(random.normal(size=(6, 6)) / 2, random.normal(size=6)), a.add(Relu(), v))
    return a.add(Relu(), a.add(Add(), v, inner))


KINDS: dict[str, Kind] = {
    "relu": lambda random, a, v: a.add(Relu(), v),
    "leaky relu": lambda random, a, v: a.add(LeakyRelu(0.2), v),
    "prelu": lambda random, a, v: a.add(PRelu(random.choice([-0.4, 0.0, 0.3, 1.0, 1.5], size=6)), v),
    "absolute": lambda random, a, v: a.add(Absolute(), v),
    "clip": lambda random, a, v: a.add(Clip(-0.5, 0.7), v),
    "clip above": lambda random, a, v: a.add(Clip(upper=0.4), v),
    "batch norm": lambda random, a, v: a.add(
        Relu(), a.add(BatchNorm(random.normal(size=6), random.random(6) + 0.2, random.normal(size=6)), v)
    ),
    "scale": lambda random, a, v: a.add(Relu(), a.add(Scale(random.normal(size=6), random.normal(size=6)), v)),
    "convolution": _convolution,
    "convolution 2-D": _convolution_2d,
    "transposed convolution": _transposed,
    "transposed convolution 2-D": _transposed_2d,
    "max pool": lambda random, a, v: a.add(Pool("max", (2,), (1,), ((0, 0),), (1,)), _image(a, v, 2, 3)),
    "max pool 2-D": lambda random, a, v: a.add(
        Pool("max", (2, 2), (1, 1), ((0, 0),) * 2, (1, 1)), _image(a, v, 1, 2, 3)
    ),
    "average pool": lambda random, a, v: a.add(
        Relu(), a.add(Pool("mean", (2,), (1,), ((0, 0),), (1,)), _image(a, v, 2, 3))
    ),
    "residual": _residual,
    "concatenate": lambda random, a, v: a.add(Concat(), a.add(Relu(), v), v),
    "maximum": lambda random, a, v: a.add(Maximum(), v, a.add(Scale(np.array(-0.5), np.array(0.2)), v)),
    "mean": lambda random, a, v: a.add(Relu(), a.add(Reduce("mean", (0,)), a.add(Reshape((2, 3)), v))),
    "transpose, take, pad": lambda random, a, v: a.add(
        Relu(),
        a.add(
            Pad(((1, 0),), 0.3),
            a.add(Take(0, np.array([4, 0, 3])), _flat(a, a.add(Transpose((1, 0)), _image(a, v, 6)))),
        ),
    ),
}


def _flat(architecture: Architecture, value: Value) -> Value:
    return architecture.add(Reshape((int(np.prod(value.shape)),)), value)


@dataclass(frozen=True)
class LayerProblem:
    """A problem as a text, with what it is about.

    Attributes
    ----------
    objective
        ``L1``, ``Linf``, ``L2`` or ``dot``: the distance of the outputs from a target, or a weighted sum of them.
    limit
        What the weighted sum of the outputs may not be above.
    obstacle
        What the design keeps away from, by 0.6 in L1.
    """

    kind: str
    architecture: Architecture
    maximise: bool
    whole: bool
    objective: str
    t: Array
    w: Array
    limit: float | None
    obstacle: Array | None
    selected: bool

    @property
    def inputs(self) -> int:
        return self.architecture.input_shape[0]

    @property
    def text(self) -> str:
        lines = ["network f", "param t", "param w"]
        lines.append(f"integer x[{self.inputs}] in -2..2" if self.whole else f"input x[{self.inputs}] in -1..1")
        lines += [f"require dot(w, f(x)) <= {self.limit!r}"] if self.limit is not None else []
        lines += (
            [f"avoid L1(x, ({', '.join(map(repr, self.obstacle.tolist()))})) >= 0.6"]
            if self.obstacle is not None
            else []
        )
        lines += [f"select {self.inputs - 1} of x"] if self.selected else []
        value = "dot(w, f(x))" if self.objective == "dot" else f"{self.objective}(f(x), t)"
        return "\n".join([*lines, f"{'maximise' if self.maximise else 'minimise'} {value}", ""])

    @property
    def bindings(self) -> dict[str, object]:
        graph = self.architecture.graph()
        network = Network(graph, graph.input_size, graph.output_size, "random", graph.digest(), self.kind, 0.0)
        return {"f": network, "t": self.t, "w": self.w}

    def values(self, x: Array) -> Array:
        """The objective of designs, by the plain forward pass."""
        y = forward(self.architecture, x)
        if self.objective == "dot":
            return y @ self.w
        return np.linalg.norm(y - self.t, ord={"L1": 1, "L2": 2, "Linf": np.inf}[self.objective], axis=1)

    def violations(self, x: Array) -> Array:
        """By how much designs miss the statements, which bounds and whole numbers are not."""
        worst = np.zeros(len(x))
        if self.limit is not None:
            worst = np.maximum(worst, forward(self.architecture, x) @ self.w - self.limit)
        if self.obstacle is not None:
            worst = np.maximum(worst, 0.6 - np.abs(x - self.obstacle).sum(axis=1))
        if self.selected:
            worst = np.maximum(worst, np.abs(x).min(axis=1))
        return worst

    def optimum(self) -> float:
        """The optimum: over all designs where they can be listed, else by the textbook's program."""
        return self._listed() if self.whole else self._solved()

    def _listed(self) -> float:
        x = np.array(list(itertools.product(range(-2, 3), repeat=self.inputs)), dtype=np.float64)
        values = self.values(x[self.violations(x) <= 1e-9])
        return float(values.max() if self.maximise else values.min())

    def _solved(self) -> float:
        book = Textbook()
        x = np.array([book.column(-1.0, 1.0) for _ in range(self.inputs)])
        y = book.network(self.architecture, x)
        weighted = book.affine(self.w[None], np.zeros(1), y)
        if self.limit is not None:
            book.row(-np.inf, self.limit, [(int(weighted[0]), 1.0)])
        if self.obstacle is not None:
            sides = [book.kink(int(z), -1.0) for z in book.affine(np.eye(self.inputs), -self.obstacle, x)]
            book.row(0.6, np.inf, [(side, 1.0) for side in sides])
        if self.selected:
            used = [book.column(0, 1, whole=True) for _ in x]
            for z, u in zip(x.tolist(), used, strict=True):
                book.row(-np.inf, 0.0, [(z, 1.0), (u, -1.0)])
                book.row(0.0, np.inf, [(z, 1.0), (u, 1.0)])
            book.row(-np.inf, len(x) - 1, [(u, 1.0) for u in used])
        if self.objective == "dot":
            return book.optimum(int(weighted[0]), maximise=self.maximise)
        apart = [book.kink(int(z), -1.0) for z in book.affine(np.eye(len(y)), -self.t, y)]
        if self.objective == "Linf":
            return book.optimum(book.largest(apart), maximise=self.maximise)
        distance = book.affine(np.ones((1, len(apart))), np.zeros(1), np.array(apart))
        return book.optimum(int(distance[0]), maximise=self.maximise)


def layer_problem(number: int) -> LayerProblem:
    """The problem with a number: the kinds of layers take turns, and both senses for each."""
    random = np.random.default_rng(number)
    kind, maximise = list(KINDS)[number // 2 % len(KINDS)], number % 2 == 1
    inputs, outputs = int(random.integers(2, 4)), int(random.integers(1, 4))
    architecture = Architecture((inputs,))
    first = architecture.add(Dense(random.normal(size=(6, inputs)), 0.5 * random.normal(size=6)), architecture.input)
    last = _flat(architecture, KINDS[kind](random, architecture, first))
    architecture.add(Dense(random.normal(size=(outputs, last.shape[0])), random.normal(size=outputs)), last)
    whole = bool(random.random() < 0.4)
    inside = np.where(np.arange(inputs) == 0, 0.0, random.integers(-1, 2, size=inputs) * 1.0)
    w = random.normal(size=outputs)
    at = forward(architecture, inside[None])[0]
    near = inside + 0.5 * random.normal(size=inputs)
    return LayerProblem(
        kind=kind,
        architecture=architecture,
        maximise=maximise,
        whole=whole,
        objective=str(random.choice(["L1", "Linf", "dot"] + ["L2"] * (whole and not maximise))),
        t=at + random.normal(size=outputs),
        w=w,
        limit=float(at @ w + 0.1) if random.random() < 0.4 else None,
        obstacle=near if np.abs(inside - near).sum() > 0.7 and random.random() < 0.6 else None,
        selected=bool(random.random() < 0.3),
    )
