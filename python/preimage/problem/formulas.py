"""Formulas of the checked problem → formulas over nodes of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from preimage.language.facts import is_choice
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


def lower_formula(
    formula: Formula, joint: int, lowering: Lowering, inputs: Sequence[Input], indicators: Mapping[int, int]
) -> CoreFormula | None:
    """Return ``formula`` over the graph as target ``joint`` sees it; None if it always holds.

    Parameters
    ----------
    indicators
        By position in the design vector, that of the binary that says that the value counts as used.
    """
    return _Formulas(joint, lowering, inputs, indicators).lower(formula)


def non_zero_parts(formula: Formula) -> list[NonZero]:
    """Return the parts of ``formula`` that ask for something to be non-zero."""
    return [part for part in _leaves(formula) if isinstance(part, NonZero)]


def zero_parts(formula: Formula) -> list[Holds]:
    """Return the parts of ``formula`` that ask for values of an input to be zero."""
    return [part for part in _leaves(formula) if isinstance(part, Holds) and _asks_for_zero(part)]


def input_entries(expression: Expression) -> tuple[str, NDArray[np.int64]]:
    """Return the input and the flat positions in it that a gather of an input stands for."""
    if isinstance(expression, Gather):
        name, positions = input_entries(expression.source)
        return name, positions[expression.indices.ravel()]
    if not isinstance(expression, Choice):
        raise TypeError("only an input can be selected from, or asked to be non-zero")
    return expression.name, np.arange(int(np.prod(expression.shape, dtype=np.int64)))


def _leaves(formula: Formula) -> Iterator[Holds | NonZero]:
    match formula:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _leaves(part)
        case _:
            yield formula


def _asks_for_zero(part: Holds) -> bool:
    return part.relation == "==" and is_choice(part.expression)


class _Formulas:
    """Lowers formulas as one target sees them."""

    def __init__(self, joint: int, lowering: Lowering, inputs: Sequence[Input], indicators: Mapping[int, int]) -> None:
        self._joint, self._lowering, self._indicators = joint, lowering, indicators
        self._inputs = {declared.name: declared for declared in inputs}

    def lower(self, formula: Formula) -> CoreFormula | None:
        match formula:
            case Holds(expression, relation):
                holds = self._within(self._lowering.form(expression, self._joint), relation)
                unused = self._unused(formula)
                return ("all", [holds, *unused]) if unused else holds
            case NonZero(expression):
                return self._non_zero(expression)
            case AllOf(parts):
                return self._all(parts)
            case AnyOf(parts):
                lowered = [self.lower(part) for part in parts]
                return None if None in lowered else ("any", lowered)

    def _all(self, parts: Sequence[Formula]) -> CoreFormula | None:
        # Comparisons are stacked into one node a relation: a quantified statement is a few nodes, not thousands.
        lowered: list[CoreFormula | None] = []
        comparisons = [part for part in parts if isinstance(part, Holds)]
        for relation in ("<=", "=="):
            forms = [self._lowering.form(p.expression, self._joint) for p in comparisons if p.relation == relation]
            if forms:
                lowered.append(self._within(concatenate(forms), relation))
        lowered += [unused for part in comparisons for unused in self._unused(part)]
        lowered += [self.lower(part) for part in parts if not isinstance(part, Holds)]
        kept = [part for part in lowered if part is not None]
        return ("all", kept) if kept else None

    def _within(self, form: Form, relation: str) -> CoreFormula:
        # The constant part goes to the sides, so that rows of plain inputs keep the numbers that were typed.
        node = self._lowering.materialise(Form(form.terms, np.zeros(form.size)))
        upper = -form.bias
        lower = upper if relation == "==" else np.full(form.size, -np.inf)
        return ("within", node, lower, upper)

    def _unused(self, part: Holds) -> list[CoreFormula]:
        """Return that values which are held at zero do not count as used."""
        if not _asks_for_zero(part):
            return []
        found = [self._indicators[k] for k in self._positions(part.expression) if k in self._indicators]
        if not found:
            return []
        node = self._lowering.materialise(self._lowering.entries(found))
        return [("within", node, np.full(len(found), -np.inf), np.zeros(len(found)))]

    def _non_zero(self, expression: Expression) -> CoreFormula:
        name, _ = input_entries(expression)
        declared = self._inputs[name]
        if declared.kind == "continuous":
            forms = [self._lowering.entries([self._indicators[k]]) for k in self._positions(expression)]
            below, above = -np.inf, 1.0
        else:
            values = declared.values if declared.kind == "catalogue" else (-1.0, 1.0)
            below = max((v for v in values if v < 0), default=-np.inf)
            above = min((v for v in values if v > 0), default=np.inf)
            whole = self._lowering.form(expression, self._joint)
            forms = [whole.take(np.array([entry])) for entry in range(whole.size)]
        sides: list[CoreFormula] = []
        for node in map(self._lowering.materialise, forms):
            if above < np.inf:
                sides.append(("within", node, np.array([above]), np.array([np.inf])))
            if below > -np.inf:
                sides.append(("within", node, np.array([-np.inf]), np.array([below])))
        return sides[0] if len(sides) == 1 else ("any", sides)

    def _positions(self, expression: Expression) -> list[int]:
        name, entries = input_entries(expression)
        positions: list[int] = self._lowering.positions(name, self._joint)[entries].tolist()
        return positions
