"""How much memory a grid takes, known before any of it is taken."""

from __future__ import annotations

import os
from pathlib import Path

from preimage import _core

FACTORS = 3
"""So many factors are there at once: for the method, for the judge of its designs, and for the bound."""

BESIDE = 200
"""Bytes for each degree of freedom beside: the fields of a search in progress, and what is known of designs before."""

UNKNOWN = 8e9
"""Bytes taken for granted where the system does not tell."""

_LIMIT_OF_GROUP = Path("/sys/fs/cgroup/memory.max")


def needed(width: int, height: int, cases: int = 1) -> float:
    """Return the bytes that solving on a grid takes at most."""
    unknowns = 2 * (width + 1) * (height + 1)
    return float(FACTORS * _core.Elasticity.estimated_bytes(width, height, cases) + BESIDE * unknowns)


def available() -> float:
    """Return the bytes of memory that there are for this process, taken or not."""
    try:
        there = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        there = UNKNOWN
    try:
        return min(there, float(_LIMIT_OF_GROUP.read_text("ascii")))
    except (OSError, ValueError):  # no group, or "max"
        return there
