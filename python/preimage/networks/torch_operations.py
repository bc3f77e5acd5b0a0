"""What each operation of a torch export means in layers.

An operation gets its arguments by the names of its schema: results of the network as `Value`, constants as tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch

from preimage.networks import idioms, layers
from preimage.networks.architecture import Architecture, Value
from preimage.networks.draft import Array
from preimage.networks.network import ImportRefused

Arguments: TypeAlias = Mapping[str, Any]
Operation: TypeAlias = Callable[[Architecture, Arguments], Any]

OPERATIONS: dict[str, Operation] = {}
"""By the name of the ATen operation, without its overload."""


def operation(*names: str) -> Callable[[Operation], Operation]:
    """Register what stands for ATen operations."""

    def register(function: Operation) -> Operation:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function

    return register


def array(constant: Any) -> Array:
    """Return a constant as float64."""
    if isinstance(constant, torch.Tensor):
        if constant.is_complex():
            raise ImportRefused("a constant of it is complex")
        return np.asarray(constant.detach().to("cpu", torch.float64).numpy())
    return np.asarray(constant, dtype=np.float64)


def operand(argument: Any) -> Value | Array:
    """Return a result of the network as it is, a constant as float64."""
    return argument if isinstance(argument, Value) else array(argument)


def optional(constant: Any) -> Array | None:
    """Return a constant, if there is one, as float64."""
    return None if constant is None else array(constant)


def constant(argument: Any, what: str) -> Array:
    """Return an argument that has to be constant."""
    if isinstance(argument, Value):
        raise ImportRefused(f"its {what} depends on the input of the network")
    return array(argument)


def spread(numbers: Any, axes: int) -> tuple[int, ...]:
    """Return one number for each axis, as torch understands a number alone."""
    given: tuple[int, ...] = (numbers,) if isinstance(numbers, int) else tuple(numbers)
    return given * axes if len(given) == 1 else given


@operation("alias", "clone", "contiguous", "detach", "dropout", "lift_fresh_copy", "_to_copy", "to", "type_as")
def identity(network: Architecture, a: Arguments) -> Value:
    """Nothing changes; a cast to integers would round."""
    kind = a.get("dtype")
    if kind is not None and not kind.is_floating_point:
        raise ImportRefused(f"a cast to {kind} is not piecewise linear")
    value: Value = a["self"] if "self" in a else a["input"]
    return value


@operation("linear")
def _(network: Architecture, a: Arguments) -> Value:
    weight = np.atleast_2d(constant(a["weight"], "weight"))
    bias = None if a["bias"] is None else np.atleast_1d(constant(a["bias"], "bias"))
    return network.add(layers.Dense(weight, bias), a["input"])


@operation("addmm", "addmv", "baddbmm")
def _(network: Architecture, a: Arguments) -> Value:
    left = a.get("mat1", a.get("mat", a.get("batch1")))
    right = a.get("mat2", a.get("vec", a.get("batch2")))
    product = idioms.matrix_product(network, operand(left), operand(right))
    return idioms.combination(network, [(product, a["alpha"]), (operand(a["self"]), a["beta"])])


@operation("mm", "matmul", "bmm", "mv", "dot")
def _(network: Architecture, a: Arguments) -> Value:
    right = next(a[key] for key in ("mat2", "other", "vec", "tensor") if key in a)
    return idioms.matrix_product(network, operand(a["self"]), operand(right))


@operation("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "convolution")
def _(network: Architecture, a: Arguments) -> Value:
    weight, bias = constant(a["weight"], "weight"), a["bias"]
    axes = weight.ndim - 2
    bias = None if bias is None else constant(bias, "bias")
    stride, dilation = spread(a["stride"], axes), spread(a["dilation"], axes)
    if a["padding"] in ("same", "valid"):
        reach = [d * (k - 1) for k, d in zip(weight.shape[2:], dilation, strict=True)]
        padding = tuple((n // 2, n - n // 2) if a["padding"] == "same" else (0, 0) for n in reach)
    else:
        padding = tuple((n, n) for n in spread(a["padding"], axes))
    if a.get("transposed", "output_padding" in a and "transposed" not in a):
        extra = spread(a["output_padding"], axes)
        layer: layers.Layer = layers.TransposedConvolution(weight, bias, stride, padding, extra, dilation, a["groups"])
    else:
        layer = layers.Convolution(weight, bias, stride, padding, dilation, a["groups"])
    return network.add(layer, a["input"])


@operation("batch_norm")
def _(network: Architecture, a: Arguments) -> Value:
    if a["training"] or a["running_mean"] is None:
        raise ImportRefused("it normalises by the batch at hand", advice="call model.eval() before the export")
    mean, variance = array(a["running_mean"]), array(a["running_var"])
    norm = layers.BatchNorm(mean, variance, optional(a["weight"]), optional(a["bias"]), float(a["eps"]), axis=1)
    return network.add(norm, a["input"])


@operation("_native_batch_norm_legit", "_native_batch_norm_legit_functional")
def _(network: Architecture, a: Arguments) -> Value:
    raise ImportRefused("it normalises by the batch at hand", advice="call model.eval() before the export")


@operation("_native_batch_norm_legit_no_training")
def _(network: Architecture, a: Arguments) -> tuple[Value]:
    return (OPERATIONS["batch_norm"](network, {**a, "training": False}),)


@operation("relu")
def _(network: Architecture, a: Arguments) -> Value:
    return network.add(layers.Relu(), a["self"])


@operation("leaky_relu")
def _(network: Architecture, a: Arguments) -> Value:
    return network.add(layers.LeakyRelu(float(a["negative_slope"])), a["self"])


@operation("rrelu")
def _(network: Architecture, a: Arguments) -> Value:
    if a["training"]:
        raise ImportRefused("it draws its slopes at random", advice="call model.eval() before the export")
    return network.add(layers.LeakyRelu((a["lower"] + a["upper"]) / 2), a["self"])


@operation("prelu", "_prelu_kernel")
def _(network: Architecture, a: Arguments) -> Value:
    slopes, rank = constant(a["weight"], "weight"), len(a["self"].shape)
    if slopes.ndim == 1 and rank > 1:
        slopes = slopes.reshape(-1, *(1,) * (rank - 2))
    return network.add(layers.PRelu(slopes), a["self"])


@operation("abs")
def _(network: Architecture, a: Arguments) -> Value:
    return network.add(layers.Absolute(), a["self"])


@operation("hardtanh")
def _(network: Architecture, a: Arguments) -> Value:
    return network.add(layers.Clip(float(a["min_val"]), float(a["max_val"])), a["self"])


@operation("relu6")
def _(network: Architecture, a: Arguments) -> Value:
    return network.add(layers.Clip(0.0, 6.0), a["self"])


@operation("hardsigmoid")
def _(network: Architecture, a: Arguments) -> Value:
    return network.add(layers.Clip(0.0, 1.0), idioms.scaled(network, a["self"], 1 / 6, 0.5))


@operation("clamp", "clamp_min", "clamp_max")
def _(network: Architecture, a: Arguments) -> Value:
    lower, upper = a.get("min"), a.get("max")
    value: Value = a["self"]
    if isinstance(lower, Value) or isinstance(upper, Value):
        value = value if lower is None else idioms.extreme(network, "max", (value, operand(lower)))
        return value if upper is None else idioms.extreme(network, "min", (value, operand(upper)))
    return idioms.clipped(network, value, optional(lower), optional(upper))


@operation("add", "sub", "rsub")
def _(network: Architecture, a: Arguments) -> Value:
    alpha = float(a.get("alpha", 1))
    first, second = {"add": (1.0, alpha), "sub": (1.0, -alpha), "rsub": (-alpha, 1.0)}[a["operation"]]
    return idioms.combination(network, [(operand(a["self"]), first), (operand(a["other"]), second)])


@operation("neg")
def _(network: Architecture, a: Arguments) -> Value:
    return idioms.scaled(network, a["self"], -1.0)


@operation("mul")
def _(network: Architecture, a: Arguments) -> Value:
    return idioms.product(network, operand(a["self"]), operand(a["other"]))


@operation("div")
def _(network: Architecture, a: Arguments) -> Value:
    if a.get("rounding_mode") is not None:
        raise ImportRefused(f"a division rounded by `{a['rounding_mode']}` is not piecewise linear")
    return idioms.quotient(network, operand(a["self"]), operand(a["other"]))


@operation("sum", "mean", "amax", "amin")
def _(network: Architecture, a: Arguments) -> Value:
    how = a["operation"].removeprefix("a")
    axes = a.get("dim")
    axes = (axes,) if isinstance(axes, int) else axes
    return idioms.reduced(network, how, a["self"], axes or None, bool(a.get("keepdim", False)))


@operation("max", "min", "maximum", "minimum")
def _(network: Architecture, a: Arguments) -> Value | tuple[Value]:
    how = a["operation"][:3]
    if "other" in a:
        return idioms.extreme(network, how, (operand(a["self"]), operand(a["other"])))
    if "dim" in a:
        return (idioms.reduced(network, how, a["self"], (a["dim"],), a["keepdim"]),)
    return idioms.reduced(network, how, a["self"], None, False)


@operation("max_pool1d", "max_pool2d", "max_pool1d_with_indices", "max_pool2d_with_indices")
def _(network: Architecture, a: Arguments) -> Value | tuple[Value]:
    axes = int(a["operation"][8])
    kernel = spread(a["kernel_size"], axes)
    stride = spread(a["stride"], axes) if a["stride"] else kernel
    padding = tuple((n, n) for n in spread(a["padding"], axes))
    pool = layers.Pool("max", kernel, stride, padding, spread(a["dilation"], axes), a["ceil_mode"])
    value = network.add(pool, a["self"])
    return (value,) if a["operation"].endswith("indices") else value


@operation("avg_pool1d", "avg_pool2d")
def _(network: Architecture, a: Arguments) -> Value:
    axes = int(a["operation"][8])
    kernel = spread(a["kernel_size"], axes)
    stride = spread(a["stride"], axes) if a["stride"] else kernel
    padding = tuple((n, n) for n in spread(a["padding"], axes))
    counted, divisor = a["count_include_pad"], a.get("divisor_override")
    pool = layers.Pool("mean", kernel, stride, padding, (1,) * axes, a["ceil_mode"], counted, divisor)
    return network.add(pool, a["self"])


@operation("adaptive_avg_pool1d", "adaptive_avg_pool2d", "_adaptive_avg_pool2d")
def _(network: Architecture, a: Arguments) -> Value:
    return adaptive(network, "mean", a["self"], a["output_size"])


@operation("adaptive_max_pool1d", "adaptive_max_pool2d")
def _(network: Architecture, a: Arguments) -> tuple[Value]:
    return (adaptive(network, "max", a["self"], a["output_size"]),)


def adaptive(network: Architecture, how: str, value: Value, spans: Sequence[int]) -> Value:
    """Return a pool with as many windows along each axis as asked for, where they are all alike."""
    axes = len(spans)
    extent = value.shape[-axes:]
    if any(n % span for n, span in zip(extent, spans, strict=True)):
        raise ImportRefused(f"its {tuple(spans)} windows do not divide {extent} evenly")
    kernel = tuple(n // span for n, span in zip(extent, spans, strict=True))
    return network.add(layers.Pool(how, kernel, kernel, ((0, 0),) * axes, (1,) * axes), value)
