"""What a model is made of, for the answer's fine print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from preimage.engines.encoding import bound, encode, fold
from preimage.engines.search import Snapshot
from preimage.problem import Inversion


def statistics(inversion: Inversion, snapshot: Snapshot) -> dict[str, Any]:
    """Return sizes of the program, stable and undecided neurons by layer, and nodes by engine."""
    encoding = encode(inversion)
    program = encoding.program
    return {
        "variables": program.column_count,
        "binaries": program.binaries,
        "rows": program.row_count,
        "nonzeros": program.nonzeros,
        "layers": _layers(inversion),
        "nodes": dict(snapshot.nodes),
    }


def _layers(inversion: Inversion) -> list[dict[str, Any]]:
    graph, decided = inversion.graph, _decided(inversion)
    layers: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for node in range(graph.node_count):
        if graph.operation(node) != "kink" or node not in inversion.layers:
            continue
        network = inversion.layers[node]
        counts[network] = counts.get(network, 0) + 1
        active, inactive, undecided = decided.get(node, (0, 0, 0))
        layers.append(
            {
                "name": f"{network}.{counts[network]}",
                "stable_active": active,
                "stable_inactive": inactive,
                "unstable": undecided,
            }
        )
    return layers


def _decided(inversion: Inversion) -> Mapping[int, Sequence[int]]:
    """Return, by kink, how many entries are always positive, never, and undecided."""
    folded, graph = fold(inversion), inversion.graph
    if folded.decided is not None:
        return folded.decided
    bounds, result = bound(inversion), {}
    for node in range(graph.node_count):
        if graph.operation(node) == "kink":
            (source,) = graph.sources(node)
            low, high = np.asarray(bounds.lower(source)), np.asarray(bounds.upper(source))
            counted = (low >= 0, (high <= 0) & (low < 0), (low < 0) & (high > 0))
            result[node] = [int(entries.sum()) for entries in counted]
    return result
