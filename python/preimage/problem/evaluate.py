"""What an expression is worth for a given design: plain numpy, and the source network's forward pass.

This is the judge of every design, and shares nothing with the encoder but the networks themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from preimage.language.facts import is_choice
from preimage.language.problem import (
    Abs,
    Add,
    AllOf,
    AnyOf,
    Apply,
    Array,
    Choice,
    Clip,
    Concat,
    Constant,
    Divide,
    Expression,
    Formula,
    Gather,
    Holds,
    MatMul,
    MaxEntry,
    Maximum,
    Multiply,
    NonZero,
    Norm,
    Problem,
    Relu,
    Sum,
    TargetRow,
)


class Evaluator:
    """Evaluates expressions for one design and one target.

    Parameters
    ----------
    problem
        The checked problem.
    rows
        For each target by name, the row to be used.
    design
        Input arrays by name, as this target sees them (without the axis of ``per target``).
    """

    def __init__(self, problem: Problem, rows: Mapping[str, int], design: Mapping[str, Array]) -> None:
        self._networks = problem.networks
        self._targets = {target.name: target.rows[rows[target.name]] for target in problem.targets}
        self._design = design
        self._values: dict[int, Array] = {}

    def value(self, expression: Expression) -> Array:
        """Return the value of ``expression``, of its shape, in float64."""
        known = self._values.get(id(expression))
        if known is None:
            known = np.broadcast_to(np.asarray(self._compute(expression), dtype=np.float64), expression.shape)
            self._values[id(expression)] = known
        return known

    def violation(self, formula: Formula) -> float:
        """Return by how much ``formula`` is violated: 0 where it holds, infinite where a number tells nothing.

        Values of an input are zero, or not, to the last digit: a value that is used is not zero by a tolerance.
        """
        match formula:
            case Holds(expression, "==") if is_choice(expression):
                return np.inf if np.any(self.value(expression) != 0.0) else 0.0
            case Holds(expression, relation):
                value = self.value(expression)
                excess = np.abs(value) if relation == "==" else np.maximum(value, 0.0)
                worst = float(excess.max(initial=0.0))
                return np.inf if np.isnan(worst) else worst
            case NonZero(expression):
                return 0.0 if np.any(self.value(expression) != 0.0) else np.inf
            case AllOf(parts):
                return max((self.violation(part) for part in parts), default=0.0)
            case AnyOf(parts):
                return min((self.violation(part) for part in parts), default=np.inf)

    def _compute(self, expression: Expression) -> Any:  # numpy types its products loosely; `value` settles the type
        match expression:
            case Constant():
                return expression.value
            case TargetRow():
                return self._targets[expression.name]
            case Choice():
                return self._design[expression.name]
            case Add():
                return sum((self.value(part) for part in expression.parts), np.zeros(expression.shape))
            case Multiply():
                return self.value(expression.left) * self.value(expression.right)
            case Divide():
                return self.value(expression.numerator) / self.value(expression.denominator)
            case MatMul():
                return np.matmul(self.value(expression.left), self.value(expression.right))
            case Gather():
                return self.value(expression.source).ravel()[expression.indices]
            case Concat():
                return np.concatenate([self.value(part).ravel() for part in expression.parts])
            case Sum():
                return float(self.value(expression.source).sum())
            case Abs():
                return np.abs(self.value(expression.source))
            case Relu():
                return np.maximum(self.value(expression.source), 0.0)
            case Clip():
                lower, upper = self.value(expression.lower), self.value(expression.upper)
                return np.minimum(np.maximum(self.value(expression.source), lower), upper)
            case Maximum():
                return np.maximum.reduce([np.broadcast_to(self.value(p), expression.shape) for p in expression.parts])
            case MaxEntry():
                return float(self.value(expression.source).max())
            case Norm():
                return float(np.linalg.norm(self.value(expression.source).ravel()))
            case Apply():
                argument = np.ascontiguousarray(self.value(expression.argument).ravel())
                return self._networks[expression.network].graph.evaluate(argument)
        raise TypeError(f"unknown expression {type(expression).__name__}")


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions that ``expression`` is made of."""
    match expression:
        case Add() | Concat() | Maximum():
            return expression.parts
        case Multiply() | MatMul():
            return (expression.left, expression.right)
        case Divide():
            return (expression.numerator, expression.denominator)
        case Gather() | Sum() | Abs() | Relu() | MaxEntry() | Norm():
            return (expression.source,)
        case Clip():
            return (expression.source, expression.lower, expression.upper)
        case Apply():
            return (expression.argument,)
    return ()


def walk(*roots: Expression) -> Iterator[Expression]:
    """Yield ``roots`` and all that they are made of, each expression once, after its own parts."""
    seen: set[int] = set()

    def visit(expression: Expression) -> Iterator[Expression]:
        if id(expression) not in seen:
            seen.add(id(expression))
            for child in children(expression):
                yield from visit(child)
            yield expression

    for root in roots:
        yield from visit(root)
