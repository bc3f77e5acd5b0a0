"""Statements that no design within the bounds can meet: proved by interval arithmetic, and told with the arithmetic."""

from __future__ import annotations

import math

import numpy as np

from preimage.language.context import Context, number
from preimage.language.formulas import Formulas, Link
from preimage.language.problem import AllOf, AnyOf, Constant, Expression, Formula, Holds, NonZero, Sum

MARGIN = 1e-6
"""What is violated by less is left to the search, which meets statements to about this."""
_MOST_SUMMANDS = 5


class Proofs:
    """Looks for statements that can never hold.

    Parameters
    ----------
    context
        The state of the check.
    formulas
        Which comparison each formula was made of.
    """

    def __init__(self, context: Context, formulas: Formulas) -> None:
        self._context = context
        self._formulas = formulas

    def never(self, formula: Formula) -> Formula | None:
        """Return the part of a formula that can never hold and by which it cannot, or None."""
        match formula:
            case Holds(expression=expression, relation=relation):
                limits = self._context.intervals.of(expression)
                impossible = bool(np.any(limits.lower > MARGIN))
                if relation == "==":
                    impossible = impossible or bool(np.any(limits.upper < -MARGIN))
                return formula if impossible else None
            case NonZero(expression=expression):
                limits = self._context.intervals.of(expression)
                return formula if not (limits.lower.any() or limits.upper.any()) else None
            case AllOf(parts=parts):
                return next((found for part in parts if (found := self.never(part)) is not None), None)
            case AnyOf(parts=parts):
                each = [self.never(part) for part in parts]
                if None in each:
                    return None
                return each[0] if each else formula

    def because(self, part: Formula) -> str:
        """Say why the part cannot hold, with the arithmetic: ``sum(x) is at most 11·2 = 22, and 30 is asked``."""
        link = self._formulas.link(part)
        if link is None:
            return "its bounds leave no room"
        return _with_instance(self._reason(link), link.instance)

    def _reason(self, link: Link) -> str:
        left, right = link.left, link.right
        operator: str = link.operator
        left_text, right_text = link.left_text, link.right_text
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left, right, left_text, right_text = right, left, right_text, left_text
            operator = _MIRRORED.get(operator, operator)
        facts = self._context.builder.facts
        if isinstance(left, Constant) and isinstance(right, Constant):
            return self._known(left, right, operator, left_text, right_text)
        if operator == "==" and isinstance(right, Constant) and facts(left).whole and not facts(right).whole:
            fraction = right.value[right.value != np.floor(right.value)].ravel()[0]
            return f"`{left_text}` is whole, and {number(fraction)} is asked"
        if operator == "!=":
            return f"`{left_text}` is always {number(float(self._context.intervals.of(left).lower.ravel()[0]))}"
        mine, theirs = (self._context.intervals.of(side) for side in (left, right))
        shape = np.broadcast_shapes(left.shape, right.shape)
        above = np.broadcast_to(mine.lower - theirs.upper, shape).ravel()
        below = np.broadcast_to(theirs.lower - mine.upper, shape).ravel()
        too_high = operator in ("<=", "<") or (operator == "==" and above.max() > below.max())
        worst = int(np.argmax(above if too_high else below))
        subject = _entry_text(left_text, left, shape, worst)
        have = self._arithmetic(left, shape, worst, upper=not too_high)
        asked = number(float(np.broadcast_to(theirs.upper if too_high else theirs.lower, shape).ravel()[worst]))
        bound = "at least" if too_high else "at most"
        if not isinstance(right, Constant):
            other = self._arithmetic(right, shape, worst, upper=too_high)
            opposite = "at most" if too_high else "at least"
            where = _entry_text(right_text, right, shape, worst)
            return f"`{subject}` is {bound} {have}, and `{where}` is {opposite} {other}"
        wanted = {"<=": "at most ", ">=": "at least ", "<": "less than ", ">": "more than ", "==": ""}[operator]
        return f"`{subject}` is {bound} {have}, and {wanted}{asked} is asked"

    @staticmethod
    def _known(left: Constant, right: Constant, operator: str, left_text: str, right_text: str) -> str:
        if left.value.size == right.value.size == 1:
            values = (number(float(side.value.ravel()[0])) for side in (left, right))
            one, other = (
                text if text == value else f"{text} = {value}"
                for text, value in zip((left_text, right_text), values, strict=True)
            )
            return f"`{one}` is not {_WORDS[operator]} `{other}`"
        return f"not every entry of `{left_text}` is {_WORDS[operator]} `{right_text}`"

    def _arithmetic(self, side: Expression, shape: tuple[int, ...], position: int, *, upper: bool) -> str:
        limits = self._context.intervals.of(side)
        value = float(np.broadcast_to(limits.upper if upper else limits.lower, shape).ravel()[position])
        if not isinstance(side, Sum) or side.source.shape == ():
            return number(value)
        source = self._context.intervals.of(side.source)
        parts = (source.upper if upper else source.lower).ravel()
        if np.all(parts == parts[0]):
            return f"{len(parts)}·{_bracketed(float(parts[0]))} = {number(value)}"
        if len(parts) <= _MOST_SUMMANDS:
            return f"{' + '.join(_bracketed(float(part)) for part in parts)} = {number(value)}"
        return number(value)


_MIRRORED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_WORDS = {"<=": "<=", ">=": ">=", "<": "<", ">": ">", "==": "equal to", "!=": "different from"}


def _bracketed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _entry_text(text: str, side: Expression, shape: tuple[int, ...], position: int) -> str:
    if math.prod(shape) == 1 or math.prod(side.shape) == 1:
        return text
    own = np.broadcast_to(np.arange(math.prod(side.shape)).reshape(side.shape), shape).ravel()[position]
    index = ", ".join(str(int(i)) for i in np.unravel_index(int(own), side.shape))
    return f"{text}[{index}]" if text.isidentifier() else f"({text})[{index}]"


def _with_instance(reason: str, instance: str) -> str:
    return f"{reason} (with {instance})" if instance else reason
