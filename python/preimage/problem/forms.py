"""Affine forms over the nodes of a graph under construction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from preimage._core import GraphBuilder, Matrix
from preimage.language.problem import Array, Indices, Shape

DENSE_SHARE = 0.4
"""A matrix with a larger share of non-zeros is handed to the graph as a dense one: it is then multiplied faster."""


@dataclass(frozen=True, slots=True)
class Form:
    """``bias + sum of matrix @ node``: an array of known shape, flattened, that is affine in some nodes.

    Attributes
    ----------
    terms
        Sparse matrices by node, each of shape (size of the form, size of the node).
    """

    terms: dict[int, sparse.csr_array]
    bias: Array

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.bias)

    @property
    def is_constant(self) -> bool:
        """Whether no node enters."""
        return not self.terms

    def digest(self) -> bytes:
        """Return a hash of the content: equal forms have equal digests."""
        state = hashlib.blake2b(np.int64(self.size).tobytes() + self.bias.tobytes(), digest_size=16)
        for node, matrix in sorted(self.terms.items()):
            for part in (np.array([node, matrix.nnz]), matrix.indptr, matrix.indices, matrix.data):
                state.update(part.tobytes())
        return state.digest()

    def __add__(self, other: Form) -> Form:
        terms = dict(self.terms)
        for node, matrix in other.terms.items():
            terms[node] = sparse.csr_array(terms[node] + matrix) if node in terms else matrix
        return Form(terms, self.bias + other.bias)

    def scale(self, factors: Array) -> Form:
        """Multiply entry by entry with ``factors`` of the same size."""
        diagonal = sparse.diags_array(factors)
        return Form({n: sparse.csr_array(diagonal @ m) for n, m in self.terms.items()}, factors * self.bias)

    def take(self, indices: Indices) -> Form:
        """Return the entries at ``indices`` (flattened)."""
        flat = np.asarray(indices, dtype=np.int64).ravel()
        return Form({n: m[flat] for n, m in self.terms.items()}, self.bias[flat])

    def transform(self, matrix: sparse.sparray | Array) -> Form:
        """Return ``matrix @ self``."""
        return Form({n: sparse.csr_array(matrix @ m) for n, m in self.terms.items()}, matrix @ self.bias)

    def broadcast(self, shape: Shape, target: Shape) -> Form:
        """Broadcast from ``shape`` to ``target`` by numpy's rules."""
        if shape == target:
            return self
        positions = np.arange(self.size).reshape(shape)
        return self.take(np.broadcast_to(positions, target))


def constant(values: Array | float) -> Form:
    """Return a form that is ``values``, flattened."""
    return Form({}, np.atleast_1d(np.asarray(values, dtype=np.float64)).ravel())


def identity(node: int, size: int) -> Form:
    """Return the form that is the node itself."""
    return Form({node: sparse.csr_array(sparse.eye_array(size, format="csr"))}, np.zeros(size))


def concatenate(forms: list[Form]) -> Form:
    """Stack forms one after another."""
    total = sum(form.size for form in forms)
    terms: dict[int, sparse.csr_array] = {}
    for node in {node for form in forms for node in form.terms}:
        width = next(form.terms[node].shape[1] for form in forms if node in form.terms)
        blocks = [form.terms.get(node, sparse.csr_array((form.size, width))) for form in forms]
        terms[node] = sparse.csr_array(sparse.vstack(blocks, format="csr"))
    bias = np.concatenate([form.bias for form in forms]) if forms else np.zeros(0)
    if len(bias) != total:
        raise ValueError("forms to be stacked disagree in size")
    return Form(terms, bias)


def materialise(form: Form, builder: GraphBuilder) -> int:
    """Return a node of ``builder`` that holds the form: an existing one where the form is just that node."""
    if len(form.terms) == 1 and not form.bias.any():
        ((node, matrix),) = form.terms.items()
        if matrix.shape == (form.size, builder.size(node)) and _is_identity(matrix):
            return node
    terms = form.terms or {0: sparse.csr_array((form.size, builder.size(0)))}
    return builder.affine([(node, core_matrix(matrix)) for node, matrix in sorted(terms.items())], form.bias)


def core_matrix(matrix: sparse.csr_array) -> Matrix:
    """Hand a scipy matrix to the core, dense or sparse as it is cheaper."""
    rows, columns = matrix.shape
    if matrix.nnz > DENSE_SHARE * rows * columns:
        return Matrix.dense(np.ascontiguousarray(matrix.toarray()))
    matrix.sum_duplicates()
    return Matrix.sparse(
        rows, columns, matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data.astype(np.float64)
    )


def _is_identity(matrix: sparse.csr_array) -> bool:
    size: NDArray[np.int64] = np.arange(matrix.shape[0])
    return (
        matrix.shape[0] == matrix.shape[1]
        and matrix.nnz == matrix.shape[0]
        and bool(np.array_equal(matrix.indices, size))
        and bool(np.array_equal(matrix.indptr[1:], size + 1))
        and bool((matrix.data == 1.0).all())
    )
