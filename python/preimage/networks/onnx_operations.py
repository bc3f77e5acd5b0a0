"""What each operation of an ONNX graph means in layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

import numpy as np

from preimage.networks import idioms, layers
from preimage.networks.architecture import Architecture, Value
from preimage.networks.draft import Array
from preimage.networks.network import ImportRefused

UNBOUNDED = 3.4028234e38
"""Limits from here on mean that there is none: exporters write the largest float32."""


@dataclass(frozen=True, slots=True)
class Call:
    """One node of an ONNX graph.

    Attributes
    ----------
    kind
        Its operation.
    inputs
        Results of the network, or constants; None where an optional input is left out.
    attributes
        By name.
    outputs
        How many outputs it has.
    """

    kind: str
    inputs: Sequence[Any]
    attributes: dict[str, Any]
    outputs: int

    @property
    def value(self) -> Value:
        """The first input, which has to be a result of the network."""
        first = self.inputs[0]
        if not isinstance(first, Value):
            raise ImportRefused("its first input is constant, while another one depends on the network's input")
        return first

    def constant(self, position: int, what: str) -> Array | None:
        """Return an optional input that has to be constant."""
        given = self.inputs[position] if position < len(self.inputs) else None
        if isinstance(given, Value):
            raise ImportRefused(f"its {what} depends on the input of the network")
        return given

    def weights(self, position: int, what: str) -> Array:
        """Return an input that has to be there and constant."""
        given = self.constant(position, what)
        if given is None:
            raise ImportRefused(f"its {what} is missing")
        return np.asarray(given, dtype=np.float64)

    def integers(self, name: str, default: Sequence[int]) -> tuple[int, ...]:
        """Return an attribute of several integers."""
        return tuple(int(n) for n in self.attributes.get(name, default))

    def setting(self, name: str, position: int) -> tuple[int, ...] | None:
        """Return integers that older versions have as an attribute and newer ones as an input."""
        given = self.constant(position, name)
        if given is None:
            given = self.attributes.get(name)
        return None if given is None else tuple(int(n) for n in np.ravel(given))


Operation: TypeAlias = Callable[[Architecture, Call], Any]

OPERATIONS: dict[str, Operation] = {}
"""By the name of the operation."""


def operation(*names: str) -> Callable[[Operation], Operation]:
    """Register what stands for ONNX operations."""

    def register(function: Operation) -> Operation:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function

    return register


@operation("Identity", "Dropout")
def _(network: Architecture, call: Call) -> Value:
    if call.kind == "Dropout" and call.outputs > 1:
        raise ImportRefused("the mask of its dropout is used")
    training = call.constant(2, "training mode")
    if training is not None and bool(training):
        raise ImportRefused("it drops entries at random", advice="export the network in evaluation mode")
    return call.value


@operation("Cast", "CastLike")
def _(network: Architecture, call: Call) -> Value:
    kinds = {1: "float", 10: "float16", 11: "double", 16: "bfloat16"}
    if call.kind == "Cast" and call.attributes["to"] not in kinds:
        raise ImportRefused("a cast to anything but floating-point numbers is not piecewise linear")
    return call.value


@operation("MatMul")
def _(network: Architecture, call: Call) -> Value:
    return idioms.matrix_product(network, call.inputs[0], call.inputs[1])


@operation("Gemm")
def _(network: Architecture, call: Call) -> Value:
    sides = []
    for side, flag in zip(call.inputs[:2], ("transA", "transB"), strict=True):
        turned = bool(call.attributes.get(flag, 0))
        if isinstance(side, Value):
            sides.append(network.add(layers.Transpose((1, 0)), side) if turned else side)
        else:
            sides.append(side.T if turned else side)
    product = idioms.matrix_product(network, sides[0], sides[1])
    terms = [(product, call.attributes.get("alpha", 1.0))]
    if len(call.inputs) > 2 and call.inputs[2] is not None:
        terms.append((call.inputs[2], call.attributes.get("beta", 1.0)))
    return idioms.combination(network, terms)


@operation("Add", "Sub", "Sum", "Mean")
def _(network: Architecture, call: Call) -> Value:
    factors = [1.0, -1.0] if call.kind == "Sub" else [1.0] * len(call.inputs)
    total = idioms.combination(network, list(zip(call.inputs, factors, strict=True)))
    return idioms.scaled(network, total, 1 / len(call.inputs)) if call.kind == "Mean" else total


@operation("Mul")
def _(network: Architecture, call: Call) -> Value:
    return idioms.product(network, call.inputs[0], call.inputs[1])


@operation("Div")
def _(network: Architecture, call: Call) -> Value:
    return idioms.quotient(network, call.inputs[0], call.inputs[1])


@operation("Neg")
def _(network: Architecture, call: Call) -> Value:
    return idioms.scaled(network, call.value, -1.0)


@operation("Max", "Min")
def _(network: Architecture, call: Call) -> Value:
    return idioms.extreme(network, call.kind.lower(), call.inputs)


@operation("Relu")
def _(network: Architecture, call: Call) -> Value:
    return network.add(layers.Relu(), call.value)


@operation("LeakyRelu")
def _(network: Architecture, call: Call) -> Value:
    return network.add(layers.LeakyRelu(float(call.attributes.get("alpha", 0.01))), call.value)


@operation("PRelu")
def _(network: Architecture, call: Call) -> Value:
    return network.add(layers.PRelu(call.weights(1, "slope")), call.value)


@operation("Abs")
def _(network: Architecture, call: Call) -> Value:
    return network.add(layers.Absolute(), call.value)


@operation("Clip")
def _(network: Architecture, call: Call) -> Value:
    limits = []
    for position, name, default in ((1, "min", -inf), (2, "max", inf)):
        given = call.constant(position, name)
        limit = float(call.attributes.get(name, default) if given is None else given.item())
        limits.append(limit if abs(limit) < UNBOUNDED else default)
    return network.add(layers.Clip(*limits), call.value)


@operation("HardSigmoid")
def _(network: Architecture, call: Call) -> Value:
    alpha, beta = call.attributes.get("alpha", 0.2), call.attributes.get("beta", 0.5)
    return network.add(layers.Clip(0.0, 1.0), idioms.scaled(network, call.value, alpha, beta))


@operation("BatchNormalization")
def _(network: Architecture, call: Call) -> Value:
    if call.attributes.get("training_mode", 0) or call.attributes.get("spatial", 1) != 1 or call.outputs > 1:
        raise ImportRefused("it normalises by the batch at hand", advice="export the network in evaluation mode")
    scale, bias, mean, variance = (
        call.weights(k, name) for k, name in enumerate(("scale", "bias", "mean", "variance"), start=1)
    )
    epsilon = float(call.attributes.get("epsilon", 1e-5))
    return network.add(layers.BatchNorm(mean, variance, scale, bias, epsilon, axis=1), call.value)


@operation("Conv")
def _(network: Architecture, call: Call) -> Value:
    weight, bias = call.weights(1, "weight"), call.constant(2, "bias")
    kernel = weight.shape[2:]
    stride, padding, dilation = windows(call, kernel)
    bias = None if bias is None else np.asarray(bias, dtype=np.float64)
    groups = call.attributes.get("group", 1)
    return network.add(layers.Convolution(weight, bias, stride, padding, dilation, groups), call.value)


@operation("ConvTranspose")
def _(network: Architecture, call: Call) -> Value:
    weight, bias = call.weights(1, "weight"), call.constant(2, "bias")
    kernel = weight.shape[2:]
    ones = (1,) * len(kernel)
    stride, dilation = call.integers("strides", ones), call.integers("dilations", ones)
    extra = call.integers("output_padding", (0,) * len(kernel))
    automatic = call.attributes.get("auto_pad", "NOTSET")
    extent = call.value.shape[2:]
    wanted = call.integers("output_shape", [n * s for n, s in zip(extent, stride, strict=True)])
    if "output_shape" in call.attributes or automatic in ("SAME_UPPER", "SAME_LOWER"):
        full = [
            s * (n - 1) + more + d * (k - 1) + 1
            for n, s, more, k, d in zip(extent, stride, extra, kernel, dilation, strict=True)
        ]
        totals = [n - span for n, span in zip(full, wanted, strict=True)]
        padding = tuple(halves(n, automatic == "SAME_UPPER") if n > 0 else (0, n) for n in totals)
    else:
        padding = pads(call, len(kernel))
    bias = None if bias is None else np.asarray(bias, dtype=np.float64)
    groups = call.attributes.get("group", 1)
    layer = layers.TransposedConvolution(weight, bias, stride, padding, extra, dilation, groups)
    return network.add(layer, call.value)


@operation("MaxPool", "AveragePool")
def _(network: Architecture, call: Call) -> Value:
    if call.outputs > 1:
        raise ImportRefused("the positions of its maxima are used, which jump as the input moves")
    kernel = call.integers("kernel_shape", ())
    stride, padding, dilation = windows(call, kernel)
    ceiling = bool(call.attributes.get("ceil_mode", 0))
    counted = bool(call.attributes.get("count_include_pad", 0))
    how = "max" if call.kind == "MaxPool" else "mean"
    return network.add(layers.Pool(how, kernel, stride, padding, dilation, ceiling, counted), call.value)


@operation("GlobalAveragePool", "GlobalMaxPool")
def _(network: Architecture, call: Call) -> Value:
    axes = range(2, len(call.value.shape))
    return idioms.reduced(network, "max" if call.kind == "GlobalMaxPool" else "mean", call.value, axes, True)


@operation("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin")
def _(network: Architecture, call: Call) -> Value:
    axes = call.setting("axes", 1)
    if not axes and call.attributes.get("noop_with_empty_axes", 0):
        return call.value
    keep = bool(call.attributes.get("keepdims", 1))
    return idioms.reduced(network, call.kind.removeprefix("Reduce").lower(), call.value, axes or None, keep)


def windows(call: Call, kernel: Sequence[int]) -> tuple[tuple[int, ...], layers.Pads, tuple[int, ...]]:
    """Return strides, paddings and dilations of a convolution or a pool."""
    ones = (1,) * len(kernel)
    stride, dilation = call.integers("strides", ones), call.integers("dilations", ones)
    automatic = call.attributes.get("auto_pad", "NOTSET")
    if automatic not in ("SAME_UPPER", "SAME_LOWER"):
        return stride, pads(call, len(kernel)), dilation
    padding = []
    for n, k, s, d in zip(call.value.shape[2:], kernel, stride, dilation, strict=True):
        total = max((-(-n // max(s, 1)) - 1) * s + d * (k - 1) + 1 - n, 0)
        padding.append(halves(total, automatic == "SAME_UPPER"))
    return stride, tuple(padding), dilation


def halves(total: int, upper: bool) -> tuple[int, int]:
    """Split a padding evenly, what is left over going to the end (upper) or to the beginning."""
    return (total // 2, total - total // 2) if upper else (total - total // 2, total // 2)


def pads(call: Call, axes: int) -> layers.Pads:
    """Return what the attribute `pads` says, begins first, as a pair an axis."""
    if call.attributes.get("auto_pad", "NOTSET") == "VALID":
        return ((0, 0),) * axes
    numbers = call.integers("pads", (0,) * 2 * axes)
    return tuple(zip(numbers[:axes], numbers[axes:], strict=True))
