"""Checked expressions → graph: what may be chosen, and all that depends on it, as piecewise-linear operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from preimage._core import GraphBuilder
from preimage.language.problem import (
    Abs,
    Add,
    Apply,
    Array,
    Choice,
    Clip,
    Concat,
    Divide,
    Expression,
    Gather,
    Indices,
    MatMul,
    MaxEntry,
    Maximum,
    Multiply,
    Norm,
    Problem,
    Relu,
    Shape,
    Sum,
    TargetRow,
)
from preimage.problem.evaluate import Evaluator, children
from preimage.problem.forms import Form, concatenate, constant, identity, materialise


class Lowering:
    """Lowers expressions of one problem into one graph.

    Parameters
    ----------
    problem
        The checked problem.
    sweep_row
        The row of every `target`.
    coordinates
        By input name, the positions of its entries in the design vector: shape ``(joint targets or 1, entries)``.
    lower, upper
        Bounds of the design vector.
    """

    def __init__(
        self,
        problem: Problem,
        sweep_row: int,
        coordinates: Mapping[str, np.ndarray[tuple[int, int], np.dtype[np.int64]]],
        lower: Array,
        upper: Array,
    ) -> None:
        self.builder = GraphBuilder(len(lower))
        self.layers: dict[int, str] = {}
        self._problem = problem
        self._coordinates = coordinates
        self._box = (lower, upper)
        self._per_target = {i.name for i in problem.inputs if i.per_target} | {
            t.name for t in problem.targets if t.joint
        }
        self._evaluators = [
            Evaluator(problem, {t.name: joint if t.joint else sweep_row for t in problem.targets}, {})
            for joint in range(problem.joint_rows)
        ]
        self._names: dict[int, frozenset[str]] = {}
        self._forms: dict[tuple[int, int], Form] = {}
        self._nodes: dict[bytes, int] = {}
        self._applied: dict[tuple[str, int], int] = {}

    def form(self, expression: Expression, joint: int) -> Form:
        """Return ``expression``, flattened, as an affine form over the graph, as target ``joint`` sees it."""
        names = self.names(expression)
        key = (id(expression), joint if names & self._per_target else 0)
        known = self._forms.get(key)
        if known is None:
            if names & self._coordinates.keys():
                known = self._lower(expression, key[1])
            else:
                known = constant(self._evaluators[key[1]].value(expression))
            self._forms[key] = known
        return known

    def node(self, expression: Expression, joint: int) -> int:
        """Return a node that holds ``expression``, flattened, as target ``joint`` sees it."""
        return self.materialise(self.form(expression, joint))

    def positions(self, name: str, joint: int) -> Indices:
        """Return where in the design vector an input stands, as target ``joint`` sees it."""
        rows = self._coordinates[name]
        positions: Indices = rows[joint if len(rows) > 1 else 0]
        return positions

    def entries(self, positions: Sequence[int] | Indices) -> Form:
        """Return entries of the design vector."""
        return identity(0, self.builder.size(0)).take(np.asarray(positions, dtype=np.int64))

    def names(self, expression: Expression) -> frozenset[str]:
        """Return the names of the inputs and targets that ``expression`` depends on."""
        known = self._names.get(id(expression))
        if known is None:
            match expression:
                case Choice(name=name) | TargetRow(name=name):
                    known = frozenset({name})
                case _:
                    known = frozenset[str]().union(*(self.names(child) for child in children(expression)))
            self._names[id(expression)] = known
        return known

    def _lower(self, expression: Expression, joint: int) -> Form:
        match expression:
            case Choice(name=name):
                return self.entries(self.positions(name, joint))
            case Add(parts=parts):
                forms = [self._broadcast(part, expression.shape, joint) for part in parts]
                return sum(forms[1:], forms[0])
            case Multiply(left=left, right=right):
                return self._product(left, right, expression.shape, joint)
            case Divide(numerator=numerator, denominator=denominator):
                divisor = self._broadcast(denominator, expression.shape, joint).bias
                return self._broadcast(numerator, expression.shape, joint).scale(1.0 / divisor)
            case MatMul(left=left, right=right):
                return self._matmul(left, right, joint)
            case Gather(source=source, indices=indices):
                return self.form(source, joint).take(indices)
            case Concat(parts=parts):
                return concatenate([self.form(part, joint) for part in parts])
            case Sum(source=source):
                form = self.form(source, joint)
                return form.transform(sparse.csr_array(np.ones((1, form.size))))
            case Abs(source=source):
                return self._kink(self.form(source, joint), -1.0)
            case Relu(source=source):
                return self._kink(self.form(source, joint), 0.0)
            case Clip(source=source, lower=lower, upper=upper):
                low = self._broadcast(lower, expression.shape, joint).bias
                high = self._broadcast(upper, expression.shape, joint).bias
                node = self.materialise(self._broadcast(source, expression.shape, joint))
                # The upper limit wins where limits are crossed, as a target's row may make them.
                return self._whole(self.builder.clip(node, np.minimum(low, high), high))
            case Maximum(parts=parts):
                stacked = concatenate([self._broadcast(part, expression.shape, joint) for part in parts])
                size = stacked.size // len(parts)
                groups = [[entry + size * part for part in range(len(parts))] for entry in range(size)]
                return self._whole(self.builder.max(self.materialise(stacked), groups))
            case MaxEntry(source=source):
                form = self.form(source, joint)
                return self._whole(self.builder.max(self.materialise(form), [list(range(form.size))]))
            case Norm(source=source):
                form = self.form(source, joint)
                return self._whole(self.builder.norm(self.materialise(form), [list(range(form.size))]))
            case Apply(network=network, argument=argument):
                return self._apply(network, self.materialise(self.form(argument, joint)))
        raise TypeError(f"unknown expression {type(expression).__name__}")

    def _apply(self, name: str, source: int) -> Form:
        output = self._applied.get((name, source))
        if output is None:
            first = self.builder.node_count
            output = self.builder.append(self._problem.networks[name].graph, source)
            self._applied[name, source] = output
            calls = sum(1 for network, _ in self._applied if network == name)
            label = name if calls == 1 else f"{name}#{calls}"
            self.layers.update(dict.fromkeys(range(first, self.builder.node_count), label))
        return self._whole(output)

    def _product(self, left: Expression, right: Expression, shape: Shape, joint: int) -> Form:
        first, second = self._broadcast(left, shape, joint), self._broadcast(right, shape, joint)
        if first.is_constant:
            return second.scale(first.bias)
        if second.is_constant:
            return first.scale(second.bias)
        if not self._is_binary(left):
            first, second = second, first
        return self._binary_product(first, second)

    def _binary_product(self, binary: Form, factor: Form) -> Form:
        """Return ``b * e`` for ``b`` in {0, 1} and ``e`` in [l, u]: ``relu(e - l - (u - l)(1 - b)) + l b``, exactly."""
        node = self.materialise(factor)
        bounds = self.builder.build(node).bounds(*self._box)
        low, high = bounds.lower(node), bounds.upper(node)
        width = high - low
        shifted = factor + constant(-low) + binary.scale(width) + constant(-width)
        return self._kink(shifted, 0.0) + binary.scale(low)

    def _is_binary(self, expression: Expression) -> bool:
        while isinstance(expression, Gather):
            expression = expression.source
        return isinstance(expression, Choice) and any(
            i.name == expression.name and i.kind == "binary" for i in self._problem.inputs
        )

    def _matmul(self, left: Expression, right: Expression, joint: int) -> Form:
        # One axis is a row on the left and a column on the right; the product of flat arrays is a Kronecker product.
        rows, inner = left.shape if len(left.shape) == 2 else (1, left.shape[0])
        columns = right.shape[1] if len(right.shape) == 2 else 1
        first, second = self.form(left, joint), self.form(right, joint)
        if first.is_constant:
            matrix = sparse.csr_array(first.bias.reshape(rows, inner))
            return second.transform(sparse.csr_array(sparse.kron(matrix, sparse.eye_array(columns))))
        matrix = sparse.csr_array(second.bias.reshape(inner, columns).T)
        return first.transform(sparse.csr_array(sparse.kron(sparse.eye_array(rows), matrix)))

    def _kink(self, form: Form, slope: float) -> Form:
        return self._whole(self.builder.kink(self.materialise(form), np.full(form.size, slope)))

    def _broadcast(self, expression: Expression, shape: Shape, joint: int) -> Form:
        return self.form(expression, joint).broadcast(expression.shape, shape)

    def materialise(self, form: Form) -> int:
        """Return a node that holds the form."""
        # Equal forms share a node, so that a network applied twice to the same design stands in the graph once.
        key = form.digest()
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = materialise(form, self.builder)
        return node

    def _whole(self, node: int) -> Form:
        return identity(node, self.builder.size(node))
