"""The best design for some deviations of it, as a problem of its own: its bound is one for all deviations, too.

A deviation that a design suffers in its worst case is a scenario for every design. The worst over a few scenarios is no
worse than the worst over all: what is proved of the former holds for the latter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from preimage.language.problem import (
    Add,
    Array,
    Choice,
    Clip,
    Constant,
    Expression,
    Input,
    Maximum,
    Multiply,
    Robustness,
    SolveLine,
)
from preimage.language.span import Span
from preimage.problem.compile import compile_problem
from preimage.problem.inversion import Inversion
from preimage.problem.substitute import Substitution

Shifts = Mapping[str, Array]
"""By how much the entries of the inputs that are off are off, by name."""


def scenario(
    inversion: Inversion, robustness: Robustness, design: Mapping[str, Array], off: Mapping[str, Array]
) -> Shifts:
    """Return the deviation that made ``off`` of a design.

    A value that its range cut off counts as off by all that is allowed in that direction, where each may be off by
    itself: that is as much of a deviation, and tells more of other designs.
    """
    ends = inversion.design(inversion.lower), inversion.design(inversion.upper)
    found: dict[str, Array] = {}
    for name, amounts in robustness.amounts.items():
        shift = np.clip(np.asarray(off[name]) - design[name], -amounts, amounts)
        if robustness.manner == "each":
            shift = np.where((shift < 0.0) & (off[name] <= ends[0][name]), -amounts, shift)
            shift = np.where((shift > 0.0) & (off[name] >= ends[1][name]), amounts, shift)
        found[name] = shift
    if robustness.manner == "L1":  # a limit of a sum holds to a tolerance; a scenario has to keep it
        total = sum(float(np.abs(shift).sum()) for shift in found.values())
        limit = max(float(amounts.max(initial=0.0)) for amounts in robustness.amounts.values())
        found = {name: shift * min(1.0, limit / total if total else 1.0) for name, shift in found.items()}
    if robustness.manner == "together":
        shares = np.concatenate(
            [
                np.ravel(found[name] / np.where(amounts > 0.0, amounts, np.inf))
                for name, amounts in robustness.amounts.items()
            ]
        )
        share = float(shares[np.argmax(np.abs(shares))])
        found = {name: share * amounts for name, amounts in robustness.amounts.items()}
    return found


def worst_of(inversion: Inversion, scenarios: Sequence[Shifts]) -> Inversion:
    """Return the problem of the design whose objective is best where the worst of the scenarios befalls it.

    Parameters
    ----------
    inversion
        The problem, with an objective, of one target.
    scenarios
        One at least.
    """
    problem = inversion.problem
    stated = problem.objective
    assert stated is not None
    values = [Substitution(_shifted(problem.inputs, shifts, stated.span))(stated.expression) for shifts in scenarios]
    if stated.sense == "maximise":
        values = [_negative(value) for value in values]
    worst: Expression = values[0] if len(values) == 1 else Maximum((), stated.span, tuple(values))
    if stated.sense == "maximise":
        worst = _negative(worst)
    asked = replace(problem, objective=replace(stated, expression=worst), lets={}, solve=SolveLine(), robustness=())
    return compile_problem(asked, inversion.sweep_row)


def _shifted(inputs: Sequence[Input], shifts: Shifts, span: Span) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for declared in inputs:
        shift = shifts.get(declared.name)
        if shift is not None and np.any(shift):
            choice = Choice(declared.shape, span, declared.name)
            moved = Add(declared.shape, span, (choice, Constant(declared.shape, span, shift)))
            found[declared.name] = Clip(declared.shape, span, moved, declared.lower, declared.upper)
    return found


def _negative(value: Expression) -> Expression:
    return Multiply((), value.span, Constant((), value.span, np.array(-1.0)), value)
