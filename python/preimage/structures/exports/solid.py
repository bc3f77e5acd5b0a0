"""The outline of a structure, made thick: a closed surface of triangles, for printers and CAD.

Each square between the middles of four elements is cut where the density crosses `LEVEL` (marching squares). What is
left of it is one face on top and one below; the cuts are the walls. Neighbouring squares cut the side between them at
the same point, so that the surface is closed: each edge is shared by exactly two triangles, run in opposite directions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from preimage.structures.exports.outline import LEVEL, samples

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

THICKNESS = 0.1
"""How thick the structure is, as a share of its longer side."""

MARGIN = 0.02
"""Cuts stay this share of a side away from its ends: points that fall together would make triangles of no size."""

RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
"""A triangle of a binary STL file."""

Points = NDArray[np.float64]
Triangles = NDArray[np.int64]


def stl(result: StructureResult) -> bytes:
    """Return the structure as a binary STL file: x to the right, y up, z out of the plane."""
    task = result.task
    points, triangles = solid(result.predictions["density"], THICKNESS * max(task.width, task.height))
    corners = points[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    records = np.zeros(len(triangles), dtype=RECORD)
    records["corners"] = corners
    records["normal"] = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    header = f"preimage {task.name}".encode("ascii", "replace")[:80].ljust(80)
    return header + np.uint32(len(records)).tobytes() + records.tobytes()


def solid(density: Points, thickness: float) -> tuple[Points, Triangles]:
    """Return the corners and triangles of the material, extruded.

    Parameters
    ----------
    density
        Shape ``(height, width)``.
    thickness
        In elements.

    Returns
    -------
    points
        Shape ``(points, 3)``.
    triangles
        Indices of points, shape ``(triangles, 3)``, anticlockwise as seen from outside.
    """
    field = samples(density)
    plane = _places(field)
    names = _names(field.shape)
    kinds = _kinds(field)
    faces, walls = [], []
    for kind, polygons in POLYGONS.items():
        corners = names[kinds == kind]
        for polygon in polygons:
            faces += [corners[:, [polygon[0], polygon[k], polygon[k + 1]]] for k in range(1, len(polygon) - 1)]
            sides = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
            walls += [corners[:, list(side)] for side in sides if min(side) >= 4]
    top = np.concatenate(faces)
    first, second = np.concatenate(walls).T
    above, count = len(plane), len(plane)
    triangles = np.concatenate(
        [
            top + above,
            top[:, ::-1],
            np.stack([first, second, second + above], axis=1),
            np.stack([first, second + above, first + above], axis=1),
        ]
    )
    heights = np.repeat([0.0, thickness], count)
    points = np.column_stack([np.tile(plane, (2, 1)), heights])
    used, renamed = np.unique(triangles, return_inverse=True)
    return points[used], renamed.reshape(triangles.shape)


def _polygons() -> dict[int, list[tuple[int, ...]]]:
    """Return what is left of a square by which of its corners are full.

    A key has a bit a corner, anticlockwise from the lower left; plus 16 where two opposite full corners are joined
    across the middle. Points are the corners 0 to 3, and 4 to 7 the cuts of the sides that begin at each corner.
    """
    found: dict[int, list[tuple[int, ...]]] = {}
    for key in range(1, 16):
        full = [bool(key >> k & 1) for k in range(4)]
        around = [p for k in range(4) for p in ([k] if full[k] else []) + ([4 + k] if full[k] != full[k - 3] else [])]
        if key in (5, 10):
            found[16 + key] = [tuple(around)]
            found[key] = [(4 + (k - 1) % 4, k, 4 + k) for k in range(4) if full[k]]
        else:
            found[key] = [tuple(around)]
    return found


POLYGONS = _polygons()


def _kinds(field: Points) -> NDArray[np.int64]:
    """Return the key of each square, as in `_polygons`."""
    corners = np.stack([field[1:, :-1], field[1:, 1:], field[:-1, 1:], field[:-1, :-1]])
    keys = (np.array([1, 2, 4, 8]) @ (corners > LEVEL).reshape(4, -1)).reshape(corners.shape[1:])
    joined = ((keys == 5) | (keys == 10)) & (corners.mean(axis=0) > LEVEL)
    return np.asarray(keys + 16 * joined)


def _places(field: Points) -> Points:
    """Return where samples, cuts of horizontal sides and cuts of vertical sides are: x, and y from below."""
    rows, columns = np.indices(field.shape) - 0.5
    y, x = field.shape[0] - 2 - rows, columns
    across = x[:, :-1] + _cuts(field[:, :-1], field[:, 1:])
    down = y[:-1] - _cuts(field[:-1], field[1:])
    xs, ys = (x, across, x[:-1]), (y, y[:, :-1], down)
    return np.column_stack([np.concatenate([part.ravel() for part in parts]) for parts in (xs, ys)])


def _cuts(first: Points, second: Points) -> Points:
    """Return at which share of its way a side crosses the level."""
    crosses = (first > LEVEL) != (second > LEVEL)
    difference = np.where(crosses, second - first, 1.0)
    return np.asarray(np.clip((LEVEL - first) / difference, MARGIN, 1.0 - MARGIN))


def _names(shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the points of each square, shape ``(rows, columns, 8)``: indices into `_places`."""
    rows, columns = shape
    corners = np.arange(rows * columns).reshape(shape)
    across = rows * columns + np.arange(rows * (columns - 1)).reshape(rows, columns - 1)
    down = across[-1, -1] + 1 + np.arange((rows - 1) * columns).reshape(rows - 1, columns)
    around = [corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:], corners[:-1, :-1]]
    return np.stack([*around, across[1:], down[:, 1:], across[:-1], down[:, :-1]], axis=-1)
