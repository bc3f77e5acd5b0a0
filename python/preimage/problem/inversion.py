"""One problem for one row of its targets: the model that engines work on, and the way back to the user's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage._core import Graph, Model
from preimage.language.problem import Apply, Array, Expression, Input, Problem, Selection, Sense
from preimage.problem.evaluate import Evaluator, children
from preimage.problem.formulas import input_entries, lower_formula, non_zero_parts
from preimage.problem.lower import Lowering

KINDS = {"continuous": 0, "integer": 1, "binary": 1, "catalogue": 2}

NUDGE = 1e-8
"""A continuous value that has to be non-zero, and is not, is moved off zero by this share of its largest bound.

Ten times less than what a statement may be violated by: what held with a zero mostly holds with this.
"""

TIDY = 1e-6
"""A value this close to zero or to a bound, as a share of its range, may be meant to be there."""

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
    indicators
        Behind the design proper, one binary for each continuous value that a statement asks to be non-zero. By the
        position of the value, that of its binary: it says that the value counts as used, though it may be 0 in the
        closure, which bounds are proved for.
    """

    problem: Problem
    sweep_row: int
    model: Model
    graph: Graph
    coordinates: Coordinates
    lower: Array
    upper: Array
    layers: Mapping[int, str]
    indicators: Mapping[int, int]

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
        self._indicate(x)
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

        What has to be used and was left at zero is moved off zero by `NUDGE`.
        """
        x = np.clip(x, self.lower, self.upper)
        for declared in self.problem.inputs:
            positions = self.coordinates[declared.name].ravel()
            if declared.kind in ("integer", "binary"):
                x[positions] = np.clip(np.round(x[positions]), self.lower[positions], self.upper[positions])
            elif declared.kind == "catalogue":
                values = np.array(declared.values)
                x[positions] = values[np.abs(x[positions, None] - values).argmin(axis=1)]
        self._repair_non_zero(x)
        for selection in self.problem.selections:
            for groups in self.groups(selection):
                self._repair_selection(x, groups, selection)
        self._indicate(x)
        return x + 0.0  # no negative zeros

    def nudged(self, x: Array) -> NDArray[np.int64]:
        """Return the positions of a repaired ``x`` that `repair` may have moved off zero."""
        amount = np.abs(x)
        return np.flatnonzero((amount > 0.0) & (amount <= NUDGE * np.maximum(np.abs(self.lower), np.abs(self.upper))))

    def tidy(self, x: Array) -> Array:
        """Return ``x`` with values that are almost at a bound of theirs moved onto it."""
        near = TIDY * (self.upper - self.lower)
        x = np.where(x - self.lower < near, self.lower, x)
        return self.repair(np.where(self.upper - x < near, self.upper, x))

    def groups(self, selection: Selection) -> list[list[NDArray[np.int64]]]:
        """Return, for each choice that the selection stands for, the coordinates that are used together."""
        name, positions = input_entries(selection.source)
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
        order = np.lexsort((-reach, -strengths))
        for k in order[selection.at_most :]:
            if strengths[k] <= TIDY * reach[k]:
                x[groups[k]] = 0.0
        for k in order[: selection.at_least]:
            if strengths[k] == 0.0:
                self._nudge(x, groups[k])

    def _repair_non_zero(self, x: Array) -> None:
        for requirement in self.problem.requirements:
            parts = non_zero_parts(requirement.formula)
            for joint, evaluator in enumerate(self._evaluators(x) if parts else ()):
                if evaluator.violation(requirement.formula) == 0.0:
                    continue
                positions = [self._positions(part.expression, joint) for part in parts]
                told = [chosen for chosen in positions if any(self._is_indicated(x, k) for k in chosen)]
                for chosen in told or positions[:1]:
                    self._nudge(x, chosen)

    def _positions(self, expression: Expression, joint: int) -> NDArray[np.int64]:
        name, entries = input_entries(expression)
        rows = self.coordinates[name]
        positions: NDArray[np.int64] = rows[joint if len(rows) > 1 else 0][entries]
        return positions

    def _is_indicated(self, x: Array, position: int) -> bool:
        return position in self.indicators and bool(x[self.indicators[position]] > 0.5)

    def _nudge(self, x: Array, positions: NDArray[np.int64]) -> None:
        """Move one of the values off zero, if all are zero."""
        if np.any(x[positions] != 0.0):
            return
        reach = np.where(self.upper[positions] >= -self.lower[positions], self.upper[positions], self.lower[positions])
        indicated = np.array([self._is_indicated(x, k) for k in positions])
        best = np.lexsort((-np.abs(reach), ~indicated))[0]
        x[positions[best]] = NUDGE * reach[best]

    def _indicate(self, x: Array) -> None:
        for position, indicator in self.indicators.items():
            x[indicator] = float(x[position] != 0.0)


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
    indicators = _lay_out_indicators(problem, coordinates, len(lower))
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
    inversion = Inversion(problem, sweep_row, None, graph, coordinates, lower, upper, lowering.layers, indicators)  # type: ignore[arg-type]
    selections = [
        ([_with_indicators(group, indicators) for group in groups], selection.at_least, selection.at_most)
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
    kinds[list(indicators.values())] = KINDS["binary"]
    model = Model(graph, lower, upper, kinds, catalogues, selections, requirements, objective)
    return Inversion(problem, sweep_row, model, graph, coordinates, lower, upper, lowering.layers, indicators)


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


def _lay_out_indicators(problem: Problem, coordinates: Coordinates, start: int) -> dict[int, int]:
    kinds = {declared.name: declared.kind for declared in problem.inputs}
    positions: set[int] = set()
    for requirement in problem.requirements:
        for part in non_zero_parts(requirement.formula):
            name, entries = input_entries(part.expression)
            if kinds[name] == "continuous":
                positions.update(coordinates[name][:, entries].ravel().tolist())
    return {position: start + k for k, position in enumerate(sorted(positions))}


def _with_indicators(group: NDArray[np.int64], indicators: Mapping[int, int]) -> list[int]:
    return [*group.tolist(), *(indicators[k] for k in group.tolist() if k in indicators)]


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


def _calls(expression: Expression) -> list[Apply]:
    found = [call for child in children(expression) for call in _calls(child)]
    return [*found, expression] if isinstance(expression, Apply) else found


def _names(expression: Expression) -> frozenset[str]:
    name = getattr(expression, "name", None)
    if isinstance(name, str):
        return frozenset({name})
    return frozenset[str]().union(*(_names(child) for child in children(expression)))
