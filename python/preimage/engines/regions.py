"""The regions of an inversion, made once and shared by the engines."""

from __future__ import annotations

import threading
from functools import lru_cache

from preimage._core import Regions
from preimage.engines.encoding import bound, fold
from preimage.problem import Inversion

DEFINITION, REQUIREMENT, FACET = 0, 1, 2
"""What the rows of a region's program say."""

_lock = threading.Lock()


def regions_of(inversion: Inversion) -> Regions | None:
    """Return the regions of the folded model of ``inversion``; None if it is not piecewise linear."""
    with _lock:
        return _regions(inversion)


@lru_cache(maxsize=2)
def _regions(inversion: Inversion) -> Regions | None:
    try:
        return Regions(fold(inversion).model, bound(inversion))
    except ValueError:
        return None
