"""`robust`: what may be a little off, by how much, and what is to be bounded then."""

from __future__ import annotations

import numpy as np

from preimage.language import tree
from preimage.language.context import Context, entries, has
from preimage.language.diagnostic import Label
from preimage.language.expressions import Expressions
from preimage.language.facts import is_choice
from preimage.language.problem import Array, Expression, Gather, Objective, Robustness

AMOUNT = "how far values may be off"
_CURVED = "a distance in L1 or Linf has a worst case that can be proved"


def robustness(
    context: Context, expressions: Expressions, node: tree.Robust, objective: Objective | None
) -> Robustness:
    """Check one `robust` statement; ``objective`` is the problem's."""
    value = _drift(context, expressions, node.drift) if node.drift is not None else None
    if value is None and objective is None:
        advice = "say what is best, or: robust drift of y within 1e-3"
        context.reporter.fail("PRE508", node.span, "its worst case", advice=advice)
    measured = value if value is not None or objective is None else objective.expression
    if measured is not None and context.builder.facts(measured).curvature:
        context.builder.curved(node.span, (measured,), "its worst case is asked for", _CURVED)
    amounts = _amounts(context, expressions, node)
    facts = None if value is None else context.builder.facts(value)
    per_target = facts.per_target if facts is not None else objective is not None and objective.per_target
    return Robustness(value, node.manner, amounts, per_target, node.span, node.design)


def _drift(context: Context, expressions: Expressions, node: tree.Expression) -> Expression:
    value = expressions.value(node)
    if not context.builder.facts(value).chosen:
        advice = "let it depend on an input"
        text = context.quote(node)
        context.reporter.fail("PRE503", node.span, "the same for every design", advice=advice, text=text)
    return value


def _amounts(context: Context, expressions: Expressions, node: tree.Robust) -> dict[str, Array]:
    """Return how far each entry of each input may be off, by the input's name; what may not be off is left out."""
    wanted = _wanted(context, expressions, node)
    if node.manner == "each":
        limit = expressions.known(node.limit, AMOUNT)
    else:
        limit = np.array(expressions.number(node.limit, AMOUNT))
    if bool(np.any(limit < 0)) or not bool(np.any(limit > 0)):
        context.reporter.fail("PRE505", node.limit.span, what=AMOUNT, advice="try: robust within 1e-3")
    found: dict[str, Array] = {}
    for place, source in wanted:
        try:
            share = np.broadcast_to(limit, source.shape)
        except ValueError:
            if place is not None:
                given = context.builder.constant(limit, node.limit.span)
                advice = f"give one number, or {entries(source.shape)}"
                context.mismatch(node.limit, given, place, source, advice=advice)
            context.reporter.fail(
                "PRE211",
                node.limit.span,
                entries(limit.shape),
                others=[Label(source.span, entries(source.shape))],
                advice="give one number, or name what it is for: robust within tolerance for x",
                left=f"`{context.quote(node.limit)}` {has(limit.shape)}",
                right=f"`{context.reporter.quote(source.span)}` {has(source.shape)}",
            )
        name = next(iter(context.builder.facts(source).inputs))
        amounts = found.setdefault(name, np.zeros(context.inputs[name].shape))
        positions = source.indices.ravel() if isinstance(source, Gather) else np.arange(amounts.size)
        amounts.ravel()[positions] = share.ravel()
    return found


def _wanted(
    context: Context, expressions: Expressions, node: tree.Robust
) -> list[tuple[tree.Expression | None, Expression]]:
    """Return the entries of inputs that may be off, each with where it was named."""
    if not node.sources:
        free = [declared for declared in context.inputs.values() if declared.kind == "continuous"]
        if not free:
            advice = "numbers from a list are never off: declare them by `input x in 0..1`"
            context.reporter.fail("PRE509", node.span, "no continuous input", advice=advice, what="what is chosen here")
        return [(None, context.builder.choice(declared)) for declared in free]
    found: list[tuple[tree.Expression | None, Expression]] = []
    for place, source in zip(node.sources, expressions.values(node.sources), strict=True):
        text, advice = f"`{context.quote(place)}`", "name an input, or entries of one: robust within 1e-3 for x[0:4]"
        if not is_choice(source):
            context.reporter.fail("PRE509", place.span, "not an input", advice=advice, what=text)
        kind = context.inputs[next(iter(context.builder.facts(source).inputs))].kind
        if kind != "continuous":
            advice = "only what is declared by `input x in 0..1` may be off"
            label = "from a catalogue" if kind == "catalogue" else kind
            context.reporter.fail("PRE509", place.span, label, advice=advice, what=text)
        found.append((place, source))
    return found
