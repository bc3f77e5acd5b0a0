"""An answer about a structure as text: how stiff it is, what is proved, and a table of its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from preimage.results.numbers import number
from preimage.results.words import distance, proved
from preimage.structures.result import StructureResult


def structure_text(result: StructureResult) -> Iterator[str]:
    """Yield the lines that ``preimage solve`` prints."""
    yield result.message
    if result.design:
        yield from table(result)
        yield f"checked: solved again, the compliance of this design is {number(result.objective, 7)}"


def table(result: StructureResult) -> Iterator[str]:
    """Yield volume, compliance, bound, gap and discreteness, with what each means."""
    task = result.task
    when = "before" if task.volume_of == "design" else "after"
    limit = proved(result.bound, "minimise", 7)
    rows = [
        ("compliance", number(result.objective, 7), "force times displacement: the less, the stiffer"),
        ("bound", limit, "proved: no design has less; close to the best variable-thickness sheet"),
        ("gap", distance(result.objective, result.bound), "of the compliance; bars and holes stay above a sheet"),
        ("volume", number(result.volume, 5), f"{when} the filter; {task.volume:g} may be taken"),
        ("discreteness", number(result.discreteness, 3), "0 where all is full or empty, 1 where all is half full"),
    ]
    for name, value, meaning in rows:
        yield f"{name:<12}  {value:>9}  {meaning}"
