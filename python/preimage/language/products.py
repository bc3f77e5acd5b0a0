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

    Where both factors change in the search, one of them is a binary, an affine expression of binaries (which is
    multiplied out), or a product with a binary (whose other factor is multiplied first).
    """
    builder = context.builder
    if not (builder.facts(left).chosen and builder.facts(right).chosen):
        return builder.multiply(left, right, span)
    if is_binary(context, left) or is_binary(context, right):
        return builder.multiply(left, right, span)
    for factor, other in ((left, right), (right, left)):
        if isinstance(factor, Multiply):
            for binary, rest in ((factor.left, factor.right), (factor.right, factor.left)):
                if is_binary(context, binary):
                    return builder.multiply(binary, product(context, rest, other, span), span)
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


Term = tuple[Expression | None, Expression | None]
"""A factor that does not change and a binary, to be multiplied; None stands for 1, not for both."""


def _terms(context: Context, expression: Expression) -> list[Term] | None:
    """Split an affine expression of binaries into terms."""
    builder, span = context.builder, expression.span
    if not builder.facts(expression).chosen:
        return [(expression, None)]
    if is_binary(context, expression):
        return [(None, expression)]
    match expression:
        case Add(parts=parts):
            split = [_terms(context, part) for part in parts]
            return None if None in split else [term for terms in split for term in terms or ()]
        case Multiply(left=left, right=right):
            factor, rest = (left, right) if not builder.facts(left).chosen else (right, left)
        case Divide(numerator=rest, denominator=denominator):
            factor = builder.divide(builder.constant(1.0, span), denominator, span)
        case Gather(source=source, indices=indices):

            def pick(part: Expression | None) -> Expression | None:
                if part is None:
                    return None
                positions = np.arange(math.prod(part.shape)).reshape(part.shape)
                return builder.gather(part, np.broadcast_to(positions, source.shape).ravel()[indices], span)

            terms = _terms(context, source)
            return None if terms is None else [(pick(factor), pick(binary)) for factor, binary in terms]
        case _:
            return None
    terms = None if builder.facts(factor).chosen else _terms(context, rest)
    if terms is None:
        return None
    return [(factor if own is None else builder.multiply(factor, own, span), binary) for own, binary in terms]


def _times(context: Context, term: Term, other: Expression, span: Span) -> Expression:
    factor, binary = term
    inner = other if binary is None else context.builder.multiply(binary, other, span)
    return inner if factor is None else context.builder.multiply(factor, inner, span)


def _places(context: Context, span: Span, *factors: Expression) -> list[Label]:
    """Point to the factors where a `let` hides them."""
    return [
        Label(factor.span, "one factor")
        for factor in factors
        if not isinstance(factor, Choice) and not (span.start <= factor.span.start and factor.span.end <= span.end)
    ]
