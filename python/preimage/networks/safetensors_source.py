"""Networks in ``.safetensors`` files: the weights, and a record of the layers in the metadata key ``preimage``."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from preimage.networks.agreement import Imported
from preimage.networks.architecture import Architecture
from preimage.networks.layer_records import Tensors, is_integers, layer_of
from preimage.networks.network import ImportRefused
from preimage.networks.reference import forward

KEY = "preimage"
ADVICE = "preimage.networks.save_safetensors writes the record; the reference page of networks explains it"


def read_safetensors(path: Path) -> Imported:
    """Read a network from a ``.safetensors`` file that carries a record of its layers."""
    with suppress(ImportError):
        import ml_dtypes  # noqa: F401  teaches numpy bfloat16
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except TypeError as error:
        raise ImportRefused(f"numpy cannot hold its tensors: {error}", advice="pip install ml_dtypes") from error
    except (SafetensorError, OSError, ValueError, AttributeError) as error:
        raise ImportRefused(f"it cannot be read as .safetensors: {error}", advice="is the file complete?") from error
    if KEY not in metadata:
        raise ImportRefused(f"its metadata have no record of the layers (key `{KEY}`)", advice=ADVICE)
    try:
        record = json.loads(metadata[KEY])
    except (ValueError, RecursionError) as error:
        raise ImportRefused(f"its record of the layers is not JSON: {error}", advice=ADVICE) from error
    architecture = architecture_of(record, tensors)
    return Imported(architecture, path.name, partial(forward, architecture))


def architecture_of(record: Any, tensors: Tensors) -> Architecture:
    """Return the layers that a record lists; raises `ImportRefused`."""
    if not isinstance(record, list) or not all(isinstance(entry, dict) for entry in record):
        raise ImportRefused("its record of the layers is not a list of objects", advice=ADVICE)
    first = record[0] if record else {}
    shape = first.get("shape")
    if first.get("kind") != "input" or shape is None or not is_integers(shape):
        raise ImportRefused('its record does not begin with {"kind": "input", "shape": [...]}', advice=ADVICE)
    architecture = Architecture(tuple(shape))
    values = {str(first.get("name", "input")): architecture.input}
    for position, entry in enumerate(record[1:], start=1):
        name = entry.get("name", str(position))
        architecture.layer = f"{name} ({entry.get('kind')})"
        sources = entry.get("from", [])
        sources = [sources] if isinstance(sources, str) else sources
        if not isinstance(name, str) or name in values:
            raise ImportRefused("its name is not a word of its own", layer=architecture.layer)
        if not isinstance(sources, list) or not all(isinstance(k, str) and k in values for k in sources):
            raise ImportRefused(
                f"it comes from {sources!r}, which no earlier layer is called", layer=architecture.layer
            )
        try:
            layer = layer_of(entry, tensors)
        except ImportRefused as refusal:
            raise ImportRefused(refusal.reason, advice=refusal.advice, layer=architecture.layer) from None
        if not sources and layer.arity != 0:
            sources = [next(reversed(values))]
        values[name] = architecture.add(layer, *(values[k] for k in sources))
    return architecture
