"""What the engines work on: the model of an inversion, its proved bounds and its big-M program, made once for all.

In a narrow box most units of a network are decided. They are folded into the affine maps around them, where that leaves
less than half of the network: everything after it costs as much less.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from preimage._core import Bounds, Model, Program
from preimage.bounds.tighten import bounds_with, recalled
from preimage.problem import Inversion

VISIBLE = 1e-5
"""A difference between the two models, as a share of the objective's range, would be seen in a gap."""

Formulation: TypeAlias = Literal["bigm", "plain", "sos1"]
"""How an undecided kink is written: see `preimage._core.Model.encode`."""

_lock = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """The model of an inversion, folded where that is worth it.

    Attributes
    ----------
    model
        What designs are looked for with.
    outer
        What proofs are about: its requirements hold wherever those of the inversion do.
    difference
        What a bound of the outer model is lowered by, for all rounding.
    decided
        By kink of the inversion's graph, entries that are always positive, never, and undecided; None if not folded.
    """

    model: Model
    outer: Model
    difference: float = 0.0
    decided: Mapping[int, list[int]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Proved bounds of every node of the folded model, and the program of the outer one."""

    bounds: Bounds
    program: Program


def fold(inversion: Inversion) -> Folded:
    """Fold what the box of ``inversion`` decides; the answer is kept for the next caller."""
    with _lock:
        return _fold(inversion)


def encode(inversion: Inversion, formulation: Formulation = "bigm") -> Encoding:
    """Bound every node of the folded model and encode it; the answer is kept for the next caller.

    Bounds that were tightened before, for the same networks and designs, are made use of where nothing is folded.
    """
    with _lock:
        return _encode(inversion, formulation)


def bound(inversion: Inversion) -> Bounds:
    """Bound every node of the folded model over its box; the answer is kept for the next caller."""
    with _lock:
        return _bound(inversion)


def least(inversion: Inversion) -> float:
    """Return a proved bound of the objective, in the model's sense."""
    with _lock:
        folded, output = _fold(inversion), inversion.graph.output
        if folded.decided is None:
            return float(_bound(inversion).lower(output)[0])
        proved = float(_bound(inversion).lower(folded.model.graph.output)[0]) - folded.difference
        # No distance is below zero, by no digit.
        return max(proved, float(inversion.model.bounds("interval").lower(output)[0]))


@lru_cache(maxsize=2)
def _fold(inversion: Inversion) -> Folded:
    plain, compact = Folded(inversion.model, inversion.model), inversion.model.compact()
    if compact is None:
        return plain
    if inversion.problem.objective is not None:
        bounds, output = compact.model.bounds(), compact.model.graph.output
        if not compact.difference <= VISIBLE * float(bounds.upper(output)[0] - bounds.lower(output)[0]):
            return plain
    return Folded(compact.model, compact.outer, compact.difference, compact.decided)


@lru_cache(maxsize=2)
def _bound(inversion: Inversion) -> Bounds:
    return _fold(inversion).model.bounds()


@lru_cache(maxsize=2)
def _encode(inversion: Inversion, formulation: Formulation) -> Encoding:
    folded, bounds = _fold(inversion), _bound(inversion)
    tightened = recalled(inversion) if folded.decided is None else None
    if tightened is not None:
        bounds = bounds_with(inversion, tightened)
    return Encoding(bounds, folded.outer.encode(bounds, formulation))
