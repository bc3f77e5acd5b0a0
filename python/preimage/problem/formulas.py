"""Formulas of the checked problem → formulas over nodes of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from preimage.language.problem import (
    AllOf,
    AnyOf,
    Choice,
    Expression,
    Formula,
    Gather,
    Holds,
    Input,
    NonZero,
)
from preimage.problem.forms import Form, concatenate
from preimage.problem.lower import Lowering

CoreFormula = tuple[Any, ...]
"""``("within", node, lower, upper)``, ``("all", [...])`` or ``("any", [...])``."""


def lower_formula(formula: Formula, joint: int, lowering: Lowering, inputs: Sequence[Input]) -> CoreFormula | None:
    """Return ``formula`` over the graph as target ``joint`` sees it; None if it always holds (in the closure)."""
    match formula:
        case Holds(expression, relation):
            return _within(lowering.form(expression, joint), relation, lowering)
        case NonZero(expression):
            return _non_zero(expression, joint, lowering, inputs)
        case AllOf(parts):
            return _all(parts, joint, lowering, inputs)
        case AnyOf(parts):
            lowered = [lower_formula(part, joint, lowering, inputs) for part in parts]
            return None if None in lowered else ("any", lowered)


def non_zero_parts(formula: Formula) -> list[NonZero]:
    """Return the parts of ``formula`` that ask for something to be non-zero."""
    match formula:
        case NonZero():
            return [formula]
        case AllOf(parts) | AnyOf(parts):
            return [found for part in parts for found in non_zero_parts(part)]
    return []


def _all(parts: Sequence[Formula], joint: int, lowering: Lowering, inputs: Sequence[Input]) -> CoreFormula | None:
    # Comparisons are stacked into one node a relation: a quantified statement is a few nodes, not thousands.
    lowered: list[CoreFormula | None] = []
    for relation in ("<=", "=="):
        forms = [lowering.form(p.expression, joint) for p in parts if isinstance(p, Holds) and p.relation == relation]
        if forms:
            lowered.append(_within(concatenate(forms), relation, lowering))
    lowered += [lower_formula(p, joint, lowering, inputs) for p in parts if not isinstance(p, Holds)]
    kept = [part for part in lowered if part is not None]
    return ("all", kept) if kept else None


def _within(form: Form, relation: str, lowering: Lowering) -> CoreFormula:
    # The constant part goes to the sides, so that rows of plain inputs keep the numbers that were typed.
    node = lowering.materialise(Form(form.terms, np.zeros(form.size)))
    upper = -form.bias
    lower = upper if relation == "==" else np.full(form.size, -np.inf)
    return ("within", node, lower, upper)


def _non_zero(expression: Expression, joint: int, lowering: Lowering, inputs: Sequence[Input]) -> CoreFormula | None:
    source = expression
    while isinstance(source, Gather):
        source = source.source
    if not isinstance(source, Choice):
        raise TypeError("only an input can be asked to be non-zero")
    declared = next(i for i in inputs if i.name == source.name)
    if declared.kind == "continuous":
        return None
    values = declared.values if declared.kind == "catalogue" else (-1.0, 1.0)
    below = max((v for v in values if v < 0), default=-np.inf)
    above = min((v for v in values if v > 0), default=np.inf)
    form = lowering.form(expression, joint)
    sides: list[CoreFormula] = []
    for entry in range(form.size):
        node = lowering.materialise(form.take(np.array([entry])))
        if above < np.inf:
            sides.append(("within", node, np.array([above]), np.array([np.inf])))
        if below > -np.inf:
            sides.append(("within", node, np.array([-np.inf]), np.array([below])))
    return ("any", sides)
