"""Making expressions: constants are folded, facts recorded, and what cannot be made linear is refused.

Shapes are the caller's business: what arrives here fits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from preimage.language import facts as facts_of
from preimage.language.diagnostic import Label
from preimage.language.facts import Facts
from preimage.language.intervals import Intervals
from preimage.language.problem import (
    Abs,
    Add,
    Apply,
    Array,
    Choice,
    Clip,
    Concat,
    Constant,
    Divide,
    Expression,
    Gather,
    Indices,
    Input,
    MatMul,
    MaxEntry,
    Maximum,
    Multiply,
    Norm,
    Relu,
    Shape,
    Sum,
    Target,
    TargetRow,
)
from preimage.language.scope import Reporter
from preimage.language.span import Span
from preimage.networks.network import Network

LARGEST_EXPRESSION = 1_000_000
"""Entries of one expression that depends on a choice or on a target's row."""
LARGEST_CONSTANT = 20_000_000
"""Entries of one expression that does not."""
_ELSEWHERE = "L1 and Linf may stand anywhere; L2 may be minimised, or bounded above: L2(a, b) <= 0.1"

DEEPEST = 150
"""Operations that may be nested, through `let` too: the stages behind the checker go down recursively."""


class Builder:
    """Makes expressions of one problem.

    Parameters
    ----------
    reporter
        Where mistakes go.
    intervals
        Limits of expressions, which tell the sign of a factor.
    """

    def __init__(self, reporter: Reporter, intervals: Intervals) -> None:
        self._reporter = reporter
        self._intervals = intervals
        self._facts: dict[Expression, Facts] = {}

    def facts(self, expression: Expression) -> Facts:
        """Return what is known of an expression made here."""
        return self._facts[expression]

    def constant(self, value: Array | float, span: Span) -> Constant:
        """Return numbers as an expression."""
        array: Array = np.array(value, dtype=np.float64)
        if not np.isfinite(array).all():
            what = "not a number" if np.isnan(array).any() else "infinite"
            advice = "look at the numbers and params that enter"
            self._reporter.fail("PRE407", span, what, advice=advice, text=self._reporter.quote(span))
        array.flags.writeable = False
        expression = Constant(array.shape, span, array)
        self._facts[expression] = facts_of.of_constant(expression)
        return expression

    def choice(self, declared: Input) -> Choice:
        """Return a declared input as an expression."""
        expression = Choice(declared.shape, declared.span, declared.name)
        self._facts[expression] = facts_of.of_choice(declared)
        return expression

    def row(self, declared: Target) -> TargetRow:
        """Return the row of a declared target as an expression."""
        expression = TargetRow(declared.rows.shape[1:], declared.span, declared.name)
        self._facts[expression] = facts_of.of_row(declared)
        return expression

    def add(self, parts: Sequence[Expression], span: Span) -> Expression:
        """Return the sum, broadcast."""
        if len(parts) == 1:
            return parts[0]
        curvatures = {self.facts(part).curvature for part in parts} - {0}
        if len(curvatures) > 1:
            self.curved(span, parts, "one is added and another one taken away")
        shape = np.broadcast_shapes(*(part.shape for part in parts))
        node = Add(shape, span, tuple(parts))
        return self._finish(node, parts, sum(curvatures), lambda *values: sum(values[1:], values[0]))

    def negate(self, part: Expression, span: Span) -> Expression:
        """Return minus the part."""
        return self.multiply(self.constant(-1.0, span), part, span)

    def subtract(self, left: Expression, right: Expression, span: Span) -> Expression:
        """Return the difference, broadcast."""
        return self.add((left, self.negate(right, right.span)), span)

    def multiply(self, left: Expression, right: Expression, span: Span) -> Expression:
        """Return the elementwise product, broadcast; not both sides change in the search, unless one is binary."""
        curvature = self._product_curvature(left, right, span)
        node = Multiply(np.broadcast_shapes(left.shape, right.shape), span, left, right)
        return self._finish(node, (left, right), curvature, np.multiply)

    def divide(self, left: Expression, right: Expression, span: Span) -> Expression:
        """Return the elementwise quotient by what does not change in the search."""
        curvature = self._product_curvature(left, right, span)
        node = Divide(np.broadcast_shapes(left.shape, right.shape), span, left, right)
        return self._finish(node, (left, right), curvature, np.divide)

    def matmul(self, left: Expression, right: Expression, span: Span) -> Expression:
        """Return the matrix product of one or two axes each; not both sides change in the search."""
        curvature = self._product_curvature(left, right, span)
        shape = left.shape[:-1] + right.shape[1:]
        return self._finish(MatMul(shape, span, left, right), (left, right), curvature, np.matmul)

    def gather(self, source: Expression, indices: Indices, span: Span) -> Expression:
        """Return entries by flat position; a gather of a gather is one gather."""
        if isinstance(source, Gather):
            indices, source = source.indices.ravel()[indices], source.source
        if source.shape == indices.shape and np.array_equal(indices.ravel(), np.arange(indices.size)):
            return source
        node = Gather(indices.shape, span, source, np.array(indices, dtype=np.int64, order="C"))
        return self._finish(node, (source,), self.facts(source).curvature, lambda value: value.ravel()[node.indices])

    def reshape(self, source: Expression, shape: Shape, span: Span) -> Expression:
        """Return the same entries, in C order, in another shape."""
        return self.gather(source, np.arange(math.prod(shape)).reshape(shape), span)

    def broadcast(self, source: Expression, shape: Shape, span: Span) -> Expression:
        """Return the source repeated to fill a shape that it is known to fit."""
        if source.shape == shape:
            return source
        positions = np.arange(math.prod(source.shape)).reshape(source.shape if math.prod(source.shape) > 1 else ())
        return self.gather(source, np.broadcast_to(positions, shape), span)

    def entry(self, source: Expression, position: int, span: Span) -> Expression:
        """Return one entry by flat position."""
        return self.gather(source, np.asarray(position), span)

    def concat(self, parts: Sequence[Expression], span: Span) -> Expression:
        """Return the parts, flattened, one after another."""
        if len(parts) == 1:
            return self.reshape(parts[0], (math.prod(parts[0].shape),), span)
        curvatures = {self.facts(part).curvature for part in parts} - {0}
        if len(curvatures) > 1:
            self.curved(span, parts, "one is added and another one taken away")
        size = sum(math.prod(part.shape) for part in parts)
        node = Concat((size,), span, tuple(parts))
        return self._finish(
            node, parts, sum(curvatures), lambda *values: np.concatenate([value.ravel() for value in values])
        )

    def sum(self, source: Expression, span: Span) -> Expression:
        """Return the sum of all entries."""
        return self._finish(Sum((), span, source), (source,), self.facts(source).curvature, np.sum)

    def absolute(self, source: Expression, span: Span) -> Expression:
        """Return the elementwise absolute value."""
        self._straight(source, span)
        return self._finish(Abs(source.shape, span, source), (source,), 0, np.abs)

    def relu(self, source: Expression, span: Span) -> Expression:
        """Return the elementwise maximum with 0."""
        curvature = self._convex((source,), span)
        node = Relu(source.shape, span, source)
        return self._finish(node, (source,), curvature, lambda value: np.maximum(value, 0.0))

    def clip(self, source: Expression, lower: Expression, upper: Expression, span: Span) -> Expression:
        """Return the source kept within limits that do not change in the search."""
        self._straight(source, span)
        shape = np.broadcast_shapes(source.shape, lower.shape, upper.shape)
        return self._finish(Clip(shape, span, source, lower, upper), (source, lower, upper), 0, np.clip)

    def maximum(self, parts: Sequence[Expression], span: Span) -> Expression:
        """Return the elementwise maximum of two or more parts, broadcast."""
        curvature = self._convex(parts, span)
        node = Maximum(np.broadcast_shapes(*(part.shape for part in parts)), span, tuple(parts))
        return self._finish(node, parts, curvature, lambda *values: np.maximum.reduce(np.broadcast_arrays(*values)))

    def max_entry(self, source: Expression, span: Span) -> Expression:
        """Return the largest entry."""
        curvature = self._convex((source,), span)
        return self._finish(MaxEntry((), span, source), (source,), curvature, np.max)

    def norm(self, source: Expression, span: Span) -> Expression:
        """Return the Euclidean norm of all entries."""
        self._straight(source, span)
        return self._finish(Norm((), span, source), (source,), 1, lambda value: np.linalg.norm(value.ravel()))

    def apply(self, name: str, network: Network, argument: Expression, span: Span) -> Expression:
        """Return a network's output."""
        self._straight(argument, span)
        node = Apply((network.output_size,), span, name, argument)
        return self._finish(
            node, (argument,), 0, lambda value: network.graph.evaluate(np.ascontiguousarray(value.ravel()))
        )

    def sign(self, expression: Expression) -> int:
        """Return 1 if no entry is ever negative, -1 if none is ever positive, 0 if neither is sure."""
        limits = self._intervals.of(expression)
        return 1 if bool(np.all(limits.lower >= 0)) else -1 if bool(np.all(limits.upper <= 0)) else 0

    def _finish(
        self, node: Expression, parts: Sequence[Expression], curvature: int, compute: Callable[..., Any]
    ) -> Expression:
        """Fold what is known; else record the facts."""
        size = math.prod(node.shape)
        facts = [self.facts(part) for part in parts]
        known = all(isinstance(part, Constant) for part in parts)
        limit = LARGEST_CONSTANT if known else LARGEST_EXPRESSION
        if size > limit:
            what = f"`{self._reporter.quote(node.span)}` has {size:,} entries"
            advice = "keep to the entries that matter; does an axis of length 1 meet another one by mistake?"
            self._reporter.fail("PRE408", node.span, advice=advice, what=what, limit=f"{limit:,}")
        if known:
            with np.errstate(all="ignore"):
                value = compute(*(part.value for part in parts if isinstance(part, Constant)))
            return self.constant(np.asarray(value, dtype=np.float64).reshape(node.shape), node.span)
        found = facts_of.of_operation(node, facts, curvature)
        if found.depth > DEEPEST:
            what = f"{found.depth} operations are nested in one another"
            advice = "sums and products may be as long as they like; functions of functions of functions may not"
            self._reporter.fail("PRE408", node.span, advice=advice, what=what, limit=str(DEEPEST))
        self._facts[node] = found
        return node

    def _product_curvature(self, left: Expression, right: Expression, span: Span) -> int:
        for factor, other in ((left, right), (right, left)):
            curvature = self.facts(other).curvature
            if curvature:
                if self.facts(factor).chosen:
                    self.curved(span, (other,), "it is multiplied by a choice")
                sign = self.sign(factor)
                if not sign:
                    self.curved(span, (other,), "it is multiplied by numbers of both signs")
                return sign * curvature
        return 0

    def _convex(self, parts: Sequence[Expression], span: Span) -> int:
        if any(self.facts(part).curvature < 0 for part in parts):
            self.curved(span, parts, "the largest of its negatives is asked for")
        return max(self.facts(part).curvature for part in parts)

    def _straight(self, source: Expression, span: Span) -> None:
        if self.facts(source).curvature:
            self.curved(span, (source,), "it enters another function")

    def curved(self, span: Span, parts: Sequence[Expression], reason: str, advice: str = "") -> NoReturn:
        """Report an L2 that stands where it cannot be encoded."""
        found = next((self.facts(part).norm for part in parts if self.facts(part).norm), None)
        others = [] if found is None or found == span else [Label(found, "this L2")]
        self._reporter.fail("PRE317", span, reason, others=others, advice=advice or _ELSEWHERE)
