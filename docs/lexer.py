"""Colours for problems in the documentation, from the table of words that the parser reads."""

from typing import ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text, Whitespace

from preimage.language.words import FUNCTIONS, RESERVED, SOFT, STATEMENTS

OPENING = words(sorted(STATEMENTS), prefix=r"^\s*", suffix=r"\b")
INSIDE = words(sorted(RESERVED | (SOFT - STATEMENTS.keys())), suffix=r"\b")


class ProblemLexer(RegexLexer):
    """The language of `.inv` files."""

    name = "Preimage problem"
    aliases: ClassVar = ["inv"]
    filenames: ClassVar = ["*.inv"]
    tokens: ClassVar = {
        "root": [
            (r"#.*", Comment.Single),
            (r'"[^"\n]*"', String),
            (OPENING, Keyword),
            (INSIDE, Keyword),
            (words(sorted(FUNCTIONS), suffix=r"(?=\()"), Name.Builtin),
            (r"\d+\.?\d*(?:e[+-]?\d+)?%?(?!\.\w)", Number),
            (r"[^\W\d]\w*", Name),
            (r"[-+*/@=<>≤≥×|.,:;]+", Operator),
            (r"\s+", Whitespace),
            (r".", Text),
        ]
    }
