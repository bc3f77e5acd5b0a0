"""What is said about mistakes: the exception that carries them, and the words that nearly fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from preimage.language.diagnostic import Diagnostic, Label, diagnose
from preimage.language.render import render

# So many are said in one go.
MAXIMUM_ERRORS = 10

# Longer words are not compared: nobody means another one by them.
_LONGEST = 50

__all__ = ["MAXIMUM_ERRORS", "Diagnostic", "Label", "ProblemErrors", "diagnose", "near", "shown"]


class ProblemErrors(Exception):
    """A problem has mistakes; ``str()`` shows them as plain text.

    Attributes
    ----------
    diagnostics
        The mistakes, in the order of the text; never empty.
    text
        The text of the problem, in which the spans count characters.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], text: str = "") -> None:
        super().__init__(tuple(diagnostics), text)
        self.diagnostics = tuple(diagnostics)
        self.text = text

    def __str__(self) -> str:
        return self.render()

    def render(self, *, colour: bool = False) -> str:
        """Return the messages as text, with ANSI colours if ``colour``."""
        parts = [render(diagnostic, self.text, colour=colour) for diagnostic in self.diagnostics]
        if len(parts) >= MAXIMUM_ERRORS:
            parts.append(f"These are the first {len(parts)} mistakes; there may be more.")
        return "\n\n".join(parts)


def near(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that ``word`` most probably stands for, or None.

    A candidate fits if it differs in upper and lower case only, or by at most a third of its letters (one at least,
    three at most) added, dropped, changed or swapped with a neighbour. The first of equally good ones is returned.
    """
    best, best_distance = None, 4
    if len(word) > _LONGEST:
        return None
    for candidate in candidates:
        limit = min(best_distance - 1, 3, max(1, max(len(word), len(candidate)) // 3))
        if candidate == word or abs(len(candidate) - len(word)) > limit or len(candidate) < 2 or len(word) < 2:
            continue
        distance = 0 if candidate.casefold() == word.casefold() else _distance(word, candidate)
        if distance <= limit:
            best, best_distance = candidate, distance
    return best


def shown(word: str) -> str:
    """Return a word as it is quoted in a message: in backticks, or by its Unicode name if it cannot be seen."""
    if word.isprintable() and not word.isspace() and not unicodedata.combining(word[0]):
        return f"`{word}`"
    return f"U+{ord(word[0]):04X} {unicodedata.name(word[0], '')}".rstrip()


def _distance(a: str, b: str) -> int:
    """Count the edits between two words (Damerau-Levenshtein distance, optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y)))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
