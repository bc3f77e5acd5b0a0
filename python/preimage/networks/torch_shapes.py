"""What the shape operations of a torch export mean in layers; see `torch_operations`."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from preimage.networks import idioms, layers
from preimage.networks.architecture import Architecture, Value
from preimage.networks.draft import Indices
from preimage.networks.network import ImportRefused
from preimage.networks.torch_operations import Arguments, array, constant, operand, operation


def reshaped(network: Architecture, value: Value, shape: tuple[int, ...]) -> Value:
    """Return the same entries under another shape."""
    return value if shape == value.shape else network.add(layers.Reshape(shape), value)


@operation("view", "reshape", "_unsafe_view")
def _(network: Architecture, a: Arguments) -> Value:
    return reshaped(network, a["self"], tuple(a["size"] if "size" in a else a["shape"]))


@operation("view_as", "reshape_as", "expand_as")
def _(network: Architecture, a: Arguments) -> Value:
    arrange = idioms.expanded if a["operation"] == "expand_as" else reshaped
    return arrange(network, a["self"], tuple(a["other"].shape))


@operation("flatten")
def _(network: Architecture, a: Arguments) -> Value:
    shape = a["self"].shape
    first, last = a["start_dim"] % max(len(shape), 1), a["end_dim"] % max(len(shape), 1)
    return reshaped(network, a["self"], (*shape[:first], prod(shape[first : last + 1]), *shape[last + 1 :]))


@operation("unflatten")
def _(network: Architecture, a: Arguments) -> Value:
    shape, axis = a["self"].shape, a["dim"] % len(a["self"].shape)
    return reshaped(network, a["self"], (*shape[:axis], *split(shape[axis], a["sizes"]), *shape[axis + 1 :]))


def split(extent: int, sizes: list[int]) -> list[int]:
    """Return the sizes that one extent is split into, with -1 worked out."""
    known = prod(size for size in sizes if size != -1)
    return [extent // max(known, 1) if size == -1 else size for size in sizes]


@operation("squeeze")
def _(network: Architecture, a: Arguments) -> Value:
    shape = a["self"].shape
    axes = a.get("dim", range(len(shape)))
    axes = {axis % len(shape) for axis in ((axes,) if isinstance(axes, int) else axes)}
    return reshaped(network, a["self"], tuple(n for k, n in enumerate(shape) if n != 1 or k not in axes))


@operation("unsqueeze")
def _(network: Architecture, a: Arguments) -> Value:
    shape = a["self"].shape
    axis = a["dim"] % (len(shape) + 1)
    return reshaped(network, a["self"], (*shape[:axis], 1, *shape[axis:]))


@operation("permute", "transpose", "t", "movedim")
def _(network: Architecture, a: Arguments) -> Value:
    rank = len(a["self"].shape)
    axes = list(range(rank))
    match a["operation"]:
        case "permute":
            axes = [axis % rank for axis in a["dims"]]
        case "movedim":
            axes.insert(a["destination"] % rank, axes.pop(a["source"] % rank))
        case "transpose":
            axes[a["dim0"]], axes[a["dim1"]] = axes[a["dim1"]], axes[a["dim0"]]
        case _:
            axes.reverse()
    return network.add(layers.Transpose(tuple(axes)), a["self"])


@operation("expand")
def _(network: Architecture, a: Arguments) -> Value:
    missing = len(a["size"]) - len(a["self"].shape)
    held = (1,) * missing + a["self"].shape
    return idioms.expanded(network, a["self"], tuple(n if n != -1 else k for n, k in zip(a["size"], held, strict=True)))


@operation("repeat")
def _(network: Architecture, a: Arguments) -> Value:
    return idioms.repeated(network, a["self"], a["repeats"])


@operation("cat", "concat")
def _(network: Architecture, a: Arguments) -> Value:
    return joined(network, a["tensors"], a["dim"])


@operation("stack")
def _(network: Architecture, a: Arguments) -> Value:
    rank = len(next(part for part in a["tensors"] if isinstance(part, Value)).shape)
    axis = a["dim"] % (rank + 1)
    parts = [
        reshaped(network, part, (*part.shape[:axis], 1, *part.shape[axis:]))
        if isinstance(part, Value)
        else part.unsqueeze(axis)
        for part in a["tensors"]
    ]
    return joined(network, parts, axis)


def joined(network: Architecture, parts: list[Any], axis: int) -> Value:
    """Return values and constants one after another."""
    return network.add(layers.Concat(axis), *(idioms.as_value(network, operand(part)) for part in parts))


@operation("slice", "narrow", "select")
def _(network: Architecture, a: Arguments) -> Value:
    match a["operation"]:
        case "slice":
            return idioms.sliced(network, a["self"], a["dim"], slice(a["start"], a["end"], a["step"]))
        case "narrow":
            return idioms.sliced(network, a["self"], a["dim"], slice(a["start"], a["start"] + a["length"]))
    return network.add(layers.Take(a["dim"], np.asarray(a["index"], dtype=np.int64)), a["self"])


@operation("split", "split_with_sizes", "chunk", "unbind")
def _(network: Architecture, a: Arguments) -> list[Value]:
    axis = a["dim"]
    extent = a["self"].shape[axis]
    match a["operation"]:
        case "unbind":
            return [network.add(layers.Take(axis, np.asarray(k)), a["self"]) for k in range(extent)]
        case "split_with_sizes":
            ends = np.cumsum(a["split_sizes"])
        case kind:
            size = -(-extent // a["chunks"]) if kind == "chunk" else a["split_size"]
            ends = np.minimum(np.arange(size, extent + size, size), extent)
    starts = [0, *ends[:-1]]
    return [
        idioms.sliced(network, a["self"], axis, slice(int(start), int(end)))
        for start, end in zip(starts, ends, strict=True)
    ]


@operation("index_select")
def _(network: Architecture, a: Arguments) -> Value:
    return network.add(layers.Take(a["dim"], positions(a["index"])), a["self"])


@operation("index")
def _(network: Architecture, a: Arguments) -> Value:
    used = [(axis, index) for axis, index in enumerate(a["indices"]) if index is not None]
    if len(used) != 1:
        raise ImportRefused("it picks entries by several index arrays at once", advice="index one axis at a time")
    ((axis, index),) = used
    return network.add(layers.Take(axis, positions(index)), a["self"])


def positions(index: Any) -> Indices:
    """Return constant indices; a mask becomes the positions where it holds."""
    chosen = constant(index, "index")
    is_mask = not isinstance(index, (int, list)) and str(index.dtype) == "torch.bool"
    return np.flatnonzero(chosen) if is_mask else chosen.astype(np.int64)


@operation("flip")
def _(network: Architecture, a: Arguments) -> Value:
    value: Value = a["self"]
    for axis in a["dims"]:
        value = idioms.sliced(network, value, axis, slice(None, None, -1))
    return value


@operation("constant_pad_nd", "pad", "reflection_pad1d", "reflection_pad2d", "replication_pad1d", "replication_pad2d")
def _(network: Architecture, a: Arguments) -> Value:
    amounts = list(a["pad"] if "pad" in a else a["padding"])
    pairs = [(amounts[k], amounts[k + 1]) for k in range(0, len(amounts), 2)][::-1]
    around = ((0, 0),) * (len(a["self"].shape) - len(pairs)) + tuple(pairs)
    given = str(a.get("mode", a["operation"].partition("_")[0]))
    names = {"reflection": "reflect", "replicate": "edge", "replication": "edge", "circular": "wrap"}
    mode = names.get(given, given)
    return network.add(layers.Pad(around, float(array(a.get("value") or 0.0)), mode), a["self"])


@operation("sym_size")
def _(network: Architecture, a: Arguments) -> int:
    extent: int = a["self"].shape[a["dim"]]
    return extent


@operation("sym_numel", "numel")
def _(network: Architecture, a: Arguments) -> int:
    return prod(a["self"].shape)
