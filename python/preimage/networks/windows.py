"""Convolutions and pools over the trailing one or two axes, as sparse maps built in time linear in their entries.

The tensor is channels by positions (``C × L`` or ``C × H × W``) behind leading axes of size 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from preimage.networks.assembly import check_bias, write
from preimage.networks.draft import Array, Draft, Indices, Shape, Tensor, check_nonzeros, check_shape, shape_text
from preimage.networks.layers import Convolution, Pads, Pool, TransposedConvolution
from preimage.networks.network import ImportRefused


@write.register
def _(layer: Convolution, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    outputs, per_group, *kernel = layer.weight.shape
    leading, channels, extent = split_shape(source, len(kernel))
    check_windows(kernel, layer.stride, layer.padding, layer.dilation)
    if layer.groups < 1 or outputs % layer.groups or channels != per_group * layer.groups:
        raise ImportRefused(
            f"its weight {shape_text(layer.weight.shape)} in {layer.groups} groups does not take {channels} channels"
        )
    check_bias(layer.bias, outputs)
    spans = [
        window_count(n, k, s, p, d)
        for n, k, s, p, d in zip(extent, kernel, layer.stride, layer.padding, layer.dilation, strict=True)
    ]
    shape = (outputs, *spans)
    check_shape(shape)
    check_nonzeros(prod(spans) * layer.weight.size)
    taps, inside = tap_positions(extent, spans, kernel, layer.stride, layer.padding, layer.dilation)
    # Rows run over (output channel, position), entries of a row over (input channel of the group, tap).
    group = np.arange(outputs) // (outputs // layer.groups)
    channel = group[:, None] * per_group + np.arange(per_group)
    columns = channel[:, None, :, None] * prod(extent) + taps[None, :, None, :]
    values = np.broadcast_to(layer.weight.reshape(outputs, 1, per_group, -1), columns.shape)
    kept = np.broadcast_to(inside[None, :, None, :], columns.shape)
    linear = masked_rows(columns, values, kept, source.size)
    offset = per_channel(layer.bias, len(kernel))
    return draft.affine([(source, linear)], offset, (*leading, *shape))


@write.register
def _(layer: TransposedConvolution, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    inputs, per_group, *kernel = layer.weight.shape
    leading, channels, extent = split_shape(source, len(kernel))
    check_windows(kernel, layer.stride, layer.padding, layer.dilation)
    if layer.groups < 1 or inputs != channels or channels % layer.groups:
        raise ImportRefused(
            f"its weight {shape_text(layer.weight.shape)} in {layer.groups} groups does not take {channels} channels"
        )
    outputs = per_group * layer.groups
    check_bias(layer.bias, outputs)
    spans = [
        (n - 1) * s + d * (k - 1) + 1 - before - after + extra
        for n, k, s, (before, after), d, extra in zip(
            extent, kernel, layer.stride, layer.padding, layer.dilation, layer.output_padding, strict=True
        )
    ]
    shape = (outputs, *spans)
    check_shape(shape)
    check_nonzeros(prod(extent) * layer.weight.size)
    # Where input position p meets tap t is where the convolution from `spans` to `extent` would read.
    taps, inside = tap_positions(spans, extent, kernel, layer.stride, layer.padding, layer.dilation)
    group = np.arange(inputs) // (inputs // layer.groups)
    channel = group[:, None] * per_group + np.arange(per_group)
    columns = channel[:, None, :, None] * prod(spans) + taps[None, :, None, :]
    values = np.broadcast_to(layer.weight.reshape(inputs, 1, per_group, -1), columns.shape)
    kept = np.broadcast_to(inside[None, :, None, :], columns.shape)
    linear = csr_array(masked_rows(columns, values, kept, prod(shape)).T)
    offset = per_channel(layer.bias, len(kernel))
    return draft.affine([(source, linear)], offset, (*leading, *shape))


@write.register
def _(layer: Pool, draft: Draft, *sources: Tensor) -> Tensor:
    (source,) = sources
    leading, channels, extent = split_shape(source, len(layer.kernel))
    check_windows(layer.kernel, layer.stride, layer.padding, layer.dilation)
    spans = [
        window_count(n, k, s, p, d, ceiling=layer.ceiling)
        for n, k, s, p, d in zip(extent, layer.kernel, layer.stride, layer.padding, layer.dilation, strict=True)
    ]
    shape = (*leading, channels, *spans)
    check_shape(shape)
    check_nonzeros(channels * prod(spans) * prod(layer.kernel))
    geometry = (spans, layer.kernel, layer.stride, layer.padding, layer.dilation)
    taps, inside = tap_positions(extent, *geometry)
    columns = np.arange(channels)[:, None, None] * prod(extent) + taps
    kept = np.broadcast_to(inside, columns.shape)
    if layer.how == "max":
        windows = zip(columns.reshape(-1, taps.shape[1]), kept.reshape(-1, taps.shape[1]), strict=True)
        return draft.activation("max pool", draft.max(source, [window[mask] for window, mask in windows], shape))
    counted = inside
    if layer.count_padding:
        around = [(n + before + after) for n, (before, after) in zip(extent, layer.padding, strict=True)]
        _, counted = tap_positions(around, spans, layer.kernel, layer.stride, ((0, 0),) * len(spans), layer.dilation)
    divisors = counted.sum(axis=1) if layer.divisor is None else np.full(len(taps), layer.divisor)
    if np.any(divisors == 0):
        raise ImportRefused("a window of its mean holds no entry")
    values = np.broadcast_to(1.0 / divisors[:, None], columns.shape)
    return draft.affine([(source, masked_rows(columns, values, kept, source.size))], 0.0, shape)


def split_shape(source: Tensor, axes: int) -> tuple[Shape, int, Shape]:
    """Return the leading axes (all of size 1), the channels and the extent of a tensor."""
    if axes not in (1, 2):
        raise ImportRefused(f"its kernel has {axes} axes", advice="convolutions and pools of 1 or 2 axes are accepted")
    if len(source.shape) <= axes or prod(source.shape[: -axes - 1]) != 1:
        raise ImportRefused(
            f"it works on channels and {axes} axes, but gets {shape_text(source.shape)}",
            advice="a network takes one input at a time: a batch axis has size 1",
        )
    return source.shape[: -axes - 1], source.shape[-axes - 1], source.shape[-axes:]


def check_windows(kernel: Sequence[int], stride: Shape, padding: Pads, dilation: Shape) -> None:
    """Refuse strides and the like of another rank than the kernel's, or not positive."""
    if not len(kernel) == len(stride) == len(padding) == len(dilation):
        raise ImportRefused(f"its stride, padding and dilation do not all have the {len(kernel)} axes of its kernel")
    if min((*kernel, *stride, *dilation)) < 1:
        raise ImportRefused("its kernel, stride and dilation should be positive")


def window_count(
    extent: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int, *, ceiling: bool = False
) -> int:
    """Return how many windows fit along an axis."""
    room = extent + sum(padding) - dilation * (kernel - 1) - 1
    if room < 0:
        return 0
    count = (-(-room // stride) if ceiling else room // stride) + 1
    return count - 1 if ceiling and (count - 1) * stride >= extent + padding[0] else count


def tap_positions(
    extent: Sequence[int], spans: Sequence[int], kernel: Sequence[int], stride: Shape, padding: Pads, dilation: Shape
) -> tuple[Indices, NDArray[np.bool_]]:
    """Return the flat position of every tap of every window (windows × taps), and whether it is inside ``extent``."""
    check_nonzeros(prod(spans) * prod(kernel))
    flat = np.zeros((1, 1), dtype=np.int64)
    inside = np.ones((1, 1), dtype=bool)
    for n, count, k, s, (before, _), d in zip(extent, spans, kernel, stride, padding, dilation, strict=True):
        position = np.arange(count)[:, None] * s - before + np.arange(k) * d
        valid = (position >= 0) & (position < n)
        flat = (flat[:, None, :, None] * n + position[None, :, None, :]).reshape(len(flat) * count, -1)
        inside = (inside[:, None, :, None] & valid[None, :, None, :]).reshape(len(inside) * count, -1)
    return flat, inside


def per_channel(bias: Array | None, axes: int) -> Array:
    """Return a bias in a shape that broadcasts to channels and positions."""
    return np.zeros(()) if bias is None else bias.reshape(-1, *(1,) * axes)


def masked_rows(columns: Indices, values: Array, kept: NDArray[np.bool_], width: int) -> csr_array:
    """Return the map whose rows run over the leading two axes and hold ``values`` at ``columns`` where ``kept``."""
    rows = columns.shape[0] * columns.shape[1]
    starts = np.concatenate(([0], np.cumsum(kept.reshape(rows, -1).sum(axis=1))))
    return csr_array((values[kept], columns[kept], starts), shape=(rows, width))
