"""Calls of networks and of the functions of the language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from preimage.language import tree
from preimage.language.context import Context, entries
from preimage.language.diagnostic import Label
from preimage.language.functions import FUNCTIONS, Arguments
from preimage.language.problem import Expression

if TYPE_CHECKING:
    from preimage.language.expressions import Expressions


def call(context: Context, expressions: Expressions, node: tree.Call) -> Expression:
    """Return what a network or a function of the language makes of its arguments."""
    name = node.function.text
    entry = context.scope.get(name)
    if entry is None and name in FUNCTIONS:
        return _function(context, expressions, node)
    entry = context.scope.look_up(name, node.function.span, callable_only=True)
    if entry.kind != "network":
        context.reporter.fail(
            "PRE206",
            node.function.span,
            "used as a function",
            others=[Label(entry.span, "declared here")],
            advice=f"entries are picked with square brackets: {name}[...]",
            name=name,
            kind=entry.article,
            wanted="a function",
        )
    network = context.networks[name]
    if len(node.arguments) != 1 or node.keywords:
        context.reporter.fail(
            "PRE207",
            node.span,
            others=[Label(entry.span, network.summary)],
            advice=f"join several vectors: {name}(concat(a, b))",
            function=name,
            usage=f"{name}(x), with one value of {network.input_size} numbers",
        )
    argument = expressions.value(node.arguments[0])
    size = math.prod(argument.shape)
    if size != network.input_size:
        others = [Label(entry.span, f"takes {network.input_size} and gives {network.output_size}")]
        fed = node.arguments[0]
        declared = context.scope.get(fed.text) if isinstance(fed, tree.Name) else None
        advice = f"give it {network.input_size} numbers, by indexing or concat"
        if declared is not None and declared.kind == "input":
            advice = f"declare {declared.name}[{network.input_size}], or give it another {network.input_size} numbers"
        context.reporter.fail(
            "PRE212",
            node.arguments[0].span,
            entries(argument.shape),
            others=others,
            advice=advice,
            network=name,
            expected=network.input_size,
            text=context.quote(node.arguments[0]),
            found=entries(argument.shape),
        )
    return context.builder.apply(name, network, argument, node.span)


def _function(context: Context, expressions: Expressions, node: tree.Call) -> Expression:
    function = FUNCTIONS[node.function.text]
    names = [keyword.name.text for keyword in node.keywords]
    count = len(node.arguments)
    wrong = next((keyword for keyword in node.keywords if keyword.name.text not in function.keywords), None)
    twice = next((k for i, k in enumerate(node.keywords) if k.name.text in names[:i]), None)
    if wrong or twice or not function.least <= count <= function.most:
        span = (wrong or twice or node).span
        label = f"{count} given" if not (wrong or twice) else "given twice" if twice else "no such argument"
        advice = f"it gives {function.summary}"
        context.reporter.fail("PRE207", span, label, advice=advice, function=node.function.text, usage=function.usage)
    values = expressions.values((*node.arguments, *(keyword.value for keyword in node.keywords)))
    arguments = Arguments(
        context, expressions, node, tuple(values[:count]), dict(zip(names, values[count:], strict=True))
    )
    return function.make(arguments)
