"""An answer about a structure as text: how stiff it is, what is proved, and a table of its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from preimage.results import ResultFileError, load
from preimage.results.numbers import number
from preimage.structures.facts import facts
from preimage.structures.result import StructureResult


def structure_text(result: StructureResult) -> Iterator[str]:
    """Yield the lines that ``preimage solve`` prints."""
    yield result.message
    if result.design:
        yield from table(result)
        yield f"checked: solved again, the compliance of this design is {number(result.objective, 7)}"


def table(result: StructureResult) -> Iterator[str]:
    """Yield volume, compliance, bound, gap and discreteness, with what each means."""
    for name, value, meaning in facts(result):
        yield f"{name:<12}  {value:>9}  {meaning}"


def structure_in(file: Path) -> StructureResult:
    """Return the result of a structure that a file holds.

    Raises
    ------
    ResultFileError
        If it holds anything else (PRE701), or cannot be read.
    """
    result = load(file)
    if isinstance(result, StructureResult):
        return result
    noun, advice = "result of a structure", "a file that `preimage solve` wrote for a structure"
    raise ResultFileError("PRE701", file, advice, noun=noun, reason="it is about networks")
