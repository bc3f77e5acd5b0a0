"""Networks from ONNX: files and live models.

The graph is read node by node with a batch of one; what hangs on constants alone is worked out. The comparison with the
source runs onnxruntime on a copy of the model in float64, or where an operation has no such kernel, the model itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper, inliner, version_converter

from preimage.networks import onnx_shapes  # noqa: F401  registers with OPERATIONS
from preimage.networks.agreement import Imported
from preimage.networks.architecture import Architecture, Value
from preimage.networks.draft import Shape
from preimage.networks.network import ACCEPTED_LAYERS, ImportRefused
from preimage.networks.onnx_constants import stored, worked_out
from preimage.networks.onnx_forward import forwards
from preimage.networks.onnx_operations import OPERATIONS, Call

OLDEST_OPSET = 7
"""The first version of the operators whose arithmetic broadcasts as numpy does; older models are converted."""
CURRENT_OPSET = 13
"""What older models are converted to."""
FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)


def read_onnx(path: Path) -> Imported:
    """Read an ``.onnx`` file."""
    try:
        model = onnx.load(path)
    except Exception as error:
        raise ImportRefused(f"it cannot be read as .onnx: {error}", advice="is the file complete?") from error
    return from_onnx(model, path.name)


def from_onnx(source: object, origin: str) -> Imported:
    """Take over a live `onnx.ModelProto`."""
    assert isinstance(source, ModelProto)
    model, opset = current(source)
    if not model.graph.node:
        raise ImportRefused("it holds no graph", advice="is the file complete?")
    constants = {entry.name: stored(entry) for entry in model.graph.initializer}
    inputs = [entry for entry in model.graph.input if entry.name not in constants]
    if len(inputs) != 1 or len(model.graph.output) != 1:
        # A name that is not UTF-8 comes as bytes.
        names = ", ".join(str(entry.name) for entry in (*inputs, *model.graph.output))
        raise ImportRefused(
            f"it has {len(inputs)} inputs and {len(model.graph.output)} outputs ({names})",
            advice="a network takes one tensor and gives one",
        )
    network = Architecture(input_shape(inputs[0]))
    values: dict[str, Any] = {**constants, inputs[0].name: network.input, "": None}
    for position, node in enumerate(model.graph.node):
        network.layer = f"{node.name} ({node.op_type})" if node.name else f"{position} ({node.op_type})"
        try:
            results = apply(network, node, values, opset)
        except ImportRefused as refusal:
            place = refusal.layer or network.layer
            raise ImportRefused(refusal.reason, advice=refusal.advice, layer=place) from refusal.__cause__
        except (ValueError, IndexError, KeyError, TypeError) as error:
            raise ImportRefused(f"it is malformed: {error}", layer=network.layer) from error
        values.update(zip(node.output, results, strict=False))
    output = values.get(model.graph.output[0].name)
    if not isinstance(output, Value):
        raise ImportRefused("its output does not depend on its input")
    network.output = output.result
    forward, closer = forwards(source, inputs[0].name, network.input_shape)
    return Imported(network, origin, forward, closer)


def current(model: ModelProto) -> tuple[ModelProto, int]:
    """Return a model without local functions, in operators of a version that is read, and that version."""
    try:
        if model.functions:
            model = inliner.inline_local_functions(model)
        opset = max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)
        if opset >= OLDEST_OPSET or not model.graph.node:
            return model, opset
        return version_converter.convert_version(model, CURRENT_OPSET), CURRENT_OPSET
    except Exception as error:
        advice = f"export it with operators of version {OLDEST_OPSET} or newer"
        raise ImportRefused(f"it cannot be brought to newer operators: {error}", advice=advice) from error


def input_shape(entry: onnx.ValueInfoProto) -> Shape:
    """Return the declared shape of an input, a symbolic batch axis taken as 1."""
    kind = entry.type.tensor_type
    if kind.elem_type not in FLOATS:
        raise ImportRefused(f"its input `{entry.name}` does not hold floating-point numbers")
    extents = [axis.dim_value if axis.HasField("dim_value") else 0 for axis in kind.shape.dim]
    if len(extents) > 1 and extents[0] <= 0:
        extents[0] = 1
    if not kind.HasField("shape") or min(extents, default=1) <= 0:
        raise ImportRefused(
            f"the size of its input `{entry.name}` is left open",
            advice="export it with a fixed size, but for the batch",
        )
    return tuple(extents)


def apply(network: Architecture, node: NodeProto, values: dict[str, Any], opset: int) -> list[Any]:
    """Read one node: constants are worked out, results of the network become layers."""
    missing = [name for name in node.input if name not in values]
    if missing:
        raise ImportRefused(f"it reads `{missing[0]}`, which no earlier layer computes")
    if node.domain not in ("", "ai.onnx"):
        raise ImportRefused(f"`{node.op_type}` is not an operator of ONNX", advice=f"accepted are {ACCEPTED_LAYERS}")
    inputs = [values[name] for name in node.input]
    if not any(isinstance(given, Value) for given in inputs):
        return worked_out(node, inputs, opset)
    if node.op_type not in OPERATIONS:
        advice = f"accepted are {ACCEPTED_LAYERS}"
        raise ImportRefused(f"`{node.op_type}` cannot be taken over exactly", advice=advice)
    attributes = {entry.name: attribute(entry) for entry in node.attribute}
    used = sum(1 for name in node.output if name)
    result = OPERATIONS[node.op_type](network, Call(node.op_type, inputs, attributes, used))
    return result if isinstance(result, list) else [result]


def attribute(entry: AttributeProto) -> Any:
    """Return the value of an attribute, text decoded."""
    value = helper.get_attribute_value(entry)
    return value.decode() if isinstance(value, bytes) else value
