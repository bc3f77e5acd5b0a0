"""A mistake in a structural problem, as data: the language gives it a place, Python raises it as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from preimage.structures.parts import Part

if TYPE_CHECKING:
    from preimage.language import ProblemErrors


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake.

    Attributes
    ----------
    code
        A key of `preimage.language.CODES`.
    values
        Fill the template of the code.
    advice
        One thing to try.
    label
        What stands at the part, in a few words.
    part
        What is wrong; None if it is nothing that was said by itself.
    others
        Parts that matter too, with a label each.
    node
        Row and column of a node of the grid that it is about, in image order.
    """

    code: str
    values: Mapping[str, Any]
    advice: str
    label: str = ""
    part: Part | None = None
    others: tuple[tuple[Part, str], ...] = ()
    node: tuple[int, int] | None = field(default=None, compare=False)


def errors(faults: Sequence[Fault]) -> ProblemErrors:
    """Return mistakes as an exception, for whoever has no text in which they have a place."""
    from preimage.language.messages import MAXIMUM_ERRORS, ProblemErrors, diagnose

    return ProblemErrors(
        [diagnose(fault.code, None, advice=fault.advice, **fault.values) for fault in faults[:MAXIMUM_ERRORS]]
    )
