"""What the command leaves behind for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preimage.results import Result, Sweep

OK = 0
"""Solved or checked."""
FAILED = 1
"""An internal error, or a file could not be read or written."""
USAGE = 2
"""The command line is not understood."""
PROBLEM = 3
"""The problem has errors."""
INFEASIBLE = 4
"""Proved: there is no design."""
LIMIT = 5
"""A limit was hit, with a design at hand."""
NO_DESIGN = 6
"""A limit was hit without a design."""
INTERRUPTED = 130
"""Ctrl-C."""

_BY_STATUS = {
    "optimal": OK,
    "infeasible": INFEASIBLE,
    "feasible": LIMIT,
    "no design found": NO_DESIGN,
    "interrupted": INTERRUPTED,
}


def of(answer: Result | Sweep) -> int:
    """Return the exit code of an answer; a sweep's is that of its least answered row.

    A structure whose search took all its steps counts as solved: more is not promised.
    """
    from preimage.results import Result
    from preimage.results.words import finished

    results = [answer] if isinstance(answer, Result) else list(answer)
    return max((OK if finished(result) else _BY_STATUS[result.status] for result in results), default=OK)
