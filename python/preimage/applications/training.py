"""Training of the small dense ReLU networks behind the examples: numpy alone, and the same again from the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_MOMENTUM, _SCALE, _FLOOR = 0.9, 0.999, 1e-8  # the usual constants of Adam


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """A dense ReLU network: ReLU after every layer but the last.

    Attributes
    ----------
    weights
        One matrix a layer, outputs x inputs.
    biases
        One vector a layer.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    def __call__(self, x: Array) -> Array:
        """Return the outputs, batch x outputs, for inputs of shape batch x inputs."""
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = np.maximum(x @ weight.T + bias, 0.0)
        return x @ self.weights[-1].T + self.biases[-1]

    def save(self, path: Path) -> None:
        """Write an ``.npz`` file with ``W1``, ``b1``, ``W2`` and so on."""
        layers = enumerate(zip(self.weights, self.biases, strict=True), start=1)
        arrays = {name: value for i, (w, b) in layers for name, value in ((f"W{i}", w), (f"b{i}", b))}
        np.savez(path, allow_pickle=False, **arrays)


def train(
    inputs: Array,
    outputs: Array,
    hidden: Sequence[int],
    *,
    epochs: int,
    seed: int,
    batch: int = 64,
    rate: float = 0.01,
    gain: float = 2.0,
) -> Dense:
    """Fit a dense ReLU network by Adam on the squared error, with a learning rate that falls to zero along a cosine.

    The outputs are standardised for the training; their scale and offset are then folded into the last layer.

    Parameters
    ----------
    inputs, outputs
        Samples x inputs, of order one, and samples x outputs, in any units.
    hidden
        Neurons of each hidden layer.
    epochs
        Passes over the samples.
    seed
        Of the first weights and of the order of the samples.
    batch
        Samples a step.
    rate
        The learning rate at the start.
    gain
        The variance of the first weights of a neuron, times their number: 2 as He et al. have it, 1/3 as torch begins.

    Returns
    -------
    Dense
        The network, in the units of ``outputs``.

    References
    ----------
    Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015; He et al., ICCV 2015, for the first weights.
    """
    random = np.random.default_rng(seed)
    offset, scale = outputs.mean(axis=0), outputs.std(axis=0)
    scale[scale == 0.0] = 1.0  # an output that never changes
    wanted = (outputs - offset) / scale
    sizes = (inputs.shape[1], *hidden, outputs.shape[1])
    weights = [random.normal(0.0, np.sqrt(gain / m), (n, m)) for m, n in pairwise(sizes)]
    parameters = weights + [np.zeros(n) for n in sizes[1:]]
    first, second = [np.zeros_like(p) for p in parameters], [np.zeros_like(p) for p in parameters]
    steps = epochs * -(-len(inputs) // batch)
    step = 0
    for _ in range(epochs):
        order = random.permutation(len(inputs))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            gradients = _gradients(parameters, inputs[rows], wanted[rows])
            falling = 0.5 * rate * (1.0 + np.cos(np.pi * step / steps))
            step += 1
            for parameter, gradient, m, v in zip(parameters, gradients, first, second, strict=True):
                m += (1.0 - _MOMENTUM) * (gradient - m)
                v += (1.0 - _SCALE) * (gradient**2 - v)
                corrected = np.sqrt(v / (1.0 - _SCALE**step)) + _FLOOR
                parameter -= falling * m / (1.0 - _MOMENTUM**step) / corrected
    depth = len(sizes) - 1
    parameters[depth - 1] = scale[:, None] * parameters[depth - 1]
    parameters[-1] = scale * parameters[-1] + offset
    return Dense(tuple(parameters[:depth]), tuple(parameters[depth:]))


def _gradients(parameters: list[Array], x: Array, wanted: Array) -> list[Array]:
    """Return the gradients of the mean squared error by back-propagation."""
    depth = len(parameters) // 2
    weights, biases = parameters[:depth], parameters[depth:]
    layers = [x]
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        layers.append(np.maximum(layers[-1] @ weight.T + bias, 0.0))
    slope = (layers[-1] @ weights[-1].T + biases[-1] - wanted) * (2.0 / wanted.size)
    gradients: list[Array] = [x] * len(parameters)
    for i in reversed(range(depth)):
        gradients[i], gradients[depth + i] = slope.T @ layers[i], slope.sum(axis=0)
        slope = (slope @ weights[i]) * (layers[i] > 0.0)
    return gradients
