"""Choose the importer for a file or a live object."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from preimage.networks.network import ImportRefused, Network

if TYPE_CHECKING:
    from preimage.networks.agreement import Imported

SUFFIXES = ".npz, .onnx, .pt2 and .safetensors"
ADVICE = {
    ".pt": "such a file runs code when it is read; save torch.export.export(model, (example,)) as .pt2",
    ".pth": "such a file runs code when it is read; save torch.export.export(model, (example,)) as .pt2",
    ".pkl": "such a file runs code when it is read; bind the object itself, or save its arrays as .npz",
    ".joblib": "such a file runs code when it is read; bind the object itself, or save its arrays as .npz",
    ".h5": "convert it to .onnx with tf2onnx",
    ".keras": "convert it to .onnx with tf2onnx",
    ".mat": "save the weights as .npz: W1, b1, W2, b2, …",
}


def load(source: str | Path | object, name: str) -> Network:
    """Read a network and check it against its source's own forward pass.

    Parameters
    ----------
    source
        A path (``.npz``, ``.onnx``, ``.pt2``, ``.safetensors``), or a live object: a `torch.nn.Module` (or the pair of
        a module and its input shape), a `torch.export.ExportedProgram`, an `onnx.ModelProto`, a mapping or a list of
        the arrays W1, b1, W2, b2, …, or a `Network`.
    name
        The name of the network in the problem, for messages.

    Returns
    -------
    Network
        The network as a graph, which agrees with its source.

    Raises
    ------
    ImportRefused
        When the network cannot be taken over exactly.

    Examples
    --------
    >>> import numpy as np
    >>> load([np.eye(2), np.zeros(2), np.ones((1, 2)), np.zeros(1)], "norm").summary
    '2 → 2 → 1, 2 ReLU'
    """
    if isinstance(source, Network):
        return source
    from preimage.networks.agreement import checked_network

    return checked_network(read(source, name))


def read(source: str | Path | object, name: str) -> Imported:
    """Read a network, but do not check it yet; parameters and errors are those of `load`."""
    try:
        return read_file(Path(source)) if isinstance(source, (str, Path)) else read_object(source, name)
    except ImportError as error:
        package = error.name or "another package"
        raise ImportRefused(f"reading it takes {package}", advice=f"pip install {package}") from error


def read_file(path: Path) -> Imported:
    """Read a network from a file, by its suffix."""
    suffix = path.suffix.lower()
    readable = suffix in (".npz", ".onnx", ".pt2", ".safetensors")
    if not readable:
        known = f"networks are read from {SUFFIXES}"
        raise ImportRefused(f"`{path.name}` is not a network file", advice=ADVICE.get(suffix, known))
    try:
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        raise ImportRefused(f"`{path}` cannot be read: {error.strerror}") from error
    if empty:
        raise ImportRefused(f"`{path.name}` is empty")
    match suffix:
        case ".npz":
            from preimage.networks.array_source import read_npz

            return read_npz(path)
        case ".safetensors":
            from preimage.networks.safetensors_source import read_safetensors

            return read_safetensors(path)
        case ".onnx":
            from preimage.networks.onnx_source import read_onnx

            return read_onnx(path)
        case _:
            from preimage.networks.torch_source import read_exported

            return read_exported(path)


def read_object(source: object, name: str) -> Imported:
    """Take over a network that lives in memory."""
    origin = f"the object `{name}`"
    match framework(source):
        case "torch":
            from preimage.networks.torch_source import from_torch

            return from_torch(source, origin)
        case "onnx":
            from preimage.networks.onnx_source import from_onnx

            return from_onnx(source, origin)
    if isinstance(source, Mapping):
        from preimage.networks.array_source import from_mapping

        return from_mapping(source, origin)
    if isinstance(source, (list, tuple)):
        from preimage.networks.array_source import from_sequence

        return from_sequence(source, origin)
    raise ImportRefused(
        f"a {type(source).__name__} is not a network",
        advice=f"a torch.nn.Module, an onnx.ModelProto, arrays W1, b1, W2, b2, … or a file ({SUFFIXES}) is",
    )


def framework(source: object) -> str:
    """Return the framework that an object belongs to, without importing any; a pair belongs where its first does."""
    if isinstance(source, tuple) and len(source) == 2 and not isinstance(source[0], (list, tuple)):
        source = source[0]
    for ancestor in type(source).__mro__:
        package = ancestor.__module__.partition(".")[0]
        if package in ("torch", "onnx") and ancestor.__name__ in ("Module", "ExportedProgram", "ModelProto"):
            return package
    return ""
