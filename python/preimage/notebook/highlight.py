"""A problem's text in colour, as HTML."""

from __future__ import annotations

from html import escape

from pygments.token import Comment, Keyword, Name, Number, String

from preimage.language.highlight import PreimageLexer

CLASSES = ((Comment, "comment"), (Keyword, "keyword"), (Name.Builtin, "function"), (Number, "number"), (String, "text"))
"""What the style sheet of the card has a colour for."""


def highlight(text: str) -> str:
    """Return ``text`` as HTML, the words and signs that have a colour in spans."""
    pieces = []
    for kind, piece in PreimageLexer().get_tokens(text):
        found = next((name for token, name in CLASSES if kind in token), None)
        pieces.append(f'<span class="{found}">{escape(piece)}</span>' if found else escape(piece))
    return "".join(pieces).rstrip("\n")
