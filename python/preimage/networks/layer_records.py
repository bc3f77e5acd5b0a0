"""Layers as JSON objects beside named tensors: how a ``.safetensors`` file says what its weights are for."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import MISSING, fields
from math import isfinite
from typing import Any, TypeAlias

import numpy as np

from preimage.networks import layers
from preimage.networks.array_source import weights
from preimage.networks.layers import Layer
from preimage.networks.network import ImportRefused

Record: TypeAlias = Mapping[str, Any]
"""A JSON object."""
Tensors: TypeAlias = Mapping[str, Any]
"""Arrays by name."""

KINDS: Mapping[str, tuple[type[Layer], Record]] = {
    "constant": (layers.Constant, {}),
    "dense": (layers.Dense, {}),
    "scale": (layers.Scale, {}),
    "batch_norm": (layers.BatchNorm, {}),
    "relu": (layers.Relu, {}),
    "leaky_relu": (layers.LeakyRelu, {}),
    "prelu": (layers.PRelu, {}),
    "abs": (layers.Absolute, {}),
    "clip": (layers.Clip, {}),
    "hardtanh": (layers.Clip, {"lower": -1.0, "upper": 1.0}),
    "relu6": (layers.Clip, {"lower": 0.0, "upper": 6.0}),
    "conv1d": (layers.Convolution, {}),
    "conv2d": (layers.Convolution, {}),
    "conv_transpose1d": (layers.TransposedConvolution, {}),
    "conv_transpose2d": (layers.TransposedConvolution, {}),
    "max_pool": (layers.Pool, {"how": "max"}),
    "avg_pool": (layers.Pool, {"how": "mean"}),
    "flatten": (layers.Reshape, {"shape": [-1]}),
    "reshape": (layers.Reshape, {}),
    "transpose": (layers.Transpose, {}),
    "take": (layers.Take, {}),
    "pad": (layers.Pad, {}),
    "add": (layers.Add, {}),
    "concat": (layers.Concat, {}),
    "maximum": (layers.Maximum, {}),
    "reduce_sum": (layers.Reduce, {"how": "sum"}),
    "reduce_mean": (layers.Reduce, {"how": "mean"}),
    "reduce_max": (layers.Reduce, {"how": "max"}),
}
"""For each kind: its layer, and the fields that the kind itself settles (a hard tanh only proposes its limits)."""

PLACE = ("kind", "name", "from")
ABSENT: Record = {"bias": None, "stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
"""What a window does where its record is silent; a pool's stride is its kernel."""


def layer_of(record: Record, tensors: Tensors) -> Layer:
    """Return the layer that a JSON object describes; raises `ImportRefused`."""
    kind = record.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ImportRefused(f"its kind is {kind!r}", advice=f"the kinds are input, {', '.join(KINDS)}")
    layer, settled = KINDS[kind]
    given = {key: value for key, value in record.items() if key not in PLACE}
    for name, value in settled.items():
        if name in given and kind != "hardtanh":
            raise ImportRefused(f"nothing is known of `{name}` in a {kind}")
        given.setdefault(name, value)
    values: dict[str, Any] = {}
    for entry in fields(layer):  # type: ignore[arg-type]  # every layer is a dataclass
        name = entry.name
        if name in given:
            value = given.pop(name)
        elif layer is layers.Scale:
            values[name] = np.array(1.0 if name == "factor" else 0.0)
            continue
        elif entry.default is not MISSING:
            continue
        elif name in ABSENT:
            value = values["kernel"] if (name, layer) == ("stride", layers.Pool) else ABSENT[name]
        else:
            raise ImportRefused(f"its record has no `{name}`")
        rank = len(values["kernel"]) if "kernel" in values else np.ndim(values.get("weight", 0.0)) - 2
        values[name] = field_value(name, value, rank, tensors)
    if given:
        raise ImportRefused(f"nothing is known of `{next(iter(given))}` in a {kind}")
    if kind.endswith("d") and kind.startswith("conv") and values["weight"].ndim != int(kind[-2]) + 2:
        raise ImportRefused(f"its weight has {values['weight'].ndim} axes")
    return layer(**values)


def field_value(name: str, value: Any, rank: int, tensors: Tensors) -> Any:
    """Return one field of a layer, read from JSON; ``rank`` is the number of axes of its windows."""
    match name:
        case "epsilon" | "slope" | "value" if is_number(value):
            return float(value)
        case "lower" | "upper" if value is None or is_number(value):
            bound = -np.inf if name == "lower" else np.inf
            return bound if value is None else float(value)
        case "ceiling" | "count_padding" | "keep" if isinstance(value, bool):
            return value
        case "how" | "mode" if isinstance(value, str):
            return value
        case "axis" | "groups" if is_integer(value):
            return value
        case "divisor" if value is None or (is_integer(value) and value > 0):
            return value
        case "shape" | "axes" | "kernel" if is_integers(value):
            return tuple(value)
        case "stride" | "dilation" | "output_padding" if is_integer(value):
            return (value,) * rank
        case "stride" | "dilation" | "output_padding" if is_integers(value):
            return tuple(value)
        case "padding" if is_integer(value):
            return ((value, value),) * rank
        case "padding" | "amounts" if isinstance(value, list) and all(
            is_integer(side) or (is_integers(side) and len(side) == 2) for side in value
        ):
            return tuple((side, side) if is_integer(side) else tuple(side) for side in value)
        case "bias" | "weight" if value is None:
            return None
        case "indices" if isinstance(value, str) and value in tensors:
            return np.asarray(tensors[value]).astype(np.int64)
        case "weight" | "bias" | "mean" | "variance" | "slopes" | "factor" | "offset" | "values":
            if isinstance(value, str) and value in tensors:
                return weights(tensors[value], value)
            raise ImportRefused(f"its {name} is the tensor {value!r}, which the file does not hold")
    raise ImportRefused(f"its {name} is {value!r}", advice="the reference page of networks lists what each layer takes")


def is_number(value: object) -> bool:
    """Return whether a JSON value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def is_integer(value: object) -> bool:
    """Return whether a JSON value is an integer of a size that counts entries."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 31


def is_integers(value: object) -> bool:
    """Return whether a JSON value is a list of such integers."""
    return isinstance(value, (list, tuple)) and all(map(is_integer, value))


def record_of(layer: Layer, name: str, tensors: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a layer, and put its arrays into ``tensors`` as ``name.field``."""
    match layer:
        case layers.Pool(how=how):
            kind = "max_pool" if how == "max" else "avg_pool"
        case layers.Reduce(how=how):
            kind = f"reduce_{how}"
        case layers.Convolution(weight=weight):
            kind = f"conv{weight.ndim - 2}d"
        case layers.TransposedConvolution(weight=weight):
            kind = f"conv_transpose{weight.ndim - 2}d"
        case layers.Reshape():
            kind = "reshape"
        case layers.Clip():
            kind = "clip"
        case _:
            kind = next(kind for kind, (known, _) in KINDS.items() if known is type(layer))
    record: dict[str, Any] = {"kind": kind}
    settled = KINDS[kind][1]
    for entry in fields(layer):  # type: ignore[arg-type]  # every layer is a dataclass
        value = getattr(layer, entry.name)
        if entry.name in settled or value is None or (isinstance(value, float) and not isfinite(value)):
            continue
        if isinstance(value, np.ndarray):
            tensors[f"{name}.{entry.name}"] = value
            value = f"{name}.{entry.name}"
        record[entry.name] = value
    return record
