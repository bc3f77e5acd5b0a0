"""More designs, when a search is over and its pool is short: from new starts, then by asking for what is apart."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from preimage._core import StopFlag
from preimage.engines.adjoint import LEARNING_RATE
from preimage.engines.polish import Polisher
from preimage.engines.pool import APART, Pool
from preimage.engines.portfolio import Effort, Engine, run_side_by_side
from preimage.engines.run import run
from preimage.engines.search import Search
from preimage.engines.watch import stop_with
from preimage.problem import Inversion
from preimage.problem.apart import apart

STARTS, STEPS, ROUNDS = 16, 100, 4
"""The first round of new starts; each round doubles them, and the steps up to the third."""

LINEAR_PROGRAMS = 10
"""At most this many for one design."""

NEW_STARTS = 0.5
"""The share of the time that is left for new starts; the rest is for what is asked for."""

LEAST_SECONDS = 5.0
"""Without a time limit, looking for more may take as long as the search took, and this at least."""


@dataclass(frozen=True, slots=True)
class Variety:
    """How looking for more designs ended.

    Attributes
    ----------
    complete
        Whether it is proved that no other design is good enough and apart from those in the pool.
    interrupted
        Whether the user stopped it.
    """

    complete: bool
    interrupted: bool


def more_designs(
    inversion: Inversion, pool: Pool, search: Search, threads: int, seed: int, tell: Callable[[], None]
) -> Variety:
    """Look for designs until the pool has as many as are wanted, there are no more, or the time is over.

    Parameters
    ----------
    search
        The search that is over; what beats its best design is offered to it.
    tell
        Called about eight times a second.
    """
    seconds = search.remaining if math.isfinite(search.remaining) else max(search.seconds, LEAST_SECONDS)
    end = time.perf_counter() + seconds
    if len(pool) >= pool.wanted or seconds <= 0.0:
        return Variety(complete=False, interrupted=False)
    record = Search(inversion, 0.0, NEW_STARTS * seconds, pool=pool)
    engines: dict[str, Engine] = {"adjoint": _new_starts(pool)}
    interrupted = run_side_by_side(engines, inversion, record, Effort(threads, seed), lambda _: tell())
    complete = False
    while not interrupted and not complete and len(pool) < pool.wanted and inversion.problem.joint_rows == 1:
        left = end - time.perf_counter()
        if left <= 0.0:
            break
        asked = apart(inversion, [m.x for m in pool.members], pool.limit, APART, discrete=pool.is_discrete)
        done = run(asked, gap=0.0, time_limit=left, threads=threads, seed=seed, progress=lambda _: tell())
        interrupted, complete = done.interrupted, done.search.snapshot().status == "infeasible"
        _, x, _ = done.search.best()
        if x is not None:
            before = len(pool)
            record.offer(inversion.vector(asked.design(x)), "apart")
            if len(pool) == before:  # it only holds to the tolerances
                break
    _, x, _ = record.best()
    if x is not None:
        search.offer(x, "adjoint")
    return Variety(complete, interrupted)


def _new_starts(pool: Pool) -> Engine:
    def new_starts(inversion: Inversion, search: Search, effort: Effort) -> None:
        flag = StopFlag()
        polisher = Polisher(inversion, search, "adjoint, polished")
        with stop_with(search, flag.set):
            for round_number in range(ROUNDS):
                designs, _, _ = inversion.model.descend(
                    starts=STARTS << round_number,
                    steps=STEPS << min(round_number, 2),
                    learning_rate=LEARNING_RATE,
                    seed=effort.seed + 1000 + round_number,
                    threads=effort.threads,
                    stop=flag,
                    keep=STARTS << round_number,
                )
                for x in designs:
                    search.offer(x, "adjoint")
                for x in designs:
                    if search.should_stop() or len(pool) >= pool.wanted:
                        return
                    if pool.is_apart(inversion.repair(x)):
                        polisher.polish(x, LINEAR_PROGRAMS)

    return new_starts
