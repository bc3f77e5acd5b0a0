"""A structure's result in the formats of others; the suffix of the file tells which.

One element is one millimetre wide where a format has a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from preimage.results.errors import ResultFileError
from preimage.results.writing import write_in_one_step
from preimage.structures.exports.animation import gif, mp4
from preimage.structures.exports.arrays import npz
from preimage.structures.exports.image import png
from preimage.structures.exports.solid import stl
from preimage.structures.exports.vectors import svg

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

Writer = Callable[["StructureResult"], bytes]

ANIMATIONS: Mapping[str, Writer] = MappingProxyType({".gif": gif, ".mp4": mp4})
WRITERS: Mapping[str, Writer] = MappingProxyType({".png": png, ".svg": svg, ".stl": stl, ".npz": npz, **ANIMATIONS})


def write(result: StructureResult, path: str | Path, writers: Mapping[str, Writer] = WRITERS) -> Path:
    """Write a result in the format that the suffix names.

    Raises
    ------
    NoDesignError
        If there is no design (PRE707).
    ResultFileError
        If no writer has the suffix (PRE709), or the file cannot be written (PRE705).
    AnimationError
        If there is nothing to write an animation with (PRE712).
    """
    result.raise_for_status()
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in writers:
        *others, last = writers
        advice = f"a name that ends in {', '.join(others)} or {last}"
        raise ResultFileError("PRE709", path, advice, format=suffix or "a file without suffix")
    data = writers[suffix](result)
    try:
        write_in_one_step(path, data)
    except OSError as error:
        raise ResultFileError.not_written(path, error) from error
    return path


__all__ = ["ANIMATIONS", "WRITERS", "write"]
