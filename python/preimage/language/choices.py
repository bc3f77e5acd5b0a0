"""Inputs: what may be chosen, from which values, and how its entries are called."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Literal

import numpy as np

from preimage.language import tree
from preimage.language.bindings import Bindings
from preimage.language.context import Context, entries, has, number
from preimage.language.data import read_labels
from preimage.language.diagnostic import Label
from preimage.language.expressions import Expressions
from preimage.language.problem import Constant, Expression, Input, Shape
from preimage.language.scope import Entry, Poisoned
from preimage.language.tables import check_labels
from preimage.language.values import DataRefused

LARGEST_INPUT = 100_000
"""Entries of one input."""


class Choices:
    """Checks inputs and their labels.

    Parameters
    ----------
    context
        The state of the check.
    expressions
        Makes values.
    bindings
        Finds labels.
    joint
        Whether the text has `targets`.
    """

    def __init__(self, context: Context, expressions: Expressions, bindings: Bindings, *, joint: bool) -> None:
        self._context = context
        self._builder = context.builder
        self._expressions = expressions
        self._bindings = bindings
        self._joint = joint
        self._fail = context.reporter.fail

    def declare(self, node: tree.InputDeclaration) -> None:
        """Check one input; its name is in scope afterwards, poisoned if anything is wrong with it."""
        name = node.name
        self._context.scope.admit(name.text, name.span)
        try:
            declared = self._input(node)
        except Poisoned:
            self._context.scope.declare(Entry(name.text, "input", name.span, poisoned=True))
            raise
        self._context.inputs[name.text] = declared
        self._context.scope.declare(Entry(name.text, "input", name.span, self._builder.choice(declared)))

    def label(self, node: tree.NamesDeclaration) -> None:
        """Check labels, and give them to the entries of their input or to the rows of their target."""
        entry = self._context.scope.look_up(node.name.text, node.name.span)
        inputs, targets = self._context.inputs, self._context.targets
        declared = inputs.get(node.name.text) or targets.get(node.name.text)
        if declared is None:
            self._fail(
                "PRE206",
                node.name.span,
                others=[Label(entry.span, "declared here")],
                advice="names labels the entries of an input, or the rows of a target",
                name=node.name.text,
                kind=entry.article,
                wanted="an input or a target",
            )
        if declared.labels:
            self._fail(
                "PRE201", node.span, "labelled again", name=f"names {node.name.text}", advice="keep one of the two"
            )
        if isinstance(declared, Input):
            labels = self._labels(node, math.prod(declared.shape))
            inputs[declared.name] = dataclasses.replace(declared, labels=labels)
        else:
            labels = self._labels(node, len(declared.rows))
            targets[declared.name] = dataclasses.replace(declared, labels=labels)

    def _labels(self, node: tree.NamesDeclaration, count: int) -> tuple[str, ...]:
        if isinstance(node.value, tuple):
            try:
                return check_labels([text.value for text in node.value], "the list", count)
            except DataRefused as refused:
                span = node.value[0].span.join(node.value[-1].span)
                self._context.reporter.add(refused.diagnostic(span, file=self._context.reporter.file))
                raise Poisoned from None
        source = node.value if isinstance(node.value, tree.File) else self._bindings.outside(node.value.name)
        try:
            if isinstance(source, tree.File):
                labels, digest = read_labels(self._bindings.path(source), source.path.value, count)
                self._bindings.note(node.name, source, digest)
                return labels
            found = list(source.value) if isinstance(source.value, Iterable) else []
            if not found or isinstance(source.value, str) or not all(isinstance(label, str) for label in found):
                advice = 'give ["cyan", "magenta"]'
                raise DataRefused("PRE252", reason=f"`{source.name}` is not a list of texts", advice=advice)
            return check_labels(found, f"`{source.name}`", count)
        except DataRefused as refused:
            self._bindings.refuse(node.name, source, refused)

    def _input(self, node: tree.InputDeclaration) -> Input:
        if node.per_target and not self._joint:
            self._fail(
                "PRE410",
                node.span,
                "one copy for each target",
                advice="declare `targets`: its rows are solved together, those of a `target` one by one",
                name=node.name.text,
            )
        shape = self._shape(node)
        if isinstance(node.domain, tree.Catalogue):
            return self._catalogue(node, node.domain, shape)
        if node.domain is None:
            return self._unbounded(node, shape)
        lower, upper = self._range(node, node.domain, shape)
        lower, upper = (self._builder.broadcast(end, shape, end.span) for end in (lower, upper))
        kind: Literal["continuous", "integer"] = "continuous" if node.kind == "input" else "integer"
        if node.kind == "binary":
            what, advice = "a binary takes no range: it is 0 or 1", f"try: binary {self._name(node)}"
            self._fail("PRE411", node.domain.span, advice=advice, what=what)
        if kind == "integer":
            lower, upper = (
                self._builder.constant(round_to_whole(limit.value), limit.span)
                if isinstance(limit, Constant)
                else limit
                for limit, round_to_whole in ((lower, np.ceil), (upper, np.floor))
            )
        return Input(node.name.text, shape, kind, lower, upper, (), node.per_target, (), node.name.span)

    def _shape(self, node: tree.InputDeclaration) -> Shape:
        lengths = []
        for length_node in node.shape:
            length = self._expressions.whole(length_node, "a length")
            if length < 1:
                advice = f"leave the input out where it has no entries, or declare {node.name.text}[1]"
                self._fail("PRE218", length_node.span, advice=advice, what="a length", least=", 1 or more")
            lengths.append(length)
        size = math.prod(lengths)
        if size > LARGEST_INPUT:
            what = f"`{node.name.text}` has {size:,} entries"
            advice = "let a few numbers describe the many: a matrix, or a network, makes them of those"
            self._fail("PRE408", node.name.span, advice=advice, what=what, limit=f"{LARGEST_INPUT:,}")
        return tuple(lengths)

    def _name(self, node: tree.InputDeclaration) -> str:
        """Return the name with its lengths, as typed."""
        lengths = ", ".join(self._context.quote(length) for length in node.shape)
        return f"{node.name.text}[{lengths}]" if lengths else node.name.text

    def _unbounded(self, node: tree.InputDeclaration, shape: Shape) -> Input:
        if node.kind != "binary":
            example = "0..7" if node.kind == "integer" else "0..1"
            self._fail(
                "PRE401",
                node.name.span,
                "no bounds",
                advice=f"try: {node.kind} {self._name(node)} in {example}",
                name=node.name.text,
            )
        zero, one = (self._builder.constant(np.full(shape, end), node.span) for end in (0.0, 1.0))
        return Input(node.name.text, shape, "binary", zero, one, (), node.per_target, (), node.name.span)

    def _catalogue(self, node: tree.InputDeclaration, domain: tree.Catalogue, shape: Shape) -> Input:
        if node.kind != "input":
            advice = f"try: input {self._name(node)} in {self._context.quote(domain)}"
            article = "an integer" if node.kind == "integer" else "a binary"
            self._fail("PRE411", domain.span, advice=advice, what=f"{article} takes no catalogue")
        found = [self._expressions.known(value, "a value of a catalogue") for value in domain.values]
        values = tuple(sorted({float(value) for part in found for value in part.ravel()}))
        lower, upper = (self._builder.constant(np.full(shape, end), domain.span) for end in (values[0], values[-1]))
        return Input(node.name.text, shape, "catalogue", lower, upper, values, node.per_target, (), node.name.span)

    def _range(self, node: tree.InputDeclaration, domain: tree.Range, shape: Shape) -> tuple[Expression, Expression]:
        ends = self._expressions.values((domain.lower, domain.upper))
        for end_node, end in zip((domain.lower, domain.upper), ends, strict=True):
            facts = self._builder.facts(end)
            if facts.chosen:
                advice = (
                    f"give {node.name.text} bounds of its own, and require the rest: require {node.name.text} <= ..."
                )
                self._expressions.require_known(end_node, end, "a bound", advice)
            if facts.per_target and not node.per_target:
                self._fail(
                    "PRE412",
                    end_node.span,
                    "another value for each target",
                    advice=f"try: {self._context.quote(node)} per target",
                    name=node.name.text,
                )
            if end.shape not in ((), (1,), shape):
                advice = f"write {node.name.text}[{', '.join(map(str, end.shape))}], or one number for all entries"
                self._fail(
                    "PRE211",
                    end_node.span,
                    entries(end.shape),
                    others=[Label(node.name.span, entries(shape))],
                    advice=advice,
                    left=f"the bound `{self._context.quote(end_node)}` {has(end.shape)}",
                    right=f"`{node.name.text}` {has(shape)}",
                )
        self._check_not_empty(domain, ends[0], ends[1])
        if node.kind == "integer":
            self._check_holds_integers(domain, ends[0], ends[1])
        return ends[0], ends[1]

    def _check_not_empty(self, domain: tree.Range, lower: Expression, upper: Expression) -> None:
        width = self._builder.subtract(upper, lower, domain.span)
        for row, limits in enumerate(self._context.limits_by_row(width)):
            empty = np.flatnonzero(limits.upper.ravel() < 0)
            if empty.size:
                ends = self._ends(lower, upper, int(empty[0]))
                where = f" in row {row}" if not isinstance(width, Constant) else ""
                where = f" at entry {int(empty[0])}{where}" if limits.upper.size > 1 else where
                self._fail(
                    "PRE402",
                    domain.span,
                    f"{ends}{where}" if ends else f"the lower end lies above the upper one{where}",
                    advice="the smaller end comes first",
                    text=self._context.quote(domain),
                )

    def _check_holds_integers(self, domain: tree.Range, lower: Expression, upper: Expression) -> None:
        ends = self._builder.concat((lower, upper), domain.span)
        size = math.prod(lower.shape)
        for row, limits in enumerate(self._context.limits_by_row(ends)):
            whole = limits.whole
            if np.any(whole.lower[:size] > whole.upper[size:]):
                self._fail(
                    "PRE403",
                    domain.span,
                    "no whole number lies in it" + ("" if isinstance(ends, Constant) else f" in row {row}"),
                    advice="widen it, or use `input` for values between whole numbers",
                    text=self._context.quote(domain),
                )

    def _ends(self, lower: Expression, upper: Expression, position: int) -> str:
        if not (isinstance(lower, Constant) and isinstance(upper, Constant)):
            return ""
        low, high = np.broadcast_arrays(lower.value, upper.value)
        return f"{number(float(low.ravel()[position]))} lies above {number(float(high.ravel()[position]))}"
