"""A task in a line: its grid, what is limited, and what is special about it."""

from __future__ import annotations

from collections.abc import Iterator

from preimage.structures import memory
from preimage.structures.task import Task


def described(task: Task) -> str:
    """Return a task in a line."""
    return " · ".join(_parts(task))


def memory_in_words(task: Task) -> str:
    """Return how much memory solving takes, at most."""
    return f"{memory.needed(task.width, task.height, len(task.loads)) / 1e6:,.0f} MB at most"


def _parts(task: Task) -> Iterator[str]:
    yield f"{task.width} x {task.height} elements, {task.fixed.size - int(task.fixed.sum())} unknowns"
    when = "before" if task.volume_of == "design" else "after"
    yield f"volume {task.volume:g} {when} filter"
    if task.member_width:
        yield f"members at least {task.member_width:g} wide"
    elif task.projected:
        yield f"filter radius {task.filter_radius:g} with projection"
    if len(task.loads) > 1:
        yield f"{len(task.loads)} load cases"
    for region, name in ((task.solid, "solid"), (~task.mask, "void")):
        if region.any():
            yield f"{region.sum() / region.size:.2g} of it {name}"
    mirrors = [axis for axis, mirrored in (("x", task.mirror_x), ("y", task.mirror_y)) if mirrored]
    if mirrors:
        yield f"symmetric across {' and '.join(mirrors)}"
    yield "minimise compliance"
