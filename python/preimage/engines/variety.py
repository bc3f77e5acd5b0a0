"""More designs, when a search is over and its pool is short: from new starts, then by asking for what is apart."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
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

SEARCH_SHARE = 0.6
"""Of a time limit, what the search for the best design gets where several are wanted."""

STARTS, STEPS = 16, 100
"""The first round of new starts; the next ones double them up to the sixth, and the steps up to the third."""

FIRST_ROUNDS = 4
"""So many rounds before others are asked for; afterwards they go on to the end."""

LINEAR_PROGRAMS = 10
"""At most this many for one design."""

ASKING_SHARE = 0.6
"""Of the time that is left after the first rounds, what asking for others may take."""

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
    inversion: Inversion,
    pool: Pool,
    search: Search,
    *,
    time_limit: float | None,
    threads: int,
    seed: int,
    tell: Callable[[], None],
) -> Variety:
    """Look for designs until the pool has as many as are wanted, there are no more, or the time is over.

    Parameters
    ----------
    search
        The search that is over; what beats its best design is offered to it.
    time_limit
        In seconds.
    tell
        Called about eight times a second.
    """
    return _Seeker(inversion, pool, search, time_limit, Effort(threads, seed), tell).seek()


class _Seeker:
    """Looks for more designs, in a record of its own that never closes by itself."""

    def __init__(
        self,
        inversion: Inversion,
        pool: Pool,
        search: Search,
        time_limit: float | None,
        effort: Effort,
        tell: Callable[[], None],
    ) -> None:
        seconds = max(search.seconds, LEAST_SECONDS) if time_limit is None else time_limit
        self._end = time.perf_counter() + seconds
        self._inversion, self._pool, self._search = inversion, pool, search
        self._effort, self._tell = effort, tell
        self._complete = self._interrupted = False

    def seek(self) -> Variety:
        self._start_anew(range(FIRST_ROUNDS))
        if self._inversion.problem.joint_rows == 1:
            self._ask(time.perf_counter() + ASKING_SHARE * self._left)
        self._start_anew(itertools.count(FIRST_ROUNDS))
        for member in self._pool.members[:1]:
            self._search.offer(member.x, member.source)
        return Variety(self._complete, self._interrupted)

    @property
    def _left(self) -> float:
        return self._end - time.perf_counter()

    @property
    def _is_over(self) -> bool:
        full = len(self._pool) >= self._pool.wanted
        return full or self._complete or self._interrupted or self._left <= 0.0

    def _start_anew(self, rounds: Iterable[int]) -> None:
        """Descend from new starts, and polish what is apart from the designs in the pool."""
        if not self._is_over:
            record = Search(self._inversion, 0.0, self._left, pool=self._pool)
            engines: dict[str, Engine] = {"adjoint": _new_starts(self._pool, rounds)}
            beat = lambda _: self._tell()  # noqa: E731
            self._interrupted = run_side_by_side(engines, self._inversion, record, self._effort, beat)

    def _ask(self, end: float) -> None:
        """Ask the engines for any design that is good enough and apart from those in the pool, one after another."""
        while not self._is_over and end > time.perf_counter():
            pool = self._pool
            members = [member.x for member in pool.members]
            asked = apart(self._inversion, members, pool.limit, APART, discrete=pool.is_discrete)
            done = run(
                asked,
                gap=0.0,
                time_limit=end - time.perf_counter(),
                threads=self._effort.threads,
                seed=self._effort.seed,
                progress=lambda _: self._tell(),
            )
            self._interrupted, self._complete = done.interrupted, done.search.snapshot().status == "infeasible"
            _, found, _ = done.search.best()
            if found is None:
                return
            x = self._inversion.vector(asked.design(found))
            if not Search(self._inversion, 0.0, pool=pool).offer(x, "apart") or len(pool) == len(members):
                return  # it only holds to the tolerances


def _new_starts(pool: Pool, rounds: Iterable[int]) -> Engine:
    def new_starts(inversion: Inversion, search: Search, effort: Effort) -> None:
        flag = StopFlag()
        polisher = Polisher(inversion, search, "adjoint, polished")
        with stop_with(search, flag.set):
            for round_number in rounds:
                starts = STARTS << min(round_number, 5)
                designs, _, _ = inversion.model.descend(
                    starts=starts,
                    steps=STEPS << min(round_number, 2),
                    learning_rate=LEARNING_RATE,
                    seed=effort.seed + 1000 + round_number,
                    threads=effort.threads,
                    stop=flag,
                    keep=starts,
                )
                for x in designs:
                    search.offer(x, "adjoint")
                for x in designs:
                    if search.should_stop() or len(pool) >= pool.wanted:
                        return
                    if pool.is_apart(inversion.repair(x)):
                        polisher.polish(x, LINEAR_PROGRAMS)

    return new_starts
