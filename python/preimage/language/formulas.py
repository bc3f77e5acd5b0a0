"""Conditions: from the syntax tree to formulas in negation normal form.

What must hold is read closed: ``not (a <= b)`` on values that vary continuously becomes ``a >= b``, and at the border
both it and its opposite hold. On whole numbers it is exact, ``a >= b + 1``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from preimage.language import tree
from preimage.language.context import Context
from preimage.language.expressions import Expressions
from preimage.language.facts import is_choice
from preimage.language.problem import AllOf, AnyOf, Constant, Expression, Formula, Holds, NonZero
from preimage.language.quantifiers import LARGEST_EXPANSION
from preimage.language.scope import Poisoned
from preimage.language.span import Span

TRUE: Formula = AllOf(())
_OPPOSITE: dict[str, tree.ComparisonOperator] = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!=", "!=": "=="}


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


class Formulas:
    """Turns conditions of the syntax tree into formulas.

    Parameters
    ----------
    context
        The state of the check.
    expressions
        Makes the values that conditions compare.

    Attributes
    ----------
    instance
        What the variables of quantifiers stand for at the moment, for messages.
    """

    def __init__(self, context: Context, expressions: Expressions) -> None:
        self._context = context
        self._builder = context.builder
        self._expressions = expressions
        self._fail = context.reporter.fail
        self.instance = ""
        self._links: dict[int, tuple[Formula, Link]] = {}

    def link(self, formula: Formula) -> Link | None:
        """Return the comparison that a formula was made of."""
        known = self._links.get(id(formula))
        return known[1] if known else None

    def formula(self, node: tree.Condition, negated: bool = False) -> Formula:
        """Return ``node``, or its negation, in negation normal form."""
        match node:
            case tree.Comparison():
                return self._comparison(node, negated)
            case tree.Not():
                return self.formula(node.condition, not negated)
            case tree.And() | tree.Or():
                parts = self._all(node.parts, negated)
                return all_of(parts) if isinstance(node, tree.And) != negated else any_of(parts)
            case tree.Uses():
                return self._uses(node, negated)

    def alternatives(self, nodes: tuple[tree.Condition, ...]) -> Formula:
        """Return that at least one of the conditions holds."""
        return any_of(self._all(nodes, False))

    def implication(self, condition: tree.Condition, consequence: tree.Condition) -> Formula:
        """Return that the consequence holds wherever the condition does."""
        try:
            first = self.formula(condition, negated=True)
        except Poisoned:
            self.formula(consequence)
            raise
        return any_of([first, self.formula(consequence)])

    def _all(self, nodes: tuple[tree.Condition, ...], negated: bool) -> list[Formula]:
        found, poisoned = [], False
        for node in nodes:
            try:
                found.append(self.formula(node, negated))
            except Poisoned:
                poisoned = True
        if poisoned:
            raise Poisoned
        return found

    def _comparison(self, node: tree.Comparison, negated: bool) -> Formula:
        operands = self._expressions.values(node.operands)
        links = [
            self._link(node.operands[i], operands[i], operator, node.operands[i + 1], operands[i + 1], negated)
            for i, operator in enumerate(node.operators)
        ]
        return any_of(links) if negated else all_of(links)

    def _link(
        self,
        left_node: tree.Expression,
        left: Expression,
        operator: tree.ComparisonOperator,
        right_node: tree.Expression,
        right: Expression,
        negated: bool,
    ) -> Formula:
        try:
            shape = np.broadcast_shapes(left.shape, right.shape)
        except ValueError:
            self._context.mismatch(left_node, left, right_node, right)
        span = left_node.span.join(right_node.span)
        wanted = _OPPOSITE[operator] if negated else operator
        quote = self._context.quote
        link = Link(left, right, quote(left_node), quote(right_node), span, wanted, self.instance)
        size = math.prod(shape)
        if isinstance(left, Constant) and isinstance(right, Constant):
            formula = TRUE if _compare(left, operator, right) != negated else _false()
        elif wanted == "!=" or (negated and size > 1):
            if size > LARGEST_EXPANSION:
                self._fail(
                    "PRE408", span, what=f"{size:,} entries are compared one by one", limit=f"{LARGEST_EXPANSION:,}"
                )
            # All entries differ, or some entry does not compare as the condition would have it.
            pieces = self._entries(link, shape)
            return any_of(pieces) if negated else all_of(pieces)
        else:
            formula = self._relation(link, negated)
        return self._remember(formula, link)

    def _entries(self, link: Link, shape: tuple[int, ...]) -> list[Formula]:
        found = []
        for position in range(math.prod(shape)):
            sides = [self._entry(side, shape, position) for side in (link.left, link.right)]
            entry = replace(link, left=sides[0], right=sides[1])
            found.append(self._different(entry) if link.operator == "!=" else self._relation(entry, True))
        return [self._remember(formula, link) for formula in found]

    def _entry(self, side: Expression, shape: tuple[int, ...], position: int) -> Expression:
        own = np.broadcast_to(np.arange(math.prod(side.shape)).reshape(side.shape), shape).ravel()[position]
        return self._builder.entry(side, int(own), side.span)

    def _relation(self, link: Link, negated: bool) -> Formula:
        """Return the comparison as ``expression <= 0`` or ``== 0``."""
        left, right, operator, span = link.left, link.right, link.operator, link.span
        if operator == "==":
            if self._never_whole(left, right):
                return _false()
            difference = self._builder.subtract(left, right, span)
            if self._builder.facts(difference).curvature:
                self._builder.curved(span, (left, right), "it is held equal to something")
            return Holds(difference, "==")
        if operator in (">=", ">"):
            left, right = right, left
        if operator in ("<", ">"):
            stepped = self._stepped(left, right, span)
            if stepped is None and not negated:
                self._fail(
                    "PRE314",
                    span,
                    "varies continuously",
                    advice=f"try: `{link.left_text} {operator}= {link.right_text}`, with a margin where it matters",
                    operator=operator,
                )
            left, right = stepped or (left, right)
        difference = self._builder.subtract(left, right, span)
        if self._builder.facts(difference).curvature < 0:
            self._builder.curved(span, (left, right), "this bounds it from below")
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

    def _different(self, link: Link) -> Formula:
        """Return that two single whole numbers differ."""
        left, right, span = link.left, link.right, link.span
        if self._never_whole(left, right):
            return TRUE
        whole = [self._builder.facts(side).whole for side in (left, right)]
        if not all(whole):
            self._fail(
                "PRE315",
                span,
                "varies continuously",
                advice=f"give a margin: either {link.left_text} <= {link.right_text} - 0.01 "
                f"or {link.left_text} >= {link.right_text} + 0.01",
                left=link.left_text,
                right=link.right_text,
            )
        one = self._builder.constant(1.0, span)
        below = self._builder.subtract(self._builder.add((left, one), span), right, span)
        above = self._builder.subtract(self._builder.add((right, one), span), left, span)
        return AnyOf((Holds(below, "<="), Holds(above, "<=")))

    def _uses(self, node: tree.Uses, negated: bool) -> Formula:
        value = self._expressions.value(node.argument)
        if not is_choice(value):
            self._fail(
                "PRE318",
                node.argument.span,
                "not an input",
                advice="ask for an input or entries of it, as in uses(inks[3]); compare anything else: abs(v) >= 0.1",
                text=self._context.quote(node.argument),
            )
        formula: Formula = Holds(value, "==") if negated else NonZero(value)
        text = self._context.quote(node.argument)
        zero = self._builder.constant(0.0, node.span)
        return self._remember(
            formula, Link(value, zero, text, "0", node.span, "==" if negated else "!=", self.instance)
        )

    def _remember(self, formula: Formula, link: Link) -> Formula:
        if formula is not TRUE:
            self._links[id(formula)] = (formula, link)
        return formula


def all_of(parts: list[Formula]) -> Formula:
    """Return that every part holds, without what goes without saying."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, AllOf) else (part,))]
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat))


def any_of(parts: list[Formula]) -> Formula:
    """Return that some part holds, without what never does."""
    if TRUE in parts:
        return TRUE
    if parts and all(part == _false() for part in parts):
        return parts[0]  # it has a link, which says why
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, AnyOf) else (part,))]
    return flat[0] if len(flat) == 1 else AnyOf(tuple(flat))


def expressions_of(formula: Formula) -> list[Expression]:
    """Return what a formula looks at."""
    match formula:
        case Holds(expression=expression) | NonZero(expression=expression):
            return [expression]
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return [expression for part in parts for expression in expressions_of(part)]


def _false() -> Formula:
    # A new one each time, so that each has its own link.
    return AnyOf(())


def _compare(left: Constant, operator: tree.ComparisonOperator, right: Constant) -> bool:
    a, b = left.value, right.value
    found = {"<=": a <= b, ">=": a >= b, "<": a < b, ">": a > b, "==": a == b, "!=": a != b}[operator]
    return bool(np.all(found))
