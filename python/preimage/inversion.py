"""`invert`: from a text to a design with a certificate."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from preimage.answer import Options, answer, candidates
from preimage.engines import Snapshot, run
from preimage.engines.branch import refusal
from preimage.engines.infeasibility import Clash, clashing_statements
from preimage.engines.pool import Pool
from preimage.engines.search import Search
from preimage.engines.variety import SEARCH_SHARE, Variety, more_designs
from preimage.language import ProblemErrors, check
from preimage.language.diagnostic import diagnose
from preimage.language.options import engines
from preimage.language.problem import Problem
from preimage.language.span import Span
from preimage.language.words import STRUCTURE_METHODS, ways_of
from preimage.problem import Inversion, compile_problem
from preimage.problem.deviation import excess, measure
from preimage.results import Candidate, Evaluation, Result, Sweep, WorstCase
from preimage.results.check import CandidateEvaluation
from preimage.robust_design import robust_design
from preimage.robustness import certified
from preimage.structures import Task
from preimage.structures.invert import PUBLISHED_PREFIX, invert_structure, problem_of
from preimage.structures.options import options_of

DEFAULT_GAP = 1e-4

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


def invert(
    problem: str | Path | Problem | Task,
    /,
    *,
    time_limit: float | None = None,
    gap: float | None = None,
    method: str | tuple[str, ...] | None = None,
    threads: int | None = None,
    seed: int | None = None,
    steps: int | None = None,
    progress: Progress | None = None,
    **bindings: object,
) -> Result | Sweep:
    """Find the best design of a problem, and prove how good it is.

    Parameters
    ----------
    problem
        A text in the language, the path of a file (``Path``, or a string that ends in ``.inv``), or a checked problem;
        of structures also a `preimage.structures.Task`, or ``structures:NAME`` for a published one.
    time_limit
        Seconds for each row of a `target`; no limit by default. Options given here overrule the text's `solve` line.
    gap
        The relative gap at which a problem counts as solved (0.0001 by default).
    method
        One or more engines: ``"branch"``, ``"milp"`` (also ``"milp with highs"``, as in a `solve` line),
        ``"adjoint"``; for a structure ``"continuation"``, ``"cnn"``, ``"lbfgs"``, ``"mma"`` or ``"oc"``. By default the
        best for the problem's shape.
    threads
        Threads in all (by default, all cores).
    seed
        Of everything random (0 by default). One engine alone gives the same answer for the same text, data, seed and
        threads; engines side by side agree within the gap.
    steps
        For a structure: how many designs are tried.
    progress
        Called about eight times a second with a `Snapshot`, from the calling thread.
    **bindings
        What the names declared without data stand for: arrays, numbers, networks (a torch module as it stands).

    Returns
    -------
    Result or Sweep
        A `Sweep` (a sequence of results) if a `target` has several rows; a `StructureResult` for a structure.

    Raises
    ------
    ProblemErrors
        If the problem has errors; its text shows all of them.
    Interrupted
        On Ctrl-C, with the result so far.
    BrokenCertificate
        If a claimed bound was beaten by a design: a bug, never to be kept silent.
    """
    checked = checked_problem(problem, bindings)
    if checked.structure is not None:
        return _invert_structure(checked, method, steps, time_limit, gap, seed, progress)
    if steps is not None:
        advice = "limit the time: time_limit=60"
        raise ProblemErrors([diagnose("PRE801", None, advice=advice, word="steps")], checked.text)
    line = checked.solve
    asked = engines(method if isinstance(method, str) else ",".join(method)) if method else line.engines
    options = Options(
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


def checked_problem(problem: str | Path | Problem | Task, bindings: Mapping[str, object]) -> Problem:
    """Return the checked problem that is meant: see `invert`."""
    if isinstance(problem, Problem):
        checked, advice = problem, "this problem was checked with its values: give them to preimage.check"
    elif isinstance(problem, Task) or str(problem).startswith(PUBLISHED_PREFIX):
        checked, advice = problem_of(problem if isinstance(problem, Task) else str(problem)), "leave it out"
    else:
        return check(problem, bindings)
    if unused := [diagnose("PRE208", None, advice=advice, name=name) for name in bindings]:
        raise ProblemErrors(unused, checked.text)
    return checked


def _invert_structure(
    problem: Problem,
    method: str | tuple[str, ...] | None,
    steps: int | None,
    time_limit: float | None,
    gap: float | None,
    seed: int | None,
    progress: Progress | None,
) -> Result:
    options = options_of(
        problem,
        method=" ".join((method,) if isinstance(method, str) else method or ()) or None,
        steps=None if steps is None else int(_positive(steps, "steps")),
        time_limit=None if time_limit is None else _positive(time_limit, "time_limit"),
        gap=None if gap is None else _positive(gap, "gap"),
        seed=seed,
    )
    result, interrupted = invert_structure(problem, options, progress)
    if interrupted:
        raise Interrupted(result)
    return result


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
            designs=tuple(_evaluate(inversion, candidate) for candidate in result.designs),
            changed=tuple(b.name for b in problem.bindings if solved.get(b.name, b.digest) != b.digest),
        )

    def _problem(self, result: Result) -> Problem:
        file = result.provenance.get("file")
        stated = (str(result.provenance["text"]), None if file is None else str(file))
        if self._read is None or self._read[0] != stated:
            base = None if stated[1] is None else Path(stated[1]).parent
            self._read = stated, check(stated[0], self._bindings, base=base)
        return self._read[1]


def _evaluate(inversion: Inversion, candidate: Candidate) -> CandidateEvaluation:
    objective, violation = inversion.judge(inversion.vector(candidate.design))
    asked = list(zip(inversion.problem.robustness, candidate.worst_cases, strict=False))
    return CandidateEvaluation(
        objective=None if inversion.problem.objective is None else objective,
        violation=violation,
        worst=tuple(measure(inversion, robustness, candidate.design, case.design) for robustness, case in asked),
        excess=tuple(excess(inversion, robustness, candidate.design, case.design) for robustness, case in asked),
    )


def _invert_row(problem: Problem, row: int, options: Options, progress: Progress | None) -> tuple[Result, bool]:
    start = time.perf_counter()
    inversion = compile_problem(problem, row)
    asked_in_text = options.engines == problem.solve.engines
    _check_that_engines_fit(inversion, options, problem.solve.place if asked_in_text else None)
    limit = options.time_limit
    pool = None if problem.solve.designs is None else Pool(inversion, *problem.solve.designs)
    known: WorstCase | None = None
    if problem.robust_design is not None:
        done, known = robust_design(inversion, options, progress)
    else:
        done = run(
            inversion,
            gap=options.gap,
            time_limit=limit if limit is None or pool is None else SEARCH_SHARE * limit,
            threads=options.threads,
            seed=options.seed,
            engines=options.engines,
            pool=pool,
            progress=progress,
        )
    variety = Variety(complete=False, interrupted=False)
    if pool is not None and len(pool) and not done.interrupted:
        variety = more_designs(
            inversion,
            pool,
            done.search,
            time_limit=None if limit is None else limit - done.search.seconds,
            threads=options.threads,
            seed=options.seed,
            tell=_teller(done.search, progress, "more designs"),
        )
    seen = done.search.snapshot()
    infeasible = seen.status == "infeasible"
    clash = clashing_statements(inversion, options.threads, options.seed) if infeasible else Clash()
    result = answer(inversion, done, clash, options)
    designs = candidates(inversion, done, pool)
    interrupted = done.interrupted or clash.interrupted or variety.interrupted
    seconds = time.perf_counter() - start
    if problem.robustness and not (interrupted and known is None):
        designs, stopped = certified(
            inversion,
            designs,
            gap=options.gap,
            time_limit=options.time_limit,
            threads=options.threads,
            seed=options.seed,
            tell=lambda stage: _teller(done.search, progress, stage)(),
            known=known,
            nothing_more=interrupted,
        )
        interrupted = interrupted or stopped
    if pool is None and not problem.robustness:
        designs = ()
    provenance = dict(result.provenance)
    if problem.robust_design is not None:
        provenance["robust_design"] = problem.statement(problem.robust_design.span)
    if pool is not None:
        complete = variety.complete and len(designs) == len(pool)
        provenance["designs"] = {"wanted": pool.wanted, "share": pool.share, "all": complete}
    return dataclasses.replace(result, seconds=seconds, designs=designs, provenance=provenance), interrupted


def _teller(search: Search, progress: Progress | None, stage: str) -> Callable[[], None]:
    """Return what shows the search that is over, with what is being done now."""

    def tell() -> None:
        if progress is not None:
            progress(dataclasses.replace(search.snapshot(), status="searching", stage=stage))

    return tell


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise ValueError(f"{name} must be positive, not {value!r}")
    return float(value)


def _check_that_engines_fit(inversion: Inversion, options: Options, place: Span | None) -> None:
    for engine in options.engines:
        reason = _refusal(inversion, engine, options.threads)
        if reason is not None:
            advice = "leave the choice of engines to Preimage"
            found = diagnose("PRE507", place, advice=f"try: {advice}", engine=engine, reason=reason)
            raise ProblemErrors([found], inversion.problem.text)


def _refusal(inversion: Inversion, engine: str, threads: int) -> str | None:
    """Return why an engine cannot work on a problem; None if it can."""
    if engine in STRUCTURE_METHODS:
        return "it is a method for structures"
    name, ways = ways_of(engine)
    if "highs" in ways and "norm" in map(inversion.graph.operation, range(inversion.graph.node_count)):
        return "HiGHS takes linear rows only, and `L2` is none"
    return refusal(inversion, threads) if name == "branch" else None
