"""Bounds of what is better than a design that is known: the value of that design as one constraint more.

Where a target can almost be met, this is what decides: the better the known design, the less is left of every input and
of every neuron. Multipliers that a linear program has found once prove more whenever something else is tightened: going
through them again and again costs next to nothing, and buys most. Source of the linear programs: A. Gleixner,
T. Berthold, B. Müller, S. Weltge, "Three enhancements for optimization-based bound tightening", Journal of Global
Optimization 67, 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from preimage._core import Bounds, Model, Prover
from preimage.bounds.linear import ByLines, Kept
from preimage.bounds.pool import share
from preimage.bounds.subject import Vector, subject_of
from preimage.problem import Inversion

ROUNDS = 20
"""The inputs and all layers are gone through this often at most."""

PROOFS = 50
"""Multipliers that are kept prove bounds again whenever something is tighter, at most so often: that costs little."""

WORTH_A_PROOF = 0.002
"""Going through them once more has to take off this share of the widths."""

WORTH_A_ROUND = 0.04
"""A round that takes off less than this share of the widths is the last."""

INTEGER = 1
"""What `Model.kinds` says of one."""

INTEGER_MARGIN = 1e-9
"""A bound this close to an integer may be that integer, rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutoff:
    """What is left where the objective is no larger than a value.

    Attributes
    ----------
    bounds
        Of every node; None if there is no such design.
    rounds
        Begun.
    pays
        Whether the first round took off as much as it had to.
    """

    bounds: Bounds | None
    rounds: int
    pays: bool = True


def tighten_by_cutoff(
    inversion: Inversion,
    bounds: Bounds,
    cutoff: float,
    *,
    threads: int,
    should_stop: Callable[[], bool] = lambda: False,
    rounds: int = ROUNDS,
    worth_going_on: float = 0.0,
) -> Cutoff:
    """Bound inputs and neurons over the designs whose objective is no larger than ``cutoff``.

    Parameters
    ----------
    bounds
        Proved bounds of every node.
    cutoff
        In the sense of the model, which minimises.
    should_stop
        Asked now and then; what is done by then is returned.
    worth_going_on
        Of the widths, the first round has to take off this share, or it is the last.
    """
    left = _Left(inversion.model.with_cutoff(cutoff), bounds)
    nodes = [0, *(layer.node for layer in subject_of(inversion).layers if layer.kinked)]
    begun = 0
    while begun < rounds and not should_stop():
        begun += 1
        before = left.width(nodes)
        # From the objective back to the inputs, as the cutoff is felt; one side at a time, so that a basis is not far.
        for node, sign in product(reversed(nodes if begun > 1 else nodes[1:]), (1.0, -1.0)):
            if not (left.by_lines(node, sign, threads, should_stop) and left.prove_again(nodes)):
                return Cutoff(None, begun)
        if begun == 1 and left.width(nodes) > (1.0 - worth_going_on) * before:
            return Cutoff(left.bounds(), begun, pays=False)
        if left.width(nodes) > (1.0 - WORTH_A_ROUND) * before:
            break
    return Cutoff(left.bounds(), begun)


class _Left:
    """What is left of inputs and neurons."""

    def __init__(self, model: Model, bounds: Bounds) -> None:
        self._model, self._kinds = model, model.kinds
        self._multipliers: Kept = {}
        graph = model.graph
        self._known: dict[int, tuple[Vector, Vector]] = {0: (bounds.lower(0), bounds.upper(0))}
        for node in range(1, graph.node_count):
            self._known[node] = bounds.lower(node), bounds.upper(node)

    def bounds(self) -> Bounds:
        return self._model.bounds(known=self._known, over_limits=range(self._model.graph.node_count))

    def width(self, nodes: list[int]) -> float:
        return sum(float(np.sum(self._known[node][1] - self._known[node][0])) for node in nodes)

    def open_units(self, node: int) -> list[int]:
        lower, upper = self._known[node]
        worth_it = lower < upper if node == 0 else (lower < 0.0) & (upper > 0.0)
        units: list[int] = np.flatnonzero(worth_it).tolist()
        return units

    def by_lines(self, node: int, sign: float, threads: int, should_stop: Callable[[], bool]) -> bool:
        """Bound the open units of a node, from below or from above, by linear programs; False if nothing is left."""
        units = self.open_units(node)
        if not units or should_stop():
            return True
        tight, kept = self.bounds(), self._multipliers
        program = self._model.encode(tight, "lines", entries=[(node, unit) for unit in units])
        if program.impossible:
            return False
        found, interrupted = share(
            units,
            lambda: ByLines(self._model, tight, program, node, (sign,), kept),
            threads,
            lambda done: None,
            should_stop,
        )
        if interrupted:
            raise KeyboardInterrupt
        return self.take(node, found)

    def prove_again(self, nodes: list[int]) -> bool:
        """Bound everything by the multipliers that are kept, until that buys nothing; False if nothing is left."""
        for _ in range(PROOFS):
            before = self.width(nodes)
            if not all(self._prove(node) for node in nodes):
                return False
            if self.width(nodes) > (1.0 - WORTH_A_PROOF) * before:
                break
        return True

    def _prove(self, node: int) -> bool:
        prover = Prover(self._model, self.bounds())
        found = [
            (unit, bound, np.inf) if sign > 0.0 else (unit, -np.inf, -bound)
            for (place, unit, sign), multipliers in self._multipliers.items()
            if place == node
            for bound in [prover.bound(node, unit, sign, multipliers)]
        ]
        return self.take(node, found)

    def take(self, node: int, found: list[tuple[int, float, float]]) -> bool:
        """Intersect with what was found; False if nothing is left."""
        lower, upper = (side.copy() for side in self._known[node])
        for unit, least, most in found:
            if node == 0 and self._kinds[unit] == INTEGER:
                least, most = np.ceil(least - INTEGER_MARGIN), np.floor(most + INTEGER_MARGIN)
            lower[unit], upper[unit] = max(lower[unit], least), min(upper[unit], most)
        self._known[node] = lower, upper
        return bool(np.all(lower <= upper))
