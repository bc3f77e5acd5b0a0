"""From a search that is over to its `Result`."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Mapping
from types import ModuleType
from typing import Any, cast

import numpy as np
import pyscipopt
import scipy

from preimage import __version__
from preimage.engines import Run
from preimage.engines.critical_width import MANY_BOXES, critical_width
from preimage.engines.infeasibility import Clash
from preimage.engines.pool import Pool
from preimage.engines.search import relative_gap
from preimage.engines.statistics import statistics
from preimage.language.problem import Array
from preimage.problem import Inversion
from preimage.results import Candidate, Result, Status
from preimage.results.words import outlook

LONG_SECONDS = 10.0
"""After a search of this length, ended by its time limit, it is worth a second to say what the trouble was."""


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """What a search was asked for, with nothing left open but the time."""

    time_limit: float | None
    gap: float
    engines: tuple[str, ...]
    threads: int
    seed: int


def answer(inversion: Inversion, done: Run, clash: Clash, options: Options) -> Result:
    """Return what a search came to, without the designs besides the best one."""
    problem, search = inversion.problem, done.search
    seen = search.snapshot()
    _, x, _ = search.best()
    objective, has_objective = seen.incumbent, problem.objective is not None
    status: Status = "no design found" if x is None else "feasible"
    if seen.status in ("optimal", "infeasible", "interrupted"):
        status = cast(Status, seen.status)
    description = described(inversion, options)
    ran = {"engines": list(done.plan.engines), "reason": done.plan.reason, "stopped_by": seen.status}
    ran["bound_by"] = seen.source_of_bound
    return Result(
        status=status,
        objective=objective if has_objective else None,
        bound=seen.bound if has_objective and status != "infeasible" else None,
        gap=relative_gap(objective, seen.bound) if has_objective else None,
        design={} if x is None else inversion.design(x),
        predictions={} if x is None else inversion.predictions(x),
        trace=seen.trace,
        boxes=seen.boxes,
        statistics=statistics(inversion, seen),
        provenance=description.pop("provenance") | ran | _outlook(inversion, done),
        clashes=clash.statements,
        seconds=seen.seconds,
        **description,
    )


def described(inversion: Inversion, options: Options) -> dict[str, Any]:
    """Return what a result says of its problem, by the names of `Result`."""
    problem = inversion.problem
    return {
        "targets": {t.name: t.rows if t.joint else t.rows[inversion.sweep_row] for t in problem.targets},
        "labels": {i.name: i.labels for i in problem.inputs if i.labels}
        | {t.name: t.labels for t in problem.targets if t.labels},
        "limits": _limits(inversion),
        "sense": inversion.sense,
        "provenance": {
            "text": problem.text,
            "file": str(problem.path.resolve()) if problem.path else None,
            "row": inversion.sweep_row,
            "target": problem.sweep_names[inversion.sweep_row],
            "bindings": [dataclasses.asdict(binding) for binding in problem.bindings],
            "versions": _versions(),
            "gap": options.gap,
            "time_limit": options.time_limit,
            "threads": options.threads,
            "seed": options.seed,
        },
    }


def candidates(inversion: Inversion, done: Run, pool: Pool | None) -> tuple[Candidate, ...]:
    """Return the designs that were asked for, the best first."""
    _, x, value = done.search.best()
    if x is None:
        return ()
    source = done.search.snapshot().source_of_incumbent
    if pool is None:
        designs = [(x, source)]
    else:
        designs = [(member.x, member.source) for member in pool.picked(pool.member(x, value, source))]
    return tuple(candidate(inversion, x, source) for x, source in designs)


def candidate(inversion: Inversion, x: Array, source: str) -> Candidate:
    """Return a design vector as a design of a result."""
    objective = inversion.judge(x)[0] if inversion.problem.objective is not None else None
    return Candidate(design=inversion.design(x), objective=objective, source=source)


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


def _versions() -> Mapping[str, str]:
    packages: tuple[ModuleType, ...] = (np, scipy, pyscipopt)
    found = {package.__name__: str(package.__version__) for package in packages}
    return {"python": platform.python_version(), "preimage": __version__, **found}
