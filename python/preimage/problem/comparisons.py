"""What an objective compares with a target: what is wanted, and what a design gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from preimage.language.problem import Add, Array, Choice, Constant, Expression, Multiply, TargetRow
from preimage.problem.evaluate import Evaluator, children, walk


@dataclass(frozen=True, slots=True)
class Compared:
    """A difference of vectors between what depends on a choice and what depends on a target.

    Attributes
    ----------
    target
        The name of the target.
    given, wanted
        Parts of the difference, with the signs that they have in it.
    """

    target: str
    given: tuple[Expression, ...]
    wanted: tuple[Expression, ...]

    @property
    def expression(self) -> Expression | None:
        """What is compared, if the text has it as one expression."""
        if len(self.given) > 1:
            return None
        return _without_sign(self.given[0])

    def values(self, evaluator: Evaluator) -> tuple[Array, Array]:
        """Return what is wanted and what is given."""
        sign = -1.0 if all(_without_sign(part) is not part for part in self.given) else 1.0
        wanted, given = (sum(evaluator.value(part) for part in parts) for parts in (self.wanted, self.given))
        return np.asarray(-sign * wanted), np.asarray(sign * given)


def compared(expression: Expression) -> list[Compared]:
    """Return the comparisons with targets that ``expression`` is made of."""
    found: list[Compared] = []
    seen: set[int] = set()

    def visit(expression: Expression) -> None:
        if id(expression) in seen:
            return
        seen.add(id(expression))
        difference = _difference(expression)
        if difference is not None:
            found.append(difference)
            return
        for child in children(expression):
            visit(child)

    visit(expression)
    return found


def _difference(expression: Expression) -> Compared | None:
    if not (isinstance(expression, Add) and expression.shape):
        return None
    given = tuple(part for part in expression.parts if _names(part, Choice))
    wanted = tuple(part for part in expression.parts if not _names(part, Choice))
    targets = [name for part in wanted for name in _names(part, TargetRow)]
    return Compared(targets[0], given, wanted) if given and targets else None


def _names(expression: Expression, kind: type[Choice] | type[TargetRow]) -> list[str]:
    return [part.name for part in walk(expression) if isinstance(part, kind)]


def _without_sign(part: Expression) -> Expression:
    match part:
        case Multiply(left=Constant(value=value), right=factor) if np.all(value == -1.0):
            return factor
    return part
