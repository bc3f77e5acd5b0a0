"""Result files: one zip archive of JSON and npy arrays, written in one step, with a digest of its content.

The archive holds ``manifest.json`` (format, version, kind, digest), ``content.json`` (the fields; an array stands as
``{"array": k}``) and ``arrays/k.npy``. Nothing in it is ever executed: no pickle.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from preimage.engines.boxes import Boxes
from preimage.engines.search import TraceRow
from preimage.results.errors import ResultFileError
from preimage.results.plain import Array
from preimage.results.result import Result
from preimage.results.sweep import Sweep
from preimage.results.writing import write_in_one_step

FORMAT = "preimage result"
VERSION = 1
"""Rises when an older version of Preimage could no longer read what is written."""

LARGEST_CONTENT = 2**31
"""Bytes that the members of an archive may unfold to: a guard against archives made to exhaust memory."""

ARRAY_FIELDS = ("design", "predictions", "targets", "limits")

Answer = TypeVar("Answer", Result, Sweep)


def save(answer: Result | Sweep, path: str | Path) -> Path:
    """Write a result or a sweep; the same answer gives the same bytes.

    Raises
    ------
    ResultFileError
        If the file cannot be written (PRE705).
    """
    path = Path(path)
    try:
        write_in_one_step(path, _pack(answer))
    except OSError as error:
        raise ResultFileError.not_written(path, error) from error
    return path


def load(path: str | Path) -> Result | Sweep:
    """Return the result or the sweep that a file holds.

    Raises
    ------
    ResultFileError
        If the file cannot be read (PRE705), is not a result (PRE701), is damaged (PRE702), newer than this version
        (PRE703) or altered (PRE704).
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ResultFileError.not_read(path, error) from error
    manifest, members = _unpack(path, data)
    if manifest["version"] > VERSION:
        upgrade = "`pip install --upgrade preimage`"
        raise ResultFileError("PRE703", path, upgrade, found=manifest["version"], known=VERSION)
    if manifest.get("digest") != _digest(members):
        raise ResultFileError("PRE704", path, "the file as it was saved, or solve again")
    try:
        results = _decode(members)
        return Sweep(results) if manifest["kind"] == "sweep" else results[0]
    except (AttributeError, LookupError, TypeError, ValueError, EOFError, RecursionError, MemoryError) as error:
        raise _damaged(path, "its content does not make a result") from error


def load_as(kind: type[Answer], path: str | Path) -> Answer:
    """Return what `load` returns if it is of the kind wanted.

    Raises
    ------
    ResultFileError
        As `load`, and PRE701 if the file holds the other kind.
    """
    answer = load(path)
    if not isinstance(answer, kind):
        other = type(answer).__name__
        advice = f"`{other}.load`, or `preimage.load`"
        raise ResultFileError("PRE701", Path(path), advice, reason=f"it holds a {other}")
    return answer


# Packing


def _pack(answer: Result | Sweep) -> bytes:
    results = list(answer) if isinstance(answer, Sweep) else [answer]
    members: dict[str, bytes] = {}
    names: dict[bytes, int] = {}  # equal arrays, such as the limits of a sweep, are stored once

    def array(value: Array) -> dict[str, int]:
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, value, allow_pickle=False)
        data = buffer.getvalue()
        index = names.setdefault(data, len(names))
        members[f"arrays/{index}.npy"] = data
        return {"array": index}

    encoded = []
    for result in results:
        record = result.to_dict()
        for name in ARRAY_FIELDS:
            record[name] = {key: array(value) for key, value in getattr(result, name).items()}
        if result.boxes is not None:
            record["boxes"] = {"names": result.boxes.names, "entries": result.boxes.entries}
            record["boxes"] |= {key: array(value) for key, value in result.boxes.arrays.items()}
        encoded.append(record)
    members["content.json"] = json.dumps({"results": encoded}, allow_nan=False).encode()
    kind = "sweep" if isinstance(answer, Sweep) else "result"
    manifest = {"format": FORMAT, "version": VERSION, "kind": kind, "digest": _digest(members)}

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in {"manifest.json": json.dumps(manifest).encode(), **members}.items():
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # ZipInfo's date is fixed
    return archive.getvalue()


def _digest(members: Mapping[str, bytes]) -> str:
    digest = hashlib.blake2b(digest_size=32)
    for name in sorted(members):
        for part in (name.encode(), members[name]):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()


# Unpacking


def _damaged(path: Path, reason: str) -> ResultFileError:
    return ResultFileError("PRE702", path, "a fresh copy of it, or solve again", reason=reason)


def _foreign(path: Path) -> ResultFileError:
    return ResultFileError("PRE701", path, "a file that `preimage solve` wrote", reason="it is of another kind")


def _unpack(path: Path, data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    if not data:
        raise _damaged(path, "it is empty")
    if not data.startswith(b"PK"):
        raise _foreign(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            if "manifest.json" not in file.namelist():
                raise _foreign(path)
            if sum(info.file_size for info in file.infolist()) > LARGEST_CONTENT:
                raise _damaged(path, "it unfolds to more than any result")
            members = {name: file.read(name) for name in file.namelist()}
        manifest = json.loads(members.pop("manifest.json"))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise _damaged(path, "it is cut short or its checksums do not fit") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _foreign(path)
    if not isinstance(manifest.get("version"), int) or manifest.get("kind") not in ("result", "sweep"):
        raise _damaged(path, "its manifest is not complete")
    return manifest, members


def _decode(members: Mapping[str, bytes]) -> Sequence[Result]:
    known = {field.name for field in fields(Result)}

    def array(reference: Mapping[str, int]) -> Array:
        data = io.BytesIO(members[f"arrays/{reference['array']}.npy"])
        loaded: Array = np.lib.format.read_array(data, allow_pickle=False)
        return loaded

    results = []
    for record in json.loads(members["content.json"])["results"]:
        values = {name: value for name, value in record.items() if name in known}
        for name in ARRAY_FIELDS:
            values[name] = {key: array(reference) for key, reference in record[name].items()}
        values["trace"] = [TraceRow(r["time"], r["incumbent"], r["bound"], r["source"]) for r in record["trace"]]
        if record.get("boxes") is not None:
            names, entries, *arrays = (record["boxes"][field.name] for field in fields(Boxes))
            (first, i), (second, j) = entries
            values["boxes"] = Boxes((names[0], names[1]), ((first, i), (second, j)), *map(array, arrays))
        values["clashes"] = [(clash["line"], clash["statement"]) for clash in record["clashes"]]
        results.append(Result(**values))
    return results
