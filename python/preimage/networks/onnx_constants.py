"""The constants of an ONNX graph: as stored, and worked out from each other."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from preimage.networks.draft import check_nonzeros
from preimage.networks.network import ImportRefused

# fmt: off
ELEMENTWISE = frozenset((
    "Abs", "Add", "And", "Ceil", "Clip", "Div", "Equal", "Exp", "Floor", "Greater", "GreaterOrEqual", "Less",
    "LessOrEqual", "Log", "Max", "Min", "Mod", "Mul", "Neg", "Not", "Or", "Pow", "Reciprocal", "Relu",
    "Round", "Sigmoid", "Sign", "Softplus", "Sqrt", "Sub", "Tanh", "Where",
))
ARRANGING = frozenset((
    "Cast", "CastLike", "Concat", "Constant", "ConstantOfShape", "Expand", "Flatten", "Gather", "Identity",
    "Range", "ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
    "ReduceSumSquare", "Reshape", "Shape", "Size", "Slice", "Squeeze", "Tile", "Transpose", "Unsqueeze",
))
# fmt: on


def stored(tensor: TensorProto) -> np.ndarray:
    """Return a stored tensor; floating-point numbers in float64, which holds them exactly."""
    try:
        check_nonzeros(prod(tensor.dims))
        return widened(numpy_helper.to_array(tensor))
    except ImportRefused as refusal:
        raise ImportRefused(f"the tensor `{tensor.name}` is too large: {refusal.reason}") from None
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        raise ImportRefused(f"the tensor `{tensor.name}` cannot be read: {error}") from error


def widened(array: np.ndarray) -> np.ndarray:
    """Return floating-point numbers in float64, other ones as they are."""
    return array if array.dtype.kind in "iub" else array.astype(np.float64)


def worked_out(node: NodeProto, inputs: list[Any], opset: int) -> list[Any]:
    """Return the results of a node that hangs on constants alone."""
    if node.op_type not in ELEMENTWISE | ARRANGING:
        raise ImportRefused(f"`{node.op_type}` of constants is not worked out", advice="simplify the model first")
    check_nonzeros(size(node.op_type, inputs))
    names = [f"{k}" if given is not None else "" for k, given in enumerate(inputs)]
    copied = NodeProto()
    copied.CopyFrom(node)
    copied.input[:] = names
    graph = helper.make_graph(
        [copied],
        "constants",
        [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in names if name],
        [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in node.output],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    given = {name: value for name, value in zip(names, inputs, strict=True) if name}
    return [widened(np.asarray(result)) for result in ReferenceEvaluator(model).run(None, given)]


def size(kind: str, inputs: list[Any]) -> int:
    """Return at most how many entries an operation makes, before it is run."""
    held = [int(np.size(given)) for given in inputs if given is not None]
    match kind:
        case "ConstantOfShape":
            return count(inputs[0])
        case "Expand":
            return max(count(inputs[1]), 1) * held[0]
        case "Tile":
            return count(inputs[1]) * held[0]
        case "Range":
            start, limit, step = (float(np.ravel(given)[0]) for given in inputs)
            return int(abs(limit - start) / max(abs(step), 1e-100)) + 1
        case "Gather":
            return held[0] * held[1]
        case _ if kind in ELEMENTWISE:
            return prod(np.broadcast_shapes(*(np.shape(given) for given in inputs if given is not None)))
    return sum(held)


def count(shape: np.ndarray) -> int:
    """Return how many entries a shape has that is given as an array."""
    return prod(int(extent) for extent in np.ravel(shape))
