"""The plain forward pass of an architecture in numpy: what a graph is compared with when no framework is at hand.

It shares no code with the building of graphs, on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce, singledispatch
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from preimage.networks.architecture import INPUT, Architecture
from preimage.networks.draft import Array, Shape
from preimage.networks.layers import (
    Absolute,
    Add,
    BatchNorm,
    Clip,
    Concat,
    Constant,
    Convolution,
    Dense,
    Layer,
    LeakyRelu,
    Maximum,
    Pad,
    Pool,
    PRelu,
    Reduce,
    Relu,
    Reshape,
    Scale,
    Take,
    Transpose,
    TransposedConvolution,
)


def forward(architecture: Architecture, x: Array) -> Array:
    """Return the outputs (n × output size) for the inputs ``x`` (n × input size)."""
    steps = architecture.needed()
    outputs = []
    for row in x:
        values = {INPUT: row.reshape(architecture.input_shape)}
        for step in steps:
            values[step.result] = apply(step.layer, *(values[source] for source in step.sources))
        outputs.append(values[architecture.output].ravel())
    return np.stack(outputs)


@singledispatch
def apply(layer: Layer, *x: Array) -> Array:
    """Return what a layer makes of arrays."""
    raise TypeError(f"{type(layer).__name__} has no plain forward pass")


@apply.register
def _(layer: Constant) -> Array:
    return layer.values


@apply.register
def _(layer: Dense, x: Array) -> Array:
    return np.asarray(x @ layer.weight.T + (0.0 if layer.bias is None else layer.bias))


@apply.register
def _(layer: Scale, x: Array) -> Array:
    return layer.factor * x + layer.offset


@apply.register
def _(layer: BatchNorm, x: Array) -> Array:
    channels_last = np.moveaxis(x, layer.axis, -1)
    normed = (channels_last - layer.mean) / np.sqrt(layer.variance + layer.epsilon)
    normed = normed if layer.weight is None else normed * layer.weight
    return np.moveaxis(normed if layer.bias is None else normed + layer.bias, -1, layer.axis)


@apply.register
def _(layer: Relu, x: Array) -> Array:
    return np.maximum(x, 0.0)


@apply.register
def _(layer: LeakyRelu, x: Array) -> Array:
    return np.where(x > 0, x, layer.slope * x)


@apply.register
def _(layer: PRelu, x: Array) -> Array:
    return np.where(x > 0, x, layer.slopes * x)


@apply.register
def _(layer: Absolute, x: Array) -> Array:
    return np.abs(x)


@apply.register
def _(layer: Clip, x: Array) -> Array:
    return np.clip(x, layer.lower, layer.upper)


@apply.register
def _(layer: Add, *x: Array) -> Array:
    return reduce(np.add, x)


@apply.register
def _(layer: Maximum, *x: Array) -> Array:
    return reduce(np.maximum, x)


@apply.register
def _(layer: Concat, *x: Array) -> Array:
    return np.concatenate(x, axis=layer.axis)


@apply.register
def _(layer: Reduce, x: Array) -> Array:
    if layer.how == "max":
        return np.asarray(x.max(axis=layer.axes, keepdims=layer.keep))
    total = np.asarray(x.sum(axis=layer.axes, keepdims=layer.keep))
    return total / (x.size / total.size) if layer.how == "mean" else total


@apply.register
def _(layer: Reshape, x: Array) -> Array:
    return x.reshape(layer.shape)


@apply.register
def _(layer: Transpose, x: Array) -> Array:
    return x.transpose(layer.axes)


@apply.register
def _(layer: Take, x: Array) -> Array:
    return np.take(x, layer.indices, axis=layer.axis)


@apply.register
def _(layer: Pad, x: Array) -> Array:
    for axis, (before, after) in enumerate(layer.amounts):
        x = np.take(x, np.arange(max(-before, 0), x.shape[axis] - max(-after, 0)), axis=axis)
    amounts = [(max(before, 0), max(after, 0)) for before, after in layer.amounts]
    if layer.mode == "constant":
        return np.pad(x, amounts, constant_values=layer.value)
    return np.pad(x, amounts, mode=layer.mode)  # type: ignore[call-overload, no-any-return]  # one of numpy's names


@apply.register
def _(layer: Convolution, x: Array) -> Array:
    axes = layer.weight.ndim - 2
    x = apply(Pad(((0, 0),) * (x.ndim - axes) + layer.padding), x)
    lead, channels, inside = x.shape[: -axes - 1], x.shape[-axes - 1], x.shape[-axes:]
    reach = tuple(d * (k - 1) + 1 for k, d in zip(layer.weight.shape[2:], layer.dilation, strict=True))
    strides = tuple(slice(None, None, s) for s in layer.stride)
    dilations = tuple(slice(None, None, d) for d in layer.dilation)
    windows = sliding_window_view(x.reshape(channels, *inside), reach, axis=tuple(range(1, axes + 1)))
    windows = windows[(slice(None), *strides, *dilations)]
    positions, taps = "yx"[:axes], "vu"[:axes]
    per_group = channels // layer.groups
    parts = [
        np.einsum(f"c{positions}{taps},oc{taps}->o{positions}", windows[g * per_group : (g + 1) * per_group], weight)
        for g, weight in enumerate(np.split(layer.weight, layer.groups))
    ]
    result = np.concatenate(parts)
    if layer.bias is not None:
        result = result + layer.bias.reshape(-1, *(1,) * axes)
    return result.reshape(*lead, *result.shape)


@apply.register
def _(layer: TransposedConvolution, x: Array) -> Array:
    # Every tap of the kernel paints all inputs, scaled, onto the result at once.
    axes = layer.weight.ndim - 2
    lead, channels, extent = x.shape[: -axes - 1], x.shape[-axes - 1], x.shape[-axes:]
    kernel = layer.weight.shape[2:]
    full = tuple(
        (n - 1) * s + d * (k - 1) + 1 + extra
        for n, s, d, k, extra in zip(extent, layer.stride, layer.dilation, kernel, layer.output_padding, strict=True)
    )
    entries = np.split(x.reshape(channels, *extent), layer.groups)
    weights = np.split(layer.weight, layer.groups)
    canvas = np.zeros((layer.groups, layer.weight.shape[1], *full))
    for tap in np.ndindex(*kernel):
        place = strided(tap, extent, layer.stride, layer.dilation)
        for group in range(layer.groups):
            painted = np.tensordot(weights[group][(slice(None), slice(None), *tap)], entries[group], axes=(0, 0))
            canvas[group][(slice(None), *place)] += painted
    result = canvas.reshape(-1, *full)
    if layer.bias is not None:
        result = result + layer.bias.reshape(-1, *(1,) * axes)
    cut = apply(Pad(((0, 0), *((-before, -after) for before, after in layer.padding))), result)
    return cut.reshape(*lead, *cut.shape)


@apply.register
def _(layer: Pool, x: Array) -> Array:
    axes = len(layer.kernel)
    windows, beyond = [], []
    for n, k, s, (before, after), d in zip(
        x.shape[-axes:], layer.kernel, layer.stride, layer.padding, layer.dilation, strict=True
    ):
        starts = range(-before, n if layer.ceiling else n + after - d * (k - 1), s)
        ends = [start + d * (k - 1) for start in starts]
        used = sum(1 for end in ends if end < n + after)
        used += 1 if layer.ceiling and 0 < used < len(ends) and ends[used - 1] < n + after - 1 else 0
        windows.append(used)
        beyond.append(max(0, ends[used - 1] - (n + after - 1)))
    amounts = [(0, 0)] * (x.ndim - axes)
    within = [*amounts, *layer.padding]
    overhang = [*amounts, *((0, extra) for extra in beyond)]

    def over_taps(values: Any, reduction: np.ufunc) -> Array:
        places = [strided(tap, windows, layer.stride, layer.dilation) for tap in np.ndindex(*layer.kernel)]
        return np.asarray(reduction.reduce([values[(..., *place)] for place in places]))

    if layer.how == "max":
        padded = np.pad(np.pad(x, within, constant_values=-np.inf), overhang, constant_values=-np.inf)
        return over_taps(padded, np.maximum)
    total = over_taps(np.pad(np.pad(x, within), overhang), np.add)
    if layer.divisor is not None:
        return total / layer.divisor
    counted = np.pad(np.ones_like(x), within, constant_values=1.0 if layer.count_padding else 0.0)
    return total / over_taps(np.pad(counted, overhang), np.add)


def strided(tap: Sequence[int], counts: Sequence[int], stride: Shape, dilation: Shape) -> tuple[slice, ...]:
    """Return where one tap of each of ``counts`` windows lies."""
    return tuple(
        slice(t * d, t * d + (count - 1) * s + 1, s)
        for t, count, s, d in zip(tap, counts, stride, dilation, strict=True)
    )
