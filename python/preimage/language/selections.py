"""`select`: how many entries of an input may differ from 0."""

from __future__ import annotations

import math

import numpy as np

from preimage.language import tree
from preimage.language.context import Context, entries, plural
from preimage.language.diagnostic import Label
from preimage.language.expressions import Expressions
from preimage.language.facts import is_choice
from preimage.language.problem import Expression, Gather, Selection


def selection(context: Context, expressions: Expressions, node: tree.Select, instance: str) -> Selection:
    """Check one selection; ``instance`` says what the variables of its quantifiers stand for."""
    count = expressions.whole(node.count, "the number of entries to select")
    source = expressions.value(node.source)
    text = context.quote(node.source)
    if not is_choice(source):
        advice = "select from an input or entries of one: select 2 of inks[0:20]"
        context.reporter.fail("PRE406", node.source.span, "not an input", advice=advice, text=text)
    facts = context.builder.facts(source)
    if node.per_target and not facts.per_target:
        context.reporter.fail(
            "PRE410",
            node.span,
            "one choice for each target",
            others=_declared(context, source),
            advice="declare the input `per target`, or leave the words out here",
            name=text,
        )
    size = math.prod(source.shape)
    _check_distinct(context, node, source, text)
    if count < 0 or count > size:
        label = f"there {'is' if size == 1 else 'are'} {plural(size, 'entry')}"
        advice = f"select at most {size}"
        context.reporter.fail(
            "PRE404",
            node.count.span,
            label,
            others=_declared(context, source),
            advice=advice,
            count=count,
            text=text,
            size=plural(size, "entry"),
        )
    at_least = 0 if node.limit == "at most" else count
    at_most = size if node.limit == "at least" else count
    _check_zeros(context, node, source, at_least, at_most, instance)
    flat = context.builder.reshape(source, (size,), node.source.span)
    return Selection(flat, at_least, at_most, node.per_target, node.span)


def _check_distinct(context: Context, node: tree.Select, source: Expression, text: str) -> None:
    values, counts = np.unique(source.indices if isinstance(source, Gather) else [], return_counts=True)
    if counts.size and counts.max() > 1:
        which = f"entry {int(values[np.argmax(counts)])} of its input"
        context.reporter.fail(
            "PRE406", node.source.span, f"{which} stands there twice", text=text, advice="name each entry once"
        )


def _check_zeros(
    context: Context, node: tree.Select, source: Expression, at_least: int, at_most: int, instance: str
) -> None:
    """Refuse selections that the bounds rule out: entries that cannot be 0, or can be nothing else."""
    limits = context.intervals.of(source)
    lower, upper = limits.lower.ravel(), limits.upper.ravel()
    name = next(iter(context.builder.facts(source).inputs))
    values = context.inputs[name].values
    never_zero = (lower > 0) | (upper < 0) | (bool(values) and 0.0 not in values)
    always_zero = (lower == 0) & (upper == 0)
    size, text = len(lower), context.quote(node.source)
    where = f" (with {instance})" if instance else ""
    reason, advice = "", ""
    if int(never_zero.sum()) > at_most:
        stuck = plural(int(never_zero.sum()), "entry")
        reason = f"{stuck} of `{text}` cannot be 0, and at most {at_most} may differ from 0"
        advice = "an entry that is left out is exactly 0: let its bounds or its catalogue hold 0"
    elif size - int(always_zero.sum()) < at_least:
        free = size - int(always_zero.sum())
        reason = f"only {plural(free, 'entry')} of `{text}` can differ from 0, and at least {at_least} are to"
        advice = "widen the bounds of the others, or select fewer"
    if reason:
        context.reporter.fail(
            "PRE405", node.span, others=_declared(context, source), advice=advice, reason=reason + where
        )


def _declared(context: Context, source: Expression) -> list[Label]:
    names = sorted(context.builder.facts(source).inputs)
    found = [context.scope.get(name) for name in names[:2]]
    return [
        Label(entry.span, f"{entry.name}: {entries(entry.value.shape)}")
        for entry in found
        if entry is not None and entry.value is not None
    ]
