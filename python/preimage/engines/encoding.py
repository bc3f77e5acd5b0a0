"""The big-M program of an inversion, made once and shared by the engines."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

from preimage._core import Bounds, Program
from preimage.problem import Inversion

_lock = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Proved bounds of every node, and the program they give."""

    bounds: Bounds
    program: Program


def encode(inversion: Inversion) -> Encoding:
    """Bound every node of ``inversion`` and encode it; the answer is kept for the next caller."""
    with _lock:
        return _encode(inversion)


@lru_cache(maxsize=2)
def _encode(inversion: Inversion) -> Encoding:
    bounds = inversion.model.bounds()
    return Encoding(bounds, inversion.model.encode(bounds))
