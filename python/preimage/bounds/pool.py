"""Units shared among threads: each with a solver of its own, stopped together, and watched by the caller's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Protocol

POLL_SECONDS = 0.1
"""How often the caller's thread looks up: it hears Ctrl-C, and tells of the progress."""

Found = tuple[int, float, float]
"""A unit, and bounds of it."""


class Solver(Protocol):
    """Bounds one unit at a time."""

    def bound(self, unit: int) -> tuple[float, float]:
        """Return a lower and an upper bound; infinite where nothing was found."""

    def interrupt(self) -> None:
        """Stop what is going on, from another thread."""


def share(
    units: Sequence[int],
    start: Callable[[], Solver],
    threads: int,
    tell: Callable[[int], object],
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[list[Found], bool]:
    """Bound units on several threads.

    Parameters
    ----------
    start
        Makes a solver; called once on every thread.
    tell
        Told from the caller's thread how many units are done.
    should_stop
        Asked from the caller's thread whether it is enough.

    Returns
    -------
    tuple
        What was found, and whether the user interrupted: then it is not all.
    """
    found: list[Found] = []
    solvers: list[Solver] = []
    over, lock, left = threading.Event(), threading.Lock(), iter(units)

    def work() -> None:
        solver = start()
        with lock:
            solvers.append(solver)
        for unit in _each(left, lock, over):
            lower, upper = solver.bound(unit)
            found.append((unit, lower, upper))

    interrupted = False
    with ThreadPoolExecutor(max(1, min(threads, len(units)))) as pool:
        futures = [pool.submit(work) for _ in range(max(1, min(threads, len(units))))]
        try:
            while wait(futures, POLL_SECONDS, FIRST_EXCEPTION).not_done:
                if any(future.done() and future.exception() for future in futures) or should_stop():
                    break
                tell(len(found))
        except KeyboardInterrupt:
            interrupted = True
        finally:
            over.set()
            while wait(futures, POLL_SECONDS).not_done:
                with lock:
                    for solver in solvers:
                        solver.interrupt()
    for future in futures:
        future.result()
    return sorted(found), interrupted


def _each(left: Iterator[int], lock: threading.Lock, over: threading.Event) -> Iterator[int]:
    while not over.is_set():
        with lock:
            unit = next(left, None)
        if unit is None:
            return
        yield unit
