"""One search of one inversion: the plan's engines, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from preimage.engines.adjoint import adjoint
from preimage.engines.branch import branch
from preimage.engines.encoding import Formulation
from preimage.engines.highs import milp_by_highs
from preimage.engines.milp import milp
from preimage.engines.plan import Plan, plan
from preimage.engines.polish import Polisher
from preimage.engines.pool import Pool
from preimage.engines.portfolio import Effort, Engine, run_side_by_side
from preimage.engines.search import Search, Snapshot, Vector
from preimage.language.words import ways_of
from preimage.problem import Inversion

ENGINES: dict[str, Engine] = {"branch": branch, "milp": milp, "adjoint": adjoint}
"""The engines by the names that a `solve` line and ``method=`` use."""

FORMULATIONS: Mapping[str, Formulation] = {"plain": "plain", "sos1": "sos1"}
"""Ways of `milp` to write a kink."""

LAST_LINEAR_PROGRAMS = 10
"""At most so many for the best design of a search that is over; one mostly does."""


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
    effort = Effort(threads, seed, frozenset(ways_of(name)[0] for name in chosen.engines))
    interrupted = run_side_by_side(
        {name: engine_called(name) for name in chosen.engines}, inversion, search, effort, progress
    )
    return Run(search, chosen, _polish_last(inversion, search, effort) or interrupted)


def engine_called(name: str) -> Engine:
    """Return the engine with a full name, such as ``milp with highs``."""
    plain, ways = ways_of(name)
    if not ways:
        return ENGINES[plain]
    formulation: Formulation = next((FORMULATIONS[way] for way in ways if way in FORMULATIONS), "bigm")
    return partial(milp_by_highs if "highs" in ways else milp, formulation=formulation)


def _polish_last(inversion: Inversion, search: Search, effort: Effort) -> bool:
    """Take the best design on to the best of its region, if the search was closed by the absolute gap alone.

    A search ends once a design is so good, whoever finds it, though its last digits may still be for the taking.

    Returns
    -------
    bool
        True if the user interrupted.
    """
    seen = search.snapshot()
    _, x, _ = search.best()
    if seen.status != "optimal" or x is None or seen.gap is None or seen.gap <= search.target_gap:
        return False
    source = f"{seen.source_of_incumbent.split(',')[0]}, polished"
    last = Search(inversion, time_limit=search.remaining)
    last.offer(x, seen.source_of_incumbent)

    def polish(inversion: Inversion, search: Search, effort: Effort) -> None:
        Polisher(inversion, search, source).polish(x, LAST_LINEAR_PROGRAMS)
        search.stop("polished")

    interrupted = run_side_by_side({"polish": polish}, inversion, last, effort)
    _, polished, _ = last.best()
    if polished is not None:
        search.offer(polished, source)
    return interrupted
