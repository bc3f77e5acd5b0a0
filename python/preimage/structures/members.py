"""How wide the members of a crisp structure are: what discs reach that are rolled through it (an opening).

The structure is what its outline goes around: where the density, linear between the middles of elements, is above one
half. Outside of the grid is nothing, except at supports and loads: there the structure goes on as its mirror image,
whether into a wall, its other half or what loads it. Solid regions are as wide as was said, and not looked at.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, zoom

from preimage.structures.supports import near_nodes
from preimage.structures.task import Task

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SAMPLES = 4
"""Along each side of an element: widths are exact to one of their distances."""

WIDEST = 32.0
"""Members this wide, or twice as wide as is asked for, are wide enough not to be told apart."""

CORNER, STEP = sqrt(2.0), 1.0
"""The tip of a right-angled corner is this multiple of the radius away from the middle of a disc in it, and steps of
slanted edges stick out by up to an element: what is no farther counts as reached."""


def least_width(task: Task, density: Array, most: float | None = None) -> float:
    """Give the diameter of the largest discs that, as all smaller ones, reach every part of the structure.

    Parameters
    ----------
    task
        Whose structure it is.
    density
        Shape ``(height, width)``.
    most
        A width beyond which nothing is asked for.

    Returns
    -------
    float
        In elements, from 0 to `most`, in eighths.
    """
    most = max(WIDEST, 2.0 * task.member_width) if most is None else most
    inside, looked_at = _sampled(task, density, margin=int(0.5 * most) + 2)
    depths = distance_transform_edt(inside) / SAMPLES

    def reached(width: float) -> bool:
        middles = depths >= 0.5 * width
        if not middles.any():
            return not looked_at.any()
        away = distance_transform_edt(~middles) / SAMPLES
        return bool((away[looked_at] <= CORNER * 0.5 * width + STEP).all())

    good, bad = 0.0, 1.0
    while reached(min(bad, most)):
        if bad >= most:
            return most
        good, bad = bad, 2.0 * bad
    bad = min(bad, most)
    while bad - good > 0.125:
        middle = 0.5 * (good + bad)
        good, bad = (middle, bad) if reached(middle) else (good, middle)
    return good


def keeps_width(task: Task, density: Array) -> bool:
    """Whether every member is as wide as the task asks for."""
    return least_width(task, density, task.member_width) >= task.member_width


def _sampled(task: Task, density: Array, margin: int) -> tuple[Mask, Mask]:
    """Give where samples are inside of the structure, and those of them that have to be reached.

    The samples are those of the grid with a margin of elements around it.
    """
    grid = np.zeros((task.height + 2 * margin, task.width + 2 * margin), dtype=np.bool_)
    grid[margin:-margin, margin:-margin] = True
    goes_on = np.pad(near_nodes(task, max(1.0, 0.5 * task.member_width)), margin, mode="edge")
    values = np.where(grid | goes_on, np.pad(density, margin, mode="symmetric"), 0.0)
    inside = zoom(values, SAMPLES, order=1, grid_mode=True, mode="nearest") >= 0.5
    free = grid & ~np.pad(task.solid, margin)
    return inside, inside & free.repeat(SAMPLES, axis=0).repeat(SAMPLES, axis=1)
