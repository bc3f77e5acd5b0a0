"""A Pygments lexer: problems in colour in Sphinx, in IPython and in the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pygments.lexer import RegexLexer, bygroups, include, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from preimage.language.words import (
    CONSTANTS,
    FUNCTIONS,
    OPERATORS,
    REPARAMETERISATIONS,
    RESERVED,
    STATEMENTS,
    STRUCTURAL,
    UNITS,
    WAYS,
)

_NUMBER = r"(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"


def _choice(choices: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(choices, key=len, reverse=True))


_DECLARATIONS = _choice((STATEMENTS.keys() - RESERVED - set(STRUCTURAL)) | {"let"})

# What may stand in a statement about structures, to the end of its line.
_OF_STRUCTURES = (
    "across", "after", "before", "bottom", "by", "case", "disc", "edge", "filter", "left", "line", "node", "on",
    "projection", "radius", "rectangle", "right", "to", "top", "total", "weight", "wide", "with", "x", "y",
)  # fmt: skip


class PreimageLexer(RegexLexer):  # type: ignore[misc]  # pygments is untyped
    """Tells apart the words and signs of a problem."""

    name = "Preimage"
    aliases = ("preimage", "inv")
    filenames = ("*.inv",)
    mimetypes = ("text/x-preimage",)
    flags = re.MULTILINE

    tokens = {  # noqa: RUF012 (pygments reads it from the class)
        "root": [
            (rf"^([^\S\n]*)({_choice(STRUCTURAL)})(?=[^\S\n]+[^\s=])", bygroups(Whitespace, Keyword), "structural"),
            (r"\n|[^\S\n]+", Whitespace),
            (r"#.*", Comment.Single),
            (r'"[^"\n]*"?', String.Double),
            # The words that are names anywhere else: only with what must stand before or behind them.
            (rf"({_DECLARATIONS})([^\S\n]+)([^\W\d]\w*)", bygroups(Keyword.Declaration, Whitespace, Name.Variable)),
            (r"(per)(\s+)(target)(?!\w)", bygroups(Keyword, Whitespace, Keyword)),
            (r"(at)(\s+)(most|least)(?!\w)", bygroups(Keyword, Whitespace, Keyword)),
            (r"(select)(\s+)(exactly)(?!\w)", bygroups(Keyword, Whitespace, Keyword)),
            (r"(to)(\s+)(gap)(?!\w)", bygroups(Keyword, Whitespace, Keyword)),
            (r"(with)(\s+)(seed)(?!\w)", bygroups(Keyword, Whitespace, Keyword)),
            (r"(robust)(\s+)(drift)(\s+)(of)(?!\w)", bygroups(Keyword, Whitespace, Keyword, Whitespace, Keyword)),
            (r"(robust)(\s+)(design)(?!\w)", bygroups(Keyword, Whitespace, Keyword)),
            (r"(together)(?=\s*(?:#|$|for\b))", Keyword),
            (
                rf"(for)(\s+)({_NUMBER})(\s*)(designs|steps)(?!\w)",
                bygroups(Keyword, Whitespace, Number, Whitespace, Keyword),
            ),
            (r"(using)(\s+)([^\W\d]\w*)", bygroups(Keyword, Whitespace, Name.Builtin)),
            (rf"(with)(\s+)({_choice(WAYS)})(?!\w)", bygroups(Keyword, Whitespace, Name.Builtin)),
            (rf"({_NUMBER})(\s*)({_choice(UNITS)})(?![\w(])", bygroups(Number, Whitespace, Keyword.Type)),
            (_NUMBER, Number),
            (words(sorted(RESERVED), suffix=r"(?!\w)"), Keyword),
            (words(CONSTANTS, suffix=r"(?!\w)"), Name.Constant),
            (words(FUNCTIONS, suffix=r"(?=\s*\()"), Name.Builtin),
            (r"[^\W\d]\w*(?=\s*\()", Name.Function),
            (r"[^\W\d]\w*", Name),
            (words(OPERATORS), Operator),
            (r"[()\[\]{}]", Punctuation),
        ],
        "structural": [
            (r"\n", Whitespace, "#pop"),
            (rf"(?<=by )({_choice(REPARAMETERISATIONS)})(?!\w)", Name.Builtin),
            (words(_OF_STRUCTURES, prefix=r"(?<!\w)", suffix=r"(?![\w(])"), Keyword),
            include("root"),
        ],
    }
