"""Which engines work on a problem, and why."""

from __future__ import annotations

from dataclasses import dataclass

from preimage.bounds.tighten import recalled
from preimage.engines.branch import grow
from preimage.language.words import ways_of
from preimage.problem import Inversion

MOST_INPUTS = 12
"""Up to so many values chosen together, boxes of them are worth bounding."""

FEW_INPUTS = 6
"""With at most so many, boxes are bounded faster than a solver branches on neurons."""

FEW_KINKS = 60
"""Up to so many undecided kinks a solver may end first even with few inputs; it costs the tree little if not."""

SOME_KINKS = 100
"""The same, where the inputs are more than few."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The engines that run side by side, and the reason in one line."""

    engines: tuple[str, ...]
    reason: str


def plan(inversion: Inversion, threads: int, asked: tuple[str, ...] = ()) -> Plan:
    """Choose the engines for ``inversion``; what the user asked for stands.

    Parameters
    ----------
    asked
        Names of engines, or none.
    """
    chosen = _choose(inversion, threads, asked)
    by_solver = any(ways_of(name)[0] == "milp" for name in chosen.engines)
    tightened = recalled(inversion) if by_solver else None
    if tightened is None:
        return chosen
    decided = f"{tightened.units - tightened.undecided} of {tightened.units} neurons are decided"
    return Plan(chosen.engines, f"{chosen.reason}; {decided} by bounds kept from before")


def _choose(inversion: Inversion, threads: int, asked: tuple[str, ...]) -> Plan:
    if asked:
        return Plan(asked, f"{' and '.join(asked)}, as asked")
    first = "adjoint for first designs"
    try:
        choices, inputs, kinks = grow(inversion, threads).shape
    except ValueError as reason:
        return Plan(("adjoint", "milp"), f"milp ({reason}); {first}")
    if inputs > MOST_INPUTS:
        return Plan(("adjoint", "milp"), f"milp, as {inputs} values are chosen together; {first}")
    over = f"branch over {inputs} inputs" + (f" in {choices} selections" if choices > 1 else "")
    few = kinks <= (FEW_KINKS if inputs <= FEW_INPUTS else SOME_KINKS)
    if choices == 1 and (few or inversion.problem.objective is None):
        both = f"{over} and milp over {kinks} undecided units, whichever ends first"
        return Plan(("adjoint", "branch", "milp"), f"{both}; {first}")
    return Plan(("adjoint", "branch"), f"{over} and {kinks} undecided units; {first}")
