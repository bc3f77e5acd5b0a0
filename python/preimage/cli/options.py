"""What may be typed behind a command, and how it is read."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

Value = TypeVar("Value")


class Format(StrEnum):
    """How results are printed."""

    text = "text"
    json = "json"


# What reads a time, a gap and engines comes with the language, and is imported when it is needed: help is quick.


def seconds(text: str) -> float:
    """Read a time: ``60``, ``60s``, ``2min``, ``1.5 h``."""
    from preimage.language import options

    return _typed(options.seconds, text)


def fraction(text: str) -> float:
    """Read a gap: ``0.01%`` or ``1e-4``."""
    from preimage.language import options

    return _typed(options.fraction, text)


def engines(text: str) -> tuple[str, ...]:
    """Read the names of engines, with commas between them."""
    from preimage.language import options

    return _typed(options.engines, text)


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


def _typed(read: Callable[[str], Value], text: str) -> Value:
    try:
        return read(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _value(text: str) -> object:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text  # a path
    return value if isinstance(value, int | float | list | tuple) else text


Problem = Annotated[
    Path,
    typer.Argument(
        metavar="PROBLEM.inv", help="The problem, or structures:NAME for a published structure.", show_default=False
    ),
]
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
