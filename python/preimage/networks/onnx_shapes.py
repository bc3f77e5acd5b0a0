"""What the shape operations of an ONNX graph mean in layers; see `onnx_operations`."""

from __future__ import annotations

from math import prod

import numpy as np

from preimage.networks import idioms, layers
from preimage.networks.architecture import Architecture, Value
from preimage.networks.network import ImportRefused
from preimage.networks.onnx_operations import Call, operation


@operation("Shape")
def _(network: Architecture, call: Call) -> np.ndarray:
    shape = np.array(call.value.shape, dtype=np.int64)
    return shape[call.attributes.get("start", 0) : call.attributes.get("end", len(shape))]


@operation("Size")
def _(network: Architecture, call: Call) -> np.ndarray:
    return np.array(prod(call.value.shape), dtype=np.int64)


@operation("Flatten")
def _(network: Architecture, call: Call) -> Value:
    shape = call.value.shape
    axis = call.attributes.get("axis", 1)
    axis = axis + len(shape) if axis < 0 else axis
    return network.add(layers.Reshape((prod(shape[:axis]), prod(shape[axis:]))), call.value)


@operation("Reshape")
def _(network: Architecture, call: Call) -> Value:
    wanted = call.setting("shape", 1)
    if wanted is None:
        raise ImportRefused("its shape is missing")
    held = call.value.shape
    if not call.attributes.get("allowzero", 0):
        wanted = tuple(held[k] if n == 0 and k < len(held) else n for k, n in enumerate(wanted))
    return network.add(layers.Reshape(wanted), call.value)


@operation("Squeeze")
def _(network: Architecture, call: Call) -> Value:
    shape = call.value.shape
    given = call.setting("axes", 1)
    axes = [k for k, n in enumerate(shape) if n == 1] if given is None else [axis % len(shape) for axis in given]
    if any(shape[axis] != 1 for axis in axes):
        raise ImportRefused(f"it squeezes the axes {axes} of {shape}")
    return network.add(layers.Reshape(tuple(n for k, n in enumerate(shape) if k not in axes)), call.value)


@operation("Unsqueeze")
def _(network: Architecture, call: Call) -> Value:
    shape = list(call.value.shape)
    axes = call.setting("axes", 1) or ()
    rank = len(shape) + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        shape.insert(axis, 1)
    return network.add(layers.Reshape(tuple(shape)), call.value)


@operation("Transpose")
def _(network: Architecture, call: Call) -> Value:
    axes = call.integers("perm", range(len(call.value.shape))[::-1])
    return network.add(layers.Transpose(axes), call.value)


@operation("Concat")
def _(network: Architecture, call: Call) -> Value:
    parts = [idioms.as_value(network, part) for part in call.inputs]
    return network.add(layers.Concat(call.attributes["axis"]), *parts)


@operation("Slice")
def _(network: Architecture, call: Call) -> Value:
    starts, ends = call.setting("starts", 1), call.setting("ends", 2)
    if starts is None or ends is None:
        raise ImportRefused("its starts and ends are missing")
    axes = call.setting("axes", 3) or tuple(range(len(starts)))
    steps = call.setting("steps", 4) or (1,) * len(starts)
    value = call.value
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        value = idioms.sliced(network, value, axis, slice(start, end, step))
    return value


@operation("Gather")
def _(network: Architecture, call: Call) -> Value:
    indices = np.asarray(call.weights(1, "indices"), dtype=np.int64)
    return network.add(layers.Take(call.attributes.get("axis", 0), indices), call.value)


@operation("Split")
def _(network: Architecture, call: Call) -> list[Value]:
    axis = call.attributes.get("axis", 0)
    extent = call.value.shape[axis]
    sizes = call.setting("split", 1)
    if sizes is None:
        size = -(-extent // call.outputs)
        sizes = tuple(min(size, extent - k * size) for k in range(call.outputs))
    ends = np.cumsum(sizes)
    if int(ends[-1]) != extent:
        raise ImportRefused(f"its parts {sizes} do not make up {extent}")
    return [
        idioms.sliced(network, call.value, axis, slice(int(end) - size, int(end)))
        for size, end in zip(sizes, ends, strict=True)
    ]


@operation("Pad")
def _(network: Architecture, call: Call) -> Value:
    rank = len(call.value.shape)
    amounts = call.setting("pads", 1) or ()
    axes = call.setting("axes", 3) or tuple(range(rank))
    fill = call.constant(2, "value")
    around = [(0, 0)] * rank
    for axis, before, after in zip(axes, amounts[: len(axes)], amounts[len(axes) :], strict=True):
        around[axis % rank] = (before, after)
    value = float(call.attributes.get("value", 0.0) if fill is None else fill.item())
    return network.add(layers.Pad(tuple(around), value, call.attributes.get("mode", "constant")), call.value)


@operation("Expand")
def _(network: Architecture, call: Call) -> Value:
    return idioms.expanded(network, call.value, np.broadcast_shapes(call.value.shape, call.setting("shape", 1) or ()))


@operation("Tile")
def _(network: Architecture, call: Call) -> Value:
    return idioms.repeated(network, call.value, call.setting("repeats", 1) or ())
