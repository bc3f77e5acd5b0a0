"""One mistake, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preimage.language.codes import CODES
from preimage.language.span import Span


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that matters, and what it is."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake.

    Attributes
    ----------
    code
        A key of `preimage.language.codes.CODES`.
    message
        What is wrong, in one line.
    span
        Where, in the text of the problem; None for what has no place in it (a wrong option on a command line).
    label
        What stands at the span, in a few words: it is written behind the carets.
    others
        Second places, with labels.
    advice
        One thing to try, or "".
    file
        What the text is called, or None.
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    others: tuple[Label, ...] = ()
    advice: str = ""
    file: str | None = None


def diagnose(
    code: str,
    span: Span | None,
    label: str = "",
    *,
    others: Iterable[Label] = (),
    advice: str = "",
    file: str | None = None,
    **values: object,
) -> Diagnostic:
    """Make a diagnostic from the table of codes; ``values`` fill the template of the code."""
    return Diagnostic(code, CODES[code].template.format(**values), span, label, tuple(others), advice, file)
