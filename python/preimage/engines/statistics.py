"""What a model is made of, for the answer's fine print."""

from __future__ import annotations

from typing import Any

import numpy as np

from preimage.engines.encoding import encode
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
    graph, bounds = inversion.graph, encode(inversion).bounds
    layers: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for node in range(graph.node_count):
        if graph.operation(node) != "kink" or node not in inversion.layers:
            continue
        network = inversion.layers[node]
        counts[network] = counts.get(network, 0) + 1
        (source,) = graph.sources(node)
        low, high = np.asarray(bounds.lower(source)), np.asarray(bounds.upper(source))
        layers.append(
            {
                "name": f"{network}.{counts[network]}",
                "stable_active": int((low >= 0).sum()),
                "stable_inactive": int(((high <= 0) & (low < 0)).sum()),
                "unstable": int(((low < 0) & (high > 0)).sum()),
            }
        )
    return layers
