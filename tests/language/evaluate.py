"""What a checked expression is worth: a second, plain reading of the checked problem, for comparison."""

from collections.abc import Mapping

import numpy as np

from preimage.language import problem as ir


def value(expression: ir.Expression, at: Mapping[str, np.ndarray]) -> np.ndarray:
    """Evaluate for the inputs and target rows ``at``; networks do not occur."""

    def of(part: ir.Expression) -> np.ndarray:
        return value(part, at)

    match expression:
        case ir.Constant():
            found = expression.value
        case ir.Choice() | ir.TargetRow():
            found = at[expression.name]
        case ir.Add():
            found = sum(of(part) for part in expression.parts)
        case ir.Multiply():
            found = of(expression.left) * of(expression.right)
        case ir.Divide():
            found = of(expression.numerator) / of(expression.denominator)
        case ir.MatMul():
            found = of(expression.left) @ of(expression.right)
        case ir.Gather():
            found = of(expression.source).flatten()[expression.indices]
        case ir.Concat():
            found = np.hstack([of(part).flatten() for part in expression.parts])
        case ir.Sum():
            found = of(expression.source).sum()
        case ir.Abs():
            found = abs(of(expression.source))
        case ir.Relu():
            found = of(expression.source) * (of(expression.source) > 0)
        case ir.Clip():
            found = np.clip(of(expression.source), of(expression.lower), of(expression.upper))
        case ir.Maximum():
            found = of(expression.parts[0])
            for part in expression.parts[1:]:
                found = np.maximum(found, of(part))
        case ir.MaxEntry():
            found = of(expression.source).max()
        case ir.Norm():
            found = np.sqrt((of(expression.source) ** 2).sum())
        case _:
            raise TypeError(type(expression).__name__)
    found = np.asarray(found, dtype=float)
    assert found.shape == expression.shape
    return found


def holds(formula: ir.Formula, at: Mapping[str, np.ndarray]) -> bool:
    """Whether a formula holds, to 1e-9."""
    match formula:
        case ir.Holds(expression, "<="):
            return bool((value(expression, at) <= 1e-9).all())
        case ir.Holds(expression, "=="):
            return bool((abs(value(expression, at)) <= 1e-9).all())
        case ir.NonZero(expression):
            return bool(value(expression, at).any())
        case ir.AllOf(parts):
            return all(holds(part, at) for part in parts)
        case ir.AnyOf(parts):
            return any(holds(part, at) for part in parts)
    raise TypeError(type(formula).__name__)
