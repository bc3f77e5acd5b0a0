"""What may be typed behind a command, and how it is read."""

from __future__ import annotations

import ast
import math
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

ENGINES = ("branch", "milp", "adjoint")
SECONDS = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}


class Format(StrEnum):
    """How results are printed."""

    text = "text"
    json = "json"


def seconds(text: str) -> float:
    """Read a time: ``60``, ``60s``, ``2min``, ``1.5 h``."""
    value, unit = _number_and_unit(text)
    if value is None or unit not in SECONDS:
        raise typer.BadParameter(f"{text!r} is not a time; write 60s, 2min or 1h")
    return value * SECONDS[unit]


def fraction(text: str) -> float:
    """Read a gap: ``0.01%`` or ``1e-4``."""
    value, unit = _number_and_unit(text)
    if value is None or unit not in ("", "%"):
        raise typer.BadParameter(f"{text!r} is not a gap; write 0.01% or 1e-4")
    return value / 100 if unit else value


def bindings(assignments: list[str]) -> dict[str, object]:
    """Read ``NAME=VALUE``: a number, a list in Python's notation, or the path of a file."""
    found: dict[str, object] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name.isidentifier() or not value:
            raise typer.BadParameter(f"{assignment!r} is not NAME=VALUE", param_hint="--set")
        if name in found:
            raise typer.BadParameter(f"{name} is set twice", param_hint="--set")
        found[name] = _value(value)
    return found


def engines(text: str | None) -> tuple[str, ...] | None:
    """Read the names of engines, with commas between them."""
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in ENGINES:
            known = ", ".join(ENGINES)
            raise typer.BadParameter(f"there is no engine {name!r}; there are {known}", param_hint="--using")
    return names


def interval(text: str) -> tuple[float, float]:
    """Read a box: ``0..1``, ``-0.2..0.2``."""
    lower, dots, upper = text.partition("..")
    try:
        limits = float(lower), float(upper)
    except ValueError:
        limits = math.inf, -math.inf
    if not dots or not -math.inf < limits[0] <= limits[1] < math.inf:
        raise typer.BadParameter(f"{text!r} is not a range; write 0..1", param_hint="--box")
    return limits


def _value(text: str) -> object:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text  # a path
    return value if isinstance(value, int | float | list | tuple) else text


def _number_and_unit(text: str) -> tuple[float | None, str]:
    match = re.fullmatch(r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)\s*([a-z]+|%)?\s*", text, re.IGNORECASE)
    value = float(match[1]) if match else 0.0
    if match is None or not 0.0 < value < math.inf:
        return None, ""
    return value, (match[2] or "").lower()


Problem = Annotated[Path, typer.Argument(metavar="PROBLEM.inv", help="The problem.", show_default=False)]
Set = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Bind a name of the problem to a number, a list, or a file. May be repeated.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks on stderr.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours. The variable NO_COLOR does the same.")]
OutputFormat = Annotated[Format, typer.Option("--format", help="Print results as text or as JSON.")]
