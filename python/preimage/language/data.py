"""Reading numbers from files: .csv, .npy, .npz and .json, never by unpickling, and never more than the limits below."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from preimage.language.archives import read_npy, read_npz
from preimage.language.messages import near
from preimage.language.problem import Array
from preimage.language.tables import parse_labels, parse_table
from preimage.language.values import DataRefused, as_array

LARGEST_TEXT = 64 * 2**20
"""Bytes of a text file (.csv, .json) that is still read: while it is parsed it is in memory several times over."""
LARGEST_BINARY = 200 * 2**20
"""Bytes of an .npy or .npz file that is still read."""
MOST_SCANNED = 2000
"""Files of a folder that are looked at for a name like a missing one's."""

_TABLES = (".csv", ".tsv", ".txt")
_SUFFIXES = (*_TABLES, ".json", ".npy", ".npz")
_KEYED = re.compile(r"""(?P<path>.+\.npz)\[["']?(?P<key>.+?)["']?\]""")


@dataclass(frozen=True, slots=True)
class Data:
    """Numbers and what is known of their source.

    Attributes
    ----------
    values
        A private float64 copy, finite, not empty, read-only.
    tabular
        Whether it was a text table, which always has two axes.
    mask
        Whether the source held truth values: as an index it then is a mask, as in numpy.
    digest
        Hexadecimal blake2b hash: of a file's bytes, or of an array's shape and float64 values.
    """

    values: Array
    tabular: bool
    mask: bool
    digest: str


def read(path: Path, name: str, key: str | None = None) -> Data:
    """Read an array of numbers.

    Parameters
    ----------
    path
        Where the file is.
    name
        How the user wrote it: what messages call it.
    key
        Which array of an .npz file.

    Raises
    ------
    DataRefused
        When the file cannot be read, or holds something else than finite numbers.
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES and not path.is_dir():
        raise DataRefused("PRE244", file=name, advice="numbers are read from .csv, .npy, .npz and .json files")
    if key is not None and suffix != ".npz":
        reason = f'holds one array, and none called "{key}"'
        raise DataRefused("PRE250", name=f"`{name}`", reason=reason, advice=f'leave out ["{key}"]')
    content = read_bytes(path, name, LARGEST_BINARY if suffix in (".npy", ".npz") else LARGEST_TEXT)
    source: object
    if suffix == ".npz":
        source = read_npz(content, name, key)
    elif suffix == ".npy":
        source = read_npy(io.BytesIO(content), len(content), f"`{name}`")
    elif suffix == ".json":
        source = _json(decoded(content, f"`{name}`"), f"`{name}`")
    else:
        source = parse_table(decoded(content, f"`{name}`"), f"`{name}`")
    mask = isinstance(source, np.ndarray) and source.dtype.kind == "b"
    return Data(as_array(source, f"`{name}`"), suffix in _TABLES, mask, _digest(content))


def bound(value: object, name: str) -> Data:
    """Take numbers that Python code or the command line hands in for ``name``.

    Numbers, lists, arrays and tensors are copied. Text is read as a number or a list in JSON or else as the path of a
    file, relative to the working directory, with the array of an .npz in brackets: ``spectra.npz["grey"]``.

    Raises
    ------
    DataRefused
        When it is neither.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            keyed = _KEYED.fullmatch(str(value))
            path, key = (keyed["path"], keyed["key"]) if keyed else (str(value), None)
            return read(Path(path), path, key)
    elif isinstance(value, os.PathLike):
        return read(Path(value), str(value))
    array = as_array(value, f"`{name}`")
    mask = isinstance(value, bool) or "bool" in str(getattr(value, "dtype", ""))
    return Data(array, tabular=False, mask=mask, digest=array_digest(array))


def read_labels(path: Path, name: str, count: int) -> tuple[tuple[str, ...], str]:
    """Read ``count`` labels, one a line (the first cell of each), or all on one line; return them and a digest.

    A line of titles is left out where there is one label too many.
    """
    content = read_bytes(path, name, LARGEST_TEXT)
    text = decoded(content, f"`{name}`")
    labels = parse_labels(text, f"`{name}`", count, as_json=path.suffix.lower() == ".json")
    return labels, _digest(content)


def array_digest(array: Array) -> str:
    """Return a hexadecimal blake2b hash of the shape and the values."""
    state = hashlib.blake2b(repr(array.shape).encode(), digest_size=16)
    state.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return state.hexdigest()


def read_bytes(path: Path, name: str, limit: int) -> bytes:
    """Read an ordinary file of no more than ``limit`` bytes."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DataRefused("PRE242", file=name, reason="it is a folder", advice="name a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise DataRefused("PRE242", file=name, reason="it is a device", advice="copy what it gives into a file")
        with path.open("rb") as file:
            content = file.read(min(limit, status.st_size) + 1)  # memory is taken for as much as is asked for
    except FileNotFoundError:
        raise DataRefused("PRE241", file=name, advice=missing_advice(path)) from None
    except PermissionError:
        advice = "give yourself the permission to read it"
        raise DataRefused("PRE242", file=name, reason="you may not read it", advice=advice) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        advice = "is the path right, and the disk at hand?"
        raise DataRefused("PRE242", file=name, reason=reason[:1].lower() + reason[1:], advice=advice) from None
    if len(content) > limit:
        size, most = f"{max(status.st_size, len(content)) / 2**20:.0f} MB", f"{limit // 2**20} MB"
        raise DataRefused("PRE243", name=f"`{name}`", size=size, limit=most, advice="keep only what is used")
    return content


def missing_advice(path: Path) -> str:
    """Say which files near a missing one have a similar name, or where it was looked for."""
    try:
        with os.scandir(path.parent) as found:
            present = sorted(entry.name for entry, _ in zip(found, range(MOST_SCANNED), strict=False))
    except (OSError, ValueError):
        return "there is no such folder either; a path is relative to the problem's file"
    other = near(path.name, present)
    if other is None:
        other = next((name for name in present if Path(name).stem.casefold() == path.stem.casefold()), None)
    if other is not None:
        return f"try: `{other}`, which is in the same folder"
    return "a path is relative to the problem's file; in a notebook, to the working directory"


def decoded(content: bytes, name: str) -> str:
    """Return UTF-8 text with line breaks as they are, without a byte-order mark."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataRefused("PRE245", name=name, reason="it is UTF-16 text", advice="save it as UTF-8")
    if b"\0" in content:
        raise DataRefused(
            "PRE245",
            name=name,
            reason="it is not text",
            advice="is it what its suffix says? numpy's own files end in .npy and .npz",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"on line {line}, the byte 0x{error.object[error.start]:02x} is not UTF-8 text"
        raise DataRefused("PRE245", name=name, reason=reason, advice="save it as UTF-8") from None


def _json(text: str, name: str) -> object:
    advice = "a vector reads [0.1, 0.2], a table [[1, 2], [3, 4]]"
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        reason = f"line {error.lineno}, column {error.colno} is not JSON: {message}"
        raise DataRefused("PRE245", name=name, reason=reason, advice=advice) from None
    except (RecursionError, ValueError):
        raise DataRefused("PRE245", name=name, reason="it is nested too deeply", advice=advice) from None
    if isinstance(value, dict):
        keys = ", ".join(f'"{key}"' for key in list(value)[:8])
        raise DataRefused(
            "PRE245",
            name=name,
            reason=f"it holds an object with {keys or 'no keys'}",
            advice="save one of its lists by itself: " + advice,
        )
    return value


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
