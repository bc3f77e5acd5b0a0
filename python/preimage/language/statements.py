"""What must hold, what is best, and how to solve."""

from __future__ import annotations

import math
from functools import reduce
from typing import TypeAlias

import numpy as np

from preimage.language import tree
from preimage.language.comparisons import TRUE, Link
from preimage.language.context import Context, entries
from preimage.language.diagnostic import Label
from preimage.language.expressions import Expressions
from preimage.language.formulas import Formulas, all_of, expressions_of
from preimage.language.problem import Formula, Holds, Objective, Requirement, Robustness, Selection, SolveLine
from preimage.language.proofs import Proofs
from preimage.language.quantifiers import instances
from preimage.language.robustness import robustness
from preimage.language.scope import Poisoned
from preimage.language.selections import selection
from preimage.language.span import Span
from preimage.language.words import ENGINES, METHODS, milp_with

Ruling: TypeAlias = tree.Require | tree.Smooth | tree.Avoid | tree.If | tree.Either


class Statements:
    """Checks statements about designs.

    Parameters
    ----------
    context
        The state of the check.
    expressions
        Makes values.

    Attributes
    ----------
    requirements, selections, objective, robustness, solve
        What was found, in the order of the text.
    """

    def __init__(self, context: Context, expressions: Expressions) -> None:
        self._context = context
        self._builder = context.builder
        self._expressions = expressions
        self._formulas = Formulas(context, expressions)
        self._proofs = Proofs(context, self._formulas)
        self._fail = context.reporter.fail
        self.requirements: list[Requirement] = []
        self.selections: list[Selection] = []
        self.objective: Objective | None = None
        self.robustness: list[Robustness] = []
        self.solve: SolveLine | None = None
        self._first: dict[type[tree.Statement], tree.Statement] = {}

    def require(self, node: Ruling) -> None:
        """Check a statement that must hold; all instances of its quantifiers are one requirement."""
        parts = []
        for instance in instances(self._context, self._expressions, node.quantifiers):
            self._formulas.instance = instance
            parts.append(self._formula(node))
        formula = all_of(parts)
        failing = self._proofs.never(formula)
        if failing:
            inputs = [self._context.inputs[name] for name in self._proofs.inputs(failing)]
            bounds = [Label(declared.span, "its bounds") for declared in inputs[:3]]
            advice = (
                "widen the bounds, or ask for less" if bounds else "no input enters: look at the numbers and params"
            )
            reason = self._proofs.because(failing)
            self._fail("PRE405", node.span, "no design meets this", others=bounds, advice=advice, reason=reason)
        if formula != TRUE:
            per_target = any(self._builder.facts(e).per_target for e in expressions_of(formula))
            self.requirements.append(Requirement(formula, per_target, node.span))

    def select(self, node: tree.Select) -> None:
        """Check a selection; every instance of its quantifiers is one selection."""
        for instance in instances(self._context, self._expressions, node.quantifiers):
            self.selections.append(selection(self._context, self._expressions, node, instance))

    def optimise(self, node: tree.Objective) -> None:
        """Check what is best."""
        self._only_one(node, "PRE501")
        expression = self._expressions.value(node.value)
        if math.prod(expression.shape) != 1:
            self._fail(
                "PRE502",
                node.value.span,
                entries(expression.shape),
                advice="make one number of them: sum(v), max(v), or a distance such as L1(v, wanted)",
                shape=entries(expression.shape),
            )
        facts = self._builder.facts(expression)
        if not facts.chosen:
            self._fail(
                "PRE503",
                node.value.span,
                "the same for every design",
                advice="let it depend on an input",
                text=self._context.quote(node.value),
            )
        if facts.curvature * (1 if node.sense == "minimise" else -1) < 0:
            advice = "maximise an L1 or a Linf in its place" if node.sense == "maximise" else ""
            self._builder.curved(node.value.span, (expression,), f"here it is {node.sense}d", advice)
        expression = self._builder.reshape(expression, (), expression.span)
        self.objective = Objective(expression, node.sense, facts.per_target, node.span)

    def certify(self, node: tree.Robust) -> None:
        """Check what is to be certified of designs; the objective, if there is one, was checked before."""
        if node.drift is None and self.objective is None and tree.Objective in self._first:
            raise Poisoned
        found = robustness(self._context, self._expressions, node, self.objective)
        if found.design and (reason := self._why_no_robust_design(found)):
            advice = "leave out `design`: the worst case of the best design is proved all the same"
            self._fail("PRE510", node.span, advice=advice, reason=reason)
        self.robustness.append(found)

    def _why_no_robust_design(self, wanted: Robustness) -> str:
        if any(earlier.design for earlier in self.robustness):
            return "it is the second one"
        if any(target.joint for target in self._context.targets.values()):
            return "`targets` are solved together"
        if self.solve is not None and self.solve.designs is not None:
            return "several designs are wanted"
        names = [name for s in self.selections for name in self._builder.facts(s.source).inputs]
        selected = [name for name in names if name in wanted.amounts]
        return f"what is off is selected: `{selected[0]}`" if selected else ""

    def limit(self, node: tree.Solve) -> None:
        """Check how to solve."""
        self._only_one(node, "PRE504")
        for part in (node.steps, *(engine for engine in node.engines if engine.text in METHODS)):
            if part is not None:
                word = "steps" if isinstance(part, tree.Steps) else part.text
                advice = f"for networks there are {', '.join(ENGINES)}, and a limit of time: solve for 60 s"
                self._fail("PRE801", part.span, "of structures", advice=advice, word=word)
        limits = [(node.time_limit, "the time limit"), (node.gap, "the gap")]
        wrong = [(part.span, what) for part, what in limits if part is not None and part.value.value <= 0]
        if wrong:
            self._fail("PRE505", wrong[0][0], what=wrong[0][1], advice="try: solve for 60 s to gap 0.01%")
        if node.designs is not None:
            self._check_designs(node.designs)
        milp = milp_with(way.text for way in node.ways)
        engines = dict.fromkeys(milp if engine.text == "milp" else engine.text for engine in node.engines)
        self.solve = SolveLine(
            time_limit=node.time_limit.seconds if node.time_limit else None,
            gap=node.gap.fraction if node.gap else None,
            engines=tuple(engines),
            place=reduce(Span.join, (name.span for name in (*node.engines, *node.ways))) if engines else None,
            seed=int(node.seed.value) if node.seed else None,
            designs=(int(node.designs.count.value), node.designs.fraction) if node.designs else None,
        )

    def _check_designs(self, node: tree.Designs) -> None:
        for part, what in ((node.count, "the number of designs"), (node.share, "how much worse designs may be")):
            if part.value <= 0:
                self._fail("PRE505", part.span, what=what, advice="try: solve for 5 designs within 1%")

    def _formula(self, node: Ruling) -> Formula:
        match node:
            case tree.Require():
                return self._formulas.formula(node.condition)
            case tree.Avoid():
                self._check_clearance(node.condition)
                return self._formulas.formula(node.condition)
            case tree.If():
                return self._formulas.implication(node.condition, node.consequence)
            case tree.Either():
                return self._formulas.alternatives(node.alternatives)
            case tree.Smooth():
                return self._smooth(node)

    def _check_clearance(self, condition: tree.Condition) -> None:
        """Refuse what does not keep a distance: anything but comparisons with >=, joined by `and` and `or`."""
        if isinstance(condition, tree.And | tree.Or):
            for part in condition.parts:
                self._check_clearance(part)
            return
        if not isinstance(condition, tree.Comparison):
            advice = "say how far to stay away: avoid L1(p, o) >= 0.1"
            self._fail("PRE316", condition.span, "not a clearance", advice=advice)
        wrong = next((operator for operator in condition.operators if operator not in (">=", ">")), None)
        if wrong is None:
            return
        left, right = condition.operands[0], condition.operands[-1]
        if wrong in ("<=", "<") and self._is_known(left):
            left, right = right, left
        label = "no distance is kept" if wrong in ("==", "!=") else f"`{wrong}` would keep it close"
        advice = f"try: avoid {self._context.quote(left)} >= {self._context.quote(right)}"
        self._fail("PRE316", condition.span, label, advice=advice)

    def _is_known(self, node: tree.Expression) -> bool:
        return not self._builder.facts(self._expressions.value(node)).chosen

    def _smooth(self, node: tree.Smooth) -> Formula:
        source, limit = self._expressions.values((node.source, node.limit))
        span = node.span
        if not source.shape or source.shape[0] < 3:
            self._fail(
                "PRE221",
                node.source.span,
                entries(source.shape),
                advice="second differences are taken along the first axis; with fewer entries there is nothing to bend",
                what="what is smooth",
                wanted="three entries or more",
                shape=entries(source.shape),
            )
        positions = np.arange(math.prod(source.shape)).reshape(source.shape)
        before, middle, after = (
            self._builder.gather(source, at, span) for at in (positions[:-2], positions[1:-1], positions[2:])
        )
        bend = self._builder.add(
            (after, self._builder.multiply(self._builder.constant(-2.0, span), middle, span), before), span
        )
        try:
            np.broadcast_shapes(bend.shape, limit.shape)
        except ValueError:
            advice = f"give one limit, or {entries(bend.shape)}: one a second difference"
            self._context.mismatch(node.source, bend, node.limit, limit, advice=advice)
        if bool(np.any(self._context.intervals.of(limit).upper < 0)):
            reason = f"a size is at least 0, and `{self._context.quote(node.limit)}` is below"
            self._fail("PRE405", node.limit.span, advice="give a limit of 0 or more", reason=reason)
        formulas: list[Formula] = []
        for side in (bend, self._builder.negate(bend, span)):
            holds = Holds(self._builder.subtract(side, limit, span), "<=")
            link = Link(side, limit, "bend", self._context.quote(node.limit), span, "<=", self._formulas.instance)
            formulas.append(self._formulas.remember(holds, link))
        return all_of(formulas)

    def _only_one(self, node: tree.Objective | tree.Solve, code: str) -> None:
        first = self._first.setdefault(type(node), node)
        if first is not node:
            self._fail(code, node.span, "the second", others=[Label(first.span, "the first")], advice=_ONE[code])


_ONE = {
    "PRE501": "weigh them against each other in one line: minimise a + 0.1*b",
    "PRE504": "say it all in one line: solve for 60 s to gap 0.01%",
}
