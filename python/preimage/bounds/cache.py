"""What was tightened before: in memory, and in files that are there whole or not at all."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import zlib
from collections import OrderedDict
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from preimage.bounds.record import LayerBounds, Step, Tightening

VARIABLE = "PREIMAGE_CACHE"
"""The environment variable that names the folder."""

VERSION = 1
"""Of the files; others are not read."""

KEPT_IN_MEMORY = 8

_memory: OrderedDict[tuple[Path, str], Tightening] = OrderedDict()
_lock = threading.Lock()


def default_folder() -> Path:
    """Return the folder of the user's caches, or the one that the environment names."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "preimage"


def recall(digest: str, folder: Path | None = None) -> Tightening | None:
    """Return what is known of a digest; None if nothing is, or the file is not what was written."""
    folder = (default_folder() if folder is None else folder).absolute()
    with _lock:
        if (known := _memory.get((folder, digest))) is not None:
            return known
    try:
        found = _read((folder / _name(digest)).read_bytes(), digest)
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, zlib.error):
        return None
    _remember(folder, found)
    return found


def keep(found: Tightening, folder: Path | None = None) -> None:
    """Keep bounds for later, in place of those of the same digest.

    Raises
    ------
    OSError
        If the folder cannot be written; the bounds are kept in memory all the same.
    """
    from preimage.results.writing import write_in_one_step

    folder = (default_folder() if folder is None else folder).absolute()
    _remember(folder, found)
    folder.mkdir(parents=True, exist_ok=True)
    write_in_one_step(folder / _name(found.digest), _written(found))


def _remember(folder: Path, found: Tightening) -> None:
    with _lock:
        _memory[folder, found.digest] = found
        _memory.move_to_end((folder, found.digest))
        while len(_memory) > KEPT_IN_MEMORY:
            _memory.popitem(last=False)


def _name(digest: str) -> str:
    return f"bounds-{digest}.npz"


def _written(found: Tightening) -> bytes:
    arrays: dict[str, Any] = {}
    for k, layer in enumerate(found.layers):
        arrays |= {f"lower{k}": layer.lower, f"upper{k}": layer.upper, f"by_solver{k}": layer.by_solver}
    header = {
        "version": VERSION,
        "digest": found.digest,
        "time_per_unit": found.time_per_unit,
        "complete": found.complete,
        "layers": [
            {"name": layer.name, "kinked": layer.kinked, "steps": [asdict(step) for step in layer.steps]}
            for layer in found.layers
        ],
        "checksum": _checksum(arrays),
    }
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array(json.dumps(header)), **arrays)
    return buffer.getvalue()


def _read(data: bytes, digest: str) -> Tightening:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(str(arrays.pop("header")))
    known = (header["version"], header["digest"], header["checksum"])
    if known != (VERSION, digest, _checksum(arrays)):
        raise ValueError("not the bounds that were asked for")
    layers = tuple(
        LayerBounds(
            layer["name"],
            layer["kinked"],
            arrays[f"lower{k}"],
            arrays[f"upper{k}"],
            arrays[f"by_solver{k}"],
            tuple(Step(**step) for step in layer["steps"]),
        )
        for k, layer in enumerate(header["layers"])
    )
    return Tightening(digest, layers, header["time_per_unit"], header["complete"])


def _checksum(arrays: dict[str, Any]) -> int:
    total = 0
    for name in sorted(arrays):
        total = zlib.crc32(np.ascontiguousarray(arrays[name]).tobytes(), zlib.crc32(name.encode(), total))
    return total
