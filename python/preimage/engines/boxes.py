"""The tree of boxes over two inputs: what a picture of branch and bound is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from preimage._core import Tree
from preimage.problem import Inversion

FATES = ("open", "split", "pruned", "settled")
"""What can become of a box, in the order of the numbers in `Boxes.fate`."""

Entry = tuple[str, int]
"""An input and the flat position of a value in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """The boxes of one tree: they tile the plane of two values, each split into the ones that are a part of it.

    A rectangle is ``(lower, lower, upper, upper)``. Integers stand for what lies nearest to them. Only so many boxes
    are kept: one that has not been split here may stand for a whole tree inside it. Everything is read-only.

    Attributes
    ----------
    names
        What the two values are called.
    entries
        Where they are in the design.
    entered, kept
        The boxes as they were handed over, and what contraction left of those that were split; shape ``(boxes, 4)``.
    fate
        Index of `FATES`: ``open`` (it may hold a better design), ``split``, ``pruned`` (it holds none) or ``settled``
        (too small to split).
    depth
        Splits from the first box to the deepest one that it stands for.
    bound
        Proved: no design in it is better than this (in the user's sense).
    weight
        1, and halved where a box was split at a kink of the network: then both parts are the whole box.
    waiting
        Open boxes that it stands for.
    """

    names: tuple[str, str]
    entries: tuple[Entry, Entry]
    entered: NDArray[np.float64]
    kept: NDArray[np.float64]
    fate: NDArray[np.uint8]
    depth: NDArray[np.uint32]
    bound: NDArray[np.float64]
    weight: NDArray[np.float64]
    waiting: NDArray[np.uint32]

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.setflags(write=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Boxes):
            return NotImplemented
        same = (self.names, self.entries) == (other.names, other.entries)
        return same and all(np.array_equal(array, other.arrays[name]) for name, array in self.arrays.items())

    __hash__ = None  # type: ignore[assignment]  # equal by content, and the content is arrays

    def __reduce__(self) -> tuple[Callable[..., Boxes], tuple[Any, ...]]:
        return Boxes, tuple(getattr(self, f.name) for f in fields(self))

    def __repr__(self) -> str:
        return f"<Boxes over {' and '.join(self.names)}: {self.open} open, depth {self.deepest}>"

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("names", "entries")}

    @property
    def leaves(self) -> NDArray[np.intp]:
        """Which boxes were not split: these tile the plane, but for what was cut away."""
        return np.flatnonzero(self.fate != FATES.index("split"))

    @property
    def open(self) -> int:
        """How many boxes are open."""
        return int(self.waiting.sum())

    @property
    def deepest(self) -> int:
        """The depth of the tree."""
        return int(self.depth.max())

    @property
    def cut(self) -> float:
        """The share of the plane that contraction cut away."""
        return float(self.weight @ (_area(self.entered) - _area(self.kept)) / _area(self.entered[:1])[0])

    def point(self, design: Mapping[str, NDArray[Any]]) -> tuple[float, float] | None:
        """Return where a design lies in the plane; None without one."""
        if not design:
            return None
        first, second = (float(np.ravel(design[name])[position]) for name, position in self.entries)
        return first, second


def boxes_of(tree: Tree, inversion: Inversion, threshold: float) -> Boxes | None:
    """Return the boxes of a tree so far, if it is one tree over two values; those from ``threshold`` on are pruned."""
    recorded = tree.boxes(threshold)
    if recorded is None:
        return None
    positions, arrays = recorded
    found = [_entry(inversion, position) for position in positions]
    if None in found:
        return None
    if inversion.sense == "maximise":
        arrays["bound"] = -arrays["bound"]
    (first, one), (second, other) = (entry for entry in found if entry is not None)
    return Boxes((one, other), (first, second), **arrays)


def _entry(inversion: Inversion, position: int) -> tuple[Entry, str] | None:
    """Return which value of which input is at a position of the design vector, and what it is called."""
    for declared in inversion.problem.inputs:
        found = np.argwhere(inversion.coordinates[declared.name] == position)
        if len(found):
            row, column = (int(k) for k in found[0])
            size = inversion.coordinates[declared.name].shape[1]
            index = ([str(row)] if declared.per_target else []) + ([str(column)] if size > 1 else [])
            name = f"{declared.name}[{', '.join(index)}]" if index else declared.name
            return (declared.name, row * size + column), declared.labels[column] if declared.labels else name
    return None


def _area(rectangles: NDArray[np.float64]) -> NDArray[np.float64]:
    area: NDArray[np.float64] = (rectangles[:, 2] - rectangles[:, 0]) * (rectangles[:, 3] - rectangles[:, 1])
    return area
