"""``preimage inspect``: a network's layers, and what its neurons do on a box of inputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from preimage.cli import exit_codes
from preimage.cli.options import Format
from preimage.cli.terminal import emit, readable
from preimage.language.diagnostic import diagnose
from preimage.networks import ImportRefused, Network, load
from preimage.results.errors import CodedError
from preimage.results.shape import agreement
from preimage.results.values import entry


def inspect(file: Path, box: tuple[float, float], format: Format) -> int:
    """Show a network."""
    try:
        network = load(readable(file), file.stem)
    except ImportRefused as refused:
        where = f"layer {refused.layer}: " if refused.layer else ""
        wrong = diagnose("PRE601", None, advice=refused.advice, name=str(file), reason=where + refused.reason)
        raise CodedError(wrong) from None
    layers = _layers(network, box)
    if format is Format.json:
        fields = ("input_size", "output_size", "origin", "digest", "summary", "agreement")
        emit(json.dumps({**{name: getattr(network, name) for name in fields}, "layers": layers}))
    else:
        emit(_text(network, layers, box))
    return exit_codes.OK


def _layers(network: Network, box: tuple[float, float]) -> list[dict[str, Any]]:
    graph = network.graph
    bounds = graph.bounds(np.full(network.input_size, box[0]), np.full(network.input_size, box[1]))
    layers: list[dict[str, Any]] = []
    for node in range(graph.node_count):
        layer: dict[str, Any] = {"layer": node, "kind": graph.operation(node), "size": graph.size(node)}
        if layer["kind"] == "kink":
            (source,) = graph.sources(node)
            low, high = bounds.lower(source), bounds.upper(source)
            layer["undecided"] = int(((low < 0) & (high > 0)).sum())
            layer["active"] = int((low >= 0).sum())
            layer["inactive"] = layer["size"] - layer["undecided"] - layer["active"]
        layers.append(layer)
    return layers


def _text(network: Network, layers: list[dict[str, Any]], box: tuple[float, float]) -> str:
    lines = [
        f"{network.summary} · imported from {network.origin}, {agreement(network)}",
        f"digest {network.digest}",
        f"neurons on the box {entry(box[0])}..{entry(box[1])}:",
        f"{'layer':>7}  {'kind':<8}{'size':>7}{'undecided':>11}{'active':>8}{'inactive':>10}",
    ]
    for layer in layers:
        row = f"{layer['layer']:>7}  {layer['kind']:<8}{layer['size']:>7}"
        if "undecided" in layer:
            row += f"{layer['undecided']:>11}{layer['active']:>8}{layer['inactive']:>10}"
        lines.append(row)
    return "\n".join(lines)
