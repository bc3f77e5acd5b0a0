"""Bring a text into the canonical form and keep its comments and blank lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from preimage.language import tree
from preimage.language.layout import comments
from preimage.language.parse import parse
from preimage.language.printer import Bracket, Pieces, flat, pieces
from preimage.language.span import Span

# Longer statements are broken at the commas of their brackets, where they have any.
WIDTH = 100
_INDENT = "    "


def format_text(text: str) -> str:
    """Return a problem in canonical form.

    ASCII signs, British spelling, no needless brackets, one blank where blanks help; several blank lines become one,
    and comments at the ends of neighbouring lines stand in one column. Numbers stay as typed. What the problem means
    does not change, and formatting twice is formatting once.

    Raises
    ------
    ProblemErrors
        The text cannot be read.
    """
    program = parse(text)
    lines: list[_Line] = []
    end = 0
    for block in _blocks(program):
        gap = program.text[end : block.span.start].count("\n")
        if lines and gap > 1:
            lines.append(_Line(""))
        lines += block.lines
        end = block.span.end
    return "".join(f"{line}\n" for line in _aligned(lines))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of code with the comment that ends it, or a comment alone."""

    code: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of a statement or of a comment, and the place in the text that they stand for."""

    span: Span
    lines: tuple[_Line, ...]


def _blocks(program: tree.Program) -> Iterator[_Block]:
    """Yield statements, with the comments in them and behind them, and comments on lines of their own."""
    waiting = list(comments(program.text))[::-1]
    for statement in program.statements:
        start, end = statement.span.start, statement.span.end
        while waiting and waiting[-1].start < start:
            yield _alone(program.text, waiting.pop())
        inside: list[Span] = []
        while waiting and waiting[-1].start < end:
            inside.append(waiting.pop())
        lines = _statement_lines(statement, inside, program.text)
        if waiting and "\n" not in program.text[end : waiting[-1].start]:
            behind = waiting.pop()
            lines[-1] = _Line(lines[-1].code, _comment(program.text, behind))
            end = behind.end
        yield _Block(Span(start, end), tuple(lines))
    while waiting:
        yield _alone(program.text, waiting.pop())


def _alone(text: str, place: Span) -> _Block:
    return _Block(place, (_Line("", _comment(text, place)),))


def _comment(text: str, place: Span) -> str:
    return text[place.start : place.end].rstrip()


def _statement_lines(statement: tree.Statement, inside: Sequence[Span], text: str) -> list[_Line]:
    """Return a statement as lines; comments that stand at no item of a bracket come before it."""
    parts = pieces(statement)
    placed = _Placed(parts, inside, text)
    return [*(_Line("", comment) for comment in placed.homeless), *_set(parts, "", placed)]


class _Placed:
    """Which comment belongs before, behind or after which item.

    Attributes
    ----------
    before, behind, after
        By the place of an item, a list of comments on lines before it, the comment behind it on its line; by the place
        of a bracket, the comments after its last item.
    homeless
        The comments that belong to no item.
    """

    def __init__(self, parts: Pieces, inside: Sequence[Span], text: str) -> None:
        self.before: dict[Span, list[str]] = {}
        self.behind: dict[Span, str] = {}
        self.after: dict[Span, list[str]] = {}
        self.homeless: list[str] = []
        for place in inside:
            self._place(parts, place, text)

    def _place(self, parts: Pieces, place: Span, text: str) -> None:
        comment = _comment(text, place)
        bracket = _innermost(parts, place)
        if bracket is None:
            self.homeless.append(comment)
            return
        earlier = [item.span for item in bracket.items if item.span.end <= place.start]
        later = [item.span for item in bracket.items if item.span.end > place.start]
        if earlier and earlier[-1] not in self.behind and "\n" not in text[earlier[-1].end : place.start]:
            self.behind[earlier[-1]] = comment
        elif later:
            self.before.setdefault(later[0], []).append(comment)
        else:
            self.after.setdefault(bracket.span, []).append(comment)

    def touches(self, parts: Pieces) -> bool:
        """Tell whether a comment stands somewhere among these pieces."""
        return any(
            part.span in self.after
            or any(
                item.span in self.before or item.span in self.behind or self.touches(item.pieces) for item in part.items
            )
            for part in parts
            if isinstance(part, Bracket)
        )


def _innermost(parts: Pieces, place: Span) -> Bracket | None:
    """Return the innermost bracket around a place."""
    for part in parts:
        if isinstance(part, Bracket) and part.items and part.span.start < place.start and place.end <= part.span.end:
            deeper = (_innermost(item.pieces, place) for item in part.items)
            return next((bracket for bracket in deeper if bracket), part)
    return None


def _set(parts: Pieces, indent: str, placed: _Placed, head: str = "", tail: str = "") -> list[_Line]:
    """Set pieces between ``head`` and ``tail``: in one line if they fit and hold no comment, else break a bracket."""
    line = f"{indent}{head}{flat(parts)}{tail}"
    at = _to_break(parts, placed)
    if at is None or (len(line) <= WIDTH and not placed.touches(parts)):
        return [_Line(line)]
    bracket = parts[at]
    assert isinstance(bracket, Bracket)
    lines = [_Line(f"{indent}{head}{flat(parts[:at])}{bracket.opener}")]
    inner = indent + _INDENT
    for item in bracket.items:
        lines += [_Line("", inner + comment) for comment in placed.before.get(item.span, ())]
        lines += _set(item.pieces, inner, placed, tail=",")
        lines[-1] = _Line(lines[-1].code, placed.behind.get(item.span, ""))
    lines += [_Line("", inner + comment) for comment in placed.after.get(bracket.span, ())]
    return lines + _set(parts[at + 1 :], indent, placed, head=bracket.closer, tail=tail)


def _to_break(parts: Pieces, placed: _Placed) -> int | None:
    """Return which piece to break: the first bracket with a comment in it, else the longest bracket."""
    brackets = [i for i, part in enumerate(parts) if isinstance(part, Bracket) and part.items]
    commented = [i for i in brackets if placed.touches(parts[i : i + 1])]
    if commented:
        return commented[0]
    return max(brackets, key=lambda i: len(flat(parts[i : i + 1])), default=None)


def _aligned(lines: Sequence[_Line]) -> Iterator[str]:
    """Yield lines with their comments, which stand in one column where neighbouring lines have them."""
    for both, run in groupby(lines, key=lambda line: bool(line.code and line.comment)):
        neighbours = list(run)
        column = max(len(line.code) for line in neighbours)
        for line in neighbours:
            yield f"{line.code:<{column}}  {line.comment}" if both else line.code + line.comment
