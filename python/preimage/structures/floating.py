"""Which parts of a structure nothing holds: their stiffness is singular.

Elements that share an edge make up one body. A body is thought rigid: it can shift and turn, unless supports, or
bodies that it touches at a corner, keep it from that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Array = NDArray[np.float64]

FREE = 1e-9
"""A motion that stretches the supports by less than this share of its size is free."""

MOST_BODIES = 200
"""Chains of more bodies that touch at corners only are not looked into: nobody builds them."""


@dataclass(frozen=True, slots=True)
class FloatingBody:
    """A body that carries a load and can move.

    Attributes
    ----------
    rows, columns
        The first and the last row and column of its elements.
    motions
        How it can move, in words.
    node
        Row and column of a node where it is loaded.
    alone
        Whether it is all there is.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    motions: str
    node: tuple[int, int]
    alone: bool


def floating_bodies(mask: NDArray[np.bool_], fixed: NDArray[np.bool_], loaded: NDArray[np.bool_]) -> list[FloatingBody]:
    """Return the loaded bodies that can move.

    Parameters
    ----------
    mask
        Where material may be, shape ``(height, width)``.
    fixed
        Which components of which nodes are held, shape ``(height + 1, width + 1, 2)``.
    loaded
        Which nodes carry a load, shape ``(height + 1, width + 1)``.
    """
    bodies, count = ndimage.label(mask)
    around = _around(bodies)
    hinges = list(_hinges(bodies, around))
    pairs = np.array([pair for pair, _ in hinges], dtype=np.intp).reshape(-1, 2) - 1
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, groups = connected_components(links, directed=False)
    carrying = {
        int(body): (int(row), int(column)) for row, column in np.argwhere(loaded) for body in around[row, column]
    }
    boxes = ndimage.find_objects(bodies)
    found = []
    for group in sorted({int(groups[body - 1]) for body in carrying if body}):
        members = [int(body) + 1 for body in np.flatnonzero(groups == group)]
        if len(members) > MOST_BODIES:
            continue
        free = _free_motions(members, around, fixed, [hinge for hinge in hinges if hinge[0][0] in members])
        for place, body in enumerate(members):
            motions = _in_words(free[:, 3 * place : 3 * place + 3])
            if body in carrying and motions:
                rows, columns = ((part.start, part.stop) for part in boxes[body - 1])
                found.append(FloatingBody(rows, columns, motions, carrying[body], alone=count == 1))
    return found


def _around(bodies: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the bodies of the four elements around each node, 0 for none, shape ``(rows, columns, 4)``."""
    padded = np.pad(bodies, 1)
    return np.stack([padded[:-1, :-1], padded[:-1, 1:], padded[1:, 1:], padded[1:, :-1]], axis=-1)


def _hinges(bodies: NDArray[np.int32], around: NDArray[np.int32]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the pairs of bodies that touch at a corner, and the node."""
    first, second = around[..., :2], around[..., 2:]
    touching = (first > 0) & (second > 0) & (first != second)
    for row, column, side in np.argwhere(touching):
        yield (int(first[row, column, side]), int(second[row, column, side])), (int(row), int(column))


def _free_motions(
    members: list[int],
    around: NDArray[np.int32],
    fixed: NDArray[np.bool_],
    hinges: list[tuple[tuple[int, int], tuple[int, int]]],
) -> Array:
    """Return an orthonormal basis of what bodies can do together: rows of (x, y, turn) for one after another."""
    scale = math.hypot(*fixed.shape[:2])
    middle = np.array(fixed.shape[:2]) / 2
    blocks = []

    def rows(nodes: NDArray[np.intp]) -> tuple[Array, Array]:
        """Return what a motion (x, y, turn) does to nodes in x and in y."""
        down, right = ((nodes - middle) / scale).T
        zero, one = np.zeros(len(nodes)), np.ones(len(nodes))
        return np.stack([one, zero, -down], axis=1), np.stack([zero, one, right], axis=1)

    for place, body in enumerate(members):
        of_body = (around == body).any(axis=-1)
        held = [rows(np.argwhere(of_body & fixed[..., axis]))[axis] for axis in (0, 1)]
        triangle = np.linalg.qr(np.vstack([*held, np.zeros((3, 3))]), mode="r")
        block = np.zeros((3, 3 * len(members)))
        block[:, 3 * place : 3 * place + 3] = triangle
        blocks.append(block)
    for (one, other), node in hinges:
        for row in rows(np.array([node])):
            block = np.zeros((1, 3 * len(members)))
            for body, sign in ((one, 1.0), (other, -1.0)):
                place = members.index(body)
                block[:, 3 * place : 3 * place + 3] = sign * row
            blocks.append(block)
    _, sizes, motions = np.linalg.svd(np.vstack(blocks))
    sizes = np.pad(sizes, (0, len(motions) - len(sizes)))
    free: Array = motions[sizes <= FREE * max(1.0, float(sizes.max()))]
    return free


def _in_words(motions: Array) -> str:
    """Return what a body can do, of rows (x, y, turn); empty if nothing."""
    if not len(motions):
        return ""
    _, sizes, basis = np.linalg.svd(motions, full_matrices=False)
    basis = basis[sizes > FREE]
    names = ("moving in x", "moving in y")
    shifts = [name for axis, name in enumerate(names) if np.linalg.norm(basis[:, axis]) > 1 - FREE]
    words = shifts + ["turning"] * (len(basis) > len(shifts))
    return " and ".join(words) if len(words) < 3 else "moving in x, moving in y and turning"
