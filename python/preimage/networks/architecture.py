"""A network between its format and its graph: layers, written into a draft as they come."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import groupby

import numpy as np

from preimage._core import Graph
from preimage.networks import windows  # noqa: F401  convolutions and pools register with `write`
from preimage.networks.assembly import write
from preimage.networks.draft import Draft, Shape, Tensor
from preimage.networks.fold import simplify
from preimage.networks.layers import Layer
from preimage.networks.network import ImportRefused

INPUT = 0
"""The number of the input among the results."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a layer computes, or the input of the network."""

    result: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Step:
    """A layer applied to earlier results; itself it computes ``result``."""

    result: int
    layer: Layer
    sources: tuple[int, ...]


class Architecture:
    """A network that is being put together.

    Parameters
    ----------
    input_shape
        Shape of the input; the network sees it flattened in C order.

    Attributes
    ----------
    layer
        The layer that is being read, as its source names it: for messages.
    steps
        What was added, in order.
    output
        The result that is the network's output, flattened likewise; the last one added if nothing else is said.
    """

    def __init__(self, input_shape: Shape) -> None:
        self.input_shape = input_shape
        self.layer: str | None = None
        self.steps: list[Step] = []
        self.output = INPUT
        self._draft = Draft()
        self._tensors: list[Tensor] = [self._draft.input(input_shape)]

    @property
    def input(self) -> Value:
        """The input of the network."""
        return Value(INPUT, self.input_shape)

    @property
    def last(self) -> Value:
        """What the last layer computes."""
        return Value(len(self.steps), self._tensors[-1].shape)

    def add(self, layer: Layer, *sources: Value) -> Value:
        """Apply a layer to earlier results; raises `ImportRefused` if it does not fit them."""
        try:
            check_finite(layer)
            if len(sources) != layer.arity and not (layer.arity is None and sources):
                raise ImportRefused(f"it is applied to {len(sources)} tensors")
            tensor = write(layer, self._draft, *(self._tensors[source.result] for source in sources))
        except ImportRefused as refusal:
            raise ImportRefused(refusal.reason, advice=refusal.advice, layer=self.layer) from None
        except (ValueError, IndexError) as error:
            raise ImportRefused(f"its shapes do not fit: {error}", layer=self.layer) from error
        self._tensors.append(tensor)
        self.steps.append(Step(len(self.steps) + 1, layer, tuple(source.result for source in sources)))
        self.output = len(self.steps)
        return self.last

    def needed(self) -> list[Step]:
        """Return the steps that reach the output, in order."""
        wanted = {self.output}
        for step in reversed(self.steps):
            if step.result in wanted:
                wanted.update(step.sources)
        return [step for step in self.steps if step.result in wanted]

    def graph(self) -> Graph:
        """Return the network as a simplified graph."""
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return simplify(self._draft, self._tensors[self.output])
        except ValueError as error:
            raise ImportRefused(f"its layers do not make a graph: {error}") from error

    def summary(self) -> str:
        """Describe the widths and activations of the network."""
        output = self._tensors[self.output]
        activations = self._draft.activations_towards(output)
        hidden = [tensor.size for _, tensor in activations if tensor.node != output.node]
        runs = [(width, len(list(run))) for width, run in groupby(hidden)]
        parts = [part for width, n in runs for part in ([f"{width}×{n}"] if n > 2 else [f"{width}"] * n)]
        path = " → ".join([f"{self._tensors[INPUT].size}", *parts, f"{output.size}"])
        totals: dict[str, int] = {}
        for label, tensor in activations:
            totals[label] = totals.get(label, 0) + tensor.size
        counts = [f"{count} {label}" for label, count in totals.items()] or ["affine"]
        return f"{path}, {', '.join(counts)}"


def check_finite(layer: Layer) -> None:
    """Refuse weights that are not numbers, wherever they sit."""
    for entry in fields(layer):  # type: ignore[arg-type]  # every layer is a dataclass
        value = getattr(layer, entry.name)
        if isinstance(value, np.ndarray) and not np.all(np.isfinite(value)):
            kind = "NaN" if np.any(np.isnan(value)) else "infinite"
            raise ImportRefused(f"its {entry.name} holds {kind} entries", advice="did the training diverge?")
        if isinstance(value, float) and np.isnan(value):
            raise ImportRefused(f"its {entry.name} is NaN")
