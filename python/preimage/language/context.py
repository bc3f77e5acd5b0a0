"""What the parts of the checker share: the names, the expressions, and how shapes and operands are spoken of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NoReturn

import numpy as np

from preimage.language import tree
from preimage.language.build import Builder
from preimage.language.diagnostic import Label
from preimage.language.facts import is_row
from preimage.language.intervals import Interval, Intervals
from preimage.language.problem import Expression, Gather, Input, Shape, Target, TargetRow
from preimage.language.scope import Reporter, Scope
from preimage.language.span import Span
from preimage.networks.network import Network

_PLURALS = {"axis": "axes"}

MOST_ROWS = 10_000
"""So many rows of targets are looked at one by one where an expression depends on them."""


class Context:
    """The state of one check.

    Attributes
    ----------
    reporter, scope, builder
        Mistakes, names, expressions.
    networks, inputs, targets
        What is declared so far, by name.
    intervals
        Limits of expressions over all designs and all rows.
    """

    def __init__(self, reporter: Reporter, scope: Scope) -> None:
        self.reporter = reporter
        self.scope = scope
        self.networks: dict[str, Network] = {}
        self.inputs: dict[str, Input] = {}
        self.targets: dict[str, Target] = {}
        self.intervals = Intervals(self.inputs, self.targets, self.networks)
        self.builder = Builder(reporter, self.intervals)

    def quote(self, node: tree.Node) -> str:
        """Return the text of a node as typed."""
        return self.reporter.quote(node.span)

    def limits_by_row(self, expression: Expression) -> Iterator[Interval]:
        """Return the limits of an expression for each row of the targets that it depends on."""
        names = sorted(self.builder.facts(expression).rows)
        if not names:
            yield self.intervals.of(expression)
            return
        # Targets of one kind go through their rows together; the two kinds are independent.
        kinds = sorted({self.targets[name].joint for name in names})
        counts = [next(len(self.targets[name].rows) for name in names if self.targets[name].joint == k) for k in kinds]
        for rows in itertools.islice(itertools.product(*(range(count) for count in counts)), MOST_ROWS):
            chosen = dict(zip(kinds, rows, strict=True))
            at = {name: chosen[self.targets[name].joint] for name in names}
            yield Intervals(self.inputs, self.targets, self.networks, at).of(expression)

    def mismatch(
        self, first: tree.Expression, one: Expression, second: tree.Expression, other: Expression, *, advice: str = ""
    ) -> NoReturn:
        """Report that the shapes of two operands do not fit."""
        self.mismatch_between(first.span, one, second, other, advice=advice)

    def mismatch_between(
        self, span: Span, one: Expression, second: tree.Expression, other: Expression, *, advice: str = ""
    ) -> NoReturn:
        """Report that the shapes of what stands at ``span`` and of a second operand do not fit."""
        rows = [name for side in (one, other) if (name := _row_name(side)) is not None]
        places = [(span, one), (second.span, other)]
        others = [Label(second.span, f"{entries(other.shape)}{' a row' * is_row(other)}")]
        for place, _ in places:
            declared = self.scope.get(self.reporter.quote(place))
            if declared is not None and declared.value is not None:
                target = self.targets.get(declared.name)
                rows_of = f"{plural(len(target.rows), 'row')} of " if target else ""
                others.append(Label(declared.span, f"{declared.name}: {rows_of}{entries(declared.value.shape)}"))
        quoted = [self.reporter.quote(place) for place, _ in places]
        counts = [entries(side.shape) for _, side in places]
        if not advice and len(rows) == 1:
            advice = self._row_advice(rows[0], other if _row_name(one) is not None else one)
        self.reporter.fail(
            "PRE213" if len(rows) == 1 else "PRE211",
            span,
            f"{counts[0]}{' a row' * is_row(one)}",
            others=others,
            advice=advice or "give both the same shape, by indexing or reshape",
            left=f"{_subject(quoted[0], one)} {has(one.shape)}",
            right=f"{_subject(quoted[1], other)} {has(other.shape)}",
        )

    def _row_advice(self, name: str, other: Expression) -> str:
        rows = self.targets[name].rows
        size = int(np.prod(other.shape))
        if rows[0].size == 1 and len(rows) == size:
            return f"each row of `{name}` is a target of its own: write its {size} numbers on one line"
        if rows[0].size == 1 and rows.ndim == 2:
            return f"to compare every entry with the one number, write {name}[0]"
        return f"a row of `{name}` must have {entries(other.shape)}"


def entries(shape: Shape) -> str:
    """Speak of a shape: ``1 number``, ``31 entries``, ``103 x 2 entries``."""
    if not shape:
        return "1 number"
    if shape == (1,):
        return "1 entry"
    return " x ".join(str(length) for length in shape) + " entries"


def has(shape: Shape) -> str:
    """Speak of what has a shape: ``is one number``, ``has 31 entries``."""
    return f"has {entries(shape)}" if shape else "is one number"


def number(value: float) -> str:
    """Write a number shortly: ``22``, ``0.9``, ``1.2e-07``."""
    text = f"{value:.6g}"
    return "0" if text == "-0" else text


def plural(count: int, thing: str) -> str:
    """Write a count: ``1 row``, ``6 rows``."""
    if count == 1:
        return f"1 {thing}"
    return f"{count} {thing[:-1]}ies" if thing.endswith("y") else f"{count} {_PLURALS.get(thing, thing + 's')}"


def _row_name(expression: Expression) -> str | None:
    while isinstance(expression, Gather):
        expression = expression.source
    return expression.name if isinstance(expression, TargetRow) else None


def _subject(text: str, expression: Expression) -> str:
    return f"a row of `{text}`" if isinstance(expression, TargetRow) else f"`{text}`"
