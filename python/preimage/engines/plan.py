"""Which engines work on a problem, and why."""

from __future__ import annotations

from dataclasses import dataclass

from preimage.problem import Inversion

FEW_CHOICES = 6
"""With at most this many continuous inputs, boxes of inputs are bounded faster than a solver branches on neurons."""


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
    if inversion.model.objective is None:
        return Plan(
            ("adjoint", "milp"), "any design that holds: adjoint for a quick one, milp for one or a proof of none"
        )
    return Plan(("adjoint", "milp"), "adjoint for first designs, milp for the proof")
