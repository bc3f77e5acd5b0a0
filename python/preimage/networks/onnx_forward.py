"""The forward pass of an ONNX model, in float64 where that can be had."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from preimage.networks.agreement import Forward
from preimage.networks.draft import Array, Shape
from preimage.networks.network import ImportRefused

FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)
"""What becomes float64."""
DTYPES: dict[str, type[np.floating[Any]]] = {"tensor(double)": np.float64, "tensor(float)": np.float32}
"""What onnxruntime calls the types of numbers."""


def forwards(model: ModelProto, name: str, shape: Shape) -> tuple[Forward, Forward | None]:
    """Return a model's forward pass, and a slower one in float64 if the first has to round.

    onnxruntime has no float64 kernels for some operations, convolutions among them; the evaluator of the package onnx
    has one for each, but is slow.
    """
    double = in_double(model)

    def reference(x: Array) -> Array:
        return runner(ReferenceEvaluator(double), name, shape, np.float64)(x)

    try:
        import onnxruntime
    except ImportError:
        return reference, None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    for candidate in (double, model):
        try:
            content = candidate.SerializeToString()
            session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception:  # noqa: BLE001  whatever onnxruntime cannot take, the reference evaluator tries
            continue
        kind = DTYPES.get(session.get_inputs()[0].type, np.float16)
        return runner(session, name, shape, kind), None if candidate is double else reference
    return reference, None


def runner(session: Any, name: str, shape: Shape, dtype: type[np.floating[Any]]) -> Forward:
    """Return a forward pass by a session, one input at a time."""

    def forward(x: Array) -> Array:
        try:
            rows = [session.run(None, {name: row.astype(dtype).reshape(shape)})[0] for row in x]
        except Exception as error:
            raise ImportRefused(f"its own forward pass fails: {error}") from error
        return np.stack([np.asarray(row, dtype=np.float64).ravel() for row in rows])

    return forward


def in_double(model: ModelProto) -> ModelProto:
    """Return a copy of a model that computes in float64."""
    copy = ModelProto()
    copy.CopyFrom(model)
    graph: GraphProto = copy.graph
    del graph.value_info[:]
    for entry in (*graph.input, *graph.output):
        if entry.type.tensor_type.elem_type in FLOATS:
            entry.type.tensor_type.elem_type = TensorProto.DOUBLE
    for tensor in graph.initializer:
        widen(tensor)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                widen(attribute.t)
            elif node.op_type == "Cast" and attribute.name == "to" and attribute.i in FLOATS:
                attribute.i = TensorProto.DOUBLE
        if node.op_type == "Constant":
            values = {entry.name: entry for entry in node.attribute}
            for kind in ("value_float", "value_floats"):
                if kind in values:
                    tensor = numpy_helper.from_array(np.array(helper.get_attribute_value(values[kind]), np.float64))
                    node.attribute.remove(values[kind])
                    node.attribute.append(helper.make_attribute("value", tensor))
        if node.op_type == "ConstantOfShape" and not node.attribute:
            node.attribute.append(helper.make_attribute("value", numpy_helper.from_array(np.zeros(1))))
    return copy


def widen(tensor: TensorProto) -> None:
    """Bring a floating-point tensor to float64, in place."""
    if tensor.data_type in FLOATS:
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), name))
