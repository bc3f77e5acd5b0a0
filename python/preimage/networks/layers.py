"""What the layers of a network are, apart from formats, names and graphs.

Axes are counted on the tensors as they are; a leading batch axis of size 1 is an axis like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import ClassVar

from preimage.networks.draft import Array, Indices, Shape

Pads = tuple[tuple[int, int], ...]
"""Entries put before and after each axis; negative numbers take entries away."""


class Layer:
    """One operation of a network."""

    arity: ClassVar[int | None] = 1
    """How many tensors it takes; None: one or more."""


@dataclass(frozen=True, slots=True)
class Constant(Layer):
    """Numbers that do not depend on the input."""

    values: Array

    arity = 0


@dataclass(frozen=True, slots=True)
class Dense(Layer):
    """``weight @ x + bias`` along the last axis; ``weight`` is outputs by inputs."""

    weight: Array
    bias: Array | None = None


@dataclass(frozen=True, slots=True)
class Scale(Layer):
    """``factor * x + offset``, elementwise with numpy's broadcasting."""

    factor: Array
    offset: Array


@dataclass(frozen=True, slots=True)
class BatchNorm(Layer):
    """``(x - mean) / sqrt(variance + epsilon) * weight + bias``, one entry of each an index of ``axis``."""

    mean: Array
    variance: Array
    weight: Array | None = None
    bias: Array | None = None
    epsilon: float = 1e-5
    axis: int = 0


@dataclass(frozen=True, slots=True)
class Relu(Layer):
    """``max(x, 0)``."""


@dataclass(frozen=True, slots=True)
class LeakyRelu(Layer):
    """``x`` where it is positive, ``slope * x`` elsewhere."""

    slope: float = 0.01


@dataclass(frozen=True, slots=True)
class PRelu(Layer):
    """``x`` where it is positive, ``slopes * x`` elsewhere; the slopes are broadcast to ``x``."""

    slopes: Array


@dataclass(frozen=True, slots=True)
class Absolute(Layer):
    """``|x|``."""


@dataclass(frozen=True, slots=True)
class Clip(Layer):
    """``min(max(x, lower), upper)``; either limit may be infinite."""

    lower: float = -inf
    upper: float = inf


@dataclass(frozen=True, slots=True)
class Add(Layer):
    """The sum of the sources, with numpy's broadcasting."""

    arity = None


@dataclass(frozen=True, slots=True)
class Concat(Layer):
    """The sources one after another along an axis."""

    axis: int = 0

    arity = None


@dataclass(frozen=True, slots=True)
class Maximum(Layer):
    """The elementwise maximum of the sources, with numpy's broadcasting."""

    arity = None


@dataclass(frozen=True, slots=True)
class Reduce(Layer):
    """The sum, mean or maximum over axes; the axes stay with size 1 if ``keep``."""

    how: str
    axes: tuple[int, ...]
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Reshape(Layer):
    """The same entries in C order under another shape; one extent may be -1, for what is left."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Transpose(Layer):
    """The axes in another order, as in `numpy.transpose`."""

    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Take(Layer):
    """The entries at ``indices`` along an axis; negative ones count from the end, a single one drops the axis."""

    axis: int
    indices: Indices


@dataclass(frozen=True, slots=True)
class Pad(Layer):
    """More entries before and after each axis (fewer, where a number is negative).

    ``mode`` is ``constant`` (they are ``value``), ``reflect``, ``edge`` or ``wrap``, as in `numpy.pad`.
    """

    amounts: tuple[tuple[int, int], ...]
    value: float = 0.0
    mode: str = "constant"


@dataclass(frozen=True, slots=True)
class Convolution(Layer):
    """Cross-correlation with ``weight`` (outputs × inputs/groups × kernel), as deep learning calls a convolution."""

    weight: Array
    bias: Array | None
    stride: Shape
    padding: Pads
    dilation: Shape
    groups: int = 1


@dataclass(frozen=True, slots=True)
class TransposedConvolution(Layer):
    """A convolution transposed; ``weight`` is inputs × outputs/groups × kernel, ``padding`` is cut from the result."""

    weight: Array
    bias: Array | None
    stride: Shape
    padding: Pads
    output_padding: Shape
    dilation: Shape
    groups: int = 1


@dataclass(frozen=True, slots=True)
class Pool(Layer):
    """The maximum or the mean of each window.

    ``ceiling`` rounds the number of windows up, as long as a window begins inside. The mean divides by the entries of
    the window that are not padding, by all of them with ``count_padding``, or by ``divisor``.
    """

    how: str
    kernel: Shape
    stride: Shape
    padding: Pads
    dilation: Shape
    ceiling: bool = False
    count_padding: bool = False
    divisor: int | None = None
