"""Write a network, from whatever it was read, as weights with a record of its layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from preimage.networks.load import read
from preimage.networks.network import ImportRefused, Network


def save_safetensors(source: str | Path | object, path: str | Path) -> Network:
    """Save a network as ``.safetensors``, with a record of its layers.

    Parameters
    ----------
    source
        Whatever `preimage.networks.load` reads, such as a `torch.nn.Module`.
    path
        Where to write.

    Returns
    -------
    Network
        What was saved, checked against its source.

    Raises
    ------
    ImportRefused
        When the network cannot be taken over exactly, or the package safetensors is missing.
    """
    try:
        from safetensors.numpy import save_file
    except ImportError as error:
        raise ImportRefused("writing it takes the package safetensors", advice="pip install safetensors") from error
    from preimage.networks.agreement import checked_network
    from preimage.networks.architecture import INPUT
    from preimage.networks.layer_records import record_of
    from preimage.networks.safetensors_source import KEY

    imported = read(source, "network")
    network = checked_network(imported)
    architecture = imported.architecture
    tensors: dict[str, Any] = {}
    names = {INPUT: "input"} | {step.result: f"{k}" for k, step in enumerate(architecture.needed(), start=1)}
    record: list[dict[str, Any]] = [{"kind": "input", "shape": architecture.input_shape}]
    for step in architecture.needed():
        name = names[step.result]
        sources = [names[source] for source in step.sources]
        record.append({"name": name, "from": sources} | record_of(step.layer, name, tensors))
    arrays = {name: np.ascontiguousarray(compact(tensor)) for name, tensor in tensors.items()}
    save_file(arrays, path, metadata={KEY: json.dumps(record)})
    return network


def compact(values: Any) -> Any:
    """Return numbers as float32 where that loses nothing."""
    if values.dtype != np.float64:
        return values
    single = values.astype(np.float32)
    return single if np.array_equal(single.astype(np.float64), values) else values
