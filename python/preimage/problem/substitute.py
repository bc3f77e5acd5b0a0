"""One expression with others in the place of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from preimage.language.problem import (
    Abs,
    Add,
    Apply,
    Choice,
    Clip,
    Concat,
    Divide,
    Expression,
    Gather,
    MatMul,
    MaxEntry,
    Maximum,
    Multiply,
    Norm,
    Relu,
    Sum,
)


class Substitution:
    """Puts expressions in the place of inputs; what stands twice in an expression is made once.

    Parameters
    ----------
    values
        What stands for each input, by its name, in its shape; inputs without an entry stay.
    """

    def __init__(self, values: Mapping[str, Expression]) -> None:
        self._values = values
        self._made: dict[int, tuple[Expression, Expression]] = {}  # the original is kept alive: ids are not reused

    def __call__(self, expression: Expression) -> Expression:
        """Return the expression of the new inputs."""
        known = self._made.get(id(expression))
        if known is None:
            known = self._made[id(expression)] = (expression, self._make(expression))
        return known[1]

    def _make(self, expression: Expression) -> Expression:
        match expression:
            case Choice(name=name):
                return self._values.get(name, expression)
            case Add(parts=parts) | Concat(parts=parts) | Maximum(parts=parts):
                return replace(expression, parts=tuple(map(self, parts)))
            case Multiply(left=left, right=right) | MatMul(left=left, right=right):
                return replace(expression, left=self(left), right=self(right))
            case Divide(numerator=numerator, denominator=denominator):
                return replace(expression, numerator=self(numerator), denominator=self(denominator))
            case Gather() | Sum() | Abs() | Relu() | MaxEntry() | Norm():
                return replace(expression, source=self(expression.source))
            case Clip(source=source, lower=lower, upper=upper):
                return replace(expression, source=self(source), lower=self(lower), upper=self(upper))
            case Apply(argument=argument):
                return replace(expression, argument=self(argument))
        return expression
