"""The symmetry that a task asks for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from preimage.structures.task import Task

Array = NDArray[np.float64]


def symmetrised(task: Task, field: Array) -> Array:
    """Give the mean of a field, of shape ``(height, width)``, and its mirror images; exactly symmetric."""
    if task.mirror_x:
        field = 0.5 * (field + field[:, ::-1])
    if task.mirror_y:
        field = 0.5 * (field + field[::-1])
    return field
