"""The numbers of a structure's result, with what each means: the same in the terminal, in pictures and in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preimage.results.numbers import number
from preimage.results.words import distance, proved
from preimage.structures.words import ideal

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult


def facts(result: StructureResult) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of compliance, bound, gap, volume, discreteness and, where measured, thickness."""
    task = result.task
    when = "before" if task.volume_of == "design" else "after"
    before = result.discreteness_before_projection
    grey = "" if before is None else f"; {number(before, 3)} before the projection"
    limit = proved(result.bound, "minimise", 7)
    rows = [
        ("compliance", number(result.objective, 7), "force times displacement: the less, the stiffer"),
        ("bound", limit, f"proved: no design has less; close to {ideal(result)}"),
        ("gap", distance(result.objective, result.bound), "of the compliance; bars and holes stay above it"),
        ("volume", number(result.volume, 5), f"{when} the filter; {task.volume:g} may be taken"),
        (
            "discreteness",
            number(result.discreteness, 3),
            f"0 where all is full or empty, 1 where all is half full{grey}",
        ),
    ]
    if result.member_width is not None:
        asked = f"; at least {task.member_width:g} was asked for" if task.member_width else ""
        rows.append(("thinnest", number(result.member_width, 4), f"width of the thinnest member, in elements{asked}"))
    return rows
