"""What every picture of a tree of boxes shows: its layers, its legend and its counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.engines.boxes import FATES, Boxes

SHADES = 8
LEVELS = 2
"""A box is drawn in one of so many shades: a stronger one every so many levels down the tree."""

LEGEND = {
    "cut": "cut away by contraction",
    "pruned": "pruned: its bound rules it out",
    "settled": "settled: too small to split",
    "open": "open: may hold a better design",
}
"""The kinds of boxes, in plain words; what is drawn later lies on top."""

DEPTH = "stronger: deeper in the tree"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Boxes that are drawn alike: of one kind, in one shade.

    Attributes
    ----------
    kind
        A key of `LEGEND`.
    shade
        From 0 (near the root) to ``SHADES - 1``.
    members
        Positions in `Boxes`. Of those ``cut``, what lies between the box entered and the box kept is drawn.
    """

    kind: str
    shade: int
    members: NDArray[np.intp]


def layers(boxes: Boxes) -> Iterator[Layer]:
    """Yield what is to be drawn, from the bottom to the top."""
    shades = np.minimum(boxes.depth // LEVELS, SHADES - 1)
    for kind in LEGEND:
        are = np.any(boxes.entered != boxes.kept, axis=1) if kind == "cut" else boxes.fate == FATES.index(kind)
        for shade in np.unique(shades[are]):
            yield Layer(kind, int(shade), np.flatnonzero(are & (shades == shade)))


def legend(boxes: Boxes) -> dict[str, str]:
    """Return the words for each kind; ``settled`` only where there are such boxes."""
    settled = bool(np.any(boxes.fate == FATES.index("settled")))
    return {kind: words for kind, words in reversed(LEGEND.items()) if settled or kind != "settled"}


def counts(boxes: Boxes) -> str:
    """Return how far a tree has come: ``12 open · depth 9 · 38 % cut away``."""
    return f"{boxes.open:,} open · depth {boxes.deepest} · {100 * boxes.cut:.0f} % cut away"
