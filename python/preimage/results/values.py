"""Designs in words: short arrays in full, long ones by what is used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from preimage.results.numbers import number
from preimage.results.plain import Array

MOST_VALUES = 8
"""An array of more entries is told by those that are not zero, or by its shape and range."""


TINY = 1e-4
"""A value below this share of the largest beside it is written with one digit: that it is small is what matters."""


def entry(value: float, largest: float = 0.0) -> str:
    """Return one value of a design: integers as such, the rest with four digits, tiny ones with one.

    Parameters
    ----------
    value
        To be written.
    largest
        The largest magnitude among the values beside it.
    """
    value = float(value)  # numpy's smallest integer has no absolute value
    if value.is_integer() and abs(value) < 1e6:
        return f"{value:.0f}"
    if abs(value) < TINY * largest:
        return f"{value:.0e}".replace("e-0", "e-")
    return number(value, 4)


def describe(array: Array, labels: Sequence[str] = ()) -> str:
    """Return an array of a design in a line.

    Examples
    --------
    >>> describe(np.array([0.12, 0, 0.93]), ["cyan", "magenta", "yellow"])
    'cyan 0.1200, yellow 0.9300 (magenta 0)'
    >>> describe(np.array([3.0, 0.0, 5.0]))
    '3, 0, 5'
    """
    if array.ndim == 0:
        return entry(float(array))
    if array.ndim == 2 and len(array) > 1:
        return _rows(array, labels)
    flat = array.ravel()
    named = list(labels) if len(labels) == flat.size else []
    used: list[int] = np.flatnonzero(flat).tolist()
    largest = float(np.abs(flat).max(initial=0.0))
    if named and flat.size <= MOST_VALUES:
        zeros = [named[k] for k in range(flat.size) if flat[k] == 0]
        rest = f" ({', '.join(zeros)} 0)" if zeros and len(used) else ""
        return ", ".join(f"{named[k]} {entry(flat[k], largest)}" for k in used) + rest or "all 0"
    if flat.size <= MOST_VALUES or _all_integers(flat):
        return ", ".join(entry(value, largest) for value in flat) if flat.size <= 4 * MOST_VALUES else _range(flat)
    if len(used) <= MOST_VALUES:
        return (
            ", ".join(f"{_name(k, named)} {entry(flat[k], largest)}" for k in used)
            + f" ({flat.size - len(used)} are 0)"
        )
    return _range(flat)


def _rows(array: Array, labels: Sequence[str]) -> str:
    """Tell what the rows of a `per target` input share: which entries are used at all."""
    columns = array.reshape(len(array), -1)
    named = list(labels) if len(labels) == columns.shape[1] else []
    used: list[int] = np.flatnonzero(np.any(columns != 0, axis=0)).tolist()
    if 0 < len(used) <= MOST_VALUES and len(used) < columns.shape[1]:
        return " and ".join(_number_and_name(k, named) for k in used)
    return f"{' × '.join(map(str, array.shape))} values, {_range(columns.ravel())}"


def _name(k: int, named: list[str]) -> str:
    return named[k] if named else f"[{k}]"


def _number_and_name(k: int, named: list[str]) -> str:
    return f"{k} ({named[k]})" if named else str(k)


def _all_integers(values: Array) -> bool:
    return bool(np.all(values == np.round(values)))


def _range(values: Array) -> str:
    return f"{entry(values.min())} to {entry(values.max())}" if values.size else "empty"
