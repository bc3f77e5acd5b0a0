"""Values as a file can hold them: read-only in memory, finite in JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
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


def finite(value: float | None) -> float | None:
    """Return ``value`` as a float, or None if it is missing or not finite."""
    return None if value is None or not math.isfinite(value) else float(value)
