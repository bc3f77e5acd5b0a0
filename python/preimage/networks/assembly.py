"""Layers written as affine maps, kinks and maxima."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import inf, prod

import numpy as np
from scipy.sparse import csr_array, eye_array, kron

from preimage.networks.draft import (
    Array,
    Draft,
    Indices,
    Map,
    Shape,
    Tensor,
    check_nonzeros,
    check_shape,
    diagonal,
    shape_text,
    spread,
)
from preimage.networks.layers import (
    Absolute,
    Add,
    BatchNorm,
    Clip,
    Concat,
    Constant,
    Dense,
    Layer,
    LeakyRelu,
    Maximum,
    Pad,
    PRelu,
    Reduce,
    Relu,
    Reshape,
    Scale,
    Take,
    Transpose,
)
from preimage.networks.network import ImportRefused

PAD_MODES = ("constant", "reflect", "edge", "wrap")


@singledispatch
def write(layer: Layer, draft: Draft, *sources: Tensor) -> Tensor:
    """Write a layer into the draft; raises `ImportRefused` if the shapes do not fit."""
    raise TypeError(f"{type(layer).__name__} is written nowhere")


@write.register
def _(layer: Constant, draft: Draft, *sources: Tensor) -> Tensor:
    return draft.affine([], layer.values, layer.values.shape)


@write.register
def _(layer: Dense, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    if layer.weight.ndim != 2:
        raise ImportRefused(f"its weight has the shape {shape_text(layer.weight.shape)} and should have two axes")
    outputs, inputs = layer.weight.shape
    if source.shape[-1:] != (inputs,):
        raise ImportRefused(f"its weight takes {inputs} inputs, but gets {shape_text(source.shape)}")
    check_bias(layer.bias, outputs)
    leading = source.shape[:-1]
    check_shape((*leading, outputs))
    check_nonzeros(prod(leading) * layer.weight.size)
    linear: Map = layer.weight if prod(leading) == 1 else kron(eye_array(prod(leading)), layer.weight, format="csr")
    bias = 0.0 if layer.bias is None else layer.bias
    return draft.affine([(source, linear)], bias, (*leading, outputs))


@write.register
def _(layer: Scale, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    shape = np.broadcast_shapes(source.shape, layer.factor.shape, layer.offset.shape)
    source = broadcast(draft, source, shape)
    return draft.affine([(source, diagonal(spread(layer.factor, shape)))], layer.offset, shape)


@write.register
def _(layer: BatchNorm, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    axis = axis_of(layer.axis, source.shape)
    for values in (layer.mean, layer.variance, layer.weight, layer.bias):
        check_bias(values, source.shape[axis])
    if not np.all(layer.variance + layer.epsilon > 0):
        raise ImportRefused("a variance of its batch norm is not positive")
    factor = 1.0 / np.sqrt(layer.variance + layer.epsilon)
    if layer.weight is not None:
        factor = factor * layer.weight
    offset = -layer.mean * factor
    if layer.bias is not None:
        offset = offset + layer.bias
    along = tuple(-1 if k == axis else 1 for k in range(len(source.shape)))
    return write(Scale(factor.reshape(along), offset.reshape(along)), draft, source)


@write.register
def _(layer: Relu, draft: Draft, *sources: Tensor) -> Tensor:
    return draft.activation("ReLU", draft.kink(sources[0], 0.0))


@write.register
def _(layer: LeakyRelu, draft: Draft, *sources: Tensor) -> Tensor:
    return draft.activation("leaky ReLU", draft.kink(sources[0], layer.slope))


@write.register
def _(layer: PRelu, draft: Draft, *sources: Tensor) -> Tensor:
    return draft.activation("PReLU", draft.kink(sources[0], layer.slopes))


@write.register
def _(layer: Absolute, draft: Draft, *sources: Tensor) -> Tensor:
    return draft.activation("abs", draft.kink(sources[0], -1.0))


@write.register
def _(layer: Clip, draft: Draft, *sources: Tensor) -> Tensor:
    (result,) = sources
    if not layer.lower <= layer.upper or layer.lower == inf or layer.upper == -inf:
        raise ImportRefused(f"its limits {layer.lower:g} and {layer.upper:g} leave nothing between them")
    # Written as upper - relu(upper - lower - relu(x - lower)): interval bounds of this form stay exact.
    if layer.lower > -inf:
        above = draft.kink(shift(draft, result, 1.0, -layer.lower), 0.0)
        result = shift(draft, above, 1.0, layer.lower)
    if layer.upper < inf:
        below = draft.kink(shift(draft, result, -1.0, layer.upper), 0.0)
        result = shift(draft, below, -1.0, layer.upper)
    return draft.activation("clip", result) if result is not sources[0] else result


@write.register
def _(layer: Add, draft: Draft, *sources: Tensor) -> Tensor:
    shape = np.broadcast_shapes(*(source.shape for source in sources))
    wide = [broadcast(draft, source, shape) for source in sources]
    return draft.affine([(source, diagonal(np.ones(source.size))) for source in wide], 0.0, shape)


@write.register
def _(layer: Concat, draft: Draft, *sources: Tensor) -> Tensor:
    joined, positions = stack(draft, sources)
    axis = axis_of(layer.axis, sources[0].shape)
    return draft.gather(joined, np.concatenate(positions, axis=axis))


@write.register
def _(layer: Maximum, draft: Draft, *sources: Tensor) -> Tensor:
    if len(sources) == 1:
        return sources[0]
    shape = np.broadcast_shapes(*(source.shape for source in sources))
    joined, positions = stack(draft, [broadcast(draft, source, shape) for source in sources])
    groups = np.stack([position.ravel() for position in positions], axis=1)
    return draft.activation("max", draft.max(joined, list(groups), shape))


@write.register
def _(layer: Reduce, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    axes = tuple(axis_of(axis, source.shape) for axis in layer.axes)
    rest = tuple(k for k in range(len(source.shape)) if k not in axes)
    count = prod(source.shape[k] for k in axes)
    shape = tuple(1 if k in axes else n for k, n in enumerate(source.shape) if layer.keep or k not in axes)
    groups = source.positions().transpose(*rest, *axes).reshape(-1, count)
    if layer.how == "max":
        return draft.activation("max", draft.max(source, list(groups), shape))
    weight = 1.0 / count if layer.how == "mean" else 1.0
    linear = rows_of(groups, np.full(groups.shape, weight), source.size)
    return draft.affine([(source, linear)], 0.0, shape)


@write.register
def _(layer: Reshape, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    known = prod(extent for extent in layer.shape if extent != -1)
    shape = tuple(source.size // max(known, 1) if extent == -1 else extent for extent in layer.shape)
    if layer.shape.count(-1) > 1 or min(shape, default=1) < 1 or prod(shape) != source.size:
        raise ImportRefused(f"{shape_text(source.shape)} cannot be seen as {shape_text(layer.shape)}")
    return Tensor(source.node, shape)


@write.register
def _(layer: Transpose, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    if sorted(layer.axes) != list(range(len(source.shape))):
        raise ImportRefused(f"its axes {layer.axes} do not order those of {shape_text(source.shape)}")
    return draft.gather(source, source.positions().transpose(layer.axes))


@write.register
def _(layer: Take, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    axis = axis_of(layer.axis, source.shape)
    extent = source.shape[axis]
    if layer.indices.size and not -extent <= layer.indices.min() <= layer.indices.max() < extent:
        raise ImportRefused(f"it takes an entry beyond the {extent} of axis {axis}")
    check_shape((*source.shape[:axis], *layer.indices.shape, *source.shape[axis + 1 :]))
    return draft.gather(source, np.take(source.positions(), layer.indices % extent, axis=axis))


@write.register
def _(layer: Pad, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    if layer.mode not in PAD_MODES:
        raise ImportRefused(f"the padding mode `{layer.mode}` is unknown", advice=f"known are {', '.join(PAD_MODES)}")
    if len(layer.amounts) != len(source.shape):
        raise ImportRefused(f"it pads {len(layer.amounts)} axes, but gets {shape_text(source.shape)}")
    check_shape(tuple(n + before + after for n, (before, after) in zip(source.shape, layer.amounts, strict=True)))
    kept = tuple(slice(max(-b, 0), n - max(-a, 0)) for n, (b, a) in zip(source.shape, layer.amounts, strict=True))
    positions = source.positions()[kept]
    amounts = [(max(b, 0), max(a, 0)) for b, a in layer.amounts]
    if layer.mode == "constant":
        return draft.gather(source, np.pad(positions, amounts, constant_values=-1), fill=layer.value)
    if layer.mode == "reflect":
        padded = np.pad(positions, amounts, mode="reflect")
    else:
        padded = np.pad(positions, amounts, mode="edge" if layer.mode == "edge" else "wrap")
    return draft.gather(source, padded)


def rows_of(columns: Indices, values: Array, width: int) -> csr_array:
    """Return the map whose row ``i`` holds ``values[i]`` at ``columns[i]``."""
    starts = np.arange(0, columns.size + 1, columns.shape[1])
    return csr_array((values.ravel(), columns.ravel(), starts), shape=(columns.shape[0], width))


def shift(draft: Draft, source: Tensor, factor: float, offset: float) -> Tensor:
    """Return ``factor * x + offset`` for two numbers."""
    if factor == 1.0 and offset == 0.0:
        return source
    return draft.affine([(source, diagonal(np.full(source.size, factor)))], offset, source.shape)


def broadcast(draft: Draft, source: Tensor, shape: Shape) -> Tensor:
    """Return the tensor repeated to a shape, by numpy's rules."""
    check_shape(shape)
    return source if source.shape == shape else draft.gather(source, np.broadcast_to(source.positions(), shape))


def stack(draft: Draft, sources: Sequence[Tensor]) -> tuple[Tensor, list[Indices]]:
    """Put tensors one after another, flat; also return where the entries of each have gone, in its shape."""
    ends = np.cumsum([source.size for source in sources])
    total = int(ends[-1])
    terms: list[tuple[Tensor, Map]] = []
    positions: list[Indices] = []
    for source, end in zip(sources, ends, strict=True):
        start = int(end) - source.size
        columns = np.arange(source.size)
        starts = np.clip(np.arange(total + 1) - start, 0, source.size)
        terms.append((source, csr_array((np.ones(source.size), columns, starts), shape=(total, source.size))))
        positions.append(source.positions() + start)
    return draft.affine(terms, 0.0, (total,)), positions


def axis_of(axis: int, shape: Shape) -> int:
    """Return an axis counted from the front, or refuse it."""
    if not -len(shape) <= axis < len(shape):
        raise ImportRefused(f"it works along axis {axis}, but gets {shape_text(shape)}")
    return axis % len(shape)


def check_bias(values: Array | None, length: int) -> None:
    """Refuse a vector of another length."""
    if values is not None and values.shape != (length,):
        raise ImportRefused(f"a vector of length {length} is due, but one has the shape {shape_text(values.shape)}")
