"""Statements that no design within the bounds can meet: proved by interval arithmetic, and told with the arithmetic."""

from __future__ import annotations

import math

import numpy as np

from preimage.language.comparisons import Link
from preimage.language.context import Context, number
from preimage.language.formulas import Formulas
from preimage.language.intervals import Interval
from preimage.language.problem import Add, AllOf, AnyOf, Constant, Expression, Formula, Holds, NonZero, Sum

MARGIN = 1e-6
"""What is violated by less is left to the search, which meets statements to about this."""
_MOST_SUMMANDS = 5
_MOST_REASONS = 3


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

    def never(self, formula: Formula) -> list[Formula]:
        """Return why a formula can never hold: the comparisons that fail, one for each alternative; or nothing."""
        match formula:
            case Holds(expression=expression, relation=relation):
                limits = self._context.intervals.of(expression)
                impossible = bool(np.any(limits.lower > MARGIN))
                if relation == "==":
                    impossible = impossible or bool(np.any(limits.upper < -MARGIN))
                return [formula] if impossible else []
            case NonZero(expression=expression):
                limits = self._context.intervals.of(expression)
                return [] if limits.lower.any() or limits.upper.any() else [formula]
            case AllOf(parts=parts):
                return next((found for part in parts if (found := self.never(part))), [])
            case AnyOf(parts=parts):
                each = [self.never(part) for part in parts]
                if not all(each):
                    return []
                return [found for alternative in each for found in alternative] or [formula]

    def inputs(self, failing: list[Formula]) -> list[str]:
        """Return the inputs that enter comparisons that fail."""
        links = [link for part in failing if (link := self._formulas.link(part)) is not None]
        facts = self._context.builder.facts
        return sorted({name for link in links for side in (link.left, link.right) for name in facts(side).inputs})

    def because(self, failing: list[Formula]) -> str:
        """Say why comparisons fail, with the arithmetic: ``sum(x) is at most 11·2 = 22, and 30 is asked``."""
        links = [link for part in failing if (link := self._formulas.link(part)) is not None]
        reasons = list(dict.fromkeys(_with_instance(self._reason(link), link.instance) for link in links))
        more = f"; and so on, {len(reasons)} alternatives" if len(reasons) > _MOST_REASONS else ""
        return "; ".join(reasons[:_MOST_REASONS]) + more or "its bounds leave no room"

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
        return f"`{subject}` is {bound} {have}, and {_WANTED[operator]}{asked} is asked"

    @staticmethod
    def _known(left: Constant, right: Constant, operator: str, left_text: str, right_text: str) -> str:
        if left.value.size == right.value.size == 1:
            value = number(float(left.value.ravel()[0]))
            if value == left_text:
                return f"`{left_text} {operator} {right_text}` is false"
            return f"`{left_text}` is {value}, and {_WANTED[operator]}{right_text} is asked"
        return f"`{left_text} {operator} {right_text}` is false for some entry"

    def _arithmetic(self, side: Expression, shape: tuple[int, ...], position: int, *, upper: bool) -> str:
        limits = self._context.intervals.of(side)
        value = _rounded(limits, shape, position, upper=upper)
        parts: list[str] = []
        if isinstance(side, Sum) and side.source.shape:
            source = self._context.intervals.of(side.source)
            terms = [_rounded(source, side.source.shape, k, upper=upper) for k in range(source.lower.size)]
            if len(set(terms)) == 1:
                return f"{len(terms)}·{_bracketed(terms[0])} = {number(value)}"
            parts = [_bracketed(term) for term in terms]
        elif isinstance(side, Add):
            each = [self._context.intervals.of(part) for part in side.parts]
            parts = [_bracketed(_rounded(part, shape, position, upper=upper)) for part in each]
        return f"{' + '.join(parts)} = {number(value)}" if 1 < len(parts) <= _MOST_SUMMANDS else number(value)


_MIRRORED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_WANTED = {
    "<=": "at most ",
    ">=": "at least ",
    "<": "less than ",
    ">": "more than ",
    "==": "",
    "!=": "something else than ",
}


def _rounded(limits: Interval, shape: tuple[int, ...], position: int, *, upper: bool) -> float:
    """Return a limit without the slack for round-off, which would show as 1e-15 where 0 is meant."""
    lower, higher = (float(np.broadcast_to(limit, shape).ravel()[position]) for limit in (limits.lower, limits.upper))
    scale = max(abs(lower), abs(higher))
    value = higher if upper else lower
    return round(value / scale, 9) * scale if np.isfinite(scale) and scale > 0 else value


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
