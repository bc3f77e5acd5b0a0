"""Products of two values that both may change in the search: exact where one of them is made of binaries."""

from __future__ import annotations

import math

import numpy as np

from preimage.language import tree
from preimage.language.context import Context, entries, has
from preimage.language.diagnostic import Label
from preimage.language.problem import Add, Choice, Divide, Expression, Gather, Multiply
from preimage.language.span import Span

ADVICE = (
    "a choice may be multiplied by a number, a param, or a binary;\n"
    "bounds on each factor, or a catalogue of pairs, often say the same"
)


def product(context: Context, left: Expression, right: Expression, span: Span) -> Expression:
    """Return the elementwise product; shapes fit.

    Where both factors change in the search, one of them is a binary or a polynomial of binaries, which is multiplied
    out.
    """
    builder = context.builder
    if not (builder.facts(left).chosen and builder.facts(right).chosen):
        return builder.multiply(left, right, span)
    if is_binary(context, left) or is_binary(context, right):
        return builder.multiply(left, right, span)
    for factor, other in ((left, right), (right, left)):
        terms = _terms(context, factor)
        if terms is not None:
            return builder.add([_times(context, term, other, span) for term in terms], span)
    context.reporter.fail(
        "PRE311", span, "both change in the search", others=_places(context, span, left, right), advice=ADVICE
    )


def matrix_product(
    context: Context, place: Span, left: Expression, node: tree.Expression, right: Expression, span: Span
) -> Expression:
    """Return ``left @ right`` by numpy's rules for one and two axes; ``place`` is where the left side stands."""
    for at, side in ((place, left), (node.span, right)):
        if len(side.shape) not in (1, 2):
            context.reporter.fail(
                "PRE217" if side.shape else "PRE211",
                at,
                entries(side.shape),
                advice="numbers are multiplied with *" if not side.shape else "@ is for one and two axes: reshape it",
                what="a side of @",
                shape=entries(side.shape),
                left=f"`{context.reporter.quote(place)}` {has(left.shape)}",
                right=f"`{context.quote(node)}` {has(right.shape)}",
            )
    if left.shape[-1] != right.shape[0]:
        advice = f"the {left.shape[-1]} columns on the left must meet as many rows on the right"
        context.mismatch_between(place, left, node, right, advice=advice)
    builder = context.builder
    if builder.facts(left).chosen and builder.facts(right).chosen:
        if len(left.shape) == 1 and len(right.shape) == 1:
            return builder.sum(product(context, left, right, span), span)
        context.reporter.fail("PRE311", span, "both change in the search", advice=ADVICE)
    return builder.matmul(left, right, span)


def is_binary(context: Context, expression: Expression) -> bool:
    """Whether it is a binary input, or entries of one."""
    while isinstance(expression, Gather):
        expression = expression.source
    return isinstance(expression, Choice) and context.inputs[expression.name].kind == "binary"


MOST_TERMS = 256
"""Terms of a polynomial of binaries that is multiplied out."""

Term = tuple[Expression | None, tuple[Expression, ...]]
"""A factor that does not change (None for 1), and binaries, to be multiplied."""


def _terms(context: Context, expression: Expression) -> list[Term] | None:
    """Split a polynomial of binaries into terms; None if it is none, or has too many."""
    builder, span = context.builder, expression.span
    if not builder.facts(expression).chosen:
        return [(expression, ())]
    if is_binary(context, expression):
        return [(None, (expression,))]
    match expression:
        case Add(parts=parts):
            split = [_terms(context, part) for part in parts]
            return None if None in split else [term for terms in split for term in terms or ()]
        case Multiply(left=left, right=right):
            return _multiplied(context, _terms(context, left), _terms(context, right), span)
        case Divide(numerator=numerator, denominator=denominator):
            inverse = builder.divide(builder.constant(1.0, span), denominator, span)
            return _multiplied(context, [(inverse, ())], _terms(context, numerator), span)
        case Gather(source=source, indices=indices):
            terms = _terms(context, source)

            def pick(part: Expression) -> Expression:
                positions = np.arange(math.prod(part.shape)).reshape(part.shape)
                return builder.gather(part, np.broadcast_to(positions, source.shape).ravel()[indices], span)

            return terms and [(f and pick(f), tuple(pick(binary) for binary in binaries)) for f, binaries in terms]
    return None


def _multiplied(context: Context, left: list[Term] | None, right: list[Term] | None, span: Span) -> list[Term] | None:
    if left is None or right is None or len(left) * len(right) > MOST_TERMS:
        return None
    found: list[Term] = []
    for one, some in left:
        for other, more in right:
            factor = context.builder.multiply(one, other, span) if one and other else one or other
            found.append((factor, some + more))
    return found


def _times(context: Context, term: Term, other: Expression, span: Span) -> Expression:
    factor, binaries = term
    for binary in reversed(binaries):
        other = context.builder.multiply(binary, other, span)
    return other if factor is None else context.builder.multiply(factor, other, span)


def _places(context: Context, span: Span, *factors: Expression) -> list[Label]:
    """Point to the factors where a `let` hides them."""
    return [
        Label(factor.span, "one factor")
        for factor in factors
        if not isinstance(factor, Choice) and not (span.start <= factor.span.start and factor.span.end <= span.end)
    ]
