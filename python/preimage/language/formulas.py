"""Conditions: from the syntax tree to formulas in negation normal form.

What must hold is read closed: ``not (a <= b)`` on values that vary continuously becomes ``a >= b``, and at the border
both it and its opposite hold. On whole numbers it is exact, ``a >= b + 1``.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from preimage.language import tree
from preimage.language.comparisons import TRUE, Comparisons, Link, compare, false
from preimage.language.context import Context
from preimage.language.expressions import Expressions
from preimage.language.facts import is_choice
from preimage.language.problem import AllOf, AnyOf, Constant, Expression, Formula, Holds, NonZero
from preimage.language.quantifiers import LARGEST_EXPANSION
from preimage.language.scope import Poisoned

_OPPOSITE: dict[str, tree.ComparisonOperator] = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!=", "!=": "=="}


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
        self._comparisons = Comparisons(context.reporter, context.builder)
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
            formula = TRUE if compare(left, operator, right) != negated else false()
        elif wanted == "!=" or (negated and size > 1):
            if size > LARGEST_EXPANSION:
                what, advice = f"{size:,} entries are compared one by one", "compare fewer entries"
                self._fail("PRE408", span, advice=advice, what=what, limit=f"{LARGEST_EXPANSION:,}")
            # All entries differ, or some entry does not compare as the condition would have it.
            pieces = self._entries(link, shape)
            return any_of(pieces) if negated else all_of(pieces)
        else:
            formula = self._comparisons.relation(link, negated)
        return self.remember(formula, link)

    def _entries(self, link: Link, shape: tuple[int, ...]) -> list[Formula]:
        found = []
        for position in range(math.prod(shape)):
            sides = [self._entry(side, shape, position) for side in (link.left, link.right)]
            entry = replace(link, left=sides[0], right=sides[1])
            found.append(
                self._comparisons.different(entry) if link.operator == "!=" else self._comparisons.relation(entry, True)
            )
        return [self.remember(formula, link) for formula in found]

    def _entry(self, side: Expression, shape: tuple[int, ...], position: int) -> Expression:
        own = np.broadcast_to(np.arange(math.prod(side.shape)).reshape(side.shape), shape).ravel()[position]
        return self._builder.entry(side, int(own), side.span)

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
        return self.remember(formula, Link(value, zero, text, "0", node.span, "==" if negated else "!=", self.instance))

    def remember(self, formula: Formula, link: Link) -> Formula:
        """Keep the comparison that a formula was made of, and return the formula."""
        if formula is not TRUE:
            self._links[id(formula)] = (formula, link)
        for part in formula.parts if isinstance(formula, AnyOf) else ():
            self._links[id(part)] = (part, link)
        return formula


def all_of(parts: list[Formula]) -> Formula:
    """Return that every part holds, without what goes without saying."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, AllOf) else (part,))]
    return flat[0] if len(flat) == 1 else AllOf(tuple(flat))


def any_of(parts: list[Formula]) -> Formula:
    """Return that some part holds, without what never does."""
    if TRUE in parts:
        return TRUE
    if parts and all(part == false() for part in parts):
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
