"""A problem's text with its words told apart, as HTML."""

from __future__ import annotations

import re
from html import escape

from preimage.language.words import FUNCTIONS, RESERVED, SOFT, STATEMENTS

TOKEN = re.compile(
    r'(?P<comment>#[^\n]*)|(?P<text>"[^"\n]*")|(?P<number>(?<!\w)\d+\.?\d*(?:e[+-]?\d+)?)|(?P<word>[^\W\d]\w*)'
)


def highlight(text: str) -> str:
    """Return ``text`` as HTML: comments, texts, numbers, keywords and functions in spans of these classes."""

    def dress(match: re.Match[str]) -> str:
        kind, piece = str(match.lastgroup), match[0]
        if kind == "word":
            begins = not text[: match.start()].rpartition("\n")[2].strip()
            if piece in RESERVED or (piece in STATEMENTS and begins) or (piece in SOFT - STATEMENTS.keys()):
                kind = "keyword"
            elif piece in FUNCTIONS and text[match.end() : match.end() + 1] == "(":
                kind = "function"
            else:
                return escape(piece)
        return f'<span class="{kind}">{escape(piece)}</span>'

    pieces, end = [], 0
    for match in TOKEN.finditer(text):
        pieces += [escape(text[end : match.start()]), dress(match)]
        end = match.end()
    return "".join([*pieces, escape(text[end:])])
