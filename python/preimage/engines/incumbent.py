"""What a good design is worth to a solver: inputs and neurons bounded to what is better, before it begins."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from preimage._core import Bounds, Program
from preimage.bounds.cutoff import tighten_by_cutoff
from preimage.engines.encoding import Formulation, encode, fold, least
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.problem import Inversion

HEAD_START_SECONDS = 0.5
"""A solver waits this long at most for the adjoint's first designs, and where it has much to decide, for the best of
them: what it decides at its root with a good one halves its tree."""

MANY_INPUTS = 9
"""With fewer, or beside a tree, boxes of inputs are what proves."""

MANY_BINARIES = 30
"""With fewer, a solver is done sooner."""

OUT_OF_REACH = 0.1
"""Of the distance from a target, a solver proves this share at its root, or else the target is almost within reach.

Where it is out of reach, branching is faster than the bounds of neurons that a cutoff buys; else they decide.
"""

PATIENCE_SECONDS = 0.5
"""Beside descents nothing is bounded before: a target within reach is met by then, and linear programs hear no stop."""

SHARE_OF_TIME = 0.3
"""Bounding takes no more of the time that is left."""

SLACK = 1e-6
"""The known design stays within the cutoff, relatively by this much: a solver starts from it."""

LEAST_SLACK = 1e-9

BETTER = 0.1
"""A design that is better by this share is worth going through everything again."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a solver works on.

    Attributes
    ----------
    program
        To be solved.
    bounds
        Proved bounds of every node, for all designs of the program.
    whole
        Whether every design that holds is in it, and not only those no worse than the best one known.
    """

    program: Program
    bounds: Bounds
    whole: bool


def task(inversion: Inversion, search: Search, effort: Effort, formulation: Formulation) -> Task:
    """Return what a solver works on, bounded to what is better than the first designs where that is worth its time."""
    todo = whole(inversion, search, effort, formulation)
    if not can_be_bounded(inversion, search, effort, todo):
        return todo
    if "adjoint" in effort.beside and search.wait(min(PATIENCE_SECONDS, search.remaining)):
        return todo
    return within(inversion, search, effort, todo, formulation)


def whole(inversion: Inversion, search: Search, effort: Effort, formulation: Formulation) -> Task:
    """Return the program of all designs, after a moment for others to find good ones."""
    if inversion.problem.objective is not None:
        search.raise_bound(least(inversion), "milp")
    encoding = encode(inversion, formulation)
    if "adjoint" in effort.beside:
        wait = search.wait_for_descents if encoding.program.binaries >= MANY_BINARIES else search.wait_for_design
        wait(min(HEAD_START_SECONDS, search.remaining))
    return Task(encoding.program, encoding.bounds, whole=True)


def can_be_bounded(inversion: Inversion, search: Search, effort: Effort, todo: Task) -> bool:
    """Tell whether a design is known, and no box of inputs, wide or narrow, says more than bounds of neurons would."""
    if inversion.problem.objective is None or search.best()[1] is None:
        return False
    if fold(inversion).decided is not None:
        return False  # a narrow box: little is left to decide
    many = inversion.size >= MANY_INPUTS and todo.program.binaries >= MANY_BINARIES
    return many and "branch" not in effort.beside


def is_within_reach(inversion: Inversion, search: Search) -> bool:
    """Tell whether next to nothing is proved of the way from what is plain to see up to the best design."""
    plain, (_, _, best) = least(inversion), search.best()
    return search.bound - plain < OUT_OF_REACH * (best - plain) < math.inf


def within(
    inversion: Inversion,
    search: Search,
    effort: Effort,
    todo: Task,
    formulation: Formulation = "bigm",
    worth_it: float = 0.0,
) -> Task:
    """Return the program of the designs no worse than the best one known, which linear programs bound for a while.

    What is proved of the objective on the way is told to ``search``.

    Parameters
    ----------
    worth_it
        Where a first round takes off less than this share of all widths, ``todo`` itself is returned.
    """
    end = time.perf_counter() + SHARE_OF_TIME * search.remaining
    bounds, known = todo.bounds, math.inf
    search.raise_bound(float(bounds.lower(inversion.graph.output)[0]), "milp")
    while _is_better(search.best()[2], known) and time.perf_counter() < end and not search.should_stop():
        known = search.best()[2]
        left = tighten_by_cutoff(
            inversion,
            bounds,
            known + max(SLACK * abs(known), LEAST_SLACK),
            threads=effort.threads,
            should_stop=lambda: search.should_stop() or time.perf_counter() > end,
            worth_going_on=worth_it if bounds is todo.bounds else 0.0,
        )
        if left.bounds is None:
            search.raise_bound(known, "milp")
        if left.bounds is None or not left.pays:
            return todo
        bounds = left.bounds
        search.raise_bound(float(bounds.lower(inversion.graph.output)[0]), "milp")
    return Task(inversion.model.encode(bounds, formulation, unconditional=todo.bounds), bounds, whole=False)


def _is_better(value: float, known: float) -> bool:
    return known == math.inf or value < known - BETTER * abs(known)
