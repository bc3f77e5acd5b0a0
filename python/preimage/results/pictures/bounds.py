"""The picture of tightened bounds: what is undecided, and how wide bounds are, after each step."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from preimage.bounds.record import LayerBounds, Tightening
from preimage.results.pictures.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    SKY,
    VERMILLION,
    as_typed,
    picture,
    tidy,
)

COLOURS = {"interval": FAINT, "crown": SKY, "slopes": BLUE, "lp": ORANGE, "milp": VERMILLION}


def plot_bounds(found: Tightening) -> Figure:
    """Draw what is undecided, how wide bounds are after each step, and the bounds of every neuron."""
    shown = picture(11.0, 4.4)
    decided, widths, last = shown.subplots(1, 3)
    kinked = [layer for layer in found.layers if layer.kinked]
    _bars(decided, kinked, "undecided")
    tidy(decided, title=f"{found.undecided} of {found.units} neurons undecided", y="undecided neurons")
    _bars(widths, list(found.layers), "width")
    widths.set_yscale("log")
    tidy(widths, title="how wide their bounds are", y="mean width")
    _intervals(last, kinked)
    if found.layers:
        handles, labels = widths.get_legend_handles_labels()
        shown.legend(handles, labels, loc="outside lower center", ncols=len(COLOURS), fontsize=8, frameon=False)
    return shown


def _bars(axes: Axes, layers: list[LayerBounds], quantity: str) -> None:
    names = [step for step in COLOURS if any(s.name == step for layer in layers for s in layer.steps)]
    for k, name in enumerate(names):
        heights = [
            next((float(getattr(s, quantity)) for s in layer.steps if s.name == name), np.nan) for layer in layers
        ]
        places = np.arange(len(layers)) + (k - 0.5 * (len(names) - 1)) * 0.8 / len(names)
        axes.bar(places, heights, 0.8 / len(names), color=COLOURS[name], label=name, edgecolor=MUTED, linewidth=0.3)
    axes.set_xticks(range(len(layers)), [as_typed(layer.name) for layer in layers], fontsize=8)


def _intervals(axes: Axes, layers: list[LayerBounds]) -> None:
    """Draw the bounds of every neuron, layer after layer, sorted: those that cross zero are undecided."""
    start = 0
    for layer in layers:
        order = np.argsort(layer.lower + layer.upper, kind="stable")
        lower, upper = layer.lower[order], layer.upper[order]
        undecided = (lower < 0.0) & (upper > 0.0)
        places = start + np.arange(lower.size)
        for chosen, colour in ((undecided, VERMILLION), (~undecided, GREEN)):
            axes.vlines(places[chosen], lower[chosen], upper[chosen], colors=colour, linewidth=1.0)
        start += lower.size + 5
    axes.axhline(0.0, color=INK, linewidth=0.6)
    axes.set_yscale("symlog", linthresh=1.0)
    axes.set_xticks([])
    tidy(axes, title="bounds now, undecided in red", x="neurons, layer by layer")
