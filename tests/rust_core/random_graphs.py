"""Random graphs: networks, and some with every operation."""

from __future__ import annotations

import itertools

import numpy as np

from preimage._core import Graph, GraphBuilder, Matrix


def random_graph(rng: np.random.Generator, steps: int) -> Graph:
    """A graph of a few inputs whose steps read random earlier nodes."""
    builder = GraphBuilder(int(rng.integers(1, 5)))
    node = 0

    def groups(size: int) -> list[list[int]]:
        return [rng.integers(0, size, size=rng.integers(1, 4)).tolist() for _ in range(rng.integers(1, 5))]

    for _ in range(steps):
        size = builder.size(node)
        match rng.integers(0, 7):
            case 0 | 1 | 2:
                rows = int(rng.integers(1, 7))
                terms = [(node, Matrix.dense(rng.normal(size=(rows, size))))]
                if rng.random() < 0.5:
                    terms.append((0, Matrix.dense(rng.normal(size=(rows, builder.size(0))))))
                node = builder.affine(terms, rng.normal(size=rows))
            case 3:
                node = builder.kink(node, rng.choice([0.0, 0.1, -1.0, 1.0, 2.0, -0.3], size=size))
            case 4:
                node = builder.max(node, groups(size))
            case 5:
                node = builder.norm(node, groups(size))
            case _:
                lower = rng.normal(size=size)
                node = builder.clip(node, lower, lower + rng.random(size))
    return builder.build()


def random_network(rng: np.random.Generator, sizes: list[int]) -> Graph:
    """A dense ReLU network with a linear last layer."""
    builder, node = GraphBuilder(sizes[0]), 0
    for depth, (columns, rows) in enumerate(itertools.pairwise(sizes)):
        weights = rng.normal(size=(rows, columns)) * np.sqrt(2 / columns)
        node = builder.affine([(node, Matrix.dense(weights))], rng.normal(size=rows) / 4)
        if depth + 2 < len(sizes):
            node = builder.relu(node)
    return builder.build()
