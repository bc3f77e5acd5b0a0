"""``preimage solve``: progress while it runs, the answer when it ends, whatever ended it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from preimage.certification import CertificateError, certify
from preimage.cli import exit_codes
from preimage.cli.answer import answer_text
from preimage.cli.options import Format
from preimage.cli.progress import Kind, Progress
from preimage.cli.terminal import emit, error_console, remark, report, stated
from preimage.engines import BrokenCertificate, plan
from preimage.inversion import Interrupted, invert
from preimage.language import ProblemErrors
from preimage.language.diagnostic import diagnose
from preimage.language.problem import Problem
from preimage.problem import compile_problem
from preimage.results import Result, ResultFileError, Sweep
from preimage.results.errors import CodedError
from preimage.results.numbers import duration, size
from preimage.results.shape import aligned, shape
from preimage.structures.invert import PUBLISHED_PREFIX
from preimage.structures.options import REASONS, options_of


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed behind ``preimage solve``."""

    problem: Path
    bindings: dict[str, object]
    time_limit: float | None
    gap: float | None
    engines: tuple[str, ...] | None
    seed: int | None
    steps: int | None
    threads: int | None
    output: Path | None
    certificate: Path | None
    format: Format
    quiet: bool
    no_color: bool


def solve(request: Request) -> int:
    """Solve, print, save and certify; return the exit code."""
    answer = _answer(request)
    failure = None
    try:
        _print(answer, request)
    except ResultFileError as error:
        failure = error
    output = request.output
    if output is None and request.format is Format.text:
        name = request.problem.name
        output = Path(f"{name.removeprefix(PUBLISHED_PREFIX).removesuffix('.inv')}.result")
    try:
        if output is not None:
            _save(answer, output, request.quiet)
    except ResultFileError as error:
        report(error, request.no_color)
        if request.output is not None:
            return exit_codes.FAILED
    if failure is not None:
        raise failure
    try:
        answer.check()
    except BrokenCertificate as error:
        raise CodedError(diagnose("PRE706", None, reason=str(error))) from error
    if request.certificate is not None:
        _certify(answer, request.certificate, request)
    return exit_codes.of(answer)


def _certify(answer: Result | Sweep, path: Path, request: Request) -> None:
    """Write the certificate; the answer is printed and saved by now, whatever becomes of it."""
    if not request.quiet:
        remark("proving the bound box by box; Ctrl-C gives up the certificate alone")
    start = time.perf_counter()
    try:
        if exit_codes.of(answer) == exit_codes.INTERRUPTED:
            raise KeyboardInterrupt
        written = certify(answer, path, time_limit=_time_limit(answer), threads=request.threads, **request.bindings)
    except KeyboardInterrupt:
        report(CertificateError.not_written("", "it was interrupted", "to let it end"), request.no_color)
        raise
    if not request.quiet:
        seconds, boxes = duration(time.perf_counter() - start), sum(claim.boxes for claim in written.claims)
        saved = f"saved {path} ({size(path.stat().st_size)}): {boxes:,} boxes in {seconds}"
        remark(f"{saved} · preimage check {path}")


def _time_limit(answer: Result | Sweep) -> float | None:
    """Return what each target was given for the search: its proof is given as much again."""
    first = answer if isinstance(answer, Result) else answer[0]
    limit = first.provenance.get("time_limit")
    return float(limit) if isinstance(limit, float | int) else None


def _answer(request: Request) -> Result | Sweep:
    problem = stated(request.problem, request.bindings)
    console = error_console(request.no_color)
    if problem.structure is not None and request.certificate is not None:
        advice = "leave out --certificate: the result holds what proves its bound"
        raise ProblemErrors([diagnose("PRE825", None, advice=advice)])
    if not request.quiet:
        remark(aligned([*shape(problem), ("plan", _plan(problem, request))]) + "\n")
    kind: Kind = "sweep" if problem.sweep_rows > 1 else "search" if problem.objective else "any design"
    kind = kind if problem.structure is None else "structure"
    with Progress(console, kind, quiet=request.quiet, targets=problem.sweep_names) as progress:
        try:
            return invert(
                problem,
                time_limit=request.time_limit,
                gap=request.gap,
                method=request.engines,
                threads=request.threads,
                seed=request.seed,
                steps=request.steps,
                progress=None if request.quiet else progress,
            )
        except Interrupted as interruption:
            return interruption.result


def _plan(problem: Problem, request: Request) -> str:
    """Return who works on a problem, and why."""
    asked = request.engines or problem.solve.engines
    if problem.structure is None:
        return plan(compile_problem(problem), 1, asked).reason
    options = options_of(problem, method=" ".join(asked) or None, steps=request.steps)
    return f"{options.method} ({REASONS[options.method]}), {options.steps} steps; beside it, the bound"


def _print(answer: Result | Sweep, request: Request) -> None:
    if request.format is Format.json:
        emit(json.dumps(answer.to_dict(), allow_nan=False))
    else:
        emit(answer_text(answer, str(request.problem)))


def _save(answer: Result | Sweep, path: Path, quiet: bool) -> None:
    answer.save(path)
    if not quiet:
        saved = f"saved {path} ({size(path.stat().st_size)})"
        remark(f"{saved} · preimage check {path} · preimage plot {path}")
