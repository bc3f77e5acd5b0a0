"""Options of the terminal and the notebook that say what a `solve` line can say, and are spelled as there."""

from __future__ import annotations

import math
import re
from itertools import combinations

from preimage.language.words import CLASHING_WAYS, ENGINES, STRUCTURE_METHODS, UNITS, WAYS, milp_with, ways_of

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
    """Read the names of engines, with commas between them, and the ways of `milp`: ``branch, milp with highs``.

    The methods for structures are read too.
    """
    return tuple(_engine(*ways_of(" ".join(name.split()))) for name in text.split(","))


def _engine(name: str, ways: tuple[str, ...]) -> str:
    if name not in (*ENGINES, *STRUCTURE_METHODS):
        known = f"there are {', '.join(ENGINES)}; for structures, {', '.join(STRUCTURE_METHODS)}"
        raise ValueError(f"there is no engine {name!r}; {known}")
    if ways and name != "milp":
        raise ValueError(f"only milp can be had with {' and '.join(ways)}, not {name}")
    for way in ways:
        if way not in WAYS:
            raise ValueError(f"there is no {name} with {way!r}; there is {name} with {', '.join(WAYS)}")
    for pair in combinations(ways, 2):
        if reason := CLASHING_WAYS.get(frozenset(pair)):
            raise ValueError(f"{' and '.join(pair)} do not go together: {reason}")
    return milp_with(ways) if ways else name


def _number_and_unit(text: str) -> tuple[float | None, str]:
    match = _NUMBER_AND_UNIT.fullmatch(text)
    value = float(match[1]) if match else 0.0
    if match is None or not 0.0 < value < math.inf:
        return None, ""
    return value, (match[2] or "").lower()
