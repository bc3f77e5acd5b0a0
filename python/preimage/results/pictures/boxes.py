"""The tree of boxes over two values: what is open, and what became of the rest of the plane."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from preimage.engines.boxes import Boxes
from preimage.results.boxes import DEPTH, SHADES, counts, layers, legend
from preimage.results.pictures.style import BEST, MUTED, PROVED, USED, as_typed, tidy

COLOURS = {"open": BEST, "pruned": PROVED, "cut": MUTED, "settled": USED}

STRENGTHS = np.linspace(0.14, 0.84, SHADES)
"""How much of its colour each shade has; the rest is white."""


def draw_boxes(axes: Axes, boxes: Boxes, point: tuple[float, float] | None) -> None:
    """Draw the boxes, and the best design as a mark."""
    for layer in layers(boxes):
        outlines = [_outline(boxes.entered[k]) for k in layer.members]
        if layer.kind == "cut":
            outlines += [_outline(boxes.kept[k])[::-1] for k in layer.members]  # the other way round: a hole
        outline = Path.make_compound_path(*(Path(corners, closed=True) for corners in outlines))
        colour = _mixed(layer.kind, layer.shade)
        axes.add_patch(PathPatch(outline, facecolor=colour, edgecolor="white", linewidth=0.6 - 0.06 * layer.shade))
    if point is not None:
        axes.plot(*point, "s", color=BEST, markerfacecolor="white", markeredgewidth=1.6, markersize=7, zorder=5)
    left, low, right, high = boxes.entered[0]
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.set_box_aspect(1)
    tidy(axes, counts(boxes), x=as_typed(boxes.names[0]), y=as_typed(boxes.names[1]))
    _draw_legend(axes, boxes, point is not None)


def _outline(rectangle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the corners of a rectangle, the first one twice."""
    left, low, right, high = rectangle
    return np.array([(left, low), (right, low), (right, high), (left, high), (left, low)])


def _mixed(kind: str, shade: int) -> tuple[float, float, float]:
    strength = float(STRENGTHS[shade])
    red, green, blue = (strength * part + 1 - strength for part in to_rgb(COLOURS[kind]))
    return red, green, blue


def _draw_legend(axes: Axes, boxes: Boxes, with_design: bool) -> None:
    handles: list[Patch | Line2D] = [
        Patch(facecolor=_mixed(k, SHADES // 2), label=words) for k, words in legend(boxes).items()
    ]
    if with_design:
        mark = Line2D([], [], marker="s", linestyle="", color=BEST, label="best design")
        mark.set(markerfacecolor="white", markersize=6)
        handles.append(mark)
    key = axes.legend(
        handles=handles, fontsize=8, frameon=False, title=DEPTH, loc="upper left", bbox_to_anchor=(-0.02, -0.14)
    )
    key.get_title().set(fontsize=8, color=MUTED)
    key.set_alignment("left")
