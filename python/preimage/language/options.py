"""Options of the terminal and the notebook that say what a `solve` line can say, and are spelled as there."""

from __future__ import annotations

import math
import re

from preimage.language.words import ENGINES, UNITS

_NUMBER_AND_UNIT = re.compile(r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)\s*([a-z]+|%)?\s*", re.IGNORECASE)


def seconds(text: str) -> float:
    """Read a time: ``60``, ``60s``, ``2 min``, ``1.5h``.

    Raises
    ------
    ValueError
        As all functions here, with a message for whoever typed the option.
    """
    value, unit = _number_and_unit(text)
    if value is None or unit not in {"", *UNITS}:
        raise ValueError(f"{text!r} is not a time; write 60s, 2min or 1h")
    return value * UNITS[unit or "s"]


def fraction(text: str) -> float:
    """Read a gap: ``0.01%`` or ``1e-4``."""
    value, unit = _number_and_unit(text)
    if value is None or unit not in {"", "%"}:
        raise ValueError(f"{text!r} is not a gap; write 0.01% or 1e-4")
    return value / 100 if unit else value


def engines(text: str) -> tuple[str, ...]:
    """Read the names of engines, with commas between them."""
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in ENGINES:
            raise ValueError(f"there is no engine {name!r}; there are {', '.join(ENGINES)}")
    return names


def _number_and_unit(text: str) -> tuple[float | None, str]:
    match = _NUMBER_AND_UNIT.fullmatch(text)
    value = float(match[1]) if match else 0.0
    if match is None or not 0.0 < value < math.inf:
        return None, ""
    return value, (match[2] or "").lower()
