"""The functions of the language, each written in terms of the few operations of the checked problem."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from preimage.language import tree
from preimage.language.context import Context, entries
from preimage.language.problem import Constant, Expression
from preimage.language.products import matrix_product

if TYPE_CHECKING:
    from preimage.language.expressions import Expressions


@dataclass(frozen=True, slots=True)
class Arguments:
    """One call: where it stands, and what it is given."""

    context: Context
    expressions: Expressions
    node: tree.Call
    values: tuple[Expression, ...]
    keywords: Mapping[str, Expression]

    def keyword_node(self, name: str) -> tree.Expression:
        """Return where the value of a named argument stands."""
        return next(keyword.value for keyword in self.node.keywords if keyword.name.text == name)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    Attributes
    ----------
    make
        Makes the expression.
    usage
        How it is called, with examples of all forms.
    least, most
        How many positional arguments it takes.
    keywords
        Named arguments, all of which may be left out.
    summary
        What it gives, in a few words.
    """

    make: Callable[[Arguments], Expression]
    usage: str
    least: int
    most: int
    summary: str
    keywords: tuple[str, ...] = ()


def _sum(call: Arguments) -> Expression:
    return call.context.builder.sum(call.values[0], call.node.span)


def _mean(call: Arguments) -> Expression:
    builder, span = call.context.builder, call.node.span
    count = builder.constant(math.prod(call.values[0].shape), span)
    return builder.divide(builder.sum(call.values[0], span), count, span)


def _dot(call: Arguments) -> Expression:
    left, right = call.values
    return matrix_product(
        call.context, call.node.arguments[0].span, left, call.node.arguments[1], right, call.node.span
    )


def _diff(call: Arguments) -> Expression:
    builder, span, source = call.context.builder, call.node.span, call.values[0]
    if not source.shape or source.shape[-1] < 2:
        _fail_shape(call, 0, "what diff is taken of", "two entries or more")
    positions = np.arange(math.prod(source.shape)).reshape(source.shape)
    later, earlier = (builder.gather(source, p, span) for p in (positions[..., 1:], positions[..., :-1]))
    return builder.subtract(later, earlier, span)


def _concat(call: Arguments) -> Expression:
    return call.context.builder.concat(call.values, call.node.span)


def _reshape(call: Arguments) -> Expression:
    source = call.values[0]
    size = math.prod(source.shape)
    lengths = [
        float(length)
        for node, value in zip(call.node.arguments[1:], call.values[1:], strict=True)
        for length in call.expressions.require_known(node, value, "a length").ravel()
    ]
    fits = all(length.is_integer() and (length > 0 or length == -1) for length in lengths) and lengths.count(-1) <= 1
    known = math.prod(int(length) for length in lengths if length != -1) if fits else 0
    shape = tuple(size // known if length == -1 else int(length) for length in lengths) if known else ()
    if not shape or math.prod(shape) != size:
        wanted = " x ".join(f"{length:.6g}" for length in lengths)
        call.context.reporter.fail(
            "PRE220",
            call.node.span,
            f"{size} into {wanted}",
            advice="the lengths are whole numbers whose product is the number of entries; one of them may be -1",
            text=call.context.quote(call.node.arguments[0]),
            found=entries(source.shape),
            wanted=wanted,
        )
    return call.context.builder.reshape(source, shape, call.node.span)


def _abs(call: Arguments) -> Expression:
    return call.context.builder.absolute(call.values[0], call.node.span)


def _relu(call: Arguments) -> Expression:
    return call.context.builder.relu(call.values[0], call.node.span)


def _max(call: Arguments) -> Expression:
    builder, span = call.context.builder, call.node.span
    if len(call.values) == 1:
        return builder.max_entry(call.values[0], span)
    _check_broadcast(call, call.values)
    return builder.maximum(call.values, span)


def _min(call: Arguments) -> Expression:
    builder, span = call.context.builder, call.node.span
    negatives = [builder.negate(value, span) for value in call.values]
    if len(negatives) == 1:
        return builder.negate(builder.max_entry(negatives[0], span), span)
    _check_broadcast(call, call.values)
    return builder.negate(builder.maximum(negatives, span), span)


def _clip(call: Arguments) -> Expression:
    context, span = call.context, call.node.span
    source, lower, upper = call.values
    for node, limit in zip(call.node.arguments[1:], (lower, upper), strict=True):
        if context.builder.facts(limit).chosen:
            call.expressions.require_known(node, limit, "a limit of clip")
    _check_broadcast(call, call.values)
    if isinstance(lower, Constant) and isinstance(upper, Constant) and bool(np.any(lower.value > upper.value)):
        context.reporter.fail(
            "PRE402", span, "the lower limit comes first", text=context.quote(call.node), advice="clip(x, 0, 1)"
        )
    return context.builder.clip(source, lower, upper, span)


def _difference(call: Arguments) -> Expression:
    """Return ``weights*(a - b)``, or ``weights*a`` of one argument; only single numbers are broadcast.

    A spectrum against a target of one entry is a mistake more often than a wish, so vectors must agree.
    """
    context, span = call.context, call.node.span
    builder, nodes = context.builder, call.node.arguments
    value = call.values[0]
    if len(call.values) == 2:
        other = call.values[1]
        if value.shape != other.shape and () not in (value.shape, other.shape):
            context.mismatch(nodes[0], value, nodes[1], other)
        value = builder.subtract(value, other, span)
    weights = call.keywords.get("weights")
    if weights is not None:
        node = call.keyword_node("weights")
        if builder.facts(weights).chosen:
            call.expressions.require_known(node, weights, "a weight")
        if weights.shape not in ((), value.shape):
            context.mismatch(node, weights, nodes[0], value, advice="give one weight an entry, or a single one")
        value = builder.multiply(weights, value, span)
    return value


def _l1(call: Arguments) -> Expression:
    builder, span = call.context.builder, call.node.span
    return builder.sum(builder.absolute(_difference(call), span), span)


def _linf(call: Arguments) -> Expression:
    builder, span = call.context.builder, call.node.span
    return builder.max_entry(builder.absolute(_difference(call), span), span)


def _l2(call: Arguments) -> Expression:
    return call.context.builder.norm(_difference(call), call.node.span)


def _numeric(compute: Callable[[Any], Any]) -> Callable[[Arguments], Expression]:
    def make(call: Arguments) -> Expression:
        value, name = call.values[0], call.node.function.text
        if not isinstance(value, Constant):
            chosen = call.context.builder.facts(value).chosen
            call.context.reporter.fail(
                "PRE313",
                call.node.span,
                "this changes in the search" if chosen else "this changes with the row",
                advice=f"{name} may be taken of numbers and params; of anything else, let a network learn it",
                text=call.context.quote(call.node),
                operation=name,
            )
        with np.errstate(all="ignore"):
            return call.context.builder.constant(compute(value.value), call.node.span)

    return make


def _check_broadcast(call: Arguments, values: tuple[Expression, ...]) -> None:
    shape, widest = values[0].shape, 0
    for position, value in enumerate(values[1:], start=1):
        try:
            shape = np.broadcast_shapes(shape, value.shape)
        except ValueError:
            call.context.mismatch(call.node.arguments[widest], values[widest], call.node.arguments[position], value)
        if value.shape == shape:
            widest = position


def _fail_shape(call: Arguments, position: int, what: str, wanted: str) -> None:
    shape = entries(call.values[position].shape)
    call.context.reporter.fail(
        "PRE217", call.node.arguments[position].span, shape, what=what, shape=shape, advice=f"it needs {wanted}"
    )


_MANY = 1000

FUNCTIONS: Mapping[str, Function] = {
    "sum": Function(_sum, "sum(v)", 1, 1, "the sum of all entries"),
    "mean": Function(_mean, "mean(v)", 1, 1, "the mean of all entries"),
    "dot": Function(_dot, "dot(a, b)", 2, 2, "a @ b"),
    "diff": Function(_diff, "diff(v)", 1, 1, "differences of neighbours, along the last axis"),
    "concat": Function(_concat, "concat(a, b, c)", 1, _MANY, "all entries, one after another"),
    "reshape": Function(_reshape, "reshape(v, 103, 2)", 2, 6, "the same entries in another shape"),
    "abs": Function(_abs, "abs(v)", 1, 1, "absolute values"),
    "min": Function(_min, "min(v), or min(a, b)", 1, _MANY, "the smallest entry; of several, entry by entry"),
    "max": Function(_max, "max(v), or max(a, b)", 1, _MANY, "the largest entry; of several, entry by entry"),
    "relu": Function(_relu, "relu(v)", 1, 1, "max(v, 0)"),
    "clip": Function(_clip, "clip(v, 0, 1)", 3, 3, "v, kept within limits"),
    "L1": Function(_l1, "L1(a, b), L1(v), or L1(a, b, weights=w)", 1, 2, "the sum of abs(w*(a - b))", ("weights",)),
    "L2": Function(
        _l2, "L2(a, b), L2(v), or L2(a, b, weights=w)", 1, 2, "the Euclidean norm of w*(a - b)", ("weights",)
    ),
    "Linf": Function(
        _linf, "Linf(a, b), Linf(v), or Linf(a, b, weights=w)", 1, 2, "the largest abs(w*(a - b))", ("weights",)
    ),
    "sqrt": Function(_numeric(np.sqrt), "sqrt(2)", 1, 1, "the function of numbers and params"),
    "exp": Function(_numeric(np.exp), "exp(2)", 1, 1, "the function of numbers and params"),
    "log": Function(_numeric(np.log), "log(2)", 1, 1, "the natural logarithm of numbers and params"),
    "sin": Function(_numeric(np.sin), "sin(pi/6)", 1, 1, "the function of numbers and params, in radians"),
    "cos": Function(_numeric(np.cos), "cos(pi/6)", 1, 1, "the function of numbers and params, in radians"),
    "tan": Function(_numeric(np.tan), "tan(pi/6)", 1, 1, "the function of numbers and params, in radians"),
}
"""What a problem may call, in the order of the reference; networks come on top."""

FOREIGN: Mapping[str, str] = {
    "absolute": "abs",
    "average": "mean",
    "concatenate": "concat",
    "hstack": "concat",
    "length": "L2",
    "maximum": "max",
    "minimum": "min",
    "norm": "L2",
    "total": "sum",
}
"""What functions are called elsewhere, and what they are called here."""
