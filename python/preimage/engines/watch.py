"""Telling foreign code to stop when the search does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from preimage.engines.search import Search

REACTION_SECONDS = 0.02


@contextmanager
def stop_with(search: Search, stop: Callable[[], object]) -> Iterator[None]:
    """Call ``stop`` from another thread once ``search`` is over, again and again until the block ends.

    Once is not enough: foreign code may not be ready to hear it, or forget it when it begins.
    """
    finished = threading.Event()

    def watch() -> None:
        while not finished.is_set():
            if search.wait(REACTION_SECONDS):
                stop()
                finished.wait(REACTION_SECONDS)

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
