"""Simplify a draft: compose affine nodes where the result is no larger, drop what does not reach the output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

import numpy as np
from scipy.sparse import csr_array

from preimage._core import Graph, GraphBuilder, Matrix
from preimage.networks.draft import (
    Affine,
    Array,
    Draft,
    Kink,
    Map,
    Max,
    Node,
    Tensor,
    add_maps,
    node_size,
    node_sources,
)

ROW_COST = 16
"""A row of an affine node (a bound, a variable of the search) costs as much as this many non-zero entries."""
LARGEST_DENSE_PRODUCT = 1 << 31
"""Multiplications that composing two dense maps may take."""
LARGEST_SPARSE_PRODUCT = 1 << 27
"""Multiplications that composing maps may take if one is sparse."""
DENSE_FROM = 0.25
"""The share of non-zero entries from which a map is stored dense."""


def simplify(draft: Draft, output: Tensor) -> Graph:
    """Return the graph of ``draft`` up to ``output``, with neighbouring affine nodes composed."""
    nodes = dict(enumerate(draft.nodes))
    for index, node in list(nodes.items()):
        if isinstance(node, Affine):
            nodes[index] = Affine({source: _tidy(linear) for source, linear in node.terms.items()}, node.bias)
    target = output.node
    for index in list(nodes):
        _fold_into_consumers(nodes, index, target)
    for index in list(nodes):
        _flatten(nodes, index, target)
    return _emit(nodes, target)


def _fold_into_consumers(nodes: dict[int, Node], index: int, target: int) -> None:
    """Fold an affine node into the affine nodes that use it, if the whole does not grow.

    A node that something else uses too stays; then each consumer takes it over only if that makes it no larger itself.
    """
    node = nodes[index]
    if not isinstance(node, Affine):
        return
    consumers = {k: n for k, n in _live(nodes, target) if index in node_sources(n)}
    affine = {k: n for k, n in consumers.items() if isinstance(n, Affine)}
    folded: dict[int, Affine] = {}
    for key, consumer in affine.items():
        composed = _compose(consumer, index, node)
        if composed is not None:
            folded[key] = composed
    if index != target and len(folded) == len(consumers):
        if sum(map(_cost, folded.values())) <= _cost(node) + sum(map(_cost, affine.values())):
            nodes.update(folded)
        return
    nodes.update({key: new for key, new in folded.items() if _cost(new) <= _cost(affine[key])})


def _flatten(nodes: dict[int, Node], index: int, target: int) -> None:
    """Replace a chain of affine nodes that only serves this one by their composition, if that is no larger.

    Composing two neighbours may grow what composing all of them shrinks, such as a fan of deconvolutions.
    """
    live = dict(_live(nodes, target))
    node = live.get(index)
    if not isinstance(node, Affine):
        return
    spent = _cost(node)
    while True:
        users: dict[int, int] = {}
        for user in live.values():
            for source in node_sources(user):
                users[source] = users.get(source, 0) + 1
        inner = [k for k in node.terms if isinstance(live[k], Affine) and users[k] == 1 and k != target]
        if not inner:
            break
        chain = max(inner)
        absorbed = live[chain]
        assert isinstance(absorbed, Affine)
        composed = _compose(node, chain, absorbed)
        if composed is None:
            return
        spent += _cost(absorbed)
        node = composed
        live[index] = node
        del live[chain]
    if _cost(node) <= spent:
        nodes[index] = node


def _compose(outer: Affine, index: int, inner: Affine) -> Affine | None:
    """Return ``outer`` with its source ``index`` replaced by what ``inner`` computes, or None if that is too dear."""
    linear = outer.terms[index]
    terms = {source: other for source, other in outer.terms.items() if source != index}
    for source, deeper in inner.terms.items():
        product = _product(linear, deeper)
        if product is None:
            return None
        terms[source] = _tidy(add_maps(terms.get(source), product))
    return Affine(terms, outer.bias + linear @ inner.bias)


def _product(left: Map, right: Map) -> Map | None:
    """Return ``left @ right``, or None if it takes too long or too much memory."""
    if not is_sparse(left) and not is_sparse(right):
        work = left.shape[0] * max(left.shape[1], ROW_COST) * right.shape[1]
        return np.asarray(left @ right) if work <= LARGEST_DENSE_PRODUCT else None
    left, right = csr_array(left), csr_array(right)
    work = int(np.diff(right.indptr)[left.indices].sum())
    return csr_array(left @ right) if work <= LARGEST_SPARSE_PRODUCT else None


def is_sparse(linear: object) -> TypeGuard[csr_array]:
    """Return whether a map is stored sparse."""
    return isinstance(linear, csr_array)


def _nonzeros(linear: Map) -> int:
    return int(linear.nnz) if is_sparse(linear) else int(linear.shape[0] * linear.shape[1])


def _cost(node: Affine) -> int:
    return sum(map(_nonzeros, node.terms.values())) + ROW_COST * len(node.bias)


def _tidy(linear: Map) -> Map:
    """Store a map dense or sparse, whichever its entries ask for."""
    rows, columns = linear.shape
    if is_sparse(linear):
        if np.any(linear.data == 0.0):
            linear = linear.copy()
            linear.eliminate_zeros()
        return linear.toarray() if linear.nnz >= DENSE_FROM * rows * columns else linear
    assert isinstance(linear, np.ndarray)
    return linear if np.count_nonzero(linear) >= DENSE_FROM * rows * columns else csr_array(linear)


def _live(nodes: dict[int, Node], target: int) -> Iterator[tuple[int, Node]]:
    """Iterate over the nodes that reach the target (and the input), in topological order."""
    reached = {0, target}
    for index in range(target, -1, -1):
        if index in reached:
            reached.update(node_sources(nodes[index]))
    return ((index, nodes[index]) for index in sorted(reached))


def _is_identity(node: Affine) -> bool:
    if len(node.terms) != 1 or np.any(node.bias != 0.0):
        return False
    (linear,) = node.terms.values()
    rows, columns = linear.shape
    if rows != columns:
        return False
    sparse = linear if is_sparse(linear) else csr_array(linear)
    return bool(sparse.nnz == rows and np.array_equal(sparse.indices, np.arange(rows)) and np.all(sparse.data == 1.0))


def _emit(nodes: dict[int, Node], target: int) -> Graph:
    live = list(_live(nodes, target))
    (_, first), *rest = live
    builder = GraphBuilder(node_size(first))
    placed = {0: 0}
    for index, node in rest:
        match node:
            case Affine(terms, bias) if _is_identity(node):
                placed[index] = placed[next(iter(terms))]
            case Affine(terms, bias) if not terms:
                nothing = csr_array((len(bias), node_size(first)))
                placed[index] = builder.affine([(0, _matrix(nothing))], bias)
            case Affine(terms, bias):
                placed[index] = builder.affine([(placed[k], _matrix(linear)) for k, linear in terms.items()], bias)
            case Kink(source, slopes):
                placed[index] = builder.kink(placed[source], slopes)
            case Max(source, starts, members):
                groups = [group.tolist() for group in np.split(members, starts[1:-1])]
                placed[index] = builder.max(placed[source], groups)
    return builder.build(placed[target])


def _matrix(linear: Map) -> Matrix:
    rows, columns = linear.shape
    if is_sparse(linear):
        return Matrix.sparse(rows, columns, linear.indptr, linear.indices, linear.data.astype(np.float64))
    dense: Array = np.ascontiguousarray(linear, dtype=np.float64)
    return Matrix.dense(dense)
