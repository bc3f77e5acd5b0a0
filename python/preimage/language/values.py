"""Python values as arrays of finite numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from preimage.language.codes import CODES
from preimage.language.diagnostic import Diagnostic
from preimage.language.problem import Array
from preimage.language.span import Span


class DataRefused(Exception):
    """Data that cannot be used: a diagnostic that has no place yet, and gets one where the data is declared.

    Parameters
    ----------
    code, advice
        As in a diagnostic.
    **values
        What fills the template of the code.
    """

    def __init__(self, code: str, *, advice: str, **values: object) -> None:
        super().__init__(code, values)
        self._diagnostic = Diagnostic(code, CODES[code].template.format(**values), advice=advice)

    def diagnostic(self, span: Span | None = None, label: str = "", file: str | None = None) -> Diagnostic:
        """Return what is wrong, with its place."""
        return replace(self._diagnostic, span=span, label=label, file=file)


def as_array(value: object, name: str) -> Array:
    """Copy numbers, lists of lists, arrays or tensors into a read-only float64 array.

    Parameters
    ----------
    value
        Anything that numpy can look at, or that has ``detach`` as torch tensors do; torch is not imported for it.
    name
        What messages call it.

    Raises
    ------
    DataRefused
        When it is ragged, empty, not numbers, or not finite.
    """
    source = _detached(value, name)
    if isinstance(source, np.ma.MaskedArray) and np.ma.is_masked(source):
        raise DataRefused(
            "PRE248", name=name, what="masked in places", advice="fill them: numpy.ma.filled(values, 0.0)"
        )
    try:
        found = np.asarray(source)
    except (ValueError, TypeError, RuntimeError, OverflowError):
        raise _unlike_numbers(source, name) from None
    if found.dtype.kind == "c":
        advice = "give the real and the imaginary part by themselves"
        raise DataRefused("PRE251", name=name, found="complex numbers", advice=advice)
    if found.dtype.kind not in "biuf":
        found = _from_objects(source, found, name)
    if found.size == 0:
        detail = f": its shape is {found.shape}" if found.ndim > 1 else ""
        raise DataRefused("PRE249", name=name, detail=detail, advice="give at least one number")
    with np.errstate(over="ignore"):
        array: Array = np.array(found, dtype=np.float64, order="C")
    if not np.isfinite(array).all():
        position = tuple(int(index[0]) for index in np.nonzero(~np.isfinite(array))) if array.ndim else ()
        what = "NaN" if np.isnan(array[position]) else "infinite"
        place = f"{name}, entry {_brackets(position)}," if position else name
        raise DataRefused("PRE248", name=place, what=what, advice="give it a finite number")
    array.flags.writeable = False
    return array


def _detached(value: object, name: str) -> object:
    detach = getattr(value, "detach", None)
    if not callable(detach):
        return value
    try:
        tensor = detach().cpu()
        if tensor.is_floating_point():
            tensor = tensor.double()
        return tensor.numpy()
    except (TypeError, RuntimeError, AttributeError):
        advice = "bind a dense tensor of numbers"
        raise DataRefused("PRE251", name=name, found=_kind(value), advice=advice) from None


def _from_objects(source: object, found: np.ndarray, name: str) -> np.ndarray:
    """Mend arrays of objects that hold numbers (big integers, decimals, fractions); refuse all others."""
    if found.dtype.kind == "O" and all(hasattr(entry, "__float__") for entry in found.flat):
        try:
            return np.array([float(entry) for entry in found.flat]).reshape(found.shape)
        except (TypeError, ValueError, OverflowError):
            raise _unlike_numbers(source, name) from None
    raise _unlike_numbers(source, name)


def _unlike_numbers(value: object, name: str) -> DataRefused:
    """Find what keeps a nested sequence from being an array."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        advice = "bind a number, a list, an array or a tensor"
        if callable(value):
            advice = "a trained network is declared with `network`"
        return DataRefused("PRE251", name=name, found=_kind(value), advice=advice)
    level: list[tuple[tuple[int, ...], object]] = [((), value)]
    while level:
        lists = [(at, entry) for at, entry in level if isinstance(entry, list | tuple)]
        if not lists:
            break
        first, one = lists[0]
        uneven = next((at for at, entry in lists if len(entry) != len(one)), None)
        single = next((at for at, entry in level if not isinstance(entry, list | tuple)), None)
        if single is not None or uneven is not None:
            other = "is one number" if single is not None else f"has {len(dict(lists)[uneven or ()])} entries"
            at = single if single is not None else uneven or ()
            reason = f"{_brackets(at)} {other}, {_brackets(first)} has {len(one)} entries"
            return DataRefused("PRE246", name=name, reason=reason, advice="give every row the same number of entries")
        level = [((*at, index), inner) for at, entry in lists for index, inner in enumerate(entry)]
    for at, entry in level:
        if not isinstance(entry, int | float | np.number | np.bool_):
            place, advice = f"{name}, entry {_brackets(at)},", "give numbers only; a missing one cannot stay open"
            return DataRefused("PRE247", place=place, found=_kind(entry), advice=advice)
    return DataRefused("PRE251", name=name, found=_kind(value), advice="bind a number, a list, an array or a tensor")


def _kind(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, str):
        return f'the text "{value if len(value) <= 30 else value[:29] + "…"}"'
    return f"a Python {type(value).__name__}"


def _brackets(position: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, position))}]"
