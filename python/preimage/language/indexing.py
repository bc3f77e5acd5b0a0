"""Indices, as in numpy: whole numbers, slices, lists of positions and masks, all known before the search."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from preimage.language import tree
from preimage.language.context import Context, entries, plural
from preimage.language.diagnostic import Label
from preimage.language.problem import Array, Expression, Indices, Shape

_PICKING = "to choose an entry, let binaries pick it: binary on[4], require sum(on) == 1, and dot(on, v)"
_AXES = ("first", "second", "third", "fourth", "fifth")


class Values(Protocol):
    """What turns values of the syntax tree into numbers."""

    def known(self, node: tree.Expression, what: str, advice: str = "") -> Array:
        """Return numbers that change neither in the search nor from row to row."""

    def whole(self, node: tree.Expression, what: str) -> int:
        """Return one known whole number."""


def positions(context: Context, values: Values, node: tree.Index, source: Expression) -> Indices:
    """Return the flat positions that an index picks from ``source``, in the shape of the result."""
    axes = len(source.shape)
    fail = context.reporter.fail
    subject = context.quote(node.source)
    if len(node.items) > axes:
        most = {0: "leave out the brackets", 1: "give one index"}.get(axes, f"give at most {axes} indices")
        fail(
            "PRE215",
            node.items[axes].span,
            "one index too many" if axes else "nothing to pick from",
            others=_declared(context, node.source),
            advice=most,
            what=f"`{subject}` has {plural(axes, 'axis')}, and {len(node.items)} indices are given"
            if axes
            else f"`{subject}` is one number, without entries",
        )
    key = tuple(_item(context, values, item, source.shape, axis, subject) for axis, item in enumerate(node.items))
    flat = np.arange(int(np.prod(source.shape)), dtype=np.int64).reshape(source.shape)
    try:
        found: Indices = np.asarray(flat[key])
    except IndexError:
        fail(
            "PRE215",
            node.span,
            what="the index lists have different lengths",
            advice="index twice: v[rows][:, columns]",
        )
    if found.size == 0:
        fail(
            "PRE216",
            node.span,
            f"picks nothing of {entries(source.shape)}",
            advice="positions count from 0, and the end of a slice is left out",
            text=context.quote(node),
        )
    return found


def _item(
    context: Context, values: Values, item: tree.Expression | tree.Slice, shape: Shape, axis: int, subject: str
) -> Any:
    length, axes = shape[axis], len(shape)
    if isinstance(item, tree.Slice):
        ends = [
            None if end is None else values.whole(end, "an end of a slice")
            for end in (item.start, item.stop, item.step)
        ]
        if ends[2] == 0:
            what, advice = "a slice cannot step by 0", "leave the step out, or write 1"
            context.reporter.fail("PRE215", item.span, "a step of 0", advice=advice, what=what)
        return slice(*ends)
    numbers = values.known(item, "an index", _PICKING)
    fail = context.reporter.fail
    if isinstance(item, tree.Name) and (entry := context.scope.get(item.text)) is not None and entry.mask:
        if numbers.shape != (length,):
            what = f"the mask `{item.text}` has {entries(numbers.shape)}, and its axis {length}"
            advice = "a mask has one truth value for each position along the axis"
            fail("PRE215", item.span, others=[Label(entry.span, "a mask")], advice=advice, what=what)
        return np.flatnonzero(numbers)
    fractions = numbers[numbers != np.floor(numbers)]
    if fractions.size:
        fail(
            "PRE218",
            item.span,
            f"holds {fractions.ravel()[0]:.6g}",
            what="an index",
            least="",
            advice="positions count from 0",
        )
    outside = numbers[(numbers < -length) | (numbers >= length)]
    if outside.size:
        which = f" along its {_AXES[axis]} axis" if axes > 1 else ""
        fail(
            "PRE214",
            item.span,
            f"{outside.ravel()[0]:.0f} is out of range",
            others=_declared(context, item),
            advice=f"positions run from 0 to {length - 1}",
            subject=subject,
            count=plural(length, "entry"),
            axis=which,
        )
    return numbers.astype(np.int64) if numbers.ndim else int(numbers)


def _declared(context: Context, node: tree.Expression) -> list[Label]:
    entry = context.scope.get(node.text) if isinstance(node, tree.Name) else None
    if entry is None or entry.value is None or not entry.value.shape:
        return []
    return [Label(entry.span, f"{entry.name}: {entries(entry.value.shape)}")]
