"""`assess`: how robust designs are that are known already."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from preimage.answer import Options, candidate, described
from preimage.inversion import DEFAULT_GAP, Interrupted
from preimage.language import check
from preimage.language.problem import Problem
from preimage.problem import compile_problem
from preimage.problem.inversion import FEASIBILITY_TOLERANCE
from preimage.results import Result
from preimage.robustness import certified


def assess(
    problem: str | Path | Problem,
    designs: Sequence[Mapping[str, ArrayLike]],
    /,
    *,
    time_limit: float | None = None,
    gap: float = DEFAULT_GAP,
    threads: int | None = None,
    seed: int = 0,
    **bindings: object,
) -> Result:
    """Prove how bad designs get where they are a little off: what the problem's `robust` statements ask of each.

    Nothing is searched for but the worst cases: the designs may come from anywhere.

    Parameters
    ----------
    problem
        As for `invert`; of one target.
    designs
        Values by input name.
    time_limit
        Seconds for all worst cases together.
    gap
        What may be left unproved of a loss, as a share of it.
    threads, seed, **bindings
        As for `invert`.

    Returns
    -------
    Result
        Its `designs` are the ones given, the best objective first. Its bound is None: other designs may be better.

    Raises
    ------
    ProblemErrors
        If the problem has errors.
    ValueError
        If a design does not hold, there is none, or the problem has several targets.
    Interrupted
        On Ctrl-C, with the result so far.
    """
    start = time.perf_counter()
    checked = problem if isinstance(problem, Problem) else check(problem, bindings)
    if checked.sweep_rows > 1 or not designs:
        raise ValueError("designs are assessed for one target, and there must be one at least")
    options = Options(time_limit, gap, (), threads or os.cpu_count() or 1, seed)
    inversion = compile_problem(checked)
    vectors = [inversion.vector({name: np.asarray(value) for name, value in design.items()}) for design in designs]
    for place, x in enumerate(vectors):
        _, violation = inversion.judge(x)
        if violation > FEASIBILITY_TOLERANCE:
            raise ValueError(f"design {place} does not hold: a statement or a bound is violated by {violation:.3g}")
    worse = 1.0 if inversion.sense == "minimise" else -1.0
    known = sorted((candidate(inversion, x, "given") for x in vectors), key=lambda c: worse * (c.objective or 0.0))
    found, interrupted = certified(
        inversion,
        known,
        gap=gap,
        time_limit=time_limit,
        threads=options.threads,
        seed=seed,
    )
    best = found[0]
    result = Result(
        status="interrupted" if interrupted else "feasible",
        objective=best.objective,
        design=best.design,
        predictions=inversion.predictions(inversion.vector(best.design)),
        designs=found,
        seconds=time.perf_counter() - start,
        **described(inversion, options),
    )
    if interrupted:
        raise Interrupted(result)
    return result
