"""Operations that formats offer and that a few layers together express."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf, prod

import numpy as np

from preimage.networks.architecture import Architecture, Value
from preimage.networks.draft import LARGEST_TENSOR, Array, Shape, check_shape, shape_text
from preimage.networks.layers import (
    Add,
    Clip,
    Concat,
    Constant,
    Dense,
    Maximum,
    Reduce,
    Relu,
    Reshape,
    Scale,
    Take,
    Transpose,
)
from preimage.networks.network import ImportRefused


def scaled(network: Architecture, value: Value, factor: Array | float = 1.0, offset: Array | float = 0.0) -> Value:
    """Return ``factor * value + offset``, broadcast."""
    factor, offset = np.asarray(factor, dtype=np.float64), np.asarray(offset, dtype=np.float64)
    if factor.ndim == offset.ndim == 0 and factor == 1.0 and offset == 0.0:
        return value
    return network.add(Scale(factor, offset), value)


def combination(network: Architecture, terms: Iterable[tuple[Value | Array, float]]) -> Value:
    """Return the sum of values and constants, each times its number."""
    values: list[Value] = []
    offset = np.zeros(())
    for term, factor in terms:
        if isinstance(term, Value):
            values.append(scaled(network, term, factor))
        else:
            offset = offset + factor * term
    total = values[0] if len(values) == 1 else network.add(Add(), *values)
    return scaled(network, total, 1.0, offset)


def product(network: Architecture, left: Value | Array, right: Value | Array) -> Value:
    """Return the elementwise product of a value and a constant."""
    if isinstance(left, Value) and isinstance(right, Value):
        raise ImportRefused(
            "it multiplies two results of the network",
            advice="a product of a result and a constant is piecewise linear, a product of two results is not",
            layer=network.layer,
        )
    value, factor = (left, right) if isinstance(left, Value) else (right, left)
    assert isinstance(value, Value)
    return scaled(network, value, np.asarray(factor))


def quotient(network: Architecture, left: Value | Array, right: Value | Array) -> Value:
    """Return the elementwise quotient of a value by a constant."""
    if isinstance(right, Value):
        raise ImportRefused(
            "it divides by a result of the network",
            advice="a quotient is piecewise linear only where the denominator is constant",
            layer=network.layer,
        )
    if not np.all(right):
        raise ImportRefused("it divides by zero", layer=network.layer)
    assert isinstance(left, Value)
    # Scale multiplies, and a quotient is rounded differently from a product with the inverse: by 1e-16, relative.
    return scaled(network, left, 1.0 / right)


def matrix_product(network: Architecture, left: Value | Array, right: Value | Array) -> Value:
    """Return ``left @ right`` with numpy's rules, where one of the two is a constant vector or matrix."""
    if isinstance(left, Value) and isinstance(right, Value):
        raise ImportRefused("it multiplies two results of the network", layer=network.layer)
    value, constant = (left, right) if isinstance(left, Value) else (right, left)
    assert isinstance(value, Value)
    matrix = np.asarray(constant)
    while matrix.ndim > 2 and matrix.shape[0] == 1:
        matrix = matrix[0]
    if matrix.ndim not in (1, 2):
        raise ImportRefused(f"its constant matrix has the shape {shape_text(matrix.shape)}", layer=network.layer)
    if value is left:
        result = network.add(Dense(np.atleast_2d(matrix.T)), value)
    elif len(value.shape) == 1:
        result = network.add(Dense(np.atleast_2d(matrix)), value)
    else:
        axes = tuple(range(len(value.shape)))
        turned = (*axes[:-2], axes[-1], axes[-2])
        product = network.add(Dense(np.atleast_2d(matrix)), network.add(Transpose(turned), value))
        if matrix.ndim == 1:
            return network.add(Reshape(product.shape[:-1]), product)
        return network.add(Transpose(turned), product)
    return network.add(Reshape(result.shape[:-1]), result) if matrix.ndim == 1 else result


def reduced(network: Architecture, how: str, value: Value, axes: Sequence[int] | None, keep: bool) -> Value:
    """Return the ``sum``, ``mean``, ``max`` or ``min`` over axes (None: over all)."""
    over = tuple(range(len(value.shape))) if axes is None else tuple(axes)
    if how == "min":
        return scaled(network, network.add(Reduce("max", over, keep), scaled(network, value, -1.0)), -1.0)
    return network.add(Reduce(how, over, keep), value)


def extreme(network: Architecture, how: str, operands: Sequence[Value | Array]) -> Value:
    """Return the elementwise ``max`` or ``min`` of values and constants, broadcast."""
    sign = 1.0 if how == "max" else -1.0
    values = [scaled(network, operand, sign) for operand in operands if isinstance(operand, Value)]
    constants = [sign * operand for operand in operands if not isinstance(operand, Value)]
    result = network.add(Maximum(), *values) if len(values) > 1 else values[0]
    for constant in constants:
        result = at_least(network, result, constant)
    return scaled(network, result, sign)


def at_least(network: Architecture, value: Value, limit: Array) -> Value:
    """Return the elementwise maximum of a value and a constant."""
    if limit.size == 1:
        result = network.add(Clip(lower=float(limit.item())), value)
        added = (1,) * (limit.ndim - len(value.shape))
        return network.add(Reshape(added + value.shape), result) if added else result
    return scaled(network, network.add(Relu(), scaled(network, value, 1.0, -limit)), 1.0, limit)


def clipped(network: Architecture, value: Value, lower: Array | None, upper: Array | None) -> Value:
    """Return ``min(max(value, lower), upper)``; None leaves a side open."""
    low, high = -inf if lower is None else lower, inf if upper is None else upper
    if np.size(low) == np.size(high) == 1:
        return network.add(Clip(float(np.asarray(low).item()), float(np.asarray(high).item())), value)
    value = value if lower is None else extreme(network, "max", (value, np.asarray(lower)))
    return value if upper is None else extreme(network, "min", (value, np.asarray(upper)))


def sliced(network: Architecture, value: Value, axis: int, selection: slice) -> Value:
    """Return ``value[..., selection, ...]`` along one axis, with numpy's rules."""
    if not -len(value.shape) <= axis < len(value.shape):
        raise ImportRefused(f"it slices axis {axis} of {shape_text(value.shape)}", layer=network.layer)
    return network.add(Take(axis, np.arange(value.shape[axis])[selection]), value)


def expanded(network: Architecture, value: Value, shape: Shape) -> Value:
    """Return the value repeated along axes of size 1 to a shape."""
    check_shape(shape)
    return value if value.shape == shape else network.add(Scale(np.ones(()), np.zeros(shape)), value)


def repeated(network: Architecture, value: Value, counts: Sequence[int]) -> Value:
    """Return the value tiled ``counts`` times along each axis, as `numpy.tile` does."""
    if prod(value.shape) * prod(counts) > LARGEST_TENSOR or min(counts, default=1) < 1:
        raise ImportRefused(f"it repeats {shape_text(value.shape)} {tuple(counts)} times", layer=network.layer)
    rank = max(len(counts), len(value.shape))
    value = network.add(Reshape((1,) * (rank - len(value.shape)) + value.shape), value)
    for axis, count in enumerate((1,) * (rank - len(counts)) + tuple(counts)):
        if count != 1:
            value = network.add(Concat(axis), *([value] * count))
    return value


def as_value(network: Architecture, operand: Value | Array) -> Value:
    """Return a constant as a result of the network."""
    return operand if isinstance(operand, Value) else network.add(Constant(operand))
