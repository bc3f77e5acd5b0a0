"""Which statements of an infeasible problem clash."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

from preimage.engines.run import Run, run
from preimage.language.problem import Requirement, Selection
from preimage.problem import Inversion, compile_problem

SECONDS = 10.0
"""Spent on naming the culprits, at most; what could not be shown to be innocent by then is named too."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Statements that cannot hold together, as (line, statement), and whether the user interrupted their naming."""

    statements: tuple[tuple[int, str], ...] = ()
    interrupted: bool = False


def clashing_statements(inversion: Inversion, threads: int, seed: int) -> Clash:
    """Return statements that cannot hold together; none of them can be spared, if there was time enough to tell.

    A deletion filter: a statement without which the rest is still proved infeasible is not part of the clash.
    """
    problem = inversion.problem
    kept: list[Requirement | Selection] = [*problem.requirements, *problem.selections]
    deadline, interrupted = time.perf_counter() + SECONDS, False
    for statement in list(kept):
        left = deadline - time.perf_counter()
        if left <= 0 or len(kept) == 1 or interrupted:
            break
        fewer = [other for other in kept if other is not statement]
        done = _search(inversion, fewer, left, threads, seed)
        interrupted = done.interrupted
        if done.search.snapshot().status == "infeasible":
            kept = fewer
    ordered = sorted(kept, key=lambda statement: statement.span.start)
    return Clash(tuple((problem.line_of(s.span), problem.statement(s.span)) for s in ordered), interrupted)


def _search(
    inversion: Inversion, statements: list[Requirement | Selection], seconds: float, threads: int, seed: int
) -> Run:
    part = dataclasses.replace(
        inversion.problem,
        requirements=tuple(s for s in statements if isinstance(s, Requirement)),
        selections=tuple(s for s in statements if isinstance(s, Selection)),
        objective=None,
    )
    alone = compile_problem(part, inversion.sweep_row)
    return run(alone, gap=1.0, time_limit=seconds, threads=threads, seed=seed)
