"""One problem for one row of its targets: the model that engines work on, and the way back to the user's names."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage._core import Graph, Model
from preimage.language.problem import Array, Choice, Expression, Problem, Selection, Sense, TargetRow
from preimage.problem.evaluate import Evaluator, walk
from preimage.problem.formulas import input_entries, non_zero_parts
from preimage.problem.predictions import predicted

FEASIBILITY_TOLERANCE = 1e-7
"""A statement holds in a design if it is violated by no more than this (absolute, in the statement's own units).

A value this close to zero, of which a statement may ask that it be zero, is meant to be zero.
"""

NUDGE = 1e-8
"""A continuous value that has to be non-zero, and is not, is moved off zero by this share of its largest bound.

Ten times less than what a statement may be violated by: what held with a zero mostly holds with this.
"""

TIDY = 1e-6
"""A value this close to zero or to a bound, as a share of its range, may be meant to be there."""

Coordinates = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
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
        Behind the design proper, one binary for each continuous value that a statement asks to be non-zero, or that is
        selected from while a statement may ask for zeros there. By the position of the value, that of its binary: it
        says that the value counts as used, though it may be 0 in the closure, which bounds are proved for.
    zeros
        Positions of continuous values of which a statement may ask that they be zero.
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
    zeros: Set[int]

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
        """Return the values of `predicted` expressions; what differs between targets has a leading axis of targets."""
        evaluators = self._evaluators(x)
        per_target = {i.name for i in self.problem.inputs if i.per_target}
        per_target |= {t.name for t in self.problem.targets if t.joint}
        result: dict[str, Array] = {}
        for name, expression in predicted(self.problem).items():
            names = {part.name for part in walk(expression) if isinstance(part, Choice | TargetRow)}
            values = [e.value(expression) for e in (evaluators if names & per_target else evaluators[:1])]
            result[name] = np.stack(values) if names & per_target else np.array(values[0])
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
        self._repair_zero(x)
        self._repair_non_zero(x)
        for selection in self.problem.selections:
            for groups in selected_groups(selection, self.coordinates):
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
            for groups in selected_groups(selection, self.coordinates):
                used = sum(bool(np.any(x[group] != 0.0)) for group in groups)
                if not selection.at_least <= used <= selection.at_most:
                    return np.inf
        return 0.0

    def _repair_selection(self, x: Array, groups: list[NDArray[np.int64]], selection: Selection) -> None:
        strengths = np.array([np.abs(x[group]).max(initial=0.0) for group in groups])
        reach = np.array([np.maximum(-self.lower[group], self.upper[group]).max(initial=0.0) for group in groups])
        counts = np.array([any(self._is_indicated(x, k) for k in group) for group in groups], dtype=bool)
        order = np.lexsort((-reach, ~counts, -strengths))
        for k in order[selection.at_most :]:
            if strengths[k] <= TIDY * reach[k]:
                x[groups[k]] = 0.0
        for k in order[: selection.at_least]:
            if strengths[k] == 0.0:
                self._nudge(x, groups[k])

    def _repair_zero(self, x: Array) -> None:
        positions = np.array(sorted(self.zeros), dtype=np.int64)
        meant = np.abs(x[positions]) <= FEASIBILITY_TOLERANCE
        possible = (self.lower[positions] <= 0.0) & (self.upper[positions] >= 0.0)
        x[positions[meant & possible]] = 0.0

    def _repair_non_zero(self, x: Array) -> None:
        for requirement in self.problem.requirements:
            parts = non_zero_parts(requirement.formula)
            for joint, evaluator in enumerate(self._evaluators(x) if parts else ()):
                if evaluator.violation(requirement.formula) <= FEASIBILITY_TOLERANCE:
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
        x[positions[best]] = self._least_step(int(positions[best]), float(reach[best]))

    def _least_step(self, position: int, reach: float) -> float:
        """Return the value next to zero that an entry may take, towards ``reach``."""
        for declared in self.problem.inputs:
            if position in self.coordinates[declared.name]:
                if declared.kind in ("integer", "binary"):
                    return float(np.sign(reach))
                if declared.kind == "catalogue":
                    return min((v for v in declared.values if v != 0.0), key=abs, default=0.0)
        return NUDGE * reach

    def _indicate(self, x: Array) -> None:
        for position, indicator in self.indicators.items():
            x[indicator] = float(x[position] != 0.0)


def selected_groups(selection: Selection, coordinates: Coordinates) -> list[list[NDArray[np.int64]]]:
    """Return, for each choice that the selection stands for, the coordinates that are used together."""
    name, positions = input_entries(selection.source)
    rows = coordinates[name][:, positions]
    if selection.per_target:
        return [[row[[k]] for k in range(len(positions))] for row in rows]
    return [[rows[:, k] for k in range(len(positions))]]
