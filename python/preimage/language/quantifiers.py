"""Quantifiers: ``for i in 0..3`` runs over whole numbers, ``for p in pose`` along the first axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NoReturn

import numpy as np

from preimage.language import tree
from preimage.language.context import Context, number
from preimage.language.diagnostic import Label
from preimage.language.expressions import Expressions
from preimage.language.problem import Constant, Expression
from preimage.language.scope import Entry
from preimage.language.span import Span

LARGEST_EXPANSION = 20_000
"""Instances of one statement."""


def instances(context: Context, expressions: Expressions, quantifiers: Sequence[tree.Quantifier]) -> Iterator[str]:
    """Run through the values of the variables; each is in scope until its next value takes its place.

    Yields
    ------
    str
        What the variables stand for, for messages: ``i = 2``; empty without a quantifier.
    """
    if not quantifiers:
        yield ""
        return
    _check_variables(context, quantifiers)
    count = 0
    for instance in _nested(context, expressions, quantifiers):
        count += 1
        if count > LARGEST_EXPANSION:
            _refuse_expansion(
                context, quantifiers[0].span.join(quantifiers[-1].span), f"more than {LARGEST_EXPANSION:,}"
            )
        yield instance
    if not count:
        domain = quantifiers[-1].domain
        context.reporter.fail(
            "PRE402", domain.span, "holds no number", text=context.quote(domain), advice="the smaller end comes first"
        )


def _nested(context: Context, expressions: Expressions, quantifiers: Sequence[tree.Quantifier]) -> Iterator[str]:
    first, rest = quantifiers[0], quantifiers[1:]
    variable = first.variable
    for text, value in _values(context, expressions, first):
        context.scope.let_vary(Entry(variable.text, "variable", variable.span, value))
        if rest:
            yield from (f"{text}, {inner}" for inner in _nested(context, expressions, rest))
        else:
            yield text


def _values(
    context: Context, expressions: Expressions, quantifier: tree.Quantifier
) -> Iterator[tuple[str, Expression]]:
    name, domain = quantifier.variable.text, quantifier.domain
    if isinstance(domain, tree.Range):
        lower = expressions.whole(domain.lower, "an end of the range")
        upper = expressions.whole(domain.upper, "an end of the range")
        if upper - lower >= LARGEST_EXPANSION:
            _refuse_expansion(context, quantifier.span, f"{upper - lower + 1:,}")
        for value in range(lower, upper + 1):
            yield f"{name} = {value}", context.builder.constant(float(value), domain.span)
        return
    source = expressions.value(domain)
    if not source.shape:
        context.reporter.fail(
            "PRE221",
            domain.span,
            "1 number",
            advice="for whole numbers, write both ends: for i in 0..3",
            what="what `for` runs along",
            wanted="an axis",
            shape="1 number",
        )
    text = context.quote(domain)
    positions = np.arange(math.prod(source.shape)).reshape(source.shape)
    for position in range(source.shape[0]):
        entry = context.builder.gather(source, positions[position], domain.span)
        if isinstance(entry, Constant) and not entry.shape:
            yield f"{name} = {number(float(entry.value))}", entry
        else:
            yield f"{name} = {text}[{position}]" if text.isidentifier() else f"{name} = ({text})[{position}]", entry


def _refuse_expansion(context: Context, span: Span, count: str) -> NoReturn:
    what = f"the statement stands for {count} instances"
    advice = "compare whole arrays instead: require x[0:99] <= x[1:100]"
    context.reporter.fail("PRE408", span, advice=advice, what=what, limit=f"{LARGEST_EXPANSION:,}")


def _check_variables(context: Context, quantifiers: Sequence[tree.Quantifier]) -> None:
    """Refuse a variable that hides another name."""
    for position, quantifier in enumerate(quantifiers):
        variable = quantifier.variable
        context.scope.admit(variable.text, variable.span, poison=False)
        earlier = next((q.variable for q in quantifiers[:position] if q.variable.text == variable.text), None)
        if earlier is not None:
            others = [Label(earlier.span, "first declared here")]
            name, advice = variable.text, "give the second one another name"
            context.reporter.fail("PRE201", variable.span, "declared again", others=others, advice=advice, name=name)
