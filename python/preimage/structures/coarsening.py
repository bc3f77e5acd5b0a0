"""The same problem on half the grid, and a design carried back from there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from preimage.structures.task import Task

Array = NDArray[np.float64]


def can_be_halved(task: Task) -> bool:
    """Whether both sides are even."""
    return task.width % 2 == 0 and task.height % 2 == 0


def halved(task: Task, filter_radius: float) -> Task:
    """Give the task on elements twice as large.

    An element may hold material if one of its four may, and must if all of them must. A node takes what its nodes hold
    and, by bilinear shape functions, the loads around it.

    Parameters
    ----------
    task
        One that can be halved.
    filter_radius
        Of the coarse task, in its own elements.
    """
    height, width = task.height // 2, task.width // 2
    mask, solid = (field.reshape(height, 2, width, 2) for field in (task.mask, task.solid))
    fixed = np.zeros((height + 1, width + 1, 2), dtype=bool)
    rows, columns, components = np.nonzero(task.fixed)
    fixed[rows // 2, columns // 2, components] = True
    return replace(
        task,
        height=height,
        width=width,
        fixed=fixed,
        loads=_gathered(_gathered(task.loads, axis=1), axis=2),
        mask=np.asarray(mask.any(axis=(1, 3))),
        solid=np.asarray(solid.all(axis=(1, 3))),
        filter_radius=filter_radius,
    )


def _gathered(loads: Array, axis: int) -> Array:
    """Gather the loads of odd nodes along an axis at the even nodes beside them, half each."""
    loads = np.moveaxis(loads, axis, 0)
    coarse = loads[::2].copy()
    coarse[:-1] += 0.5 * loads[1::2]
    coarse[1:] += 0.5 * loads[1::2]
    return np.moveaxis(coarse, 0, axis)


def doubled(design: Array) -> Array:
    """Give every element's value to the four elements of the finer grid."""
    return np.repeat(np.repeat(design, 2, axis=0), 2, axis=1)
