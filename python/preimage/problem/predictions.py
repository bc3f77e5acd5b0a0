"""What a result tells of a design besides the design."""

from __future__ import annotations

from preimage.language.problem import Apply, Choice, Expression, Problem
from preimage.problem.comparisons import compared
from preimage.problem.evaluate import walk


def predicted(problem: Problem) -> dict[str, Expression]:
    """Return, by name or by text, the expressions whose values a result holds.

    They are every `let` that depends on a choice, every network where the text applies it, and what the objective
    compares with a target.
    """
    named = dict(problem.lets)
    objective = [] if problem.objective is None else [problem.objective.expression]
    calls = [part for part in walk(*objective, *named.values()) if isinstance(part, Apply)]
    differences = [difference.expression for root in objective for difference in compared(root)]
    for expression in (*calls, *differences):
        if expression is not None and not any(expression is known for known in named.values()):
            named.setdefault(problem.statement(expression.span), expression)
    return {name: e for name, e in named.items() if any(isinstance(part, Choice) for part in walk(e))}
