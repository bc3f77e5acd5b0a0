"""Compare a graph with the source it came from, point by point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from preimage._core import Graph
from preimage.networks.architecture import Architecture
from preimage.networks.draft import Array
from preimage.networks.network import ImportRefused, Network

Forward: TypeAlias = Callable[[Array], Array]
"""A forward pass: inputs (n × input size) to outputs (n × output size), everything flattened in C order."""

TOLERANCE = 1e-5
"""The largest relative difference to the source that is accepted."""
BOXES = ((0.0, 1.0), (-1.0, 1.0), (-100.0, 100.0))
"""Where points are drawn: the usual design spaces, and far out, where every kink has been crossed."""
POINTS = 16
"""Points in each box: half of them inside, half of them corners."""
FLOOR = 1e-8
"""An output that is this small against the largest one is compared on the scale of the largest one."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer hands over: a network, and how its source computes it.

    Attributes
    ----------
    architecture
        The network, layer by layer.
    origin
        The file or object it came from.
    forward
        The source's own forward pass.
    closer
        A slower one in float64, if ``forward`` rounds to float32: it decides where that rounding leaves doubt.
    """

    architecture: Architecture
    origin: str
    forward: Forward
    closer: Forward | None = None


def checked_network(imported: Imported) -> Network:
    """Return the network once it agrees with its source.

    Raises
    ------
    ImportRefused
        When a layer cannot be taken over, or the outputs differ by more than 1e-5.
    """
    graph = imported.architecture.graph()
    agreement = worst_difference(graph, imported.forward)
    if agreement > TOLERANCE and imported.closer is not None:
        agreement = worst_difference(graph, imported.closer)
    if not agreement <= TOLERANCE:
        raise ImportRefused(
            f"the imported network differs from its source by {agreement:.1e}, relative",
            advice="this should not happen: please report it, with the file",
        )
    return Network(
        graph=graph,
        input_size=graph.input_size,
        output_size=graph.output_size,
        origin=imported.origin,
        digest=graph.digest(),
        summary=imported.architecture.summary(),
        agreement=agreement,
    )


def worst_difference(graph: Graph, forward: Forward) -> float:
    """Return the largest difference between a graph and a forward pass, relative to the size of each output.

    The size of an output is its largest magnitude in the box the points are drawn from.
    """
    generator = np.random.default_rng(0)
    worst = 0.0
    for lower, upper in BOXES:
        shape = (POINTS // 2, graph.input_size)
        inside = generator.uniform(lower, upper, shape)
        corners = np.where(generator.integers(0, 2, shape) == 1, upper, lower)
        corners[:2] = [[lower], [upper]]
        points = np.concatenate([inside, corners])
        with np.errstate(over="ignore", invalid="ignore"):
            expected = forward(points)
        if expected.shape != (len(points), graph.output_size):
            raise ImportRefused(f"its own forward pass gives {expected.shape[1]} numbers, not {graph.output_size}")
        if not np.all(np.isfinite(expected)):
            raise ImportRefused(f"its own forward pass overflows or gives NaN on inputs in {lower:g}..{upper:g}")
        sizes = np.abs(expected).max(axis=0)
        sizes = np.maximum(sizes, FLOOR * sizes.max())
        difference = np.abs(graph.evaluate(points) - expected).max(axis=0)
        relative = np.divide(difference, sizes, out=np.where(difference > 0, np.inf, 0.0), where=sizes > 0)
        worst = max(worst, float(relative.max()))
    return worst
