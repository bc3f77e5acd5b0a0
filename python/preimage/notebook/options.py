"""What is typed after the flags of ``%%invert``, in the spelling of the language's `solve` line."""

from __future__ import annotations

import argparse
import re

from preimage.language.words import ENGINES

UNITS = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """Return the seconds of ``60``, ``60s``, ``2 min``, ``1.5h``."""
    value, unit = _number(text)
    if unit not in UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write 60s, 2min or 1h")
    return value * UNITS[unit]


def fraction(text: str) -> float:
    """Return the fraction of ``1%`` or ``0.01``."""
    value, unit = _number(text)
    if unit not in {"", "%"}:
        raise argparse.ArgumentTypeError(f"{text!r} is not a gap; write 1% or 0.01")
    return value / 100 if unit else value


def engines(text: str) -> tuple[str, ...]:
    """Return the engines of ``branch, milp``."""
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in ENGINES:
            raise argparse.ArgumentTypeError(f"there is no engine {name!r}; there are {', '.join(ENGINES)}")
    return names


def count(text: str) -> int:
    """Return a positive whole number."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _number(text: str) -> tuple[float, str]:
    match = re.fullmatch(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*([a-z%]*)\s*", text, re.IGNORECASE)
    try:
        value = float(match[1]) if match else 0.0
    except ValueError:
        value = 0.0
    if match is None or not value > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return value, match[2].lower()
