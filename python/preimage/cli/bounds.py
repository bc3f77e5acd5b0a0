"""``preimage bounds``: what is known of every neuron before any target is, and what each step bought."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preimage.bounds.layerwise import Progress
from preimage.bounds.record import Tightening
from preimage.bounds.tighten import tighten_inversion
from preimage.cli import exit_codes
from preimage.cli.options import Format
from preimage.cli.terminal import emit, error_console, readable, remark
from preimage.language import check
from preimage.problem import compile_problem
from preimage.results.shape import aligned, shape

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed behind ``preimage bounds``."""

    problem: Path
    bindings: dict[str, object]
    time_per_unit: float | None
    threads: int | None
    cache: Path | None
    plot: Path | None
    format: Format
    quiet: bool
    no_color: bool


def bounds(request: Request) -> int:
    """Tighten, print and draw; return the exit code."""
    problem = check(readable(request.problem), request.bindings)
    if not request.quiet:
        remark(aligned(shape(problem)) + "\n")
    found = tighten_inversion(
        compile_problem(problem),
        time_per_unit=request.time_per_unit or 0.0,
        threads=request.threads or os.cpu_count() or 1,
        folder=request.cache,
        tell=(lambda seen: None) if request.quiet else Teller(error_console(request.no_color)),
    )
    emit(json.dumps(to_dict(found)) if request.format is Format.json else str(found))
    if request.plot is not None:
        found.plot(request.plot)
        if not request.quiet:
            remark(f"wrote {request.plot}")
    return exit_codes.OK if found.complete else exit_codes.INTERRUPTED


class Teller:
    """Tells on stderr how tightening goes on: a line a layer, and on a terminal one that changes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def __call__(self, seen: Progress) -> None:
        """Tell of a layer, or of a step in it."""
        if seen.step and self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status("")
                self._status.start()
            self._status.update(live_line(seen))
        elif not seen.step:
            if self._status is not None:
                self._status.stop()
                self._status = None
            remark(f"{seen.name} ({seen.layer} of {seen.layers}): {seen.undecided} of {seen.size} undecided")


def live_line(seen: Progress) -> str:
    """Return the line that changes while bounds are tightened."""
    units = f"{seen.done} of {seen.units} units" if seen.units else f"{seen.size} units"
    layer = f"{seen.name} ({seen.layer} of {seen.layers})"
    return f"{layer} · {seen.step} · {units} · {seen.undecided} of {seen.size} undecided · Ctrl-C stops and keeps"


def to_dict(found: Tightening) -> dict[str, Any]:
    """Return all that was found as plain data."""
    return {
        "digest": found.digest,
        "units": found.units,
        "undecided": found.undecided,
        "time_per_unit": found.time_per_unit,
        "complete": found.complete,
        "from_cache": found.from_cache,
        "seconds": found.seconds,
        "layers": [
            {
                "name": layer.name,
                "kinked": layer.kinked,
                "steps": [asdict(step) for step in layer.steps],
                "lower": layer.lower.tolist(),
                "upper": layer.upper.tolist(),
                "by_solver": layer.by_solver.tolist(),
            }
            for layer in found.layers
        ],
    }
