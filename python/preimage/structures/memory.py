"""How much memory a grid takes, known before any of it is taken."""

from __future__ import annotations

import math
import os
from pathlib import Path

FILL = 6.0
"""Entries of a Cholesky factor by nested dissection, as a multiple of ``n log2 n`` for ``n`` degrees of freedom.

Measured on square grids: 5.3 at 128 x 128, 5.6 at 256 x 256, 5.9 at 512 x 512.
"""

FACTORS = 3
"""So many factors are there at once: for the method, for the judge of its designs, and for the bound."""

BESIDE = 1200
"""Bytes for each degree of freedom beside the factor: the matrix, what is known of its pattern, fields and filter."""

UNKNOWN = 8e9
"""Bytes taken for granted where the system does not tell."""

_LIMIT_OF_GROUP = Path("/sys/fs/cgroup/memory.max")


def needed(width: int, height: int, cases: int = 1) -> float:
    """Return the bytes that solving on a grid takes at most."""
    unknowns = 2 * (width + 1) * (height + 1)
    return unknowns * (8 * FACTORS * FILL * math.log2(unknowns) + BESIDE + 32 * cases)


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
