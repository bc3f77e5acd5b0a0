"""Which engines work on a problem, and why."""

from __future__ import annotations

from dataclasses import dataclass

from preimage.engines.branch import refusal
from preimage.engines.encoding import encode
from preimage.problem import Inversion

FEW_CHOICES = 6
"""With at most this many continuous inputs, boxes of inputs are bounded faster than a solver branches on neurons."""

FEW_BINARIES = 60
"""Up to so many binaries, a solver may end first even with few inputs, and costs the tree little if it does not."""


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
    if inversion.problem.objective is None:
        return Plan(("adjoint", "milp"), "adjoint and milp, for any design that holds or a proof that there is none")
    if inversion.size <= FEW_CHOICES:
        reason = refusal(inversion)
        if reason is None:
            binaries = encode(inversion).program.binaries
            if binaries <= FEW_BINARIES:
                both = f"branch over {inversion.size} inputs and milp over {binaries} binaries, whichever ends first"
                return Plan(("adjoint", "branch", "milp"), f"{both}; adjoint for first designs")
            return Plan(("adjoint", "branch"), f"branch over {inversion.size} inputs; adjoint for first designs")
        return Plan(("adjoint", "milp"), f"milp ({reason}); adjoint for first designs")
    return Plan(("adjoint", "milp"), f"milp, as {inversion.size} values are chosen; adjoint for first designs")
