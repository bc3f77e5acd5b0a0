"""What a row of the table of codes is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of mistake.

    Attributes
    ----------
    code
        ``PREnnn``; the first digit is the family.
    title
        What kind of mistake it is, in a few words.
    template
        The message, with ``{...}`` for what differs from case to case.
    explanation
        Why it is a mistake and what to do, in a paragraph or two of Markdown.
    wrong, right
        A problem text (or a command) with the mistake, and one without.
    """

    code: str
    title: str
    template: str
    explanation: str
    wrong: str
    right: str


FAMILIES = {
    "1": "Syntax",
    "2": "Names, shapes and data",
    "3": "Linearity",
    "4": "Bounds, and what can never hold",
    "5": "Solving",
    "6": "Importing networks",
    "7": "Files and usage",
    "8": "Structures",
}
