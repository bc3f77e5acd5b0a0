"""A structure as an image, with what holds it and what pulls at it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from preimage.results.pictures.style import BLUE, GREEN, INK, MUTED, PURPLE, VERMILLION
from preimage.structures.symbols import Symbols, symbols
from preimage.structures.task import Task

Array = NDArray[np.float64]

CASES = (VERMILLION, BLUE, PURPLE)
"""Colours of the load cases, in turn."""

MARGIN = 1.3
"""Room around the grid for symbols, times the space between them."""

MARKERS = {(0, 1): "^", (0, -1): "v", (-1, 0): ">", (1, 0): "<"}
"""A triangle that points to the node, by the side from which it is held."""


def draw_density(axes: Axes, task: Task, density: Array) -> AxesImage:
    """Draw a density: black is full, white is empty, and where nothing may be is shaded."""
    image = axes.imshow(density, cmap="gray_r", vmin=0.0, vmax=1.0, **_place(task))
    draw_task(axes, task)
    return image


def draw_task(axes: Axes, task: Task) -> None:
    """Draw what surrounds an image of the elements: the edge of the grid, voids, supports and loads."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    if not task.mask.all():
        shade = np.zeros((*task.mask.shape, 4))
        shade[~task.mask] = (*to_rgb(GREEN), 0.13)
        axes.imshow(shade, **_place(task))
    outline = [0, task.width, task.width, 0, 0], [0, 0, task.height, task.height, 0]
    axes.plot(*outline, color=MUTED, linewidth=0.6, zorder=2)
    marks = symbols(task)
    margin = MARGIN * marks.spacing
    axes.set_xlim(-margin, task.width + margin)
    axes.set_ylim(task.height + margin, -margin)
    _draw_supports(axes, marks)
    _draw_loads(axes, marks)


def _place(task: Task) -> dict[str, Any]:
    """Return how an image of all elements is drawn: x and y are then in elements, y from the top."""
    return {"extent": (0, task.width, task.height, 0), "interpolation": "nearest"}


def _draw_supports(axes: Axes, marks: Symbols) -> None:
    """Draw a triangle where a node is held in x and y, and a circle, which rolls, where it is held in one of them."""
    size = 0.42 * marks.spacing
    for held in marks.held:
        x, y = held.x + 0.55 * size * held.away[0], held.y + 0.55 * size * held.away[1]
        firm = held.directions == "xy"
        (mark,) = axes.plot([x], [y], MARKERS[held.away] if firm else "o", color=GREEN, zorder=4, clip_on=False)
        mark.set(markersize=5.0, markerfacecolor=GREEN if firm else "white", markeredgewidth=1.2)


def _draw_loads(axes: Axes, marks: Symbols) -> None:
    for arrow in marks.arrows:
        axes.annotate(
            "",
            arrow.tip,
            arrow.tail,
            arrowprops={
                "arrowstyle": "-|>",
                "color": CASES[arrow.case % len(CASES)],
                "linewidth": 1.2,
                "mutation_scale": 8,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=5,
            annotation_clip=False,
        )


def draw_key(axes: Axes, task: Task) -> None:
    """Say below a picture what its symbols mean."""
    firm = task.fixed.all(axis=2)
    parts = ["▲ held"] if firm.any() else []
    parts += ["○ held in one direction"] if (task.fixed.any(axis=2) & ~firm).any() else []
    cases = len(task.loads)
    parts += ["→ load"] if cases == 1 else [f"→ {cases} load cases, by colour"]
    parts += [] if task.mask.all() else ["shaded: stays empty"]
    axes.set_title(" · ".join(parts), fontsize=8, color=INK, y=-0.06, pad=0, va="top")
