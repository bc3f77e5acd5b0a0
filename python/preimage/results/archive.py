"""Result files: archives of JSON and npy arrays.

Beside the manifest, the archive holds ``content.json`` (the fields; an array stands as ``{"array": k}``) and
``arrays/k.npy``. Nothing in it is ever executed: no pickle.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from preimage.engines.boxes import Boxes
from preimage.engines.search import TraceRow
from preimage.results.candidates import Candidate, WorstCase
from preimage.results.container import Container
from preimage.results.plain import Array
from preimage.results.result import Result
from preimage.results.sweep import Sweep

CONTAINER = Container(
    format="preimage result",
    version=1,
    noun="result file",
    remedy="solve again",
    origin="a file that `preimage solve` wrote",
    largest=2**31,
)

Answer = TypeVar("Answer", Result, Sweep)


def save(answer: Result | Sweep, path: str | Path) -> Path:
    """Write a result or a sweep; the same answer gives the same bytes.

    Raises
    ------
    ResultFileError
        If the file cannot be written (PRE705).
    """
    kind = "sweep" if isinstance(answer, Sweep) else "result"
    return CONTAINER.write(Path(path), kind, _encode(list(answer) if isinstance(answer, Sweep) else [answer]))


def load(path: str | Path) -> Result | Sweep:
    """Return the result or the sweep that a file holds.

    Raises
    ------
    ResultFileError
        If the file cannot be read (PRE705), is not a result (PRE701), is damaged (PRE702), newer than this version
        (PRE703) or altered (PRE704).
    """
    path = Path(path)
    kind, members = CONTAINER.read(path)
    if kind not in ("result", "sweep"):
        raise CONTAINER.damaged(path, "its manifest is not complete")
    try:
        results = _decode(members)
        return Sweep(results) if kind == "sweep" else results[0]
    except (AttributeError, LookupError, TypeError, ValueError, EOFError, RecursionError, MemoryError) as error:
        raise CONTAINER.damaged(path, "its content does not make a result") from error


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
        raise CONTAINER.foreign(Path(path), f"it holds a {other}", advice)
    return answer


def _encode(results: Sequence[Result]) -> dict[str, bytes]:
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
        for name in result.array_fields:
            record[name] = {key: array(value) for key, value in getattr(result, name).items()}
        if result.boxes is not None:
            record["boxes"] = {"names": result.boxes.names, "entries": result.boxes.entries}
            record["boxes"] |= {key: array(value) for key, value in result.boxes.arrays.items()}
        for stored, candidate in zip(record["designs"], result.designs, strict=True):
            stored["design"] = {key: array(value) for key, value in candidate.design.items()}
            for case, worst in zip(stored["worst_cases"], candidate.worst_cases, strict=True):
                case["design"] = {key: array(value) for key, value in worst.design.items()}
        encoded.append(record)
    members["content.json"] = json.dumps({"results": encoded}, allow_nan=False).encode()
    return members


def _decode(members: Mapping[str, bytes]) -> Sequence[Result]:
    def array(reference: Mapping[str, int]) -> Array:
        data = io.BytesIO(members[f"arrays/{reference['array']}.npy"])
        loaded: Array = np.lib.format.read_array(data, allow_pickle=False)
        return loaded

    results = []
    for record in json.loads(members["content.json"])["results"]:
        kind = _kind(record)
        known = {field.name for field in fields(kind)}
        values = {name: value for name, value in record.items() if name in known}
        for name in kind.array_fields:
            values[name] = {key: array(reference) for key, reference in record[name].items()}
        values["trace"] = [TraceRow(r["time"], r["incumbent"], r["bound"], r["source"]) for r in record["trace"]]
        if record.get("boxes") is not None:
            names, entries, *arrays = (record["boxes"][field.name] for field in fields(Boxes))
            (first, i), (second, j) = entries
            values["boxes"] = Boxes((names[0], names[1]), ((first, i), (second, j)), *map(array, arrays))
        values["designs"] = [_candidate(stored, array) for stored in record.get("designs", ())]
        values["clashes"] = [(clash["line"], clash["statement"]) for clash in record["clashes"]]
        results.append(kind(**values))
    return results


def _kind(record: Mapping[str, Any]) -> type[Result]:
    """Return what a record makes: a result of its own for structures."""
    if "structure" not in record["provenance"]:
        return Result
    from preimage.structures.result import StructureResult

    return StructureResult


def _candidate(stored: Mapping[str, Any], array: Callable[[Mapping[str, int]], Array]) -> Candidate:
    def design(of: Mapping[str, Any]) -> dict[str, Array]:
        return {key: array(reference) for key, reference in of["design"].items()}

    cases = [WorstCase(**{**case, "design": design(case)}) for case in stored["worst_cases"]]
    return Candidate(**{**stored, "design": design(stored), "worst_cases": tuple(cases)})
