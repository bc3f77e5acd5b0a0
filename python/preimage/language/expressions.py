"""Values: from the syntax tree to expressions of the checked problem."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from preimage.language import tree
from preimage.language.calls import call
from preimage.language.context import Context, entries
from preimage.language.diagnostic import Label
from preimage.language.functions import FUNCTIONS
from preimage.language.indexing import positions
from preimage.language.problem import Array, Constant, Expression
from preimage.language.products import matrix_product, product
from preimage.language.scope import Poisoned
from preimage.language.span import Span

_VALUES = {"pi": math.pi, "sqrt2": math.sqrt(2.0)}


class Expressions:
    """Turns values of the syntax tree into expressions with shapes.

    Parameters
    ----------
    context
        The state of the check.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._builder = context.builder
        self._fail = context.reporter.fail

    def value(self, node: tree.Expression) -> Expression:
        """Return what ``node`` denotes."""
        match node:
            case tree.Number():
                return self._builder.constant(node.value, node.span)
            case tree.Name():
                return self._name(node)
            case tree.Unary():
                operand = self.value(node.operand)
                return self._builder.negate(operand, node.span) if node.operator == "-" else operand
            case tree.Arithmetic():
                return self._sum(node) if node.operators[0] in "+-" else self._product(node)
            case tree.Power():
                return self._power(node)
            case tree.Tuple():
                return self._tuple(node)
            case tree.Index():
                return self._index(node)
            case tree.Call():
                return call(self._context, self, node)

    def values(self, nodes: Iterable[tree.Expression]) -> list[Expression]:
        """Return what the nodes denote; all are looked at before the first mistake is given way to."""
        found: list[Expression] = []
        poisoned = False
        for node in nodes:
            try:
                found.append(self.value(node))
            except Poisoned:
                poisoned = True
        if poisoned:
            raise Poisoned
        return found

    def known(self, node: tree.Expression, what: str, advice: str = "") -> Array:
        """Return numbers that depend on neither a choice nor a target's row; ``what`` says what they are for."""
        return self.require_known(node, self.value(node), what, advice)

    def require_known(self, node: tree.Expression, expression: Expression, what: str, advice: str = "") -> Array:
        """Return the numbers that an expression stands for, or report on what it depends."""
        if isinstance(expression, Constant):
            return expression.value
        facts = self._builder.facts(expression)
        names = sorted(facts.inputs or facts.rows)
        others = [
            Label(declared.span, "chosen in the search" if facts.inputs else "another value for each row")
            for name in names[:2]
            if (declared := self._context.scope.get(name)) is not None
        ]
        reason = "is chosen in it" if facts.inputs else "changes from row to row"
        self._fail(
            "PRE321",
            node.span,
            "depends on " + " and ".join(f"`{name}`" for name in names[:3]),
            others=others,
            advice=advice or "use numbers and params only",
            what=what,
            text=self._context.quote(node),
            reason=reason,
        )

    def number(self, node: tree.Expression, what: str) -> float:
        """Return one known number."""
        value = self.known(node, what)
        if value.size != 1:
            text, shape = self._context.quote(node), entries(value.shape)
            first = f"{text}[0]" if isinstance(node, tree.Name) else f"({text})[0]"
            self._fail("PRE217", node.span, shape, advice=f"try: {first}, or sum({text})", what=what, shape=shape)
        return float(value.ravel()[0])

    def whole(self, node: tree.Expression, what: str) -> int:
        """Return one known whole number."""
        value = self.number(node, what)
        if not value.is_integer():
            advice = f"try: {math.floor(value)} or {math.ceil(value)}"
            self._fail("PRE218", node.span, f"this is {value:.6g}", advice=advice, what=what, least="")
        return int(value)

    def _name(self, node: tree.Name) -> Expression:
        if node.text in _VALUES and node.text not in self._context.scope:
            return self._builder.constant(_VALUES[node.text], node.span)
        if node.text in FUNCTIONS and node.text not in self._context.scope:
            advice = f"apply it to something: {FUNCTIONS[node.text].usage}"
            self._fail("PRE206", node.span, advice=advice, name=node.text, kind="a function", wanted="a value")
        entry = self._context.scope.look_up(node.text, node.span)
        if entry.value is None:
            others = [Label(entry.span, "declared here")]
            advice = f"apply it to something: {node.text}(...)"
            self._fail(
                "PRE206", node.span, others=others, advice=advice, name=node.text, kind=entry.article, wanted="a value"
            )
        return entry.value

    def _sum(self, node: tree.Arithmetic) -> Expression:
        parts = self.values(node.operands)
        terms = [parts[0]]
        shape = parts[0].shape
        for operator, operand, part in zip(node.operators, node.operands[1:], parts[1:], strict=True):
            so_far = Span(node.operands[0].span.start, node.operands[len(terms) - 1].span.end)
            shape = self._broadcast(so_far, terms, shape, operand, part)
            terms.append(part if operator == "+" else self._builder.negate(part, operand.span))
        return self._builder.add(terms, node.span)

    def _broadcast(
        self, span: Span, terms: Sequence[Expression], shape: tuple[int, ...], node: tree.Expression, part: Expression
    ) -> tuple[int, ...]:
        try:
            return np.broadcast_shapes(shape, part.shape)
        except ValueError:
            widest = next(term for term in reversed(terms) if term.shape == shape)
            self._context.mismatch_between(span if len(terms) > 1 else terms[0].span, widest, node, part)

    def _product(self, node: tree.Arithmetic) -> Expression:
        operands = self.values(node.operands)
        result, so_far = operands[0], node.operands[0].span
        for operator, operand, value in zip(node.operators, node.operands[1:], operands[1:], strict=True):
            span = so_far.join(operand.span)
            if operator == "@":
                result = matrix_product(self._context, so_far, result, operand, value, span)
            else:
                try:
                    np.broadcast_shapes(result.shape, value.shape)
                except ValueError:
                    self._context.mismatch_between(so_far, result, operand, value)
                if operator == "*":
                    result = product(self._context, result, value, span)
                else:
                    self._check_divisor(operand, value, span)
                    result = self._builder.divide(result, value, span)
            so_far = span
        return result

    def _check_divisor(self, node: tree.Expression, value: Expression, span: Span) -> None:
        if self._builder.facts(value).chosen:
            self._fail(
                "PRE312",
                node.span,
                "this changes in the search",
                advice="where its sign is known, multiply both sides by it: a/b <= 3 becomes a <= 3*b",
                text=self._context.quote(node),
            )
        for row, limits in enumerate(self._context.limits_by_row(value)):
            zeros = np.flatnonzero((limits.lower == 0) & (limits.upper == 0))
            if zeros.size:
                which = f"entry {zeros[0]}" if value.shape else "this"
                where = "" if isinstance(value, Constant) else f" in row {row}"
                text = self._context.reporter.quote(span)
                self._fail("PRE407", node.span, f"{which} is 0{where}", advice="divide by something else", text=text)

    def _power(self, node: tree.Power) -> Expression:
        base, exponent = self.values((node.base, node.exponent))
        if not (isinstance(base, Constant) and isinstance(exponent, Constant)):
            chosen = any(self._builder.facts(part).chosen for part in (base, exponent))
            self._fail(
                "PRE313",
                node.span,
                "this changes in the search" if chosen else "this changes with the row",
                advice="L1, Linf and abs measure a size without squares; powers may be taken of numbers and params",
                text=self._context.quote(node),
                operation="a power",
            )
        try:
            np.broadcast_shapes(base.shape, exponent.shape)
        except ValueError:
            self._context.mismatch(node.base, base, node.exponent, exponent)
        with np.errstate(all="ignore"):
            return self._builder.constant(np.power(base.value, exponent.value), node.span)

    def _tuple(self, node: tree.Tuple) -> Expression:
        parts = self.values(node.items)
        for item, part in zip(node.items, parts, strict=True):
            if part.shape != parts[0].shape:
                self._fail(
                    "PRE219",
                    item.span,
                    entries(part.shape),
                    others=[Label(node.items[0].span, entries(parts[0].shape))],
                    advice="concat(a, b) joins vectors of different lengths",
                    text=self._context.quote(node),
                )
        flat = self._builder.concat(parts, node.span)
        return self._builder.reshape(flat, (len(parts), *parts[0].shape), node.span)

    def _index(self, node: tree.Index) -> Expression:
        source = self.value(node.source)
        return self._builder.gather(source, positions(self._context, self, node, source), node.span)
