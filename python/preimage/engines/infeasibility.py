"""Which statements of an infeasible problem clash."""

from __future__ import annotations

import dataclasses
import time

from preimage.engines.run import run
from preimage.language.problem import Requirement, Selection
from preimage.problem import Inversion, compile_problem

SECONDS = 10.0
"""Spent on naming the culprits, at most; what could not be shown to be innocent by then is named too."""


def clashing_statements(inversion: Inversion, threads: int, seed: int) -> tuple[tuple[int, str], ...]:
    """Return (line, statement) of statements that cannot hold together, none of which can be spared.

    A deletion filter: a statement without which the rest is still proved infeasible is not part of the clash.
    """
    problem = inversion.problem
    kept: list[Requirement | Selection] = [*problem.requirements, *problem.selections]
    deadline = time.perf_counter() + SECONDS
    for statement in list(kept):
        left = deadline - time.perf_counter()
        if left <= 0 or len(kept) == 1:
            break
        fewer = [other for other in kept if other is not statement]
        if _is_infeasible(inversion, fewer, left, threads, seed):
            kept = fewer
    ordered = sorted(kept, key=lambda statement: statement.span.start)
    return tuple((problem.line_of(s.span), problem.statement(s.span)) for s in ordered)


def _is_infeasible(
    inversion: Inversion, statements: list[Requirement | Selection], seconds: float, threads: int, seed: int
) -> bool:
    part = dataclasses.replace(
        inversion.problem,
        requirements=tuple(s for s in statements if isinstance(s, Requirement)),
        selections=tuple(s for s in statements if isinstance(s, Selection)),
        objective=None,
    )
    alone = compile_problem(part, inversion.sweep_row)
    return run(alone, gap=1.0, time_limit=seconds, threads=threads, seed=seed).search.snapshot().status == "infeasible"
