"""numpy's own files, .npy and .npz: the header is believed only after it has been checked, and nothing is unpickled."""

from __future__ import annotations

import ast
import io
import math
import struct
import zipfile
import zlib
from typing import Any

import numpy as np

from preimage.language.messages import near
from preimage.language.values import DataRefused

LARGEST_ARRAY = 20_000_000
"""Numbers in one array that is still read: 160 MB as float64."""
_LARGEST_HEADER = 4096  # bytes
_MOST_KEYS = 12


def read_npy(file: io.BytesIO, size: int, name: str) -> np.ndarray:
    """Read an .npy stream of ``size`` bytes."""
    advice = "write it with numpy.save or numpy.savez"
    try:
        shape, fortran_order, dtype = _header(file)
    except (struct.error, ValueError, KeyError, SyntaxError, TypeError, AttributeError, RecursionError, MemoryError):
        raise DataRefused("PRE245", name=name, reason="it is not a numpy array", advice=advice) from None
    if dtype.hasobject:
        reason = "it holds pickled Python objects, which are never loaded"
        raise DataRefused("PRE245", name=name, reason=reason, advice="save numbers: np.asarray(values, dtype=float)")
    if dtype.names is not None:
        reason = f"it holds records with the fields {', '.join(dtype.names)}"
        raise DataRefused("PRE245", name=name, reason=reason, advice="save the numbers of one field")
    count = math.prod(shape)
    if count > LARGEST_ARRAY:
        raise _too_large(name, f"{count:,} numbers", f"{LARGEST_ARRAY:,}")
    wanted = count * dtype.itemsize
    content = file.read(wanted) if wanted <= size else b""
    if len(content) < wanted:
        reason = f"it is cut short: its header promises {count:,} numbers"
        raise DataRefused("PRE245", name=name, reason=reason, advice=advice)
    flat = np.frombuffer(content, dtype=dtype, count=count)
    return flat.reshape(shape, order="F" if fortran_order else "C")


def _header(file: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Read the header of an .npy stream; numpy's own reader does more than read when a header is damaged."""
    magic, version, length = file.read(6), *struct.unpack("<BxH", file.read(4))
    if magic != b"\x93NUMPY" or version not in (1, 2, 3):
        raise ValueError("another format")
    if version > 1:
        length += struct.unpack("<H", file.read(2))[0] << 16
    if length > _LARGEST_HEADER:
        raise ValueError("no header is so long")
    header = ast.literal_eval(file.read(length).decode("utf-8" if version == 3 else "latin1").strip())
    shape, dtype = header["shape"], np.lib.format.descr_to_dtype(header["descr"])
    if not isinstance(shape, tuple) or not all(type(axis) is int and axis >= 0 for axis in shape):
        raise ValueError("not a shape")
    return shape, bool(header["fortran_order"]), dtype


def read_npz(content: bytes, name: str, key: str | None) -> np.ndarray:
    """Read the array ``key`` of an .npz archive, or its only one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            chosen = _choose(list(members), name, key)
            entry, label = members[chosen], f'`{name}["{chosen}"]`'
            limit = 8 * LARGEST_ARRAY + _LARGEST_HEADER
            if entry.file_size > limit:
                raise _too_large(label, f"{entry.file_size:,} bytes", f"{limit:,}")
            with archive.open(entry) as file:
                data = file.read(entry.file_size)
            return read_npy(io.BytesIO(data), len(data), label)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
        reason = "it is not an archive of numpy arrays"
        raise DataRefused("PRE245", name=f"`{name}`", reason=reason, advice="write it with numpy.savez") from None


def _choose(keys: list[str], name: str, key: str | None) -> str:
    if not keys:
        raise DataRefused("PRE249", name=f"`{name}`", detail="", advice="write it with numpy.savez")
    if key in keys:
        return str(key)
    if key is None and len(keys) == 1:
        return keys[0]
    shown = ", ".join(f'"{other}"' for other in keys[:_MOST_KEYS]) + (", …" if len(keys) > _MOST_KEYS else "")
    if key is None:
        reason, example = f"holds {len(keys)} arrays: {shown}", keys[0]
    else:
        reason, example = f'has no array "{key}", only {shown}', near(key, keys) or keys[0]
    raise DataRefused("PRE250", name=f"`{name}`", reason=reason, advice=f'try: from "{name}"["{example}"]')


def _too_large(name: str, size: str, limit: str) -> DataRefused:
    return DataRefused("PRE243", name=name, size=size, limit=limit, advice="keep only what is used")
