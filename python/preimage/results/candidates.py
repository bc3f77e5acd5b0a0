"""Designs with what is proved of each: how bad it gets where it is a little off."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from preimage.language.problem import Sense
from preimage.results.plain import Array, Record, finite, read_only_arrays, thaw


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorstCase(Record):
    """What one `robust` statement asks of a design.

    Attributes
    ----------
    statement
        The line of the problem.
    status
        ``optimal`` (proved to the gap asked for), ``feasible`` (a limit was hit) or ``interrupted``.
    nominal
        What the design gives as it stands: the objective, or 0 for a drift.
    worst
        The worst that was found, by the source networks.
    bound
        Proved: it gets no worse than this. None if nothing was proved.
    gap
        What is not proved of the loss, as a share of it: ``|worst - bound| / max(|worst - nominal|, 1e-9)``, or None.
    design
        What gives ``worst``: the design, a little off.
    drift
        Whether it is of how far something moves, not of the objective.
    sense
        ``maximise`` where larger is worse.
    seconds
        Wall time of the search for it.
    """

    statement: str
    status: Literal["optimal", "feasible", "interrupted"]
    nominal: float
    worst: float
    bound: float | None
    gap: float | None
    design: Mapping[str, Array] = field(repr=False)
    drift: bool = False
    sense: Sense = "maximise"
    seconds: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "design", read_only_arrays(self.design))
        for name in ("bound", "gap"):
            object.__setattr__(self, name, finite(getattr(self, name)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "statement": self.statement,
            "status": self.status,
            "nominal": self.nominal,
            "worst": self.worst,
            "bound": self.bound,
            "gap": self.gap,
            "design": thaw(self.design),
            "drift": self.drift,
            "sense": self.sense,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate(Record):
    """One of the designs of a result.

    Attributes
    ----------
    design
        Inputs by name, as in `Result.design`.
    objective
        What the source networks give on it; None without an objective.
    source
        Who found it.
    worst_cases
        One for each `robust` statement, in the order of the text; fewer where a run was interrupted.
    """

    design: Mapping[str, Array] = field(repr=False)
    objective: float | None = None
    source: str = ""
    worst_cases: tuple[WorstCase, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "design", read_only_arrays(self.design))
        object.__setattr__(self, "objective", finite(self.objective))
        object.__setattr__(self, "worst_cases", tuple(self.worst_cases))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "design": thaw(self.design),
            "objective": self.objective,
            "source": self.source,
            "worst_cases": [case.to_dict() for case in self.worst_cases],
        }


def badness(case: WorstCase) -> float:
    """Return the proved worst case so that larger is worse; infinite where nothing is proved."""
    if case.bound is None:
        return math.inf
    return case.bound if case.sense == "maximise" else -case.bound


def ranking(designs: tuple[Candidate, ...]) -> list[int]:
    """Return the places of the designs, the one whose proved worst case is best first.

    The first `robust` statement counts; designs of which nothing is proved come last, as they stand.
    """
    return sorted(
        range(len(designs)), key=lambda k: badness(designs[k].worst_cases[0]) if designs[k].worst_cases else math.inf
    )
