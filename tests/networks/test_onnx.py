"""ONNX graphs, each compared here once more with onnxruntime."""

import sys

import numpy as np
import pytest

from preimage.networks import ImportRefused, load

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

RANDOM = np.random.default_rng(7)


def numbers(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def model(nodes, input_shape, opset=17, **initializers):
    """A model from (operation, inputs, attributes) triples: each takes over from the one before as `x`."""
    made, current = [], "x"
    for position, (kind, inputs, attributes) in enumerate(nodes):
        names = [current if name == "x" else name for name in inputs.split(" ")] if inputs else []
        current = attributes.pop("out", f"v{position}")
        made.append(helper.make_node(kind, names, [current], name=f"{kind.lower()}{position}", **attributes))
    graph = helper.make_graph(
        made,
        "tested",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, input_shape)],
        [helper.make_tensor_value_info(current, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in initializers.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def agrees(made, tolerance=2e-5):
    """Import a model and compare with onnxruntime on points of our own."""
    network = load(made, "tested")
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    shape = [extent if isinstance(extent, int) else 1 for extent in entry.shape]
    points = RANDOM.normal(size=(20, network.input_size)).astype(np.float32)
    expected = np.stack([session.run(None, {entry.name: p.reshape(shape)})[0].ravel() for p in points])
    assert network.output_size == expected.shape[1]
    np.testing.assert_allclose(network.graph.evaluate(points), expected, atol=tolerance * np.abs(expected).max())
    assert network.agreement <= 1e-5
    return network


def dense(inputs=4, hidden=5, outputs=3):
    return {
        "W1": numbers(hidden, inputs),
        "b1": numbers(hidden),
        "W2": numbers(outputs, hidden),
        "b2": numbers(outputs),
    }


FIRST, LAST = ("Gemm", "x W1 b1", {"transB": 1}), ("Gemm", "x W2 b2", {"transB": 1})
IMAGE = ("N", 2, 6, 5)
CONV = {"W": numbers(3, 2, 3, 2), "B": numbers(3)}


def activated(kind, inputs="x", **attributes):
    return [FIRST, (kind, inputs, attributes), LAST]


ACCEPTED = {
    "gemm, relu": lambda: model([FIRST, ("Relu", "x", {}), LAST], ("N", 4), **dense()),
    "matmul, add": lambda: model(
        [("MatMul", "x W", {}), ("Add", "x b", {}), ("Relu", "x", {})], ("N", 4), W=numbers(4, 3), b=numbers(3)
    ),
    "leaky relu": lambda: model(activated("LeakyRelu", alpha=0.2), ("N", 4), **dense()),
    "abs": lambda: model(activated("Abs"), ("N", 4), **dense()),
    "clip": lambda: model(
        activated("Clip", "x low high"), ("N", 4), low=np.float32(-0.5), high=np.float32(0.7), **dense()
    ),
    "hard sigmoid": lambda: model(activated("HardSigmoid", alpha=0.3, beta=0.4), ("N", 4), **dense()),
    "residual add": lambda: model(
        [
            ("Gemm", "x W1 b1", {"transB": 1, "out": "h"}),
            ("Relu", "x", {}),
            ("Gemm", "x W3 b1", {}),
            ("Add", "x h", {}),
            ("Relu", "x", {}),
            LAST,
        ],
        ("N", 4),
        W3=numbers(5, 5),
        **dense(),
    ),
    "sub, div scaler": lambda: model(
        [("Sub", "x mean", {}), ("Div", "x spread", {}), FIRST, ("Relu", "x", {}), LAST],
        ("N", 4),
        mean=numbers(4),
        spread=np.abs(numbers(4)) + 0.5,
        **dense(),
    ),
    "batch norm": lambda: model(
        [FIRST, ("BatchNormalization", "x s b m v", {"epsilon": 1e-3}), ("Relu", "x", {}), LAST],
        ("N", 4),
        s=numbers(5),
        b=numbers(5),
        m=numbers(5),
        v=np.abs(numbers(5)) + 0.1,
        **dense(),
    ),
    "conv without padding or bias": lambda: model([("Conv", "x W", {}), ("Relu", "x", {})], IMAGE, W=CONV["W"]),
    "conv with bias": lambda: model([("Conv", "x W B", {}), ("Relu", "x", {})], IMAGE, **CONV),
    "conv with padding": lambda: model([("Conv", "x W B", {"pads": [1, 1, 1, 1]}), ("Relu", "x", {})], IMAGE, **CONV),
    "conv, max pool": lambda: model(
        [("Conv", "x W B", {}), ("Relu", "x", {}), ("MaxPool", "x", {"kernel_shape": [2, 2], "strides": [2, 2]})],
        IMAGE,
        **CONV,
    ),
    "conv, average pool": lambda: model(
        [("Conv", "x W B", {}), ("AveragePool", "x", {"kernel_shape": [2, 2]})], IMAGE, **CONV
    ),
    "transposed conv": lambda: model(
        [("ConvTranspose", "x W B", {"strides": [2, 2], "output_padding": [1, 0]}), ("Relu", "x", {})],
        IMAGE,
        W=numbers(2, 3, 3, 2),
        B=numbers(3),
    ),
    "concat": lambda: model(
        [
            ("Gemm", "x W1 b1", {"transB": 1, "out": "h"}),
            ("Relu", "x", {}),
            ("Concat", "x h", {"axis": 1}),
            ("MatMul", "x W3", {}),
        ],
        ("N", 4),
        W3=numbers(10, 2),
        **dense(),
    ),
}
REFUSED = {"sigmoid": "Sigmoid", "softmax": "Softmax", "tanh": "Tanh", "exp": "Exp", "elu": "Elu", "sign": "Sign"}


@pytest.mark.parametrize("made", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_measured_graphs_are_taken_over_exactly(made):
    agrees(made())


@pytest.mark.parametrize("kind", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_piecewise_linear_is_refused_by_layer_name(kind):
    with pytest.raises(ImportRefused) as refusal:
        load(model(activated(kind), ("N", 4), **dense()), "tested")
    assert refusal.value.layer == f"{kind.lower()}1 ({kind})"
    assert kind in refusal.value.reason
    assert "leaky ReLU" in refusal.value.advice


def conv(**attributes):
    return lambda: model([("Conv", "x W B", attributes), ("Relu", "x", {})], IMAGE, **CONV)


def pool(kind, **attributes):
    return lambda: model([(kind, "x", {"kernel_shape": [3, 2], **attributes})], IMAGE)


def elementwise(kind, *inputs, shape=("N", 4), opset=17, **given):
    constants = {name: value for name, value in given.items() if isinstance(value, (np.ndarray, np.generic))}
    attributes = {name: value for name, value in given.items() if name not in constants}
    return lambda: model([(kind, " ".join(inputs or ("x",)), dict(attributes))], shape, opset, **constants)


INT = {
    name: np.array(value, np.int64) for name, value in {"one": [1], "minus": [-1], "two": [2], "far": [2**40]}.items()
}

DETAILS = {
    "conv strides": conv(strides=[2, 1]),
    "conv uneven pads": conv(pads=[2, 0, 1, 3]),
    "conv dilations": conv(dilations=[2, 3], pads=[1, 1, 1, 1]),
    "conv same upper": conv(auto_pad="SAME_UPPER", strides=[2, 2]),
    "conv same lower": conv(auto_pad="SAME_LOWER", strides=[1, 2]),
    "conv valid": conv(auto_pad="VALID"),
    "conv 1-D in groups": lambda: model(
        [("Conv", "x W B", {"group": 2, "pads": [1, 1], "strides": [2]})], ("N", 4, 9), W=numbers(6, 2, 3), B=numbers(6)
    ),
    "transposed conv 1-D in groups": lambda: model(
        [("ConvTranspose", "x W", {"group": 2, "pads": [1, 2], "strides": [3], "dilations": [2]})],
        ("N", 4, 5),
        W=numbers(4, 3, 3),
    ),
    "transposed conv same upper": lambda: model(
        [("ConvTranspose", "x W", {"auto_pad": "SAME_UPPER", "strides": [2, 2]})], IMAGE, W=numbers(2, 1, 3, 3)
    ),
    "transposed conv to a shape": lambda: model(
        [("ConvTranspose", "x W", {"output_shape": [12, 10], "strides": [2, 2]})], IMAGE, W=numbers(2, 1, 3, 3)
    ),
    "max pool, padded": pool("MaxPool", pads=[1, 0, 2, 1], strides=[2, 2]),
    "max pool, ceiling": pool("MaxPool", ceil_mode=1, strides=[2, 2]),
    "max pool, dilated": pool("MaxPool", dilations=[2, 3]),
    "max pool, same": pool("MaxPool", auto_pad="SAME_UPPER", strides=[2, 2]),
    "average pool, padded": pool("AveragePool", pads=[1, 0, 2, 1], strides=[2, 2]),
    "average pool, padding counted": pool("AveragePool", pads=[1, 0, 2, 1], count_include_pad=1),
    "average pool, ceiling": pool("AveragePool", ceil_mode=1, strides=[2, 2]),
    "average pool, ceiling, counted": pool(
        "AveragePool", ceil_mode=1, strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1
    ),
    "pool 1-D": lambda: model([("MaxPool", "x", {"kernel_shape": [3]})], ("N", 2, 7)),
    "global average": elementwise("GlobalAveragePool", shape=IMAGE),
    "global maximum": elementwise("GlobalMaxPool", shape=IMAGE),
    "gemm alpha beta": lambda: model(
        [("Gemm", "x W c", {"alpha": 0.5, "beta": -2.0})], ("N", 4), W=numbers(4, 3), c=numbers(1, 3)
    ),
    "gemm transA": lambda: model([("Gemm", "x W", {"transA": 1})], (4, 2), W=numbers(4, 3)),
    "gemm constant first": lambda: model([("Gemm", "W x", {"transB": 1})], (2, 4), W=numbers(3, 4)),
    "matmul constant first": lambda: model([("MatMul", "W x", {})], (4, 2), W=numbers(3, 4)),
    "matmul with a vector": lambda: model([("MatMul", "x w", {})], ("N", 4), w=numbers(4)),
    "matmul on rows": lambda: model([("MatMul", "x W", {})], (1, 3, 4), W=numbers(4, 2)),
    "add": elementwise("Add", "c", "x", c=numbers(3, 1)),
    "sub from a constant": elementwise("Sub", "c", "x", c=numbers(4)),
    "mul": elementwise("Mul", "x", "c", c=numbers(4)),
    "sum": elementwise("Sum", "x", "x", "c", c=numbers(4)),
    "mean": elementwise("Mean", "x", "x", "c", c=numbers(4)),
    "neg": elementwise("Neg"),
    "max": elementwise("Max", "x", "c", c=numbers(4)),
    "min of two": lambda: model([("Neg", "x", {"out": "n"}), ("Min", "x x0", {})], ("N", 4), x0=numbers(4)),
    "max of two": lambda: model(
        [("Gemm", "x W", {"out": "a"}), ("Relu", "a", {}), ("Max", "x a", {})], ("N", 4), W=numbers(4, 3)
    ),
    "prelu": elementwise("PRelu", "x", "s", shape=IMAGE, s=numbers(2, 1, 1)),
    "clip by attribute": elementwise("Clip", opset=8, min=-0.25, max=0.5),
    "clip below only": elementwise("Clip", "x", "low", low=np.float32(0.1)),
    "clip above only": elementwise("Clip", "x", "", "high", high=np.float32(0.1)),
    "clip at the largest float": elementwise("Clip", opset=8, min=0.0, max=3.4028234663852886e38),
    "hard sigmoid by default": elementwise("HardSigmoid"),
    "dropout": elementwise("Dropout"),
    "identity": elementwise("Identity"),
    "flatten at 0": elementwise("Flatten", axis=0, shape=IMAGE),
    "flatten from behind": elementwise("Flatten", axis=-1, shape=IMAGE),
    "reshape, 0 and -1": elementwise("Reshape", "x", "s", shape=IMAGE, s=np.array([0, -1, 5], np.int64)),
    "transpose": elementwise("Transpose", perm=[0, 3, 1, 2], shape=IMAGE),
    "squeeze": elementwise("Squeeze", "x", "one", shape=("N", 1, 3), one=INT["one"]),
    "squeeze all": elementwise("Squeeze", shape=(1, 1, 3)),
    "unsqueeze": elementwise("Unsqueeze", "x", "two", two=INT["two"]),
    "unsqueeze by attribute": elementwise("Unsqueeze", opset=11, axes=[0, 3]),
    "slice": elementwise("Slice", "x", "one", "far", "two", "two", shape=IMAGE, **INT),
    "slice backwards": elementwise(
        "Slice", "x", "minus", "low", "two", "minus", shape=IMAGE, low=np.array([-(2**40)], np.int64), **INT
    ),
    "slice by attribute": elementwise("Slice", opset=9, starts=[1], ends=[3], axes=[1]),
    "gather": elementwise("Gather", "x", "i", axis=1, i=np.array([[2, 0], [-1, 2]], np.int64)),
    "gather one": elementwise("Gather", "x", "i", axis=1, i=np.array(2, np.int64)),
    "pad": elementwise("Pad", "x", "p", "v", p=np.array([0, 1, 0, 2], np.int64), v=np.float32(0.5)),
    "pad by reflection": elementwise(
        "Pad", "x", "p", mode="reflect", shape=IMAGE, p=np.array([0, 0, 1, 2, 0, 0, 2, 1], np.int64)
    ),
    "pad at the edge": elementwise("Pad", "x", "p", mode="edge", p=np.array([0, 1, 0, 2], np.int64)),
    "pad by attribute": elementwise("Pad", opset=10, pads=[0, 1, 0, 1], value=1.5),
    "expand": elementwise("Expand", "x", "s", shape=(1, 1, 3), s=np.array([2, 1], np.int64)),
    "tile": elementwise("Tile", "x", "s", s=np.array([1, 3], np.int64)),
    "reduce mean": elementwise("ReduceMean", axes=[1, 2], keepdims=0, shape=IMAGE),
    "reduce sum": elementwise("ReduceSum", "x", "minus", shape=IMAGE, minus=INT["minus"]),
    "reduce sum of all": elementwise("ReduceSum"),
    "reduce max": elementwise("ReduceMax", axes=[1], shape=IMAGE),
    "reduce min": elementwise("ReduceMin", axes=[2], keepdims=0, shape=IMAGE),
    "cast": elementwise("Cast", to=int(TensorProto.FLOAT)),
}


@pytest.mark.parametrize("made", DETAILS.values(), ids=DETAILS.keys())
def test_attributes_mean_what_onnxruntime_takes_them_for(made):
    agrees(made())


def test_split_gives_its_parts():
    nodes = [
        helper.make_node("Split", ["x", "sizes"], ["a", "b"], axis=1),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("Concat", ["b", "r"], ["y"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "split",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 5))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.array([2, 3]), "sizes")],
    )
    agrees(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))


def test_shapes_worked_out_in_the_graph_are_followed():
    # x.reshape(x.shape[0], -1) as older exporters write it.
    nodes = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("Shape", ["r"], ["s"]),
        helper.make_node("Constant", [], ["zero"], value_int=0),
        helper.make_node("Gather", ["s", "zero"], ["n"], axis=0),
        helper.make_node("Constant", [], ["axis"], value=numpy_helper.from_array(np.array([0]))),
        helper.make_node("Unsqueeze", ["n", "axis"], ["n1"]),
        helper.make_node("Constant", [], ["rest"], value_ints=[-1]),
        helper.make_node("Concat", ["n1", "rest"], ["wanted"], axis=0),
        helper.make_node("Reshape", ["r", "wanted"], ["flat"]),
        helper.make_node("Constant", [], ["half"], value_float=0.1),
        helper.make_node("Mul", ["flat", "half"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "flattened",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("N", 2, 3))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    network = agrees(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))
    # The reference is float64 with the constant as float32 stored it, or it would be off by 1e-9.
    assert network.agreement < 1e-8


def test_float16_weights_are_exact():
    made = model([("MatMul", "x W", {})], (1, 3), W=numbers(3, 2).astype(np.float16))
    made.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    made.graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    assert load(made, "tested").agreement < 1e-12


def test_dense_models_are_compared_in_float64():
    network = load(ACCEPTED["gemm, relu"](), "tested")
    assert network.agreement < 1e-12
    assert network.summary == "4 → 5 → 3, 5 ReLU"
    assert network.origin == "the object `tested`"


def test_a_float32_mismatch_is_settled_in_float64():
    # onnxruntime has no float64 convolution, and adding a large number leaves float32 three digits of the result.
    made = model(
        [("Conv", "x W", {}), ("Add", "x large", {}), ("Relu", "x", {}), ("Sub", "x large", {})],
        (1, 1, 8),
        W=numbers(2, 1, 3) / 100,
        large=np.float32(1e4),
    )
    assert load(made, "tested").agreement < 1e-9


def test_a_saved_model_is_read(tmp_path):
    path = tmp_path / "net.onnx"
    onnx.save(ACCEPTED["residual add"](), path)
    network = load(path, "net")
    assert network.origin == "net.onnx"
    assert network.digest == load(str(path), "other").digest


def refused(made):
    with pytest.raises(ImportRefused) as refusal:
        load(made, "tested")
    return str(refusal.value)


def test_refusals_say_what_is_wrong():
    weights = dense()
    weights["W2"][1, 1] = np.nan
    assert "gemm2 (Gemm): its weight holds NaN" in refused(model([FIRST, ("Relu", "x", {}), LAST], ("N", 4), **weights))
    assert "takes 4 inputs" in refused(model([FIRST], ("N", 5), **dense()))
    assert "left open" in refused(model([FIRST], ("N", "features"), **dense()))
    assert "multiplies two results" in refused(model([("Mul", "x x", {})], ("N", 4)))
    assert "multiplies two results" in refused(model([("MatMul", "x x", {})], (4, 4)))
    assert "divides by a result" in refused(model([("Div", "c x", {})], ("N", 4), c=numbers(4)))
    assert "by zero" in refused(model([("Div", "x c", {})], ("N", 4), c=np.zeros(4, np.float32)))
    assert "does not depend" in refused(model([("Relu", "c", {})], ("N", 4), c=numbers(4)))
    assert "reads `nothing`" in refused(model([("Add", "x nothing", {})], ("N", 4)))
    assert "no graph" in refused(onnx.ModelProto())
    assert "newer operators" in refused(model([("Upsample", "x", {})], ("N", 4), opset=1))
    assert "3 axes" in refused(model([("MaxPool", "x", {"kernel_shape": [2, 2, 2]})], ("N", 1, 4, 4, 4)))


def test_old_models_are_converted():
    made = model(
        [("Gemm", "x W b", {"broadcast": 1}), ("Relu", "x", {})], (1, 4), opset=6, W=numbers(4, 3), b=numbers(3)
    )
    assert load(made, "tested").summary == "4 → 3, 3 ReLU"


def test_two_inputs_are_refused_by_name():
    made = ACCEPTED["gemm, relu"]()
    made.graph.input.append(helper.make_tensor_value_info("other", TensorProto.FLOAT, (1,)))
    assert "2 inputs and 1 outputs (x, other, v2)" in refused(made)


def test_declared_sizes_are_not_believed():
    made = model([("ConstantOfShape", "s", {"out": "c"}), ("Add", "c x", {})], (1, 4), s=np.array([10**6, 10**6]))
    made.graph.node[1].input[1] = "x"
    assert "entries" in refused(made)
    assert "entries" in refused(model([("Conv", "x W", {"pads": [10**9, 0, 10**9, 0]})], IMAGE, W=CONV["W"]))
    assert "entries" in refused(model([("Expand", "x s", {})], (1, 4), s=np.array([10**9, 1])))
    assert "repeats" in refused(model([("Tile", "x s", {})], (1, 4), s=np.array([10**9, 1])))
    made = ACCEPTED["gemm, relu"]()
    made.graph.initializer[0].dims[0] = 10**12
    assert "too large" in refused(made)
    made = ACCEPTED["gemm, relu"]()
    made.graph.initializer[0].dims[0] = 1000
    assert "cannot be read" in refused(made)


def test_without_onnxruntime_the_reference_evaluator_compares(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert load(ACCEPTED["conv, max pool"](), "tested").agreement < 1e-12
    assert load(ACCEPTED["gemm, relu"](), "tested").agreement < 1e-12
