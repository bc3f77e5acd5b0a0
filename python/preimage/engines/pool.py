"""A pool of good designs that differ from one another.

Where something is counted or picked (integers, binaries, values of a catalogue, entries that a selection leaves out),
two designs are apart if one of these choices differs, and as far apart as the number of those that do. Elsewhere they
are apart if some value differs by `APART` of its range or more, and as far apart as the largest such difference.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.engines.search import ABSOLUTE_GAP, Vector
from preimage.problem import Inversion
from preimage.problem.inversion import selected_groups

APART = 0.05
"""Of continuous values, the share of its range by which one has to differ."""

ROUND_OFF = 1e-6
"""Designs whose distance falls short by no more than this share of it are apart: statements hold no more closely."""

MOST = 300
"""So many designs are kept, the best ones: the comparison of each with all others has to stay quick."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A design of the pool: its vector, its value in the model's sense, and who found it."""

    x: Vector
    value: float
    source: str
    choices: NDArray[np.float64]


class Pool:
    """Designs whose value is within a share of the best one's, apart from one another; engines fill it from threads.

    Parameters
    ----------
    inversion
        The problem.
    wanted
        How many designs are asked for.
    share
        How much worse than the best they may be, as a fraction of its value.
    """

    def __init__(self, inversion: Inversion, wanted: int, share: float) -> None:
        self.wanted, self.share = wanted, share
        self._lock = threading.Lock()
        self._members: list[Member] = []
        self._range = np.where(inversion.upper > inversion.lower, inversion.upper - inversion.lower, np.inf)
        self._range[list(inversion.indicators.values())] = np.inf
        problem, coordinates = inversion.problem, inversion.coordinates
        self.discrete = np.array(
            [k for i in problem.inputs if i.kind != "continuous" for k in coordinates[i.name].ravel()], dtype=np.int64
        )
        self.groups = [
            group for s in problem.selections for groups in selected_groups(s, coordinates) for group in groups
        ]

    @property
    def is_discrete(self) -> bool:
        """Whether designs differ by what is counted or picked."""
        return bool(len(self.discrete) or self.groups)

    @property
    def limit(self) -> float:
        """The largest value, in the model's sense, of a design that is good enough."""
        with self._lock:
            return self._limit()

    @property
    def members(self) -> list[Member]:
        """The designs, the best first."""
        with self._lock:
            return list(self._members)

    def __len__(self) -> int:
        with self._lock:
            return len(self._members)

    def distance(self, one: Member, other: Member) -> float:
        """Return how far apart two designs are; below 1, they are not apart."""
        if self.is_discrete:
            return float(np.count_nonzero(one.choices != other.choices))
        return float((np.abs(one.x - other.x) / self._range).max(initial=0.0)) / APART + ROUND_OFF

    def offer(self, x: Vector, value: float, source: str) -> bool:
        """Take a design that holds, if it is good enough and better than all that it is not apart from."""
        member = self.member(x, value, source)
        with self._lock:
            if value > self._limit():
                return False
            near = [other for other in self._members if self.distance(member, other) < 1.0]
            if any(other.value <= value for other in near):
                return False
            gone = {id(other) for other in near}
            self._members = [other for other in self._members if id(other) not in gone]
            self._members.append(member)
            self._members.sort(key=lambda other: other.value)
            best = self._limit()
            self._members = [other for other in self._members[:MOST] if other.value <= best]
            return True

    def is_apart(self, x: Vector) -> bool:
        """Tell whether a design is apart from all in the pool."""
        member = self.member(x, 0.0, "")
        with self._lock:
            return all(self.distance(member, other) >= 1.0 for other in self._members)

    def picked(self, first: Member) -> list[Member]:
        """Return as many as are wanted: the first, then time and again the one farthest from those picked, sorted."""
        with self._lock:
            left = [member for member in self._members if self.distance(member, first) >= 1.0]
        chosen = [first]
        nearest = [self.distance(member, first) for member in left]
        while left and len(chosen) < self.wanted:
            farthest = int(np.argmax(nearest))
            chosen.append(left.pop(farthest))
            nearest.pop(farthest)
            nearest = [min(d, self.distance(other, chosen[-1])) for d, other in zip(nearest, left, strict=True)]
        return [first, *sorted(chosen[1:], key=lambda member: member.value)]

    def member(self, x: Vector, value: float, source: str) -> Member:
        """Return a design as a member, whether it is in the pool or not."""
        return Member(x, value, source, self._choices(x))

    def _choices(self, x: Vector) -> NDArray[np.float64]:
        """Return what tells designs with different choices apart."""
        used = [float(np.any(x[group] != 0.0)) for group in self.groups]
        return np.concatenate([x[self.discrete], used])

    def _limit(self) -> float:
        if not self._members:
            return np.inf
        best = self._members[0].value
        return best + max(self.share * abs(best), ABSOLUTE_GAP)
