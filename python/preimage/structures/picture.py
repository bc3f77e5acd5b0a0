"""The picture of a structure beside its search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preimage.results.pictures.gap import draw_gap
from preimage.results.pictures.style import INK, picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from preimage.structures.result import StructureResult


def plot_structure(result: StructureResult) -> Figure:
    """Draw the search on the left, and the density on the right: black is full."""
    figure = picture(11.0, 4.6)
    figure.suptitle(result.message, fontsize=11, x=0.012, ha="left", color=INK, wrap=True)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.4))
    draw_gap(left, result.trace, result.sense, result.seconds)
    right.set_axis_off()
    if result.design:
        right.imshow(result.predictions["density"], cmap="gray_r", vmin=0.0, vmax=1.0, interpolation="nearest")
    return figure
