"""Networks from torch: live modules, exported programs, and ``.pt2`` files.

Whatever comes is brought to the graph of operations that `torch.export` gives, which is then read operation by
operation. Weights are taken exactly, and the comparison with the source runs torch's own operations in float64.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import prod
from operator import getitem
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.export import ExportedProgram

from preimage.networks import torch_shapes  # noqa: F401  registers with OPERATIONS
from preimage.networks.agreement import Forward, Imported
from preimage.networks.architecture import Architecture, Value
from preimage.networks.draft import LARGEST_MAP, Array, Shape
from preimage.networks.network import ACCEPTED_LAYERS, ImportRefused
from preimage.networks.torch_archive import check_archive
from preimage.networks.torch_operations import OPERATIONS

CREATORS = ("arange", "eye", "full", "linspace", "ones", "scalar_tensor", "tensor", "zeros")
"""Operations that make constants from numbers alone; all others are only run on other constants."""
SHAPE_ADVICE = "bind the pair (model, input_shape), the shape without the batch axis, or set model.input_shape"


def read_exported(path: Path) -> Imported:
    """Read a ``.pt2`` file, as `torch.export.save` writes it."""
    content = path.read_bytes()
    check_archive(content)
    try:
        with quiet("torch.export"):
            program = torch.export.load(BytesIO(content))
    except Exception as error:
        raise ImportRefused(
            f"it cannot be read as .pt2: {first_line(error)}", advice="is the file complete?"
        ) from error
    return from_program(program, path.name)


def from_torch(source: object, origin: str) -> Imported:
    """Take over a module, a pair of a module and its input shape, or an exported program."""
    if isinstance(source, ExportedProgram):
        return from_program(source, origin)
    module, given = source if isinstance(source, tuple) else (source, getattr(source, "input_shape", None))
    if not isinstance(module, torch.nn.Module):
        raise ImportRefused(f"a {type(module).__name__} is not a network", advice="a torch.nn.Module is")
    shape = input_shape(module, given)
    failure: Exception | None = None
    for dtype in (torch.float64, torch.float32):
        try:
            with torch.no_grad():
                frozen = copy.deepcopy(module).to("cpu", dtype).eval().requires_grad_(False)
                example = torch.zeros(1, *shape, dtype=dtype)
                imported = from_program(torch.export.export(frozen, (example,)), origin, eager(frozen, shape, dtype))
                frozen(example)
        except ImportRefused:
            raise
        except Exception as error:  # noqa: BLE001  any module may fail in any way; the last reason is told
            failure = error
        else:
            return imported
    raise ImportRefused(
        f"torch cannot follow it on an input of shape {shape}: {first_line(failure)}",
        advice="is that the shape of its input? If not, " + SHAPE_ADVICE,
    ) from failure


def input_shape(module: torch.nn.Module, given: object) -> Shape:
    """Return the shape of a module's input without the batch axis: as given, or from its first layer."""
    if given is not None:
        numbers = (given,) if isinstance(given, int) else given
        if isinstance(numbers, (tuple, list, torch.Size)) and all(isinstance(n, int) and n > 0 for n in numbers):
            return tuple(numbers)
        raise ImportRefused(f"its input shape is {given!r}", advice="a tuple of positive integers is due")
    for layer in module.modules():
        match layer:
            case torch.nn.LazyLinear():
                break
            case torch.nn.Linear():
                return (layer.in_features,)
            case torch.nn.BatchNorm1d():
                return (layer.num_features,)
            case torch.nn.Unflatten(dim=1):
                sizes = layer.unflattened_size
                return (prod(sizes),)
        if not list(layer.children()) and list(layer.parameters()):
            break
    raise ImportRefused("the shape of its input cannot be told from its first layer", advice=SHAPE_ADVICE)


def eager(module: torch.nn.Module, shape: Shape, dtype: torch.dtype) -> Forward:
    """Return the module's own forward pass, one input at a time."""

    def forward(x: Array) -> Array:
        try:
            with torch.no_grad(), one_thread():
                rows = [module(torch.tensor(row, dtype=dtype).reshape(1, *shape)) for row in x]
            return np.stack([row.to(torch.float64).numpy().ravel() for row in rows])
        except Exception as error:
            raise ImportRefused(f"its own forward pass fails: {first_line(error)}") from error

    return forward


def from_program(program: ExportedProgram, origin: str, forward: Forward | None = None) -> Imported:
    """Read the operations of an exported program."""
    try:
        program = program.run_decompositions({})
    except Exception as error:
        raise ImportRefused(f"torch cannot bring it to plain operations: {first_line(error)}") from error
    program.graph.eliminate_dead_code()
    signature = program.graph_signature
    inputs = signature.user_inputs
    if len(inputs) != 1 or len(signature.user_outputs) != 1 or signature.buffers_to_mutate:
        raise ImportRefused(
            f"it takes {len(inputs)} inputs, gives {len(signature.user_outputs)} outputs and changes "
            f"{len(signature.buffers_to_mutate)} of its buffers",
            advice="a network takes one tensor, gives one, and stays as it is",
        )
    values: dict[str, Any] = {}
    network: Architecture | None = None
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name == inputs[0]:
            shape = tuple(1 if isinstance(n, torch.SymInt) else int(n) for n in node.meta["val"].shape)
            network = Architecture(shape)
            values[node.name] = network.input
        elif node.op == "placeholder":
            values[node.name] = held(program, node.name)
        elif node.op == "call_function":
            assert network is not None
            network.layer = layer_name(node)
            try:
                values[node.name] = apply(network, node, values)
            except ImportRefused as refusal:
                place = refusal.layer or network.layer
                raise ImportRefused(refusal.reason, advice=refusal.advice, layer=place) from refusal.__cause__
    output = values.get(signature.user_outputs[0] or "")
    if network is None or not isinstance(output, Value):
        raise ImportRefused("its output does not depend on its input")
    network.output = output.result
    return Imported(network, origin, forward or interpreted(program, values, network.input_shape))


def apply(network: Architecture, node: torch.fx.Node, values: dict[str, Any]) -> Any:
    """Read one operation: constants are worked out, results of the network become layers."""
    arguments: Any = torch.fx.map_arg((node.args, node.kwargs), lambda source: values[source.name])
    args, kwargs = arguments
    target: Any = node.target
    if target is getitem and depends(args[0]):
        if args[1] >= len(args[0]):
            raise ImportRefused("the positions of its maxima are used, which jump as the input moves")
        return args[0][args[1]]
    if not isinstance(target, torch._ops.OpOverload):
        if depends(args) or getattr(target, "__module__", "") not in ("_operator", "math", "torch"):
            raise ImportRefused(f"`{node.name}` is not an operation of a network")
        return target(*args, **kwargs)
    name = target._schema.name.removeprefix("aten::")
    if name.startswith(("_assert", "sym_constrain")):
        return None
    if not depends((args, kwargs)):
        return worked_out(node, name, args, kwargs)
    if name not in OPERATIONS:
        raise ImportRefused(f"`{name}` cannot be taken over exactly", advice=f"accepted are {ACCEPTED_LAYERS}")
    bound: dict[str, Any] = {"operation": name}
    for position, parameter in enumerate(target._schema.arguments):
        given = args[position] if position < len(args) else kwargs.get(parameter.name, parameter.default_value)
        bound[parameter.name] = given
    return OPERATIONS[name](network, bound)


def worked_out(node: torch.fx.Node, name: str, args: Any, kwargs: Any) -> Any:
    """Return the value of an operation on constants."""
    tensors = [leaf for leaf in torch.utils._pytree.tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    size = getattr(node.meta.get("val"), "numel", lambda: 0)()
    if not isinstance(node.target, torch._ops.OpOverload) or not (tensors or name in CREATORS):
        raise ImportRefused(f"`{name}` is not an operation of a network")
    if not isinstance(size, int) or size > LARGEST_MAP:
        raise ImportRefused(f"it makes a constant of {size} entries, over {LARGEST_MAP}")
    try:
        with torch.no_grad():
            return widened(node.target(*args, **kwargs))
    except RuntimeError as error:
        raise ImportRefused(f"`{name}` fails: {first_line(error)}") from error


def held(program: ExportedProgram, name: str) -> Any:
    """Return the weight, buffer or constant that a placeholder stands for."""
    signature = program.graph_signature
    for names in (signature.inputs_to_parameters, signature.inputs_to_buffers):
        if name in names:
            key = names[name]
            return widened(program.state_dict[key] if key in program.state_dict else program.constants[key])
    key = signature.inputs_to_lifted_tensor_constants.get(name, "")
    if key not in program.constants:
        raise ImportRefused(f"it takes `{name}`, which is neither a weight nor its input")
    return widened(program.constants[key])


def widened(value: Any) -> Any:
    """Return floating tensors, alone or in a tuple, in float64 on the CPU."""
    if isinstance(value, (tuple, list)):
        return type(value)(widened(part) for part in value)
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return value.to(torch.float64) if value.is_floating_point() else value
    return value


def depends(value: Any) -> bool:
    """Return whether something holds a result of the network."""
    return any(isinstance(leaf, Value) for leaf in torch.utils._pytree.tree_leaves(value))


def interpreted(program: ExportedProgram, values: dict[str, Any], shape: Shape) -> Forward:
    """Return a forward pass by torch's own operations, in float64, on constants already worked out."""
    (start,), (end,) = program.graph_signature.user_inputs, program.graph_signature.user_outputs

    def run(row: Array) -> Array:
        results = {start: torch.tensor(row).reshape(shape)}
        for node in program.graph.nodes:
            if node.op == "call_function" and depends(values[node.name]):
                arguments: Any = torch.fx.map_arg(
                    (node.args, node.kwargs), lambda source: results.get(source.name, values[source.name])
                )
                target: Any = node.target
                results[node.name] = widened(target(*arguments[0], **arguments[1]))
        return np.asarray(results[end].numpy().ravel())

    def forward(x: Array) -> Array:
        try:
            with torch.no_grad(), one_thread():
                return np.stack([run(row) for row in x])
        except Exception as error:
            raise ImportRefused(f"its own forward pass fails: {first_line(error)}") from error

    return forward


def layer_name(node: torch.fx.Node) -> str:
    """Return the name of the module that a node comes from, else of its operation."""
    for path, kind in reversed(list(node.meta.get("nn_module_stack", {}).values())):
        if path:
            kind = kind if isinstance(kind, str) else kind.__name__
            return f"{path} ({kind.rpartition('.')[2]})"
    return str(node.name)


def first_line(error: BaseException | None) -> str:
    """Return the first line of a message, which torch likes to follow with a page."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(". ")


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch from spreading small steps over threads: where cores are busy, that takes far longer."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Silence a logger that prints tracebacks of errors which are told in another way."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
