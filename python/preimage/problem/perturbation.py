"""A design that is a little off, as a problem of its own: what may be chosen is by how much; wanted is the worst.

The worst case of a design is itself an inversion (Ansari, Seidel and Babaei 2022, section 3.5): an expression is
maximised over deviations from a fixed design. In it, an input ``x`` is ``design + amount * deviation``, and each
deviation lies between -1 and 1. What leaves its range is cut off at the end of it. What must hold of a design need not
hold of what is made of it: the problem's requirements are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from preimage.language.problem import (
    Abs,
    Add,
    Array,
    Choice,
    Clip,
    Constant,
    Expression,
    Holds,
    Input,
    Multiply,
    Objective,
    Problem,
    Requirement,
    Robustness,
    Sense,
    SolveLine,
    Sum,
    Target,
    TargetRow,
)
from preimage.problem.compile import compile_problem
from preimage.problem.deviation import amounts as allowed
from preimage.problem.deviation import seen_by
from preimage.problem.evaluate import Evaluator
from preimage.problem.inversion import Inversion
from preimage.problem.substitute import Substitution

TOGETHER = "shared deviation"
"""The one input of a problem in which all values are off together."""


@dataclass(frozen=True, slots=True, eq=False)
class Perturbation:
    """What a design may become, and the problem of finding the worst of it.

    Attributes
    ----------
    inversion
        Its designs are deviations, its objective the loss: by how much what is bounded differs from ``nominal``.
    nominal
        What is bounded, on the design as it stands: the objective, or 0 for a drift.
    """

    inversion: Inversion
    nominal: float
    _values: Mapping[str, Expression]
    _original: Inversion

    def design(self, deviation: Array) -> dict[str, Array]:
        """Return what the design becomes, by input name, for a design vector of `inversion`."""
        problem = self.inversion.problem
        seen = self.inversion.design(deviation)
        found = {}
        for declared in self._original.problem.inputs:
            values = self._values[declared.name]
            rows = [
                _evaluator(problem, self.inversion.sweep_row, joint, seen).value(values)
                for joint in range(problem.joint_rows if declared.per_target else 1)
            ]
            lower, upper = (self._original.design(ends)[declared.name] for ends in self._ends)
            found[declared.name] = np.clip(np.stack(rows) if declared.per_target else rows[0], lower, upper)
        return found

    @property
    def _ends(self) -> tuple[Array, Array]:
        return self._original.lower, self._original.upper


def perturb(inversion: Inversion, robustness: Robustness, design: Mapping[str, Array]) -> Perturbation:
    """Return the problem of the worst case of a design.

    Parameters
    ----------
    inversion
        The problem that the design solves.
    robustness
        One of the problem's.
    design
        By input name.
    """
    return _Perturber(inversion, robustness, design).perturbation()


class _Perturber:
    """Writes the problem of deviations; arrays of ``per target`` inputs have a leading axis of targets."""

    def __init__(self, inversion: Inversion, robustness: Robustness, design: Mapping[str, Array]) -> None:
        self._original, self._robustness, self._design = inversion, robustness, design
        self._span = robustness.span
        self._problem = inversion.problem
        self._allowed = allowed(inversion, robustness, design)
        self._limits = inversion.design(inversion.lower), inversion.design(inversion.upper)
        self._targets: list[Target] = []
        self._inputs: list[Input] = []
        self._requirements: list[Requirement] = []
        copies = [declared.per_target for declared in self._problem.inputs if declared.name in robustness.amounts]
        # Each target's object is off by itself; what all of them share can only be off together with all of them.
        self._per_target = all(copies) if robustness.manner == "together" else any(copies)

    def perturbation(self) -> Perturbation:
        values = {declared.name: self._value(declared) for declared in self._problem.inputs}
        if self._robustness.manner == "together":
            self._declare(TOGETHER, (), self._per_target, np.array(-1.0), np.array(1.0))
        if self._robustness.manner == "L1":
            self._limit_sum()
        objective, nominal = self._objective(Substitution(values))
        problem = replace(
            self._problem,
            inputs=tuple(self._inputs),
            targets=(*self._problem.targets, *self._targets),
            lets={},
            requirements=tuple(self._requirements),
            selections=(),
            objective=objective,
            solve=SolveLine(),
            robustness=(),
        )
        inversion = compile_problem(problem, self._original.sweep_row)
        return Perturbation(inversion, nominal, values, self._original)

    def _value(self, declared: Input) -> Expression:
        """Return what an input of the original problem becomes."""
        name, design = declared.name, np.asarray(self._design[declared.name], dtype=np.float64)
        known = self._known(f"design of {name}", design, declared.per_target)
        amounts = self._allowed[name]
        if not np.any(amounts):
            return known
        lower, upper = self._limits[0][name], self._limits[1][name]
        scale = self._known(f"amounts of {name}", amounts, declared.per_target)
        if self._robustness.manner == "together":
            off: Expression = Choice((), self._span, TOGETHER)
        else:
            divisor = np.where(amounts > 0, amounts, np.inf)
            least = np.clip((lower - design) / divisor, -1.0, 0.0) * (amounts > 0)
            most = np.clip((upper - design) / divisor, 0.0, 1.0) * (amounts > 0)
            self._declare(name, declared.shape, declared.per_target, least, most)
            off = Choice(declared.shape, self._span, name)
        moved = Multiply(declared.shape, self._span, scale, off)
        value = Add(declared.shape, self._span, (known, moved))
        leaves = (design - amounts < lower) | (design + amounts > upper)
        if self._robustness.manner != "together" or not np.any(leaves):
            return value
        ends = (
            self._known(f"{word} of {name}", end, declared.per_target)
            for word, end in zip(("lower", "upper"), (lower, upper), strict=True)
        )
        return Clip(declared.shape, self._span, value, *ends)

    def _known(self, name: str, values: Array, per_target: bool) -> Expression:
        """Return numbers as an expression, as each target sees them."""
        if not per_target:
            return Constant(values.shape, self._span, values)
        self._targets.append(Target(name, values, True, self._span))
        return TargetRow(values.shape[1:], self._span, name)

    def _declare(self, name: str, shape: tuple[int, ...], per_target: bool, lower: Array, upper: Array) -> None:
        many = per_target and lower.ndim > len(shape)
        least = self._known(f"least deviation of {name}", lower, many)
        most = self._known(f"largest deviation of {name}", upper, many)
        self._inputs.append(Input(name, shape, "continuous", least, most, (), per_target, (), self._span))

    def _limit_sum(self) -> None:
        """Require that the sum of all deviations is 1 at most: of one object, and each target's is one."""
        minus_one = Constant((), self._span, np.array(-1.0))
        sizes: Iterator[Expression] = (
            Sum((), self._span, Abs(declared.shape, self._span, Choice(declared.shape, self._span, declared.name)))
            for declared in self._inputs
        )
        total = Add((), self._span, (*sizes, minus_one))
        self._requirements.append(Requirement(Holds(total, "<="), self._per_target, self._span))

    def _objective(self, substituted: Substitution) -> tuple[Objective, float]:
        """Return what the worst case is of, and its value on the design itself."""
        stated = self._problem.objective
        if self._robustness.drift is None:
            assert stated is not None
            sense: Sense = "maximise" if stated.sense == "minimise" else "minimise"
            nominal, _ = self._original.judge(self._original.vector(self._design))
            share = nominal / self._problem.joint_rows if stated.per_target else nominal
            loss = Add((), self._span, (substituted(stated.expression), Constant((), self._span, np.array(-share))))
            return Objective(loss, sense, stated.per_target, self._span), nominal
        drifting, rows = self._robustness.drift, range(self._problem.joint_rows)
        seen = [_evaluator(self._problem, self._original.sweep_row, joint, self._design) for joint in rows]
        per_target = self._robustness.per_target
        values = np.stack([evaluator.value(drifting) for evaluator in seen]) if per_target else seen[0].value(drifting)
        minus = self._known("minus what drifts", -values, per_target)
        difference = Add(drifting.shape, self._span, (substituted(drifting), minus))
        total = Sum((), self._span, Abs(drifting.shape, self._span, difference))
        return Objective(total, "maximise", per_target, self._span), 0.0


def _evaluator(problem: Problem, sweep_row: int, joint: int, design: Mapping[str, Array]) -> Evaluator:
    """Return what evaluates expressions as target ``joint`` sees them."""
    rows = {target.name: joint if target.joint else sweep_row for target in problem.targets}
    return Evaluator(problem, rows, seen_by(problem, design, joint))
