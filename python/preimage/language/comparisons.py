"""Comparisons of two values, brought to the form that the checked problem knows: ``e <= 0``, ``e == 0``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from preimage.language import tree
from preimage.language.build import Builder
from preimage.language.context import number
from preimage.language.problem import AllOf, AnyOf, Constant, Expression, Formula, Holds
from preimage.language.scope import Reporter
from preimage.language.span import Span

TRUE: Formula = AllOf(())
_CLEARANCE = "Linf(p, o) >= r keeps a distance of r as well, and so does L1(p, o) >= r*sqrt2 in the plane"


@dataclass(frozen=True, slots=True)
class Link:
    """One comparison as it was typed: kept beside its formula, for messages about it.

    Attributes
    ----------
    left, right
        The sides.
    left_text, right_text
        As typed.
    span
        From the left side to the right side.
    operator
        As it is to hold, after negations.
    instance
        What the variables of quantifiers stand for: ``i = 2``.
    """

    left: Expression
    right: Expression
    left_text: str
    right_text: str
    span: Span
    operator: tree.ComparisonOperator
    instance: str


class Comparisons:
    """Makes formulas of comparisons.

    Parameters
    ----------
    reporter
        Where mistakes go.
    builder
        Makes expressions.
    """

    def __init__(self, reporter: Reporter, builder: Builder) -> None:
        self._reporter = reporter
        self._builder = builder

    def relation(self, link: Link, negated: bool) -> Formula:
        """Return the comparison as ``expression <= 0`` or ``== 0``."""
        left, right, operator, span = link.left, link.right, link.operator, link.span
        if operator == "==":
            if self._never_whole(left, right):
                return false()
            difference = self._builder.subtract(left, right, span)
            if self._builder.facts(difference).curvature:
                self._builder.curved(span, (left, right), "it is held equal to something")
            return Holds(difference, "==")
        if operator in (">=", ">"):
            left, right = right, left
        if operator in ("<", ">"):
            stepped = self._stepped(left, right, span)
            if stepped is None and not negated:
                self._reporter.fail(
                    "PRE314",
                    span,
                    "varies continuously",
                    advice=f"try: `{link.left_text} {operator}= {link.right_text}`, with a margin where it matters",
                    operator=operator,
                )
            left, right = stepped or (left, right)
        difference = self._builder.subtract(left, right, span)
        if self._builder.facts(difference).curvature < 0:
            self._builder.curved(span, (left, right), "this bounds it from below", _CLEARANCE)
        return Holds(difference, "<=")

    def _stepped(self, left: Expression, right: Expression, span: Span) -> tuple[Expression, Expression] | None:
        """Return sides whose ``<=`` says the same as ``left < right``, where whole numbers are compared."""
        whole = [self._builder.facts(side).whole for side in (left, right)]
        if whole[0] and isinstance(right, Constant):
            return left, self._builder.constant(np.ceil(right.value) - 1, span)
        if whole[1] and isinstance(left, Constant):
            return self._builder.constant(np.floor(left.value) + 1, span), right
        if all(whole):
            return self._builder.add((left, self._builder.constant(1.0, span)), span), right
        return None

    def _never_whole(self, left: Expression, right: Expression) -> bool:
        """Whether a whole number is asked to equal a known one that is not."""
        return any(
            self._builder.facts(one).whole and isinstance(other, Constant) and not self._builder.facts(other).whole
            for one, other in ((left, right), (right, left))
        )

    def different(self, link: Link) -> Formula:
        """Return that two single whole numbers differ."""
        left, right, span = link.left, link.right, link.span
        if self._never_whole(left, right):
            return TRUE
        whole = [self._builder.facts(side).whole for side in (left, right)]
        if not all(whole):
            below, above = (_with_margin(right, link.right_text, margin) for margin in (-0.01, 0.01))
            self._reporter.fail(
                "PRE315",
                span,
                "varies continuously",
                advice=f"give a margin: either {link.left_text} <= {below} or {link.left_text} >= {above}",
                left=link.left_text,
                right=link.right_text,
            )
        one = self._builder.constant(1.0, span)
        sides = [
            self._builder.subtract(self._builder.add((a, one), span), b, span)
            for a, b in ((left, right), (right, left))
        ]
        return AnyOf(tuple(Holds(side, "<=") for side in sides))


def false() -> Formula:
    """Return a formula that never holds: a new one each time, so that each has its own link."""
    return AnyOf(())


def compare(left: Constant, operator: tree.ComparisonOperator, right: Constant) -> bool:
    """Return whether a comparison of known numbers holds for every entry."""
    a, b = left.value, right.value
    found = {"<=": a <= b, ">=": a >= b, "<": a < b, ">": a > b, "==": a == b, "!=": a != b}[operator]
    return bool(np.all(found))


def _with_margin(side: Expression, text: str, margin: float) -> str:
    if isinstance(side, Constant) and not side.shape:
        return number(float(side.value) + margin)
    return f"{text} {'+' if margin > 0 else '-'} {number(abs(margin))}"
