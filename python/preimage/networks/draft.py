"""Tensors over a draft graph: what every layer is written with, before the graph is simplified and frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from preimage.networks.network import ImportRefused

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Shape = tuple[int, ...]
Map: TypeAlias = "csr_array | Array"
"""A linear map, rows by columns."""

LARGEST_TENSOR = 1 << 24
"""Entries a tensor may have."""
LARGEST_MAP = 1 << 26
"""Non-zero entries a linear map may have (0.8 GB)."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """The entries of a node, in C order, seen with a shape."""

    node: int
    shape: Shape

    @property
    def size(self) -> int:
        """The number of entries."""
        return prod(self.shape)

    def positions(self) -> Indices:
        """Return the flat position of every entry, in the tensor's shape."""
        return np.arange(self.size).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class Input:
    """The input of the network."""

    size: int


@dataclass(frozen=True, slots=True)
class Affine:
    """``bias`` plus the sum of ``map @ node``; a node occurs once."""

    terms: dict[int, Map]
    bias: Array


@dataclass(frozen=True, slots=True)
class Kink:
    """Elementwise ``z if z >= 0 else slope * z``."""

    source: int
    slopes: Array


@dataclass(frozen=True, slots=True)
class Max:
    """The maximum over each group of entries; ``starts`` delimits the groups in ``members``."""

    source: int
    starts: Indices
    members: Indices


Node = Input | Affine | Kink | Max


def node_size(node: Node) -> int:
    """Return the number of entries of a node."""
    match node:
        case Input(size):
            return size
        case Affine(_, bias):
            return len(bias)
        case Kink(_, slopes):
            return len(slopes)
        case Max(_, starts, _):
            return len(starts) - 1


def node_sources(node: Node) -> tuple[int, ...]:
    """Return the nodes that a node reads."""
    match node:
        case Input():
            return ()
        case Affine(terms, _):
            return tuple(terms)
        case Kink(source, _) | Max(source, _, _):
            return (source,)


@dataclass(slots=True)
class Draft:
    """Nodes in topological order, and the activations met on the way.

    Attributes
    ----------
    nodes
        The input first.
    activations
        Name and result of each non-linear layer, for the summary.
    """

    nodes: list[Node] = field(default_factory=list)
    activations: list[tuple[str, Tensor]] = field(default_factory=list)

    def input(self, shape: Shape) -> Tensor:
        """Add the input node."""
        check_shape(shape)
        return self._add(Input(prod(shape)), shape)

    def affine(self, terms: Iterable[tuple[Tensor, Map]], bias: ArrayLike, shape: Shape) -> Tensor:
        """Add ``bias + sum(map @ tensor)``; ``bias`` is broadcast to ``shape``."""
        check_shape(shape)
        joined: dict[int, Map] = {}
        for tensor, linear in terms:
            joined[tensor.node] = add_maps(joined.get(tensor.node), linear)
        return self._add(Affine(joined, spread(bias, shape)), shape)

    def gather(self, tensor: Tensor, positions: Indices, fill: float = 0.0) -> Tensor:
        """Pick entries by flat position; the result has the shape of ``positions``, and ``fill`` where they are -1."""
        check_shape(positions.shape)
        flat = positions.ravel()
        if positions.size == tensor.size and np.array_equal(flat, np.arange(tensor.size)):
            return Tensor(tensor.node, positions.shape)
        inside = flat >= 0
        starts = np.concatenate(([0], np.cumsum(inside)))
        chosen = flat[inside]
        linear = csr_array((np.ones(len(chosen)), chosen, starts), shape=(len(flat), tensor.size))
        return self.affine([(tensor, linear)], np.where(inside, 0.0, fill).reshape(positions.shape), positions.shape)

    def kink(self, tensor: Tensor, slopes: ArrayLike) -> Tensor:
        """Add ``z if z >= 0 else slope * z``; ``slopes`` are broadcast to the tensor's shape."""
        return self._add(Kink(tensor.node, spread(slopes, tensor.shape)), tensor.shape)

    def max(self, tensor: Tensor, groups: Sequence[Indices], shape: Shape) -> Tensor:
        """Add the maximum over each group of flat positions; there are as many groups as ``shape`` has entries."""
        check_shape(shape)
        starts = np.concatenate(([0], np.cumsum([len(group) for group in groups], dtype=np.int64)))
        if np.any(starts[1:] == starts[:-1]):
            raise ImportRefused("a window of its maximum holds no entry")
        return self._add(Max(tensor.node, starts, np.concatenate(groups)), shape)

    def activation(self, label: str, tensor: Tensor) -> Tensor:
        """Note a non-linear layer for the summary."""
        self.activations.append((label, tensor))
        return tensor

    def activations_towards(self, output: Tensor) -> list[tuple[str, Tensor]]:
        """Return name and result of the non-linear layers that reach an output."""
        reached = {output.node}
        for index in range(output.node, -1, -1):
            if index in reached:
                reached.update(node_sources(self.nodes[index]))
        return [(label, tensor) for label, tensor in self.activations if tensor.node in reached]

    def _add(self, node: Node, shape: Shape) -> Tensor:
        self.nodes.append(node)
        return Tensor(len(self.nodes) - 1, shape)


def check_shape(shape: Shape) -> None:
    """Refuse shapes that are empty or beyond memory."""
    if any(extent <= 0 for extent in shape):
        raise ImportRefused(f"its result has the shape {shape_text(shape)}, which holds no entry")
    if prod(shape) > LARGEST_TENSOR:
        raise ImportRefused(f"its result has the shape {shape_text(shape)}, over {LARGEST_TENSOR} entries")


def check_nonzeros(count: int) -> None:
    """Refuse linear maps beyond memory, before they are built."""
    if count > LARGEST_MAP:
        raise ImportRefused(f"its matrix has {count} non-zero entries, over {LARGEST_MAP}")


def shape_text(shape: Shape) -> str:
    """Write a shape as ``3 × 32 × 32``."""
    return " × ".join(map(str, shape)) or "scalar"


def spread(values: ArrayLike, shape: Shape) -> Array:
    """Broadcast to ``shape`` and flatten."""
    return np.broadcast_to(np.asarray(values, dtype=np.float64), shape).ravel()


def diagonal(values: Array) -> csr_array:
    """Return the diagonal map with these entries."""
    count = len(values)
    return csr_array((values, np.arange(count), np.arange(count + 1)), shape=(count, count))


def add_maps(left: Map | None, right: Map) -> Map:
    """Return the sum of two maps of the same shape."""
    if left is None:
        return right
    if isinstance(left, csr_array) and isinstance(right, csr_array):
        return csr_array(left + right)
    return np.asarray(left + right)
