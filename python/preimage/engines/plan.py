"""Which engines work on a problem, and why."""

from __future__ import annotations

from dataclasses import dataclass

from preimage.engines.branch import refusal
from preimage.engines.encoding import encode
from preimage.problem import Inversion

FEW_INPUTS = 6
"""With at most this many inputs, boxes of inputs are bounded faster than a solver branches on neurons."""

SOME_INPUTS = 12
"""Up to this many, boxes are worth trying beside a solver."""

FEW_BINARIES = 60
"""Up to so many binaries a solver may end first even with few inputs, and costs the tree little if it does not."""

SOME_BINARIES = 200
"""The same, where the inputs are more than few."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The engines that run side by side, and the reason in one line."""

    engines: tuple[str, ...]
    reason: str


def plan(inversion: Inversion, asked: tuple[str, ...] = ()) -> Plan:
    """Choose the engines for ``inversion``; what the user asked for stands.

    Parameters
    ----------
    asked
        Names of engines, or none.
    """
    if asked:
        return Plan(asked, f"{' and '.join(asked)}, as asked")
    inputs = inversion.size
    first = "adjoint for first designs"
    if inputs > SOME_INPUTS:
        return Plan(("adjoint", "milp"), f"milp, as {inputs} values are chosen; {first}")
    reason = refusal(inversion)
    if reason is not None:
        return Plan(("adjoint", "milp"), f"milp ({reason}); {first}")
    binaries = encode(inversion).program.binaries
    few = binaries <= (FEW_BINARIES if inputs <= FEW_INPUTS else SOME_BINARIES)
    if few or inversion.problem.objective is None:
        both = f"branch over {inputs} inputs and milp over {binaries} binaries, whichever ends first"
        return Plan(("adjoint", "branch", "milp"), f"{both}; {first}")
    return Plan(("adjoint", "branch"), f"branch over {inputs} inputs; {first}")
