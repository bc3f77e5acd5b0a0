"""How a structure is to be solved: the methods, and what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from preimage.language.diagnostic import diagnose
from preimage.language.messages import ProblemErrors
from preimage.language.problem import Problem

DEFAULT_GAP = 1e-4
"""A search also ends when design and bound are this close: where all of the grid is filled, they meet."""

STEPS: Mapping[str, int] = {"continuation": 800, "cnn": 300, "lbfgs": 300, "mma": 300, "oc": 300}
"""The methods by name, and how many designs each tries if nothing is said; the first one is the default."""

REASONS = {
    "continuation": "descents from the variable-thickness sheet, a race among random starts, and repairs of the best",
    "cnn": "a network draws the density, its weights moved by L-BFGS",
    "lbfgs": "pixels behind a logistic function, moved by L-BFGS",
    "mma": "pixels moved by the method of moving asymptotes",
    "oc": "pixels moved by optimality criteria",
}
"""How each method goes about it."""

PACKAGES = {"cnn": ("torch", "torch"), "mma": ("nlopt", "mma")}
"""The package that a method needs besides Preimage, and the extra that brings it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for; ``steps`` are those of the method, and ``method`` a key of `STEPS`."""

    method: str
    steps: int
    time_limit: float | None
    gap: float
    seed: int


def options_of(
    problem: Problem,
    *,
    method: str | None = None,
    steps: int | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    seed: int | None = None,
) -> Options:
    """Return what a problem says about solving, overruled by what is given here.

    Raises
    ------
    ProblemErrors
        If the method is one for networks.
    """
    line = problem.solve
    chosen = method or next(iter(line.engines), next(iter(STEPS)))
    if chosen not in STEPS:
        advice = f"methods for structures are {', '.join(STEPS)}"
        reason = "it is an engine for networks"
        raise ProblemErrors([diagnose("PRE507", None, advice=advice, engine=chosen, reason=reason)], problem.text)
    return Options(
        method=chosen,
        steps=steps or line.steps or STEPS[chosen],
        time_limit=time_limit if time_limit is not None else line.time_limit,
        gap=gap or line.gap or DEFAULT_GAP,
        seed=seed if seed is not None else (line.seed or 0),
    )
