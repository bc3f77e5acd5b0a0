"""Where in a text something stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters of one text.

    Parameters
    ----------
    start, end
        Offsets in characters from the beginning of the text; ``end`` is left out.
    """

    start: int
    end: int

    def join(self, other: Span) -> Span:
        """Return the smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))
