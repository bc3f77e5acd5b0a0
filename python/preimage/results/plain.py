"""Values as a file can hold them: read-only in memory, finite in JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def read_only(array: object) -> Array:
    """Return a copy of a numeric array that nobody can change."""
    result = np.array(array)
    if result.dtype.kind not in "biuf":
        raise TypeError(f"an array of a result holds numbers, not {result.dtype}")
    result.setflags(write=False)
    return result


def read_only_arrays(arrays: Mapping[str, object]) -> Mapping[str, Array]:
    """Return the mapping with every array read-only, itself read-only, in the order given."""
    return MappingProxyType({name: read_only(array) for name, array in arrays.items()})


def freeze(value: object) -> Any:
    """Return nested plain data that nobody can change: mappings, tuples, strings, finite numbers, None.

    Numbers that are not finite become None, numpy scalars become Python's, and paths become strings.
    """
    match value:
        case None | bool():
            return value
        case int():
            return int(value)
        case str():
            return str(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case Mapping():
            return MappingProxyType({str(key): freeze(item) for key, item in value.items()})
        case np.generic():
            return freeze(value.item())
        case np.ndarray():
            return freeze(value.tolist())
        case list() | tuple():
            return tuple(freeze(item) for item in value)
        case _:
            return str(value)


def thaw(value: Any) -> Any:
    """Return what `json.dumps` writes without NaN: dicts, lists, and None for what is not finite."""
    match value:
        case Mapping():
            return {key: thaw(item) for key, item in value.items()}
        case np.ndarray():
            return thaw(value.tolist())
        case list() | tuple():
            return [thaw(item) for item in value]
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value


class Record:
    """A dataclass that is read-only to its last array: equal by content, and it can be pickled."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return all(_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))  # type: ignore[arg-type]

    __hash__ = None  # type: ignore[assignment]  # equal by content, and the content is arrays

    def __reduce__(self) -> tuple[Callable[..., Record], tuple[type[Record], dict[str, Any]]]:
        values = {f.name: _writable(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]
        return _rebuild, (type(self), values)


def finite(value: float | None) -> float | None:
    """Return ``value`` as a float, or None if it is missing or not finite."""
    return None if value is None or not math.isfinite(value) else float(value)


def _equal(left: object, right: object) -> bool:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return list(left) == list(right) and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    return left == right


def _writable(value: object) -> object:
    """Undo the read-only views, which cannot be pickled."""
    if isinstance(value, Mapping):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_writable(item) for item in value)
    return value


def _rebuild(kind: type[Record], values: dict[str, Any]) -> Record:
    return kind(**values)
