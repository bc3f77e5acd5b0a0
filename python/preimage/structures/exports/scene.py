"""How a structure formed, frame by frame: the density above, compliance and bound with a moving cursor below.

Matplotlib draws the page twice, for an empty and for a full grid. As symbols lie over the density, every other page is
between the two, pixel by pixel: that takes milliseconds, where drawing it anew would take a fifth of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from preimage.results.pictures.style import picture
from preimage.structures.film import LEVELS
from preimage.structures.pictures.density import draw_density
from preimage.structures.pictures.page import draw_search

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

Pixels = NDArray[np.uint8]

WIDTH, SEARCH_HEIGHT = 6.4, 2.4
"""Of a page, and of the curves on it, in inches."""

LOWEST, HIGHEST = 2.2, 5.0
"""How high the structure may be drawn, in inches."""

DOTS = 100
"""An inch, in pixels."""

CURSOR = np.array([34, 34, 34], dtype=np.uint8)


def frames_of(result: StructureResult) -> list[tuple[NDArray[np.float64], float]]:
    """Return the densities that were kept of the search, each with the second it was seen; the last is the answer."""
    kept = zip(result.arrays.get("frames", ()), result.arrays.get("frame_seconds", ()), strict=True)
    frames = [(np.asarray(frame) / LEVELS, float(seconds)) for frame, seconds in kept]
    return [*frames, (np.asarray(result.predictions["density"], dtype=np.float64), result.seconds)]


def pages(result: StructureResult) -> Iterator[Pixels]:
    """Yield a page for each of `frames_of`, shape ``(rows, columns, 3)``, both even."""
    task = result.task
    height = min(max(WIDTH * task.height / task.width, LOWEST), HIGHEST)
    figure = picture(WIDTH, round(height + SEARCH_HEIGHT, 1))
    figure.set_dpi(DOTS)
    canvas = FigureCanvasAgg(figure)
    structure, search = figure.subplots(2, 1, height_ratios=(height, SEARCH_HEIGHT))
    image = draw_density(structure, task, np.zeros(task.mask.shape))
    draw_search(search, result)
    if (key := search.get_legend()) is not None:
        key.remove()  # the title says the same
    empty = _drawn(canvas)
    image.set_data(np.ones(task.mask.shape))
    change = _drawn(canvas).astype(np.float64) - empty
    rows, columns = _elements(structure, empty.shape, (task.height, task.width))
    for density, seconds in frames_of(result):
        page = np.rint(empty + np.clip(density, 0, 1)[np.ix_(rows, columns)][..., None] * change).astype(np.uint8)
        _draw_cursor(page, search, seconds)
        yield page


def _drawn(canvas: FigureCanvasAgg) -> Pixels:
    canvas.draw()  # type: ignore[no-untyped-call]
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]  # type: ignore[no-untyped-call]
    return drawn[: drawn.shape[0] // 2 * 2, : drawn.shape[1] // 2 * 2].copy()


def _elements(axes: Axes, shape: tuple[int, ...], grid: tuple[int, int]) -> list[NDArray[np.int64]]:
    """Return the row of elements that each row of pixels shows, and so for columns; those outside show the nearest."""
    height, width = shape[:2]
    full = axes.figure.bbox.height
    to_data = axes.transData.inverted()
    y = to_data.transform(np.column_stack([np.zeros(height), full - 0.5 - np.arange(height)]))[:, 1]
    x = to_data.transform(np.column_stack([0.5 + np.arange(width), np.zeros(width)]))[:, 0]
    return [np.clip(np.floor(places), 0, size - 1).astype(np.int64) for places, size in zip((y, x), grid, strict=True)]


def _draw_cursor(page: Pixels, axes: Axes, seconds: float) -> None:
    low, high = axes.get_xlim()
    column = int(axes.transData.transform((min(max(seconds, low), high), 1.0))[0])
    box, height = axes.bbox, axes.figure.bbox.height
    page[int(height - box.y1) : int(height - box.y0), column] = CURSOR
