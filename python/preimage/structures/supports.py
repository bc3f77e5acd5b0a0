"""What the supports hold, and which part of a structure floats.

Elements that share an edge move as one rigid body once they do not deform; bodies that share a node turn around it.
What of that the supports do not stop is the null space of a small linkage: three motions a body, an equation for every
held component and for every shared node.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label

from preimage.structures.task import Task

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STILL = 1e-9
"""Motions of less than this, relative to the largest, are none; lengths are measured by the diagonal of the grid."""

MOST_PARTS = 200
"""Of a mask that falls into more parts, only the grid as a whole is looked at: nobody means it."""


def is_held(task: Task) -> bool:
    """Whether the supports keep the grid as a whole from moving."""
    held = _rigid(task)[task.fixed]
    values = np.linalg.eigvalsh(held.T @ held)
    return bool(values[0] >= STILL * max(1.0, values[-1]))


def floating_parts(task: Task) -> list[Mask]:
    """Find the parts of the mask that the loads move without resistance, each of shape ``(height, width)``.

    Where even the grid as a whole is not held, all parts that can move are given.
    """
    parts, count = label(task.mask)
    if count > MOST_PARTS:
        return [] if is_held(task) else [task.mask]
    motions = _motions(task, parts)
    if is_held(task):
        motions = motions @ (motions.T @ _drive(task, parts))
    moving = np.abs(motions).max(axis=1, initial=0.0).reshape(count, 3).max(axis=1)
    return [parts == part + 1 for part in np.flatnonzero(moving > STILL * max(1.0, moving.max(initial=0.0)))]


def free_motions(task: Task, part: Mask) -> str:
    """Say how one of the parts of the mask can move, whatever others do with it: ``moving in x and turning``."""
    parts, count = label(task.mask)
    if count > MOST_PARTS:
        parts, part = task.mask.astype(np.int64), task.mask
    at = 3 * (int(parts[part].max()) - 1)
    _, sizes, basis = np.linalg.svd(_motions(task, parts)[at : at + 3].T, full_matrices=False)
    basis = basis[sizes > STILL]
    names = ("moving in x", "moving in y")
    words = [name for axis, name in enumerate(names) if np.linalg.norm(basis[:, axis]) > 1.0 - STILL]
    words += ["turning"] * (len(basis) > len(words))
    return " and ".join(words) if len(words) < 3 else "moving in x, moving in y and turning"


def near_nodes(task: Task, distance: float) -> Mask:
    """Find the elements whose middle is so near to a node that is held or loaded, shape ``(height, width)``."""
    used = task.fixed.any(axis=2) | (task.loads != 0.0).any(axis=(0, 3))
    lattice = np.ones((2 * task.height + 1, 2 * task.width + 1), dtype=np.bool_)
    lattice[::2, ::2] = ~used
    return np.asarray(distance_transform_edt(lattice)[1::2, 1::2] <= 2.0 * distance)


def _motions(task: Task, parts: NDArray[np.int64]) -> Array:
    """Give an orthonormal basis of the motions of all parts that nothing stops, shape ``(3 parts, motions)``."""
    corners, rigid = _corners(parts), _rigid(task)
    count = int(parts.max(initial=0))
    # The sum of the squares of what must vanish. An equation that is met several times only counts more.
    gram = np.zeros((count, count, 3, 3))
    for part in corners:
        for component in (0, 1):
            held = (part > 0) & task.fixed[..., component]
            motion = rigid[held, component]
            np.add.at(gram, (part[held] - 1, part[held] - 1), motion[:, :, None] * motion[:, None, :])
    for one, other in combinations(corners, 2):
        joint = (one > 0) & (other > 0) & (one != other)
        first, second = one[joint] - 1, other[joint] - 1
        square = np.einsum("nci,ncj->nij", rigid[joint], rigid[joint])
        for rows, columns, sign in [(first, first, 1), (second, second, 1), (first, second, -1), (second, first, -1)]:
            np.add.at(gram, (rows, columns), sign * square)
    values, vectors = np.linalg.eigh(gram.transpose(0, 2, 1, 3).reshape(3 * count, 3 * count))
    return np.asarray(vectors[:, values < STILL * max(1.0, values.max(initial=0.0))])


def _drive(task: Task, parts: NDArray[np.int64]) -> Array:
    """Give the work of every load case in the rigid motions of the parts, shape ``(3 parts, cases)``."""
    owner = _corners(parts).max(axis=0)
    work = np.zeros((int(parts.max(initial=0)) + 1, 3, len(task.weights)))
    np.add.at(work, owner, np.einsum("kyxc,yxcm->yxmk", task.loads, _rigid(task)))
    return work[1:].reshape(-1, len(task.weights))


def _corners(parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the parts of the four elements around every node, 0 for none, shape ``(4, height + 1, width + 1)``."""
    padded = np.pad(parts, 1).astype(np.int64)
    return np.stack([padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]])


def _rigid(task: Task) -> Array:
    """Give how every node moves when a body shifts in x, in y, and turns, shape ``(height + 1, width + 1, 2, 3)``."""
    rows, columns = np.indices(task.fixed.shape[:2]) / np.hypot(task.width, task.height)
    rigid = np.zeros((*task.fixed.shape, 3))
    rigid[..., 0, 0] = rigid[..., 1, 1] = 1.0
    rigid[..., 0, 2] = rows.mean() - rows
    rigid[..., 1, 2] = columns - columns.mean()
    return rigid
