"""What is bounded: the neurons of an inversion's networks over its designs, whatever the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage._core import Bounds, Model
from preimage.problem import Inversion

Vector = NDArray[np.float64]

NONLINEAR = ("kink", "max", "norm")


@dataclass(frozen=True, slots=True)
class Layer:
    """Values that something nonlinear reads, or that a network gives.

    Attributes
    ----------
    name
        ``print.2``: the second layer of the network ``print``; ``print.out``: what it gives.
    node
        Where it stands in the graph.
    size
        The number of its units.
    kinked
        Whether all that reads it are kinks, so that a unit whose sign is decided needs no binary.
    first
        Whether it is an affine function of the inputs.
    """

    name: str
    node: int
    size: int
    kinked: bool
    first: bool


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Networks over a set of designs.

    Attributes
    ----------
    model
        The designs: box, domains, selections, and what is required of the inputs themselves.
    layers
        In the order in which they are bounded.
    reached
        The nodes of networks and what depends on them: their bounds may make use of all that is known of the designs.
    digest
        Changes when a bound could.
    has_requirements
        Whether more is required of the inputs than their box, domains and selections.
    """

    model: Model
    layers: tuple[Layer, ...]
    reached: tuple[int, ...]
    digest: str
    has_requirements: bool

    def bounds(self, known: Mapping[int, tuple[Vector, Vector]]) -> Bounds:
        """Return bounds of every node by lines carried back to the inputs, with what is known of some of them."""
        return self.model.bounds(known=known, over_limits=self.reached)


def subject_of(inversion: Inversion) -> Subject:
    """Return what can be bounded of an inversion without looking at its objective."""
    graph, reached = inversion.graph, set(inversion.layers)
    for node in range(graph.node_count):
        if not reached.isdisjoint(graph.sources(node)):
            reached.add(node)
    model = inversion.model.designs(sorted(inversion.layers))
    layers = tuple(_layers(inversion))
    digest = model.digest([layer.node for layer in layers])
    return Subject(model, layers, tuple(sorted(reached)), digest, model.requirement_count > 0)


def _layers(inversion: Inversion) -> list[Layer]:
    graph, networks = inversion.graph, inversion.layers
    readers: dict[int, set[str]] = {}
    affine = [True] * graph.node_count
    last: dict[str, int] = {}
    for node in range(graph.node_count):
        kind = graph.operation(node)
        affine[node] = kind not in NONLINEAR and all(affine[source] for source in graph.sources(node))
        if node in networks:
            last[networks[node]] = node
            if kind in NONLINEAR:
                (source,) = graph.sources(node)
                readers.setdefault(source, set()).add(kind)
    layers, counts = [], dict.fromkeys(last, 0)
    for node in sorted({*readers, *last.values()} & networks.keys()):
        network = networks[node]
        counts[network] += 1
        name = f"{network}.{counts[network]}" if node in readers else f"{network}.out"
        layers.append(Layer(name, node, graph.size(node), readers.get(node) == {"kink"}, affine[node]))
    return layers
