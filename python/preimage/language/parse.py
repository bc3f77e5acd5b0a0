"""Read a text into a tree, or say what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import replace

from lark.exceptions import UnexpectedInput

from preimage.language import tree
from preimage.language.diagnostic import Diagnostic, diagnose
from preimage.language.grammar import read_statement
from preimage.language.layout import Segment, segments
from preimage.language.messages import MAXIMUM_ERRORS, ProblemErrors
from preimage.language.reading import Mistake
from preimage.language.unexpected import explain_unexpected, no_such_statement
from preimage.language.words import STATEMENTS

_WORD = re.compile(r"[^\W\d]\w*")
_UNTYPABLE = re.compile("[\0\ud800-\udfff]")


def parse(text: str | bytes, file: str | None = None) -> tree.Program:
    """Read a text into a tree.

    Parameters
    ----------
    text
        A problem; bytes are read as UTF-8.
    file
        What messages call it.

    Raises
    ------
    ProblemErrors
        With the first ten mistakes, one a statement at most.
    """
    program, mistakes = read(text, file)
    if mistakes:
        raise ProblemErrors(mistakes, program.text)
    return program


def read(text: str | bytes, file: str | None = None) -> tuple[tree.Program, tuple[Diagnostic, ...]]:
    """Read a text as far as it can be read: the statements in order, and the mistakes in the others.

    Reading ends at the tenth mistake.
    """
    try:
        text = _clean(text)
    except Mistake as mistake:
        return tree.Program((), "", file), (replace(mistake.diagnostic, file=file),)
    statements: list[tree.Statement] = []
    mistakes: list[Diagnostic] = []
    for segment in segments(text):
        try:
            statements.append(_statement(text, segment))
        except Mistake as mistake:
            mistakes.append(replace(mistake.diagnostic, file=file))
            if len(mistakes) == MAXIMUM_ERRORS:
                break
    return tree.Program(tuple(statements), text, file), tuple(mistakes)


def _clean(text: str | bytes) -> str:
    r"""Return the text with ``\\n`` for line breaks and without a byte order mark."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            odd_byte = error.object[error.start]
            raise Mistake(_not_a_text(f"byte {odd_byte:#04x} in line {line} is not UTF-8")) from None
    if odd := _UNTYPABLE.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise Mistake(_not_a_text(f"line {line} holds U+{ord(odd[0]):04X}, which is not a character of a text"))
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _not_a_text(reason: str) -> Diagnostic:
    return diagnose("PRE109", None, advice="try: save it as plain text in UTF-8", reason=reason)


def _statement(text: str, segment: Segment) -> tree.Statement:
    """Read one statement; raise a `Mistake` if it cannot be read."""
    span = segment.span
    word = _WORD.match(text, span.start, span.end)
    if segment.mistake:
        raise Mistake(segment.mistake)
    if not word or word[0] not in STATEMENTS:
        raise Mistake(no_such_statement(text, span))
    try:
        return read_statement(text, span)
    except UnexpectedInput as error:
        raise Mistake(explain_unexpected(error, text, span)) from None
