"""Convolutions and pools of all parameters against torch, and against the plain forward pass."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from preimage.networks.architecture import Architecture
from preimage.networks.layers import Convolution, Pool, TransposedConvolution
from preimage.networks.network import ImportRefused
from preimage.networks.reference import forward

torch = pytest.importorskip("torch")


def compare(layer, shape, expected):
    """Write a layer as a graph, and compare it with what torch and the plain forward pass give."""
    architecture = Architecture(shape)
    architecture.add(layer, architecture.input)
    x = np.random.default_rng(1).normal(size=(3, int(np.prod(shape))))
    got = architecture.graph().evaluate(x)
    wanted = np.stack([expected(torch.tensor(row).reshape(shape)).numpy().ravel() for row in x])
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, atol=1e-12)
    np.testing.assert_allclose(forward(architecture, x), wanted, atol=1e-12)


def sizes(minimum, maximum, axes):
    return st.tuples(*[st.integers(minimum, maximum)] * axes)


@st.composite
def convolutions(draw):
    axes = draw(st.integers(1, 2))
    groups, inputs, outputs = draw(sizes(1, 3, 3))
    kernel, stride, dilation = draw(sizes(1, 3, axes)), draw(sizes(1, 3, axes)), draw(sizes(1, 2, axes))
    padding, extent = draw(sizes(0, 2, axes)), draw(sizes(1, 6, axes))
    biased = draw(st.booleans())
    return axes, groups, inputs * groups, outputs * groups, kernel, stride, dilation, padding, extent, biased


@settings(max_examples=60)
@given(convolutions())
def test_convolutions_are_torch_convolutions(drawn):
    axes, groups, inputs, outputs, kernel, stride, dilation, padding, extent, biased = drawn
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    assume(all(n + 2 * p >= r for n, p, r in zip(extent, padding, reach, strict=True)))
    generator = np.random.default_rng(0)
    weight = generator.normal(size=(outputs, inputs // groups, *kernel))
    bias = generator.normal(size=outputs) if biased else None
    layer = Convolution(weight, bias, stride, tuple((p, p) for p in padding), dilation, groups)
    function = (torch.nn.functional.conv1d, torch.nn.functional.conv2d)[axes - 1]
    given_bias = None if bias is None else torch.tensor(bias)
    compare(
        layer,
        (1, inputs, *extent),
        lambda x: function(x, torch.tensor(weight), given_bias, stride, padding, dilation, groups),
    )


@settings(max_examples=60)
@given(convolutions(), st.data())
def test_transposed_convolutions_are_those_of_torch(drawn, data):
    axes, groups, inputs, outputs, kernel, stride, dilation, padding, extent, biased = drawn
    extra = tuple(data.draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    spans = [
        (n - 1) * s - 2 * p + d * (k - 1) + 1 + e
        for n, s, p, d, k, e in zip(extent, stride, padding, dilation, kernel, extra, strict=True)
    ]
    assume(min(spans) > 0)
    generator = np.random.default_rng(0)
    weight = generator.normal(size=(inputs, outputs // groups, *kernel))
    bias = generator.normal(size=outputs) if biased else None
    layer = TransposedConvolution(weight, bias, stride, tuple((p, p) for p in padding), extra, dilation, groups)
    function = (torch.nn.functional.conv_transpose1d, torch.nn.functional.conv_transpose2d)[axes - 1]
    given_bias = None if bias is None else torch.tensor(bias)
    compare(
        layer,
        (1, inputs, *extent),
        lambda x: function(x, torch.tensor(weight), given_bias, stride, padding, extra, groups, dilation),
    )


@settings(max_examples=80)
@given(st.data())
def test_pools_are_torch_pools(data):
    axes = data.draw(st.integers(1, 2))
    kernel = data.draw(sizes(1, 4, axes))
    stride, dilation = data.draw(sizes(1, 4, axes)), data.draw(sizes(1, 2, axes))
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    extent, ceiling = data.draw(sizes(1, 8, axes)), data.draw(st.booleans())
    how, counted = data.draw(st.sampled_from(["max", "mean"])), data.draw(st.booleans())
    dilation = dilation if how == "max" else (1,) * axes
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    assume(all(n + 2 * p >= r for n, p, r in zip(extent, padding, reach, strict=True)))
    layer = Pool(how, kernel, stride, tuple((p, p) for p in padding), dilation, ceiling, counted)
    functional = torch.nn.functional
    if how == "max":
        function = (functional.max_pool1d, functional.max_pool2d)[axes - 1]
        compare(layer, (1, 2, *extent), lambda x: function(x, kernel, stride, padding, dilation, ceiling))
    else:
        function = (functional.avg_pool1d, functional.avg_pool2d)[axes - 1]
        compare(layer, (1, 2, *extent), lambda x: function(x, kernel, stride, padding, ceiling, counted))


def test_leading_axes_may_be_left_out():
    layer = Pool("max", (2,), (2,), ((0, 0),), (1,))
    architecture = Architecture((1, 4))
    assert architecture.add(layer, architecture.input).shape == (1, 2)


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (Convolution(np.ones((1, 2, 3)), None, (1,), ((0, 0),), (1,)), (1, 3, 8), "does not take 3 channels"),
        (Convolution(np.ones((1, 2, 3)), None, (1, 1), ((0, 0),), (1,)), (1, 2, 8), "axes of its kernel"),
        (Convolution(np.ones((1, 2, 3)), None, (0,), ((0, 0),), (1,)), (1, 2, 8), "positive"),
        (Convolution(np.ones((1, 2, 3)), None, (1,), ((0, 0),), (1,)), (1, 2, 2), "holds no entry"),
        (Convolution(np.ones((1, 2, 3)), np.ones(2), (1,), ((0, 0),), (1,)), (1, 2, 8), "length 1 is due"),
        (Convolution(np.ones((1, 1, 1, 1, 1)), None, (1,) * 3, ((0, 0),) * 3, (1,) * 3), (1, 1, 1, 1, 1), "3 axes"),
        (Convolution(np.ones((1, 1, 3)), None, (1,), ((0, 0),), (1,)), (2, 1, 8), "works on channels"),
        (TransposedConvolution(np.ones((1, 1, 3)), None, (1,), ((3, 3),), (0,), (1,)), (1, 1, 2), "no entry"),
        (
            TransposedConvolution(np.ones((1, 1, 3)), None, (1,), ((0, 0),), (0, 0), (1,)),
            (1, 1, 2),
            "shapes do not fit",
        ),
        (Pool("max", (1,), (1,), ((2, 2),), (1,)), (1, 1, 2), "no entry"),
        (Pool("mean", (1,), (1,), ((2, 2),), (1,)), (1, 1, 2), "no entry"),
        (Pool("max", (1,), (1,), ((10**9, 0),), (1,)), (1, 1, 2), "over"),
    ],
)
def test_windows_that_do_not_fit_are_refused(layer, shape, words):
    architecture = Architecture(shape)
    architecture.layer = "conv1"
    with pytest.raises(ImportRefused, match=words) as refusal:
        architecture.add(layer, architecture.input)
    assert refusal.value.layer == "conv1"
