"""Proved bounds of an inversion, and its big-M program: made once and shared by the engines."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

from preimage._core import Bounds, Program
from preimage.bounds.tighten import bounds_with, recalled
from preimage.problem import Inversion

_lock = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Proved bounds of every node, and the program they give."""

    bounds: Bounds
    program: Program


def encode(inversion: Inversion) -> Encoding:
    """Bound every node of ``inversion`` and encode it; the answer is kept for the next caller.

    Bounds that were tightened before, for the same networks and designs, are made use of.
    """
    with _lock:
        return _encode(inversion)


def bound(inversion: Inversion) -> Bounds:
    """Bound every node of ``inversion`` over its box; the answer is kept for the next caller."""
    with _lock:
        return _bound(inversion)


@lru_cache(maxsize=2)
def _bound(inversion: Inversion) -> Bounds:
    return inversion.model.bounds()


@lru_cache(maxsize=2)
def _encode(inversion: Inversion) -> Encoding:
    tightened = recalled(inversion)
    bounds = _bound(inversion) if tightened is None else bounds_with(inversion, tightened)
    return Encoding(bounds, inversion.model.encode(bounds))
