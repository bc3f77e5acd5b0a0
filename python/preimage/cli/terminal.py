"""Where words go: results to stdout, remarks and mistakes to stderr, colours only where somebody sees them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from preimage.results.errors import ResultFileError

if TYPE_CHECKING:
    from rich.console import Console

    from preimage.language import ProblemErrors
    from preimage.language.problem import Problem
    from preimage.results.errors import CodedError


def make_printable() -> None:
    """Let a terminal that lacks a sign show a question mark in its place, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIO) or hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def readable(file: Path) -> Path:
    """Return the file that was named on the command line.

    Raises
    ------
    ResultFileError
        If it is not there or cannot be read: that is no mistake of a problem.
    """
    try:
        with file.open("rb"):
            return file
    except OSError as error:
        raise ResultFileError.not_read(file, error) from error


def stated(problem: Path, bindings: Mapping[str, object]) -> Problem:
    """Return the checked problem of a file, or a published structure that is named in its place.

    Raises
    ------
    ResultFileError
        If the file cannot be read.
    ProblemErrors
        If the problem has errors.
    """
    from preimage.inversion import checked_problem
    from preimage.structures.invert import PUBLISHED_PREFIX

    named = str(problem)
    return checked_problem(named if named.startswith(PUBLISHED_PREFIX) else readable(problem), bindings)


def emit(text: str) -> None:
    """Print results.

    A reader that has seen enough (``| head``) ends the printing, not the command.

    Raises
    ------
    ResultFileError
        If stdout cannot be written, because a disk is full for instance.
    """
    out: TextIO | None = sys.stdout
    if out is None:  # closed by whoever started the command
        return
    try:
        out.write(text if text.endswith("\n") else f"{text}\n")
        out.flush()
    except BrokenPipeError:
        hush(out)
    except OSError as error:
        hush(out)
        raise ResultFileError.not_written(Path("<stdout>"), error) from error


def hush(stream: TextIO) -> None:
    """Point a stream that nobody reads at nothing, so that Python does not complain when it closes it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def remark(text: str) -> None:
    """Print a remark on stderr."""
    try:
        print(text, file=sys.stderr, flush=True)
    except BrokenPipeError:
        hush(sys.stderr)


def report(error: ProblemErrors | CodedError, no_color: bool = False) -> None:
    """Print a mistake on stderr, in colours where somebody sees them."""
    remark(error.render(colour=has_colours(sys.stderr, no_color)))


def has_colours(stream: TextIO | None, no_color: bool) -> bool:
    """Tell whether a stream is a terminal that shows colours, and nobody has asked for none."""
    if stream is None:  # closed by whoever started the command
        return False
    return stream.isatty() and not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def error_console(no_color: bool) -> Console:
    """Return a console on stderr."""
    from rich.console import Console

    return Console(stderr=True, no_color=no_color or None, highlight=False, soft_wrap=True)
