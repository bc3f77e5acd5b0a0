"""One problem for one row of its targets: the model that engines work on, and the way back to the user's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage._core import Graph, Model
from preimage.language.problem import Apply, Array, Expression, Gather, Input, Problem, Selection, Sense
from preimage.problem.evaluate import Evaluator, children
from preimage.problem.formulas import lower_formula, non_zero_parts
from preimage.problem.lower import Lowering

KINDS = {"continuous": 0, "integer": 1, "binary": 1, "catalogue": 2}

NUDGE = 1e-6
"""A continuous value that has to be non-zero, and is not, is moved off zero by this share of its largest bound."""

Coordinates = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Inversion:
    """A model with its meaning.

    Attributes
    ----------
    problem
        The checked problem.
    sweep_row
        The row of every `target` (0 without one).
    model
        What the engines minimise; its input is the design vector.
    graph
        The graph of the model.
    coordinates
        By input name, positions in the design vector: shape ``(joint targets if per target, else 1; entries)``.
    lower, upper
        Bounds of the design vector.
    layers
        By node of the graph, the network (and its call) the node belongs to.
    """

    problem: Problem
    sweep_row: int
    model: Model
    graph: Graph
    coordinates: Coordinates
    lower: Array
    upper: Array
    layers: Mapping[int, str]

    @property
    def sense(self) -> Sense:
        """The user's sense; without an objective, ``minimise``."""
        return self.problem.objective.sense if self.problem.objective else "minimise"

    @property
    def size(self) -> int:
        """The length of a design vector."""
        return len(self.lower)

    def design(self, x: Array) -> dict[str, Array]:
        """Return the design by input name, with a leading axis of targets where declared ``per target``."""
        return {
            i.name: x[self.coordinates[i.name]].reshape(((self.problem.joint_rows,) if i.per_target else ()) + i.shape)
            for i in self.problem.inputs
        }

    def vector(self, design: Mapping[str, Array]) -> Array:
        """Return the design vector of a design by name."""
        x = np.zeros(self.size)
        for name, positions in self.coordinates.items():
            x[positions.ravel()] = np.asarray(design[name], dtype=np.float64).ravel()
        return x

    def judge(self, x: Array) -> tuple[float, float]:
        """Return the objective in the user's sense and the worst violation, both by the source networks."""
        evaluators = self._evaluators(x)
        violation = max(self._outside(x), self._miscounted(x))
        for requirement in self.problem.requirements:
            seen_by = evaluators if requirement.per_target else evaluators[:1]
            violation = max(violation, *(e.violation(requirement.formula) for e in seen_by))
        objective = self.problem.objective
        if objective is None:
            return 0.0, violation
        seen_by = evaluators if objective.per_target else evaluators[:1]
        return float(sum(e.value(objective.expression).item() for e in seen_by)), violation

    def predictions(self, x: Array) -> dict[str, Array]:
        """Return the value of every `let` that depends on a choice, and of every network where the text applies it.

        Per-target values have a leading axis of targets.
        """
        named = dict(self.problem.lets)
        objective = () if self.problem.objective is None else (self.problem.objective.expression,)
        for call in (call for root in (*objective, *named.values()) for call in _calls(root)):
            if not any(call is expression for expression in named.values()):
                named.setdefault(self.problem.statement(call.span), call)
        evaluators = self._evaluators(x)
        per_target = {i.name for i in self.problem.inputs if i.per_target}
        per_target |= {t.name for t in self.problem.targets if t.joint}
        result: dict[str, Array] = {}
        for name, expression in named.items():
            names = _names(expression)
            if names & self.coordinates.keys():
                many = bool(names & per_target)
                values = [e.value(expression) for e in (evaluators if many else evaluators[:1])]
                result[name] = np.stack(values) if many else np.array(values[0])
        return result

    def repair(self, x: Array) -> Array:
        """Return ``x`` within its box, with exact integers, catalogue values and zeros.

        What a selection must use and has left at zero is moved off zero by `NUDGE`.
        """
        x = np.clip(x, self.lower, self.upper)
        for declared in self.problem.inputs:
            positions = self.coordinates[declared.name].ravel()
            if declared.kind in ("integer", "binary"):
                x[positions] = np.clip(np.round(x[positions]), self.lower[positions], self.upper[positions])
            elif declared.kind == "catalogue":
                values = np.array(declared.values)
                x[positions] = values[np.abs(x[positions, None] - values).argmin(axis=1)]
        for selection in self.problem.selections:
            for groups in self.groups(selection):
                self._repair_selection(x, groups, selection)
        self._repair_non_zero(x)
        return x + 0.0  # no negative zeros

    def tidy(self, x: Array) -> Array:
        """Return ``x`` with values that are almost at a bound of theirs moved onto it."""
        near = NUDGE * (self.upper - self.lower)
        x = np.where(x - self.lower < near, self.lower, x)
        return self.repair(np.where(self.upper - x < near, self.upper, x))

    def groups(self, selection: Selection) -> list[list[NDArray[np.int64]]]:
        """Return, for each choice that the selection stands for, the coordinates that are used together."""
        name, positions = _source(selection.source)
        rows = self.coordinates[name][:, positions]
        if selection.per_target:
            return [[row[[k]] for k in range(len(positions))] for row in rows]
        return [[rows[:, k] for k in range(len(positions))]]

    def _evaluators(self, x: Array) -> list[Evaluator]:
        result = []
        for joint in range(self.problem.joint_rows):
            rows = {t.name: joint if t.joint else self.sweep_row for t in self.problem.targets}
            seen = {
                i.name: x[self.coordinates[i.name][joint if i.per_target else 0]].reshape(i.shape)
                for i in self.problem.inputs
            }
            result.append(Evaluator(self.problem, rows, seen))
        return result

    def _outside(self, x: Array) -> float:
        worst = float(np.maximum(self.lower - x, x - self.upper).max(initial=0.0))
        for declared in self.problem.inputs:
            values = x[self.coordinates[declared.name].ravel()]
            if declared.kind in ("integer", "binary"):
                worst = max(worst, float(np.abs(values - np.round(values)).max(initial=0.0)))
            elif declared.kind == "catalogue":
                distances = np.abs(values[:, None] - np.array(declared.values)).min(axis=1)
                worst = max(worst, float(distances.max(initial=0.0)))
        return worst

    def _miscounted(self, x: Array) -> float:
        for selection in self.problem.selections:
            for groups in self.groups(selection):
                used = sum(bool(np.any(x[group] != 0.0)) for group in groups)
                if not selection.at_least <= used <= selection.at_most:
                    return np.inf
        return 0.0

    def _repair_selection(self, x: Array, groups: list[NDArray[np.int64]], selection: Selection) -> None:
        strengths = np.array([np.abs(x[group]).max(initial=0.0) for group in groups])
        reach = np.array([np.maximum(-self.lower[group], self.upper[group]).max(initial=0.0) for group in groups])
        order = np.argsort(-strengths, kind="stable")
        for k in order[selection.at_most :]:
            if strengths[k] <= NUDGE * reach[k]:
                x[groups[k]] = 0.0
        for k in order[: selection.at_least]:
            if strengths[k] == 0.0:
                self._nudge(x, groups[k][:1])

    def _repair_non_zero(self, x: Array) -> None:
        for requirement in self.problem.requirements:
            parts = non_zero_parts(requirement.formula)
            for evaluator in self._evaluators(x) if parts else ():
                if evaluator.violation(requirement.formula) < np.inf:
                    continue
                for part in parts:
                    name, positions = _source(part.expression)
                    self._nudge(x, self.coordinates[name][:, positions].ravel()[:1])

    def _nudge(self, x: Array, positions: NDArray[np.int64]) -> None:
        for k in positions:
            if x[k] == 0.0 and self.lower[k] <= 0.0 <= self.upper[k]:
                x[k] = NUDGE * (self.upper[k] if self.upper[k] >= -self.lower[k] else self.lower[k])


def compile_problem(problem: Problem, sweep_row: int = 0) -> Inversion:
    """Compile a checked problem, for one row of its `target`, to the model that the engines work on.

    Parameters
    ----------
    problem
        What `preimage.language.check` returned.
    sweep_row
        Which row of every `target` is wanted.
    """
    coordinates, lower, upper = _lay_out(problem, sweep_row)
    lowering = Lowering(problem, sweep_row, coordinates, lower, upper)
    requirements = []
    for label, requirement in enumerate(problem.requirements):
        for joint in range(problem.joint_rows if requirement.per_target else 1):
            formula = lower_formula(requirement.formula, joint, lowering, problem.inputs)
            if formula is not None:
                requirements.append((label, formula))
    objective = _lower_objective(problem, lowering)
    graph = lowering.builder.build(objective)
    inversion = Inversion(problem, sweep_row, None, graph, coordinates, lower, upper, lowering.layers)  # type: ignore[arg-type]
    selections = [
        ([group.tolist() for group in groups], selection.at_least, selection.at_most)
        for selection in problem.selections
        for groups in inversion.groups(selection)
    ]
    kinds = np.zeros(len(lower), dtype=np.uint8)
    catalogues: dict[int, Array] = {}
    for declared in problem.inputs:
        positions = coordinates[declared.name].ravel()
        kinds[positions] = KINDS[declared.kind]
        if declared.kind == "catalogue":
            catalogues.update(dict.fromkeys(positions.tolist(), np.array(declared.values)))
    model = Model(graph, lower, upper, kinds, catalogues, selections, requirements, objective)
    return Inversion(problem, sweep_row, model, graph, coordinates, lower, upper, lowering.layers)


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


def _limits(problem: Problem, declared: Input, sweep_row: int, joint: int) -> tuple[Array, Array]:
    evaluator = Evaluator(problem, {t.name: joint if t.joint else sweep_row for t in problem.targets}, {})
    low = np.broadcast_to(evaluator.value(declared.lower), declared.shape).ravel()
    high = np.broadcast_to(evaluator.value(declared.upper), declared.shape).ravel()
    if declared.kind in ("integer", "binary"):
        return np.ceil(low), np.floor(high)
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


def _source(expression: Expression) -> tuple[str, NDArray[np.int64]]:
    """Return the input and the flat positions that a gather of an input stands for."""
    if isinstance(expression, Gather):
        name, positions = _source(expression.source)
        return name, positions[expression.indices.ravel()]
    return expression.name, np.arange(int(np.prod(expression.shape, dtype=np.int64)))  # type: ignore[attr-defined]


def _calls(expression: Expression) -> list[Apply]:
    found = [call for child in children(expression) for call in _calls(child)]
    return [*found, expression] if isinstance(expression, Apply) else found


def _names(expression: Expression) -> frozenset[str]:
    name = getattr(expression, "name", None)
    if isinstance(name, str):
        return frozenset({name})
    return frozenset[str]().union(*(_names(child) for child in children(expression)))
