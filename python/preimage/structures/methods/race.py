"""Many descents begun, few finished: the order of a third of the way is nearly that of the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preimage.structures.methods.descent import Descent
from preimage.structures.methods.level import Candidate


@dataclass(frozen=True, slots=True)
class Heat:
    """A part of a race.

    Attributes
    ----------
    until
        The share of their steps that all have taken then.
    kept
        How many go on.
    """

    until: float
    kept: int


def race(descents: Sequence[Descent], heats: Sequence[Heat]) -> Candidate:
    """Let descents along one schedule go side by side, those behind fall out, and give the best that is found.

    The first of those that are alike goes on.
    """
    for heat in heats:
        for descent in descents:
            descent.advance(heat.until)
        descents = sorted(descents, key=lambda descent: descent.latest)[: heat.kept]
    for descent in descents:
        descent.advance()
    return min((descent.best for descent in descents), key=lambda best: best.compliance)
