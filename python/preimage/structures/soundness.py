"""What must hold of a task before it is worth solving: found from its arrays alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from preimage.structures import memory
from preimage.structures.fault import Fault
from preimage.structures.task import RADIUS_BY_WIDTH, Task

NARROWEST = 2.0
"""Width of members that can be asked for: what is one element wide bends as no bar does."""


def faults_of_size(width: float, height: float, cases: int = 1) -> Iterator[Fault]:
    """Yield what is wrong with the size of a grid, before anything of that size is made."""
    if not all(float(size).is_integer() and size >= 1 for size in (width, height)):
        advice = "give whole numbers of elements: 192 x 64"
        yield Fault("PRE804", {"width": f"{width:g}", "height": f"{height:g}"}, advice)
        return
    needed, available = memory.needed(int(width), int(height), cases), memory.available()
    if needed > available:
        share = (available / needed) ** 0.5
        advice = f"about {_round(width * share)} x {_round(height * share)} would fit"
        values = {"width": f"{width:.0f}", "height": f"{height:.0f}"}
        sizes = {"needed": _gigabytes(needed), "available": _gigabytes(available)}
        yield Fault("PRE805", {**values, **sizes}, advice)


def faults_of(task: Task) -> Iterator[Fault]:
    """Yield the mistakes in a task; where arrays do not fit, nothing else is looked at."""
    for stage in (_faults_of_arrays, _faults_of_contents, _faults_of_use):
        found = tuple(stage(task))
        yield from found
        if found:
            return


def _faults_of_use(task: Task) -> Iterator[Fault]:
    """Yield what is wrong with a task whose arrays are."""
    yield from _faults_of_volume(task)
    yield from _faults_of_symmetry(task)
    yield from _faults_of_filter(task)
    if task.mask.any():
        yield from _faults_of_loads(task)


def _faults_of_arrays(task: Task) -> Iterator[Fault]:
    yield from faults_of_size(task.width, task.height, len(task.loads))
    nodes, elements = (task.height + 1, task.width + 1), (task.height, task.width)
    wanted: Mapping[str, tuple[int | str, ...]] = {
        "fixed": (*nodes, 2),
        "loads": ("cases", *nodes, 2),
        "weights": ("cases",),
        "mask": elements,
        "solid": elements,
    }
    cases = len(task.loads) if np.ndim(task.loads) == 4 else -1
    for name, shape in wanted.items():
        array: Any = np.asarray(getattr(task, name))
        truths = name in ("fixed", "mask", "solid")
        expected = tuple(cases if length == "cases" else length for length in shape)
        if array.shape != expected or (array.dtype != bool if truths else array.dtype.kind not in "fiu"):
            kind = "truth values" if truths else "numbers"
            described = f"{' x '.join(map(str, array.shape)) or 'one'} of {array.dtype}"
            values = {"name": name, "found": described, "wanted": f"{kind}, {' x '.join(map(str, shape))}"}
            yield Fault("PRE820", values, "`Task.on(width, height, ...)` makes all arrays")
        elif not truths and not np.isfinite(array).all():
            values = {"name": name, "found": "NaN or infinity", "wanted": "finite numbers"}
            yield Fault("PRE820", values, "give finite numbers")


def _faults_of_contents(task: Task) -> Iterator[Fault]:
    """Yield what is wrong in arrays whose shapes are right."""
    if (task.solid & ~task.mask).any():
        values = {"name": "solid", "found": "elements outside `mask`", "wanted": "a part of `mask`"}
        yield Fault("PRE820", values, "an element is solid or void")
    if (task.weights <= 0).any():
        values = {"name": "weights", "found": "a weight that is not positive", "wanted": "positive numbers"}
        yield Fault("PRE820", values, "leave out the load cases that do not count")


def _faults_of_volume(task: Task) -> Iterator[Fault]:
    room = int(task.mask.sum())
    if not room:
        yield Fault("PRE826", {}, "leave room for a structure", "nothing is left")
    elif not 0 < task.volume <= 1:
        advice = "give the share of the grid, outside of what is void, that is filled: volume 0.4"
        yield Fault("PRE809", {"what": f"is {task.volume:g}"}, advice, "not between 0 and 1")
    elif task.solid.sum() >= task.volume * room:
        solid = task.solid.sum() / room
        values = {"volume": f"{task.volume:.4g}", "solid": f"{solid:.4g}"}
        yield Fault("PRE810", values, f"give more than {solid:.4g}, or less that is solid", "too little")


def _faults_of_filter(task: Task) -> Iterator[Fault]:
    width, radius = task.member_width, task.filter_radius
    widest = min(task.width, task.height)
    if width and not NARROWEST <= width <= widest:
        advice = f"give a number of elements from {NARROWEST:g} to {widest}, the shorter side of the grid"
        yield Fault("PRE830", {"width": f"{width:g}"}, advice, "no such width")
    elif width and radius != RADIUS_BY_WIDTH * width:
        yield Fault(
            "PRE829", {"width": f"{width:g}"}, "leave out the filter, or the width of members", "a second filter"
        )
    elif not 0 < radius < math.inf:
        advice = "give a radius in elements: filter radius 2"
        yield Fault("PRE816", {"radius": f"{radius:g}"}, advice, "not positive")
    if task.projected and task.volume_of != "filtered":
        crisp = "the width of members" if width else "the projection"
        yield Fault("PRE828", {}, f"leave out `before filter`, or {crisp}", "before the filter")


def _faults_of_symmetry(task: Task) -> Iterator[Fault]:
    for wanted, axis, name in ((task.mirror_x, 1, "x"), (task.mirror_y, 0, "y")):
        if wanted and any((region != np.flip(region, axis)).any() for region in (task.mask, task.solid)):
            advice = "mirror the regions too, or leave the symmetry out"
            yield Fault("PRE815", {"axis": name}, advice, "not true of the regions")


def _faults_of_loads(task: Task) -> Iterator[Fault]:
    loaded = np.any(task.loads != 0, axis=(0, 3))
    for case, forces in enumerate(task.loads):
        if not forces.any():
            which = f" in load case {case + 1}" if len(task.loads) > 1 else ""
            yield Fault("PRE812", {"which": which, "case": case}, "load the structure: load top edge by (0, -1) total")
    touched = np.pad(task.mask, 1)
    stiff = touched[:-1, :-1] | touched[:-1, 1:] | touched[1:, :-1] | touched[1:, 1:]
    adrift = np.argwhere(loaded & ~stiff)
    if len(adrift):
        row, column = (int(index) for index in adrift[0])
        count = f", and at {len(adrift) - 1} more nodes" if len(adrift) > 1 else ""
        values = {"place": f"({column}, {task.height - row}){count}"}
        advice = "move the load, or leave room for material there"
        yield Fault("PRE813", values, advice, "nothing carries it", node=(row, column))
        return
    from preimage.structures.supports import floating_parts  # scipy.ndimage takes a while

    for part in floating_parts(task):
        yield _floating(task, part, loaded)


def _floating(task: Task, part: NDArray[np.bool_], loaded: NDArray[np.bool_]) -> Fault:
    from preimage.structures.supports import free_motions

    rows, columns = np.nonzero(part)
    lower, upper = (columns.min(), task.height - rows.max() - 1), (columns.max() + 1, task.height - rows.min())
    described = f"the part between ({lower[0]}, {lower[1]}) and ({upper[0]}, {upper[1]})"
    named = "the structure" if part.sum() == task.mask.sum() else described
    around = np.pad(part, 1)
    nodes = loaded & (around[:-1, :-1] | around[:-1, 1:] | around[1:, :-1] | around[1:, 1:])
    node = next(((int(row), int(column)) for row, column in np.argwhere(nodes)), None)
    values = {"part": named, "motions": free_motions(task, part)}
    return Fault("PRE811", values, "hold it: support left edge in x and y", "on what floats", node=node)


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.0f} GB" if size >= 1e11 else f"{size / 1e9:.3g} GB"


def _round(size: float) -> int:
    """Return a size with two digits that count, rounded down."""
    digits = len(str(int(size))) - 2
    return max(int(size / 10**digits) * 10**digits, 1) if digits > 0 else max(int(size), 1)
