"""`invert`: from a text to a design with a certificate."""

from __future__ import annotations

import dataclasses
import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np
import pyscipopt
import scipy

from preimage import __version__
from preimage.engines import Run, Snapshot, run
from preimage.engines.branch import refusal
from preimage.engines.critical_width import MANY_BOXES, critical_width
from preimage.engines.infeasibility import Clash, clashing_statements
from preimage.engines.search import relative_gap
from preimage.engines.statistics import statistics
from preimage.language import ProblemErrors, check
from preimage.language.diagnostic import diagnose
from preimage.language.options import engines
from preimage.language.problem import Problem
from preimage.problem import Inversion, compile_problem
from preimage.results import Evaluation, Result, Status, Sweep
from preimage.results.words import outlook

DEFAULT_GAP = 1e-4

LONG_SECONDS = 10.0
"""After a search of this length, ended by its time limit, it is worth a second to say what the trouble was."""

Progress = Callable[[Snapshot], None]


class Interrupted(KeyboardInterrupt):
    """The user interrupted a run; ``result`` holds what was found and proved until then.

    Attributes
    ----------
    result
        The result so far: for a sweep, of all rows that were begun.
    """

    def __init__(self, result: Result | Sweep) -> None:
        super().__init__("interrupted; the best design and bound so far are in .result")
        self.result = result


@dataclasses.dataclass(frozen=True, slots=True)
class _Options:
    time_limit: float | None
    gap: float
    engines: tuple[str, ...]
    threads: int
    seed: int


def invert(
    problem: str | Path | Problem,
    /,
    *,
    time_limit: float | None = None,
    gap: float | None = None,
    method: str | tuple[str, ...] | None = None,
    threads: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
    **bindings: object,
) -> Result | Sweep:
    """Find the best design of a problem, and prove how good it is.

    Parameters
    ----------
    problem
        A text in the language, the path of a file (``Path``, or a string that ends in ``.inv``), or a checked problem.
    time_limit
        Seconds for each row of a `target`; no limit by default. Options given here overrule the text's `solve` line.
    gap
        The relative gap at which a problem counts as solved (0.0001 by default).
    method
        One or more engines: ``"branch"``, ``"milp"``, ``"adjoint"``; by default the best for the problem's shape.
    threads
        Threads in all (by default, all cores).
    seed
        Of everything random (0 by default). One engine alone gives the same answer for the same text, data, seed and
        threads; engines side by side agree within the gap.
    progress
        Called about eight times a second with a `Snapshot`, from the calling thread.
    **bindings
        What the names declared without data stand for: arrays, numbers, networks (a torch module as it stands).

    Returns
    -------
    Result or Sweep
        A `Sweep` (a sequence of results) if a `target` has several rows.

    Raises
    ------
    ProblemErrors
        If the problem has errors; its text shows all of them.
    Interrupted
        On Ctrl-C, with the result so far.
    BrokenCertificate
        If a claimed bound was beaten by a design: a bug, never to be kept silent.
    """
    checked = problem if isinstance(problem, Problem) else check(problem, bindings)
    line = checked.solve
    asked = engines(method if isinstance(method, str) else ",".join(method)) if method else line.engines
    options = _Options(
        time_limit=_positive(time_limit, "time_limit") if time_limit is not None else line.time_limit,
        gap=_positive(gap, "gap") if gap is not None else (DEFAULT_GAP if line.gap is None else line.gap),
        engines=asked,
        threads=threads or os.cpu_count() or 1,
        seed=seed if seed is not None else (line.seed or 0),
    )
    results: list[Result] = []
    for row in range(checked.sweep_rows):
        try:
            result, interrupted = _invert_row(checked, row, options, progress)
        except KeyboardInterrupt:
            if not results:
                raise
            raise Interrupted(Sweep(results)) from None  # between two searches: the rows before are kept
        results.append(result)
        if interrupted:
            raise Interrupted(results[0] if checked.sweep_rows == 1 else Sweep(results))
    return results[0] if checked.sweep_rows == 1 else Sweep(results)


class Verifier:
    """Tells what the source networks give on the designs of results; data are read once for all rows of a sweep.

    Parameters
    ----------
    **bindings
        The same as for `invert`; files are read again from where the problem's file is.
    """

    def __init__(self, /, **bindings: object) -> None:
        self._bindings = bindings
        self._read: tuple[tuple[str, str | None], Problem] | None = None

    def __call__(self, result: Result) -> Evaluation:
        """Evaluate the design of ``result``.

        Raises
        ------
        ProblemErrors
            If the data are not at hand.
        """
        problem = self._problem(result)
        inversion = compile_problem(problem, int(result.provenance.get("row", 0)))
        x = inversion.vector(result.design)
        objective, violation = inversion.judge(x)
        solved = {str(binding["name"]): str(binding["digest"]) for binding in result.provenance.get("bindings", ())}
        return Evaluation(
            objective=None if problem.objective is None else objective,
            violation=violation,
            predictions=inversion.predictions(x),
            changed=tuple(b.name for b in problem.bindings if solved.get(b.name, b.digest) != b.digest),
        )

    def _problem(self, result: Result) -> Problem:
        file = result.provenance.get("file")
        stated = (str(result.provenance["text"]), None if file is None else str(file))
        if self._read is None or self._read[0] != stated:
            base = None if stated[1] is None else Path(stated[1]).parent
            self._read = stated, check(stated[0], self._bindings, base=base)
        return self._read[1]


def _invert_row(problem: Problem, row: int, options: _Options, progress: Progress | None) -> tuple[Result, bool]:
    start = time.perf_counter()
    inversion = compile_problem(problem, row)
    _check_that_engines_fit(inversion, options)
    done = run(
        inversion,
        gap=options.gap,
        time_limit=options.time_limit,
        threads=options.threads,
        seed=options.seed,
        engines=options.engines,
        progress=progress,
    )
    infeasible = done.search.snapshot().status == "infeasible"
    clash = clashing_statements(inversion, options.threads, options.seed) if infeasible else Clash()
    result = _result(inversion, done, clash, options)
    return dataclasses.replace(result, seconds=time.perf_counter() - start), done.interrupted or clash.interrupted


def _result(inversion: Inversion, done: Run, clash: Clash, options: _Options) -> Result:
    problem, search = inversion.problem, done.search
    seen = search.snapshot()
    _, x, _ = search.best()
    objective, has_objective = seen.incumbent, problem.objective is not None
    status: Status = "no design found" if x is None else "feasible"
    if seen.status in ("optimal", "infeasible", "interrupted"):
        status = cast(Status, seen.status)
    return Result(
        status=status,
        objective=objective if has_objective else None,
        bound=seen.bound if has_objective and status != "infeasible" else None,
        gap=relative_gap(objective, seen.bound) if has_objective else None,
        design={} if x is None else inversion.design(x),
        predictions={} if x is None else inversion.predictions(x),
        targets={t.name: t.rows if t.joint else t.rows[inversion.sweep_row] for t in problem.targets},
        labels={i.name: i.labels for i in problem.inputs if i.labels}
        | {t.name: t.labels for t in problem.targets if t.labels},
        limits=_limits(inversion),
        trace=seen.trace,
        boxes=seen.boxes,
        statistics=statistics(inversion, seen),
        provenance={
            "text": problem.text,
            "file": str(problem.path.resolve()) if problem.path else None,
            "row": inversion.sweep_row,
            "target": problem.sweep_names[inversion.sweep_row],
            "bindings": [dataclasses.asdict(binding) for binding in problem.bindings],
            "versions": _versions(),
            "engines": list(done.plan.engines),
            "reason": done.plan.reason,
            "gap": options.gap,
            "time_limit": options.time_limit,
            "threads": options.threads,
            "seed": options.seed,
            "stopped_by": seen.status,
        }
        | _outlook(inversion, done),
        clashes=clash.statements,
        sense=inversion.sense,
        seconds=seen.seconds,
    )


def _outlook(inversion: Inversion, done: Run) -> dict[str, str]:
    """Return what was to be expected, if branching ended long before its boxes were small enough."""
    seen, (_, x, best) = done.search.snapshot(), done.search.best()
    if seen.status != "time limit" or seen.seconds < LONG_SECONDS or "branch" not in done.plan.engines or x is None:
        return {}
    width = critical_width(inversion, best)
    if width is None or width.boxes < max(MANY_BOXES, seen.nodes.get("branch", 0)):
        return {}
    return {"outlook": outlook(width.half_width, width.boxes, width.seconds)}


def _limits(inversion: Inversion) -> Mapping[str, Any]:
    low, high = inversion.design(inversion.lower), inversion.design(inversion.upper)
    return {name: np.stack([low[name], high[name]]) for name in low}


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise ValueError(f"{name} must be positive, not {value!r}")
    return float(value)


def _check_that_engines_fit(inversion: Inversion, options: _Options) -> None:
    reason = refusal(inversion, options.threads) if "branch" in options.engines else None
    if reason is not None:
        advice = "leave the choice of engines to Preimage"
        found = diagnose("PRE507", None, advice=f"try: {advice}", engine="branch", reason=reason)
        raise ProblemErrors([found], inversion.problem.text)


def _versions() -> Mapping[str, str]:
    packages: tuple[ModuleType, ...] = (np, scipy, pyscipopt)
    found = {package.__name__: str(package.__version__) for package in packages}
    return {"python": platform.python_version(), "preimage": __version__, **found}
