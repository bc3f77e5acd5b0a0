"""What a good design is worth to a solver: inputs and neurons bounded to what is better, before it begins."""

from __future__ import annotations

import time

from preimage._core import Program
from preimage.bounds.cutoff import tighten_by_cutoff
from preimage.engines.encoding import Encoding
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.problem import Inversion

MANY_INPUTS = 9
"""With fewer, boxes of inputs are what proves."""

MANY_BINARIES = 30
"""With fewer, a solver is done sooner."""

SHARE_OF_TIME = 0.3
"""Bounding takes no more of the time that is left."""

SLACK = 1e-6
"""The known design stays within the cutoff, relatively by this much: a solver starts from it."""

LEAST_SLACK = 1e-9


def program_within(inversion: Inversion, search: Search, effort: Effort, encoding: Encoding) -> Program:
    """Return the program of the designs no worse than the best one known, or of all where that is not worth its time.

    What is proved of the objective on the way is told to ``search``.
    """
    _, x, best = search.best()
    if x is None or inversion.problem.objective is None:
        return encoding.program
    if inversion.size < MANY_INPUTS or encoding.program.binaries < MANY_BINARIES:
        return encoding.program
    end = time.perf_counter() + SHARE_OF_TIME * search.remaining
    left = tighten_by_cutoff(
        inversion,
        encoding.bounds,
        best + max(SLACK * abs(best), LEAST_SLACK),
        threads=effort.threads,
        should_stop=lambda: search.should_stop() or time.perf_counter() > end,
    )
    if left.bounds is None:
        search.raise_bound(best, "milp")
        return encoding.program
    search.raise_bound(float(left.bounds.lower(inversion.graph.output)[0]), "milp")
    return inversion.model.encode(left.bounds, unconditional=encoding.bounds)
