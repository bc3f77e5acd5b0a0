"""One search of one inversion: the plan's engines, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from preimage.engines.adjoint import adjoint
from preimage.engines.branch import branch
from preimage.engines.milp import milp
from preimage.engines.plan import Plan, plan
from preimage.engines.pool import Pool
from preimage.engines.portfolio import Effort, Engine, run_side_by_side
from preimage.engines.search import Search, Snapshot, Vector
from preimage.problem import Inversion

ENGINES: dict[str, Engine] = {"branch": branch, "milp": milp, "adjoint": adjoint}
"""The engines by the names that a `solve` line and ``method=`` use."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A search that is over, the plan it followed, and whether the user interrupted it."""

    search: Search
    plan: Plan
    interrupted: bool


def run(
    inversion: Inversion,
    *,
    gap: float,
    time_limit: float | None,
    threads: int,
    seed: int,
    engines: tuple[str, ...] = (),
    start: Vector | None = None,
    pool: Pool | None = None,
    progress: Callable[[Snapshot], None] | None = None,
) -> Run:
    """Search until the gap is closed, the time is over, the user interrupts, or no engine has anything left to try.

    Parameters
    ----------
    engines
        Names of engines; by default the plan's choice.
    start
        A design to begin with.
    pool
        Where good designs besides the best one are kept.
    progress
        See `run_side_by_side`.
    """
    chosen = plan(inversion, threads, engines)
    search = Search(inversion, gap, time_limit, inversion.sweep_row, inversion.problem.sweep_rows, pool)
    if inversion.problem.objective is None:
        search.raise_bound(0.0, "no objective")
    if start is not None:
        search.offer(start, "start")
    effort = Effort(threads, seed, frozenset(chosen.engines))
    interrupted = run_side_by_side(
        {name: ENGINES[name] for name in chosen.engines}, inversion, search, effort, progress
    )
    return Run(search, chosen, interrupted)
