"""A diagnostic as text: a header, the lines as typed with carets under them, and one thing to try."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from preimage.language.diagnostic import Diagnostic
from preimage.language.span import Span

# Longer lines are cut around what is marked in them.
WIDTH = 100
_CONTEXT = 24
_TAB = 4

_STYLES = {"error": "1;31", "main": "31", "other": "34", "frame": "2", "advice": "36"}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of one line to be underlined, in characters from the beginning of the line."""

    start: int
    end: int
    main: bool
    label: str


def render(diagnostic: Diagnostic, text: str, *, colour: bool = False) -> str:
    """Return one message as text, without a line break at its end.

    Parameters
    ----------
    diagnostic
        What to say.
    text
        The text in which its spans count characters.
    colour
        Whether to use ANSI colours.
    """

    def paint(words: str, style: str) -> str:
        return f"\033[{_STYLES[style]}m{words}\033[0m" if colour and words else words

    lines = dict(sorted(_marked_lines(diagnostic, text).items()))
    gutter = max([2, *(len(str(number)) for number in lines)])
    indent = " " * gutter
    rows = [f"{paint(f'error[{diagnostic.code}]', 'error')}: {diagnostic.message}"]
    if place := _place(diagnostic, text):
        rows.append(f"{indent} {paint('╭─', 'frame')} {place}")
    for number, (line, marks) in lines.items():
        cells = _Cells(line, marks)
        rows.append(f"{paint(f'{number:>{gutter}} │', 'frame')} {cells.shown}")
        for mark in marks:
            blank, underline = cells.underline(mark)
            style = "main" if mark.main else "other"
            rows.append(f"{indent} {paint('│', 'frame')} {blank}{paint(f'{underline} {mark.label}'.rstrip(), style)}")
    for i, advice in enumerate(diagnostic.advice.splitlines()):
        corner = paint("╰─", "frame") if i == 0 else "  "
        rows.append(f"{indent} {corner} {paint(advice, 'advice')}")
    return "\n".join(row.rstrip() for row in rows)


def _place(diagnostic: Diagnostic, text: str) -> str:
    if diagnostic.span is None:
        return diagnostic.file or ""
    start = diagnostic.span.start
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return f"{diagnostic.file}:{line}:{column}" if diagnostic.file else f"line {line}, column {column}"


def _marked_lines(diagnostic: Diagnostic, text: str) -> dict[int, tuple[str, list[_Mark]]]:
    """Return the lines that hold a mark, by number, with their marks from left to right."""
    found: dict[int, tuple[str, list[_Mark]]] = {}
    stretches = [(other.span, other.text, False) for other in diagnostic.others]
    if diagnostic.span is not None:
        stretches.insert(0, (diagnostic.span, diagnostic.label, True))
    for span, label, main in stretches:
        pieces = list(_pieces(span, text))
        # Of a stretch over many lines, the first and the last are shown.
        for i in sorted({0, len(pieces) - 1}):
            number, line, start, end = pieces[i]
            mark = _Mark(start, end, main, label if i == len(pieces) - 1 else "")
            found.setdefault(number, (line, []))[1].append(mark)
    for _, marks in found.values():
        marks.sort(key=lambda mark: mark.start)
    return found


def _pieces(span: Span, text: str) -> Iterator[tuple[int, str, int, int]]:
    """Yield what a span covers of each line: number of the line, line, start and end in it."""
    number = text.count("\n", 0, span.start) + 1
    begin = text.rfind("\n", 0, span.start) + 1
    first = True
    while first or begin < span.end:
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        line = text[begin:end]
        start = span.start - begin if first else len(line) - len(line.lstrip())
        yield number, line, start, max(start, min(span.end, end) - begin)
        number, begin, first = number + 1, end + 1, False


class _Cells:
    """A line as it is shown: tabs spread, what cannot be seen replaced, and cut around the marks if it is long."""

    def __init__(self, line: str, marks: list[_Mark]) -> None:
        glyphs: list[str] = []
        self._columns = [0]
        for i, sign in enumerate(line):
            at = self._columns[-1]
            glyph, width = _glyph(sign, at, joined=i > 0 and line[i - 1] == "\u200d")
            glyphs.append(glyph)
            self._columns.append(at + width)
        first, last = 0, len(line)
        if self._columns[-1] > WIDTH:
            first = self._index(self._columns[min(mark.start for mark in marks)] - _CONTEXT)
            first = min(first, self._index(self._columns[-1] - WIDTH))
            last = self._index(self._columns[first] + WIDTH)
        self._first, self._last = first, last
        self._before = "… " if first > 0 else ""
        self.shown = self._before + "".join(glyphs[first:last]) + (" …" if last < len(line) else "")

    def underline(self, mark: _Mark) -> tuple[str, str]:
        """Return the blanks before a mark and its underline."""
        start, end = (min(max(at, self._first), self._last) for at in (mark.start, mark.end))
        origin = self._columns[self._first]
        blank = len(self._before) + self._columns[start] - origin
        width = max(1, self._columns[end] - self._columns[start])
        return " " * blank, ("^" if mark.main else "-") * width

    def _index(self, column: int) -> int:
        """Return the first character that stands at a column or right of it."""
        return next((i for i, at in enumerate(self._columns) if at >= column), len(self._columns) - 1)


def _glyph(sign: str, column: int, *, joined: bool) -> tuple[str, int]:
    """Return how a character is shown at a column, and how many columns it takes."""
    if sign == "\t":
        width = _TAB - column % _TAB
        return " " * width, width
    category = unicodedata.category(sign)
    if category in {"Mn", "Me"} or sign == "\u200d":
        return sign, 0
    width = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
    if category == "Zs":
        return " " * width, width
    if category[0] == "C":
        return "\ufffd", 1
    return sign, 0 if joined else width
