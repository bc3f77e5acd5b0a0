"""Whole pictures of a structure's result."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from preimage.results.pictures.gap import draw_gap
from preimage.results.pictures.style import INK, MUTED, as_typed, picture, say
from preimage.structures.energy import energy_density
from preimage.structures.facts import facts
from preimage.structures.pictures.density import draw_density, draw_key, draw_task
from preimage.structures.task import Task

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

WIDTH = 11.0
"""Of a page, in inches."""

WIDE = 2.0
"""Compliances that span more than this ratio are drawn on a logarithmic axis: the first designs are far off."""

SHARE = 0.56
"""Of the width that the structure takes."""

BRIGHTEST = 99.5
"""Percentile of the energies at which the colours end: next to a point load there is no limit to them."""


def plot_structure(result: StructureResult) -> Figure:
    """Draw compliance and bound over time on the left, the structure on the right, and its numbers below."""
    task = result.task
    figure = picture(WIDTH, _height(task))
    figure.suptitle(as_typed("\n".join(textwrap.wrap(result.message, 130))), fontsize=11, x=0.012, ha="left", color=INK)
    axes = figure.subplot_mosaic(
        [["search", "structure"], ["facts", "facts"]],
        width_ratios=(1.0 - SHARE, SHARE),
        height_ratios=(_height(task) - 0.9, 0.5),
    )
    draw_search(axes["search"], result)
    axes["facts"].set_axis_off()
    if not result.design:
        say(axes["structure"], "no design to show")
        return figure
    draw_density(axes["structure"], task, result.predictions["density"])
    draw_key(axes["structure"], task)
    _draw_facts(axes["facts"], result)
    return figure


def draw_search(axes: Axes, result: StructureResult) -> None:
    """Draw compliance and bound over time."""
    draw_gap(axes, result.trace, result.sense, result.seconds, wide=WIDE)
    axes.set_ylabel("compliance", fontsize=8, color=INK)


def plot_energy(result: StructureResult) -> Figure:
    """Draw the strain energy density: where it is low, material is hardly used."""
    task = result.task
    figure = picture(0.75 * WIDTH, _height(task))
    axes = figure.subplots()
    if not result.design:
        say(axes, "no design to show")
        return figure
    energies = energy_density(result)
    density = result.predictions["density"]
    full = energies[density > 0.5] if (density > 0.5).any() else energies
    colours = PowerNorm(0.5, vmin=0.0, vmax=float(np.percentile(full, BRIGHTEST)) or 1.0)
    image = axes.imshow(energies, cmap="inferno_r", norm=colours, alpha=density, extent=(0, task.width, task.height, 0))
    draw_task(axes, task)
    draw_key(axes, task)
    bar = figure.colorbar(image, shrink=0.7, extend="max")
    bar.set_label("strain energy density", fontsize=8, color=INK)
    bar.ax.tick_params(labelsize=8)
    cases = ", the sum over load cases" if len(task.loads) > 1 else ""
    said = f"Strain energy of each element{cases}; together it is half of the compliance."
    figure.suptitle(said, fontsize=11, x=0.012, ha="left", color=INK)
    return figure


def _height(task: Task) -> float:
    """Return how high a page has to be for a structure to fill its part of the width, within limits."""
    return 1.6 + min(max(WIDTH * SHARE * task.height / task.width, 2.6), 5.4)


def _draw_facts(axes: Axes, result: StructureResult) -> None:
    rows = facts(result)
    for k, (name, value, _) in enumerate(rows):
        left, across = (k + 0.1) / len(rows), axes.transAxes
        axes.text(left, 0.95, as_typed(name), fontsize=8, color=MUTED, va="top", transform=across)
        axes.text(left, 0.45, as_typed(value), fontsize=12, color=INK, va="top", transform=across)
