"""The parser that lark makes of the grammar, and what its terminals are called in messages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lark import Lark, TextSlice, Token
from lark.lark import PostLex
from lark.parsers.lalr_interactive_parser import InteractiveParser

from preimage.language import tree
from preimage.language.span import Span
from preimage.language.transform import TreeBuilder


class _WholeWords(PostLex):
    """Lets every state of the parser know names, so that no word is read as the beginning of a longer one."""

    always_accept = ("NAME",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


def grammar_text() -> str:
    """Return the text of the grammar."""
    return (files("preimage.language") / "preimage.lark").read_text("utf-8")


def build_parser(*, strict: bool = False) -> Lark:
    """Build the parser; ``strict`` refuses any ambiguity of the grammar and needs the package `interegular`."""
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="contextual",
        postlex=_WholeWords(),
        transformer=TreeBuilder(),
        strict=strict,
    )


@cache
def parser() -> Lark:
    """Return the parser, built on first use (some hundredths of a second) and kept while the process lives."""
    return build_parser()


def read_statement(text: str, span: Span) -> tree.Statement:
    """Read the statement that takes up ``span``.

    Raises
    ------
    UnexpectedInput
        Where the grammar cannot go on.
    Mistake
        Where it can, but what is said makes no sense.
    """
    statement: tree.Statement = _begin(text, span).resume_parse()  # type: ignore[no-untyped-call]
    return statement


def accepted_after(text: str, span: Span) -> frozenset[str]:
    """Return the terminals that may follow on ``span``, the beginning of a statement."""
    reading = _begin(text, span)
    reading.exhaust_lexer()
    return frozenset(reading.accepts())  # type: ignore[no-untyped-call]


def _begin(text: str, span: Span) -> InteractiveParser:
    reading = parser().parse_interactive(TextSlice(text, 0, span.end))
    # Only so does lark begin at an offset without counting the lines before it each time.
    state = reading.lexer_thread.state
    assert state is not None
    state.line_ctr.char_pos = span.start
    return reading


@cache
def spelling(terminal: str) -> str | None:
    """Return how a terminal with one spelling is typed, None for the others."""
    pattern = next((t.pattern for t in parser().terminals if t.name == terminal), None)
    if pattern is None or pattern.type == "re":
        british = {"MINIMISE": "minimise", "MAXIMISE": "maximise", "REPARAMETERISE": "reparameterise"}
        return british.get(terminal)
    return str(pattern.value)
