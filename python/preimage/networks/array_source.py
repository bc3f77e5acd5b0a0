"""Networks as plain arrays: W1, b1, W2, b2, …, with ReLU between and a linear last layer."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from functools import partial
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from preimage.networks.agreement import Imported
from preimage.networks.architecture import Architecture
from preimage.networks.draft import LARGEST_MAP, Array, shape_text
from preimage.networks.layers import Dense, Relu
from preimage.networks.network import ImportRefused
from preimage.networks.reference import forward

LAYOUT = "the arrays are W1, b1, W2, b2, …; W has a row for each output, ReLU stands between, the last layer is linear"
LARGEST_FILE = 8 * LARGEST_MAP
"""Bytes of weights that are read."""


def read_npz(path: Path) -> Imported:
    """Read a network from an ``.npz`` file; nothing in it is ever unpickled."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LARGEST_FILE:
                raise ImportRefused(f"its arrays take more than {LARGEST_FILE} bytes")
            arrays = {}
            for member in members:
                with archive.open(member) as stream:
                    arrays[member.filename.removesuffix(".npy")] = read_array(stream, member.filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise ImportRefused(f"it cannot be read as .npz: {error}", advice="is the file complete?") from error
    return from_mapping(arrays, path.name)


def read_array(stream: IO[bytes], name: str) -> np.ndarray:
    """Read one ``.npy`` member, believing nothing it declares; raises `ValueError` or `ImportRefused`."""
    version = npy.read_magic(stream)
    header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, in_columns, dtype = header(stream)
    if dtype.kind not in "fiu":
        raise ImportRefused(f"its array `{name}` holds {dtype}, not numbers", advice=LAYOUT)
    content = stream.read()
    if len(content) != prod(shape) * dtype.itemsize:
        raise ValueError(f"`{name}` declares {prod(shape)} entries and holds {len(content) // dtype.itemsize}")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if in_columns else "C")


def from_mapping(arrays: Mapping[str, object], origin: str) -> Imported:
    """Take over the arrays W1, b1, W2, b2, … by name."""
    count = 0
    while f"W{count + 1}" in arrays:
        count += 1
    names = [f"{kind}{k + 1}" for k in range(count) for kind in "Wb"]
    missing = [name for name in names or ["W1"] if name not in arrays]
    if missing:
        raise ImportRefused(f"there is no array `{missing[0]}`", advice=LAYOUT)
    spare = sorted(map(str, set(arrays) - set(names)))
    if spare:
        raise ImportRefused(f"nothing is known of the array `{spare[0]}`", advice=LAYOUT)
    return from_sequence([arrays[name] for name in names], origin)


def from_sequence(arrays: Sequence[object], origin: str) -> Imported:
    """Take over the arrays ``[W1, b1, W2, b2, …]``, or the pairs ``[(W1, b1), …]``."""
    paired = bool(arrays) and all(isinstance(entry, (tuple, list)) and len(entry) == 2 for entry in arrays)
    flat = [array for pair in arrays for array in pair] if paired else list(arrays)  # type: ignore[attr-defined]
    if not flat or len(flat) % 2:
        raise ImportRefused(f"{len(flat)} arrays do not pair up as weights and biases", advice=LAYOUT)
    pairs = [
        (weights(w, f"W{k}"), weights(b, f"b{k}"))
        for k, (w, b) in enumerate(zip(flat[::2], flat[1::2], strict=True), start=1)
    ]
    check_pairs(pairs)
    architecture = Architecture((pairs[0][0].shape[1],))
    value = architecture.input
    for k, (weight, bias) in enumerate(pairs, start=1):
        architecture.layer = f"{k} (W{k}, b{k})"
        value = architecture.add(Dense(weight, bias), value if k == 1 else architecture.add(Relu(), value))
    return Imported(architecture, origin, partial(forward, architecture))


def weights(values: object, name: str) -> Array:
    """Return numbers as float64, in which every float32 is exact."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ImportRefused(f"`{name}` is not an array: {error}") from error
    if array.dtype.name != "bfloat16" and (array.dtype.kind not in "fiu" or array.dtype.itemsize > 8):
        raise ImportRefused(f"`{name}` holds {array.dtype}, not numbers that float64 can hold")
    return array.astype(np.float64)


def check_pairs(pairs: Sequence[tuple[Array, Array]]) -> None:
    """Refuse arrays that do not fit each other, or the layer before."""
    width = None
    for k, (weight, bias) in enumerate(pairs, start=1):
        if weight.ndim != 2 or bias.shape != (len(weight),):
            raise ImportRefused(
                f"`W{k}` is {shape_text(weight.shape)} and `b{k}` is {shape_text(bias.shape)}", advice=LAYOUT
            )
        if width is not None and weight.shape[1] != width:
            turned = f"W has a row for each output: save the transpose of `W{k}`"
            raise ImportRefused(
                f"`W{k}` takes {weight.shape[1]} inputs, but the layer before gives {width}",
                advice=turned if len(weight) == width else LAYOUT,
            )
        width = len(weight)
