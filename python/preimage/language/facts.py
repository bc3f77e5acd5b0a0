"""What is known of an expression: what it depends on, whether it is whole, and where it is curved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from preimage.language.problem import (
    Apply,
    Choice,
    Constant,
    Divide,
    Expression,
    Gather,
    Input,
    Norm,
    Target,
    TargetRow,
)
from preimage.language.span import Span


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an expression.

    Attributes
    ----------
    inputs, rows
        The inputs and the targets that it depends on.
    per_target
        Whether it differs between targets that are solved together.
    whole
        Whether every entry is a whole number in every design (with whole inputs).
    curvature
        1 if it holds a Euclidean norm and is convex, -1 if minus it is so, 0 if it is piecewise linear.
    norm
        Where that norm stands.
    depth
        How many operations are nested.
    """

    inputs: frozenset[str]
    rows: frozenset[str]
    per_target: bool
    whole: bool
    curvature: int
    norm: Span | None
    depth: int

    @property
    def chosen(self) -> bool:
        """Whether it changes in the search."""
        return bool(self.inputs)

    @property
    def known(self) -> bool:
        """Whether it is one and the same for every design and every target."""
        return not self.inputs and not self.rows


def of_choice(declared: Input) -> Facts:
    """Return the facts of a declared input."""
    whole = declared.kind in ("integer", "binary") or (
        declared.kind == "catalogue" and all(value.is_integer() for value in declared.values)
    )
    return Facts(frozenset({declared.name}), frozenset(), declared.per_target, whole, 0, None, 1)


def of_row(declared: Target) -> Facts:
    """Return the facts of a row of a target."""
    whole = bool(np.all(declared.rows == np.floor(declared.rows)))
    return Facts(frozenset(), frozenset({declared.name}), declared.joint, whole, 0, None, 1)


def of_operation(expression: Expression, parts: Iterable[Facts], curvature: int) -> Facts:
    """Return the facts of an operation on parts with known facts; how it curves is for the caller to say."""
    facts = list(parts)
    keeps_whole = not isinstance(expression, Divide | Apply | Norm)
    norm = expression.span if isinstance(expression, Norm) else None
    return Facts(
        inputs=frozenset[str]().union(*(part.inputs for part in facts)),
        rows=frozenset[str]().union(*(part.rows for part in facts)),
        per_target=any(part.per_target for part in facts),
        whole=keeps_whole and all(part.whole for part in facts),
        curvature=curvature,
        norm=(norm or next((part.norm for part in facts if part.norm), None)) if curvature else None,
        depth=1 + max((part.depth for part in facts), default=0),
    )


def of_constant(expression: Constant) -> Facts:
    """Return the facts of numbers."""
    whole = bool(np.all(expression.value == np.floor(expression.value)))
    return Facts(frozenset(), frozenset(), False, whole, 0, None, 0)


def is_choice(expression: Expression) -> bool:
    """Whether it is an input, or entries of one."""
    while isinstance(expression, Gather):
        expression = expression.source
    return isinstance(expression, Choice)


def is_row(expression: Expression) -> bool:
    """Whether it is a row of a target, or entries of one."""
    while isinstance(expression, Gather):
        expression = expression.source
    return isinstance(expression, TargetRow)
