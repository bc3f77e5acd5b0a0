"""Cut a text into statements: one a line, going on while a bracket is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from preimage.language.diagnostic import Diagnostic, Label, diagnose
from preimage.language.span import Span
from preimage.language.words import RESERVED, STATEMENTS

# Deeper brackets are refused, so that whoever walks a tree by recursion stays far from Python's own limit.
MAXIMUM_NESTING = 50

_PIECE = re.compile(r'\n|#[^\n]*|"[^"\n]*"?|[()\[\]{}]|[^\n#"()\[\]{}]+')
_CLOSERS = {"(": ")", "[": "]", "{": "}"}

_VERBS = "|".join(sorted(word for word in STATEMENTS if word in RESERVED))
_NOUNS = "|".join(sorted(word for word in STATEMENTS if word not in RESERVED))
# A noun may also be a name: it begins a statement only if another word follows at once, as in no expression.
_STATEMENT_BEGINS = re.compile(rf"[^\S\n]*((?:{_VERBS})(?!\w)|(?:{_NOUNS})[^\S\n]+[^\W\d])")


@dataclass(frozen=True, slots=True)
class Segment:
    """The place of one statement, without the blanks and comments around it.

    Attributes
    ----------
    comments
        The places of the comments inside it.
    mistake
        What keeps it from being read, if its brackets or quotes are out of order.
    """

    span: Span
    comments: tuple[Span, ...] = ()
    mistake: Diagnostic | None = None


def comments(text: str) -> Iterator[Span]:
    """Yield the place of each comment, from its ``#`` to the end of its line."""
    return (Span(*piece.span()) for piece in _PIECE.finditer(text) if piece[0][0] == "#")


def segments(text: str) -> Iterator[Segment]:
    """Yield the statements of a text, whether or not they can be read.

    A bracket that is never closed ends before the next line that begins a statement. After a mistake, the lines up to
    there are passed over.
    """
    start, end = -1, -1
    opened: list[int] = []
    inside: list[Span] = []
    mistake: Diagnostic | None = None
    for piece in _PIECE.finditer(text):
        kind, at = piece[0], piece.start()
        if kind == "\n":
            if opened or mistake:
                following = _STATEMENT_BEGINS.match(text, at + 1)
                if not following:
                    continue
                mistake = mistake or _never_closed(text, opened[-1], Span(*following.span(1)))
            if start >= 0:
                yield Segment(Span(start, end), tuple(inside), mistake)
            start, opened, inside, mistake = -1, [], [], None
        elif mistake or kind.isspace():
            continue
        elif kind[0] == "#":
            if opened:
                inside.append(Span(*piece.span()))
        else:
            if start < 0:
                start = at + len(kind) - len(kind.lstrip())
            end = at + len(kind.rstrip())
            if kind[0] == '"':
                mistake = _endless_text(Span(at, end)) if len(kind) == 1 or kind[-1] != '"' else None
            elif kind in _CLOSERS:
                opened.append(at)
                mistake = _too_deep(Span(at, end)) if len(opened) > MAXIMUM_NESTING else None
            elif kind in ")]}":
                mistake = _closes_nothing(text, at, opened)
                opened = opened[:-1]
    if start >= 0:
        if opened and not mistake:
            mistake = _never_closed(text, opened[-1], None)
        yield Segment(Span(start, end), tuple(inside), mistake)


def _never_closed(text: str, opened: int, following: Span | None) -> Diagnostic:
    bracket = text[opened]
    others = [Label(following, "here the next statement begins")] if following else []
    return diagnose(
        "PRE104",
        Span(opened, opened + 1),
        "opened here",
        others=others,
        advice=f"try: put a `{_CLOSERS[bracket]}` where the bracket should end",
        bracket=bracket,
    )


def _closes_nothing(text: str, at: int, opened: list[int]) -> Diagnostic | None:
    bracket, span = text[at], Span(at, at + 1)
    if not opened:
        return diagnose("PRE105", span, "no bracket is open here", advice="try: leave it out", bracket=bracket)
    opener = text[opened[-1]]
    if _CLOSERS[opener] == bracket:
        return None
    others = [Label(Span(opened[-1], opened[-1] + 1), "opened here")]
    advice = f"try: `{_CLOSERS[opener]}` in its place"
    return diagnose("PRE105", span, f"`{_CLOSERS[opener]}` is due first", others=others, advice=advice, bracket=bracket)


def _endless_text(span: Span) -> Diagnostic:
    return diagnose("PRE107", span, "begins here", advice='try: close it with `"` on the same line')


def _too_deep(span: Span) -> Diagnostic:
    advice = "try: give the inner parts names with `let`"
    return diagnose("PRE108", span, "one too many", advice=advice, limit=MAXIMUM_NESTING)
