"""Several engines side by side on one search: threads that work, a caller that watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from preimage.engines.search import Search, Snapshot
from preimage.problem import Inversion

POLL_SECONDS = 0.12
"""How often the caller's thread looks at the search: a live view redraws this often."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What an engine may spend.

    Attributes
    ----------
    threads
        Threads for this engine.
    seed
        Of everything random in it.
    beside
        Names of all engines of the run.
    """

    threads: int
    seed: int
    beside: frozenset[str] = frozenset()


Subject = TypeVar("Subject", contravariant=True)


class Worker(Protocol[Subject]):
    """Works on a search until it is closed, told to stop, or has nothing left to try."""

    def __call__(self, subject: Subject, search: Search, effort: Effort, /) -> None:
        """Work; designs and bounds go to ``search``."""


Engine: TypeAlias = Worker[Inversion]
"""What works on an inversion."""


def run_side_by_side(
    workers: Mapping[str, Worker[Subject]],
    subject: Subject,
    search: Search,
    effort: Effort,
    progress: Callable[[Snapshot], None] | None = None,
) -> bool:
    """Run ``workers`` on a subject, such as an inversion, until the search is over or all of them are done.

    The caller's thread only waits and reports: so it hears Ctrl-C, and a notebook's views are touched from it alone.

    Returns
    -------
    bool
        True if the user interrupted; engines have stopped by then, and the caller re-raises.

    Raises
    ------
    Exception
        What broke an engine, `BrokenCertificate` among it.
    """
    threads = [
        threading.Thread(target=_guard, args=(worker, subject, search, effort), name=name, daemon=True)
        for name, worker in workers.items()
    ]
    interrupted = False
    try:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if search.wait(POLL_SECONDS):
                break
            if progress is not None:
                progress(search.snapshot())
        else:
            search.stop("exhausted")
    except KeyboardInterrupt:
        interrupted = True
        search.stop("interrupted")
    finally:
        # Also when a progress callback fails: no engine is left running behind the caller's back.
        search.stop("interrupted")
        interrupted = _join(threads, patient=not interrupted) or interrupted
    if search.failure is not None:
        raise search.failure
    try:
        if progress is not None:
            progress(search.snapshot())
    except KeyboardInterrupt:
        interrupted = True
    return interrupted


def _join(threads: list[threading.Thread], *, patient: bool) -> bool:
    """Wait for threads that were told to stop; return whether the user interrupted (a second Ctrl-C is raised)."""
    try:
        for thread in threads:
            if thread.ident is not None:
                thread.join()
    except KeyboardInterrupt:
        if not patient:
            raise
        _join(threads, patient=False)
        return True
    return False


def _guard(worker: Worker[Subject], subject: Subject, search: Search, effort: Effort) -> None:
    try:
        worker(subject, search, effort)
    except BaseException as failure:  # noqa: BLE001  # a thread has no caller to raise to
        search.fail(failure)
