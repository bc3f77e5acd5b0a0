"""From a checked problem, for one row of its targets, to the model that engines work on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from preimage._core import Model
from preimage.language.intervals import Interval
from preimage.language.messages import ProblemErrors, diagnose
from preimage.language.problem import Array, Formula, Holds, Input, NonZero, Problem, Selection
from preimage.problem.evaluate import Evaluator
from preimage.problem.formulas import input_entries, lower_formula, non_zero_parts, zero_parts
from preimage.problem.inversion import Coordinates, Inversion, selected_groups
from preimage.problem.lower import Lowering

KINDS = {"continuous": 0, "integer": 1, "binary": 1, "catalogue": 2}
"""What the core calls the kinds of inputs."""


def compile_problem(problem: Problem, sweep_row: int = 0) -> Inversion:
    """Compile a checked problem, for one row of its `target`, to the model that the engines work on.

    Parameters
    ----------
    problem
        What `preimage.language.check` returned.
    sweep_row
        Which row of every `target` is wanted.

    Raises
    ------
    ProblemErrors
        If the problem is about a structure: it has no network to work on.
    """
    if problem.structure is not None:
        advice = "solve it: preimage solve, or preimage.invert"
        raise ProblemErrors([diagnose("PRE825", None, advice=advice)], problem.text)
    coordinates, lower, upper = _lay_out(problem, sweep_row)
    zeros = _continuous(problem, coordinates, zero_parts)
    indicators = _lay_out_indicators(problem, coordinates, zeros, len(lower))
    has_room = [float(lower[k] != 0.0 or upper[k] != 0.0) for k in indicators]
    lower, upper = np.concatenate([lower, np.zeros(len(indicators))]), np.concatenate([upper, has_room])
    lowering = Lowering(problem, sweep_row, coordinates, lower, upper)
    requirements = []
    for label, requirement in enumerate(problem.requirements):
        for joint in range(problem.joint_rows if requirement.per_target else 1):
            formula = lower_formula(requirement.formula, joint, lowering, problem.inputs, indicators)
            if formula is not None:
                requirements.append((label, formula))
    objective = _lower_objective(problem, lowering)
    graph = lowering.builder.build(objective)
    selections = [
        limited
        for selection in problem.selections
        for groups in selected_groups(selection, coordinates)
        for limited in _limited(selection, groups, indicators)
    ]
    kinds = np.zeros(len(lower), dtype=np.uint8)
    catalogues: dict[int, Array] = {}
    for declared in problem.inputs:
        positions = coordinates[declared.name].ravel()
        kinds[positions] = KINDS[declared.kind]
        if declared.kind == "catalogue":
            catalogues.update(dict.fromkeys(positions.tolist(), np.array(declared.values)))
    kinds[list(indicators.values())] = KINDS["binary"]
    model = Model(graph, lower, upper, kinds, catalogues, selections, requirements, objective)
    return Inversion(problem, sweep_row, model, graph, coordinates, lower, upper, lowering.layers, indicators, zeros)


def _lay_out(problem: Problem, sweep_row: int) -> tuple[dict[str, NDArray[np.int64]], Array, Array]:
    coordinates: dict[str, NDArray[np.int64]] = {}
    lower: list[Array] = []
    upper: list[Array] = []
    start = 0
    for declared in problem.inputs:
        copies = problem.joint_rows if declared.per_target else 1
        size = int(np.prod(declared.shape, dtype=np.int64))
        coordinates[declared.name] = np.arange(start, start + copies * size).reshape(copies, size)
        start += copies * size
        for joint in range(copies):
            low, high = _limits(problem, declared, sweep_row, joint)
            lower.append(low)
            upper.append(high)
    empty = np.zeros(0)
    return coordinates, np.concatenate([empty, *lower]), np.concatenate([empty, *upper])


def _continuous(
    problem: Problem, coordinates: Coordinates, parts: Callable[[Formula], Sequence[Holds | NonZero]]
) -> set[int]:
    """Return the positions of the continuous values that such parts of the statements speak of."""
    kinds = {declared.name: declared.kind for declared in problem.inputs}
    positions: set[int] = set()
    for requirement in problem.requirements:
        for part in parts(requirement.formula):
            name, entries = input_entries(part.expression)
            if kinds[name] == "continuous":
                positions.update(coordinates[name][:, entries].ravel().tolist())
    return positions


def _lay_out_indicators(problem: Problem, coordinates: Coordinates, zeros: Set[int], start: int) -> dict[int, int]:
    positions = _continuous(problem, coordinates, non_zero_parts)
    for selection in problem.selections:
        # Without the binaries, what a statement holds at zero could count as used: in the closure, all may.
        selected = {k for groups in selected_groups(selection, coordinates) for group in groups for k in group.tolist()}
        if selection.at_least > 0 and not zeros.isdisjoint(selected):
            positions |= selected
    return {position: start + k for k, position in enumerate(sorted(positions))}


def _limited(
    selection: Selection, groups: list[NDArray[np.int64]], indicators: Mapping[int, int]
) -> list[tuple[list[list[int]], int, int]]:
    """Return what the model counts: groups of values with their indicators; or of indicators alone, where all have one.

    At most so many may be used, and at least so many have to *count* as used.
    """
    known = [[indicators[k] for k in group.tolist() if k in indicators] for group in groups]
    both = [[*group.tolist(), *binaries] for group, binaries in zip(groups, known, strict=True)]
    if selection.at_least == 0 or any(len(of) < len(group) for of, group in zip(known, groups, strict=True)):
        return [(both, selection.at_least, selection.at_most)]
    return [(both, 0, selection.at_most), (known, selection.at_least, len(groups))]


def _limits(problem: Problem, declared: Input, sweep_row: int, joint: int) -> tuple[Array, Array]:
    evaluator = Evaluator(problem, {t.name: joint if t.joint else sweep_row for t in problem.targets}, {})
    low = np.broadcast_to(evaluator.value(declared.lower), declared.shape).ravel()
    high = np.broadcast_to(evaluator.value(declared.upper), declared.shape).ravel()
    if declared.kind in ("integer", "binary"):
        whole = Interval(low, high).whole
        return whole.lower, whole.upper
    return low, high


def _lower_objective(problem: Problem, lowering: Lowering) -> int | None:
    objective = problem.objective
    if objective is None:
        return None
    forms = [
        lowering.form(objective.expression, joint) for joint in range(problem.joint_rows if objective.per_target else 1)
    ]
    total = sum(forms[1:], forms[0])
    sign = 1.0 if objective.sense == "minimise" else -1.0
    return lowering.materialise(total.scale(np.array([sign])))
