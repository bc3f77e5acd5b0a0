"""A trained network as a piecewise-linear graph, and why a network was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preimage._core import Graph

ACCEPTED_LAYERS = (
    "dense, convolution 1-D/2-D, transposed convolution 1-D/2-D, batch norm, ReLU, leaky ReLU, PReLU, hard tanh, "
    "hard sigmoid, clip, ReLU6, abs, max and average pool, maximum, minimum, add, subtract, concatenate, flatten, "
    "reshape, transpose, slice, pad, sum and mean over axes, products with constants"
)


@dataclass(frozen=True, slots=True)
class Network:
    """A function from ``input_size`` numbers to ``output_size`` numbers, checked against the source it came from.

    Arrays of several axes (images, channels) are seen flattened in C order, without the batch axis.

    Attributes
    ----------
    graph
        The network as piecewise-linear operations, weights in float64 exactly as stored.
    input_size, output_size
        Lengths of the flattened input and output.
    origin
        The file, or a description of the Python object, that the network was read from.
    digest
        Hash of the graph's structure and weights, hexadecimal.
    summary
        Widths and activations, like ``44 → 50 → 50 → 31, 100 ReLU``.
    agreement
        Worst difference to the source's own forward pass over random and corner inputs, relative to the size of the
        outputs; at most 1e-5, else the import is refused.
    """

    graph: Graph
    input_size: int
    output_size: int
    origin: str
    digest: str
    summary: str
    agreement: float


class ImportRefused(Exception):
    """A network that cannot be taken over exactly.

    Parameters
    ----------
    reason
        What is wrong, as a clause without a full stop.
    advice
        One thing to try; may be empty.
    layer
        The layer as its source names it, or None if the file or the object as a whole is at fault.
    """

    def __init__(self, reason: str, *, advice: str = "", layer: str | None = None) -> None:
        super().__init__(reason, advice, layer)
        self.reason = reason
        self.advice = advice
        self.layer = layer

    def __str__(self) -> str:
        place = f"layer {self.layer}: " if self.layer else ""
        advice = f" ({self.advice})" if self.advice else ""
        return f"{place}{self.reason}{advice}"
