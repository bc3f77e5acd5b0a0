"""A diagnostic as text: a header, the lines as typed with carets under them, and one thing to try."""

from __future__ import annotations

from preimage.language.diagnostic import Diagnostic


def render(diagnostic: Diagnostic, text: str, *, colour: bool = False) -> str:
    """Return one message as text, without a line break at its end."""
    return f"error[{diagnostic.code}]: {diagnostic.message}"
