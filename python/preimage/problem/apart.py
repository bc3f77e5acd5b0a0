"""A design that is good enough and apart from others, as a problem of its own: any design that holds will do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from preimage.language.problem import (
    Add,
    AnyOf,
    Array,
    Choice,
    Constant,
    Expression,
    Formula,
    Gather,
    Holds,
    Input,
    Multiply,
    NonZero,
    Problem,
    Requirement,
    SolveLine,
)
from preimage.language.span import Span
from preimage.problem.compile import compile_problem
from preimage.problem.formulas import input_entries
from preimage.problem.inversion import Inversion

NOWHERE = Span(0, 0)

CLOSER = 1e-6
"""The value asked for is this much better than the limit, relatively: a design holds to a tolerance."""


def apart(inversion: Inversion, others: Sequence[Array], limit: float, distance: float, *, discrete: bool) -> Inversion:
    """Return the problem of finding another design.

    Parameters
    ----------
    inversion
        The problem that the designs solve, of one target.
    others
        Design vectors.
    limit
        Of the value, in the model's sense.
    distance
        By which share of its range some value has to differ.
    discrete
        Whether it is a choice that has to differ instead: something that is counted or picked.
    """
    problem = inversion.problem
    requirements = [*problem.requirements]
    if problem.objective is not None:
        sign = 1.0 if problem.objective.sense == "minimise" else -1.0
        most = limit - CLOSER * max(1.0, abs(limit))
        value = _affine(problem.objective.expression, sign, -most)
        requirements.append(Requirement(Holds(value, "<="), False, problem.objective.span))
    for x in others:
        design = inversion.design(x)
        ways = _other_choices(problem, design) if discrete else _far_values(inversion, design, distance)
        requirements.append(Requirement(AnyOf(tuple(ways)), False, NOWHERE))
    asked = replace(
        problem,
        requirements=tuple(requirements),
        objective=None,
        lets={},
        solve=SolveLine(),
        robustness=(),
    )
    return compile_problem(asked, inversion.sweep_row)


def _far_values(inversion: Inversion, design: dict[str, Array], distance: float) -> list[Formula]:
    ways: list[Formula] = []
    lower, upper = inversion.design(inversion.lower), inversion.design(inversion.upper)
    for declared in inversion.problem.inputs:
        name = declared.name
        for k, value in enumerate(design[name].ravel()):
            low, high = lower[name].flat[k], upper[name].flat[k]
            step = distance * (high - low)
            if step > 0.0:
                ways += _either_side(declared, k, value - step, value + step, low, high)
    return ways


def _other_choices(problem: Problem, design: dict[str, Array]) -> list[Formula]:
    ways: list[Formula] = []
    for declared in problem.inputs:
        for k, value in enumerate(design[declared.name].ravel() if declared.kind != "continuous" else ()):
            below, above = float(value) - 1.0, float(value) + 1.0
            if declared.kind == "catalogue":
                below = max((v for v in declared.values if v < value), default=-np.inf)
                above = min((v for v in declared.values if v > value), default=np.inf)
            ways += _either_side(declared, k, below, above, -np.inf, np.inf)
    for selection in problem.selections:
        name, entries = input_entries(selection.source)
        declared = next(i for i in problem.inputs if i.name == name)
        for k in entries:
            used = design[name].ravel()[k] != 0.0
            entry = _entry(declared, int(k))
            ways.append(Holds(entry, "==") if used else NonZero(entry))
    return ways


def _either_side(declared: Input, k: int, below: float, above: float, low: float, high: float) -> list[Formula]:
    """Return what is `at most` and `at least`, as far as each is possible."""
    entry = _entry(declared, k)
    ways: list[Formula] = []
    if np.isfinite(below) and below >= low:
        ways.append(Holds(_affine(entry, 1.0, -below), "<="))
    if np.isfinite(above) and above <= high:
        ways.append(Holds(_affine(entry, -1.0, above), "<="))
    return ways


def _entry(declared: Input, k: int) -> Expression:
    choice = Choice(declared.shape, NOWHERE, declared.name)
    return Gather((), NOWHERE, choice, np.asarray(k, dtype=np.int64))


def _affine(expression: Expression, factor: float, offset: float) -> Expression:
    scaled = Multiply((), NOWHERE, Constant((), NOWHERE, np.array(factor)), expression)
    return Add((), NOWHERE, (scaled, Constant((), NOWHERE, np.array(offset))))
