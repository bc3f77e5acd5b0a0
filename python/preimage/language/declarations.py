"""Declarations: networks, params, targets, lets and labels. What may be chosen is declared in `choices`."""

from __future__ import annotations

import os
from pathlib import Path

from preimage.language import tree
from preimage.language.bindings import Bindings, Outside
from preimage.language.context import Context, plural
from preimage.language.data import Data, array_digest, missing_advice
from preimage.language.diagnostic import Label
from preimage.language.expressions import Expressions
from preimage.language.problem import Array, Target
from preimage.language.scope import Entry, Kind, Poisoned
from preimage.language.values import DataRefused
from preimage.networks import ImportRefused, Network, load


class Declarations:
    """Checks declarations, and brings their names into scope.

    Parameters
    ----------
    context
        The state of the check.
    expressions
        Makes values.
    bindings
        Finds data.
    """

    def __init__(self, context: Context, expressions: Expressions, bindings: Bindings) -> None:
        self._context = context
        self._expressions = expressions
        self._bindings = bindings
        self._fail = context.reporter.fail

    def declare(
        self, node: tree.NetworkDeclaration | tree.ParamDeclaration | tree.TargetDeclaration | tree.Let
    ) -> None:
        """Check one declaration; the name is in scope afterwards, poisoned if anything is wrong with it."""
        name, kind = node.name, _kind(node)
        self._context.scope.admit(name.text, name.span)
        try:
            match node:
                case tree.NetworkDeclaration():
                    self._network(node)
                    entry = Entry(name.text, kind, name.span)
                case tree.ParamDeclaration():
                    entry = self._param(node)
                case tree.TargetDeclaration():
                    declared = self._target(node)
                    self._context.targets[name.text] = declared
                    entry = Entry(name.text, kind, name.span, self._context.builder.row(declared))
                case tree.Let():
                    entry = Entry(name.text, kind, name.span, self._expressions.value(node.value))
        except Poisoned:
            self._context.scope.declare(Entry(name.text, kind, name.span, poisoned=True))
            raise
        self._context.scope.declare(entry)

    def _network(self, node: tree.NetworkDeclaration) -> None:
        source = self._bindings.source(node.name, node.source)
        assert isinstance(source, tree.File | Outside)
        try:
            network = self._load(node, source)
        except ImportRefused as refused:
            layer = f"layer {refused.layer}: " if refused.layer else ""
            span = node.name.span if isinstance(source, Outside) else source.span
            self._fail("PRE601", span, advice=refused.advice, name=node.name.text, reason=layer + refused.reason)
        self._bindings.note(node.name, source, network.digest)
        self._context.networks[node.name.text] = network

    def _load(self, node: tree.NetworkDeclaration, source: tree.File | Outside) -> Network:
        if isinstance(source, Outside):
            if isinstance(source.value, str | os.PathLike):
                return self._load_file(node, source, Path(source.value), str(source.value))
            return load(source.value, node.name.text)
        if source.key is not None:
            advice = f'leave out ["{source.key.value}"]: a network takes all arrays of its file'
            reason = "is read as a whole"
            self._fail("PRE250", source.key.span, advice=advice, name=f"`{source.path.value}`", reason=reason)
        return self._load_file(node, source, self._bindings.path(source), source.path.value)

    def _load_file(self, node: tree.NetworkDeclaration, source: tree.File | Outside, path: Path, shown: str) -> Network:
        try:
            exists = path.exists()
        except (OSError, ValueError):
            exists = False
        if not exists:
            refused = DataRefused("PRE241", advice=missing_advice(path), file=shown)
            self._bindings.refuse(node.name, source, refused)
        return load(path, node.name.text)

    def _param(self, node: tree.ParamDeclaration) -> Entry:
        source = self._bindings.source(node.name, node.value)
        if isinstance(source, tree.File | Outside):
            data = self._bindings.data(node.name, source)
            values = data.values
            if data.tabular and 1 in values.shape:
                values = values.ravel()  # a row or a column of a table is a vector
            span, mask = node.value.span if node.value is not None else node.name.span, data.mask
        else:
            advice = f"try: let {node.name.text} = {self._context.quote(source)}"
            values, span, mask = (
                self._expressions.known(source, f"the param `{node.name.text}`", advice),
                source.span,
                False,
            )
        return Entry(node.name.text, "param", node.name.span, self._context.builder.constant(values, span), mask=mask)

    def _target(self, node: tree.TargetDeclaration) -> Target:
        source = self._bindings.source(node.name, node.value)
        if isinstance(source, tree.File | Outside):
            rows = _rows(self._bindings.data(node.name, source))
        else:
            value = self._expressions.known(source, f"the target `{node.name.text}`")
            rows = _rows(Data(value, tabular=False, mask=False, digest=array_digest(value)))
        for other in self._context.targets.values():
            if other.joint == node.joint and len(other.rows) != len(rows):
                entry = self._context.scope.get(other.name)
                others = [Label(entry.span, plural(len(other.rows), "row"))] if entry else []
                self._fail(
                    "PRE222",
                    node.name.span,
                    plural(len(rows), "row"),
                    others=others,
                    advice="the rows of several targets go together, one by one: give them the same number",
                    name=node.name.text,
                    rows=plural(len(rows), "row"),
                    other=other.name,
                    other_rows=len(other.rows),
                )
        return Target(node.name.text, rows, node.joint, node.name.span)


def _rows(data: Data) -> Array:
    """One axis is one row; of more axes, the first one counts the rows."""
    return data.values if data.tabular or data.values.ndim >= 2 else data.values[None]


def _kind(node: tree.NetworkDeclaration | tree.ParamDeclaration | tree.TargetDeclaration | tree.Let) -> Kind:
    match node:
        case tree.NetworkDeclaration():
            return "network"
        case tree.ParamDeclaration():
            return "param"
        case tree.TargetDeclaration():
            return "targets" if node.joint else "target"
        case tree.Let():
            return "let"
