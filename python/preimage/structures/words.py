"""What an answer about a structure says: the same words in the terminal, in the notebook and in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preimage.results.numbers import duration, number
from preimage.results.words import closeness, distance, finished, proved

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

SHEET = "the best variable-thickness sheet"
RIMMED_SHEET = "the best variable-thickness sheet with rims as weak as the filter leaves them"
"""What a bound is that of: see `preimage.structures.bound`."""


def ideal(result: StructureResult) -> str:
    """Name what the bound is that of, which no design is stiffer than."""
    return RIMMED_SHEET if "witness_design" in result.arrays else SHEET


def sentences(result: StructureResult) -> str:
    """Return what was found, what its bound is, and whether it is as thick as was asked for."""
    return " ".join(_sentences(result))


def _sentences(result: StructureResult) -> Iterator[str]:
    limit, best = proved(result.bound, result.sense), number(result.objective)
    apart = distance(result.objective, result.bound)
    ended = "Finished" if finished(result) else "Interrupted" if result.status == "interrupted" else "Stopped"
    ended = f"{ended} after {duration(result.seconds)}"
    if result.status == "optimal":
        yield f"Optimal{closeness(result.objective, result.bound)}: no design has less compliance than {limit}."
    elif not result.design:
        yield f"{ended} without a design."
        return
    elif result.bound is None:
        yield f"{ended}: the compliance is {best}; no bound was proved."
    else:
        yield (
            f"{ended}: the compliance is {best}. No design has less than {limit}, which is proved from "
            f"{ideal(result)}: how much of the {apart} between them can be gained is open."
        )
    if not result.keeps_width:
        yield (
            f"Its thinnest member is only {number(result.member_width, 4)} wide, and {result.task.member_width:g} was "
            "asked for: no design that keeps to it was found."
        )
