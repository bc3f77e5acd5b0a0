"""The one thing the engines share: the best design and the best proved bound, over time."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from preimage.engines.boxes import Boxes
from preimage.language.problem import Sense
from preimage.problem.inversion import FEASIBILITY_TOLERANCE

Vector = NDArray[np.float64]

ABSOLUTE_GAP = 1e-6
"""A problem also counts as closed when incumbent and bound are this close."""

PRUNED_SHARE = 0.99
"""Nodes within this share of the gap are pruned; with all of it, rounding could leave the gap open by a last digit."""

TIDY_SHARE = 0.01
"""Moving values that are almost at a bound onto it may cost this share of the gap: 1e-10 of an ink reads badly."""

BOUND_TOLERANCE = 1e-6
"""How far a design may lie below a claimed bound, relative to its size, before the bound is called broken.

A solver's bound carries the solver's tolerances: within this much the bound is lowered to the design's value; beyond
it one of the two is wrong, if the design is exact.
"""

EXACT = 1e-12
"""A design that violates no statement by more than this is exact: the rest is round-off.

Proofs speak of exact designs. One that is not, and holds within `FEASIBILITY_TOLERANCE`, may be better than all that
are, and proves nothing wrong.
"""


class BrokenCertificate(RuntimeError):
    """A claimed bound was beaten by a design that holds: the worst kind of bug, so the run stops."""


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One improvement: the state of the search just after it.

    Attributes
    ----------
    seconds
        Since the start of the search.
    incumbent, bound
        In the user's sense; None while there is none.
    source
        Who found the improvement; a bound of ``milp, by SCIP`` is the word of that solver.
    """

    seconds: float
    incumbent: float | None
    bound: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The search at one moment, for live views.

    Attributes
    ----------
    status
        ``searching``, ``optimal``, ``infeasible``, or why it stopped: ``time limit``, ``interrupted``, ``exhausted``.
    gap
        ``|incumbent - bound| / max(|incumbent|, 1e-9)``; None without an incumbent or a bound.
    nodes, open_nodes
        Nodes (or boxes) treated and waiting, by engine.
    row, rows
        Which problem of a sweep this is.
    design
        The incumbent by input name; empty while there is none.
    boxes
        The tree of boxes, where it is one over two values.
    picture
        Of a structure: the densities that are tried just now, shape ``(height, width)`` of this or a coarser grid.
    stage
        What is done after the search, in words: more designs, worst cases.
    """

    seconds: float
    status: str
    sense: Sense
    incumbent: float | None
    bound: float | None
    gap: float | None
    source_of_incumbent: str
    source_of_bound: str
    nodes: dict[str, int]
    open_nodes: dict[str, int]
    trace: tuple[TraceRow, ...]
    row: int = 0
    rows: int = 1
    design: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    boxes: Boxes | None = None
    picture: NDArray[np.float64] | None = None
    stage: str = ""

    @property
    def total_nodes(self) -> int:
        """Nodes treated by all engines."""
        return sum(self.nodes.values())


class Judge(Protocol):
    """What a search needs to know of the problem: how a design is judged by the source network."""

    @property
    def sense(self) -> Sense:
        """Whether the user minimises or maximises."""

    def repair(self, x: Vector) -> Vector:
        """Return the nearest vector with exact integers, catalogue values and zeros."""

    def tidy(self, x: Vector) -> Vector:
        """Return the vector with values that are almost at a bound moved onto it."""

    def judge(self, x: Vector) -> tuple[float, float]:
        """Return the objective (user's sense) and the worst violation of a design vector."""

    def design(self, x: Vector) -> dict[str, NDArray[np.float64]]:
        """Return the design by input name."""


class Pool(Protocol):
    """What keeps designs besides the best one."""

    def offer(self, x: Vector, value: float, source: str) -> bool:
        """Take a design that holds, with its value in the model's sense, or leave it."""


def relative_gap(incumbent: float | None, bound: float | None) -> float | None:
    """Return the gap of the language's section on answers, or None where it has no meaning yet."""
    if incumbent is None or bound is None:
        return None
    return abs(incumbent - bound) / max(abs(incumbent), 1e-9)


class Search:
    """A thread-safe record of the best design and the best proved bound.

    Engines think in the model's sense (they minimise); the record speaks in the user's.

    Parameters
    ----------
    judge
        Evaluates designs on the source network.
    gap
        The relative gap at which the search is over.
    time_limit
        Seconds from the creation of the record, or None.
    pool
        Where every design that holds is offered too, whether it is the best or not.
    """

    def __init__(
        self,
        judge: Judge,
        gap: float = 1e-4,
        time_limit: float | None = None,
        row: int = 0,
        rows: int = 1,
        pool: Pool | None = None,
    ) -> None:
        self._judge = judge
        self._sign = 1.0 if judge.sense == "minimise" else -1.0
        self._gap = gap
        self._time_limit = time_limit
        self._row, self._rows = row, rows
        self._pool = pool
        self._start = time.perf_counter()
        self._lock = threading.RLock()
        self._incumbent: float | None = None  # model's sense
        self._bound = -math.inf
        self._x: Vector | None = None
        self._is_exact = True  # the design
        self._version = 0
        self._sources = {"incumbent": "", "bound": ""}
        self._nodes: dict[str, int] = {}
        self._open_nodes: dict[str, int] = {}
        self._boxes: Boxes | None = None
        self._picture: NDArray[np.float64] | None = None
        self._trace: list[TraceRow] = []
        self._reason = ""
        self._failure: BaseException | None = None
        self._stopped = threading.Event()
        self._found = threading.Event()
        self._descended = threading.Event()

    # What engines say

    def offer(self, x: Vector, source: str) -> bool:
        """Offer a design; it is repaired, judged by the source network, and kept if it holds and is better.

        Returns
        -------
        bool
            Whether it is the new incumbent.
        """
        x = self._judge.repair(np.asarray(x, dtype=np.float64))
        value, violation = self._judge.judge(x)
        value *= self._sign
        if not (math.isfinite(value) and violation <= FEASIBILITY_TOLERANCE):
            return False
        if self._pool is not None:
            self._pool.offer(x, value, source)
        if value >= self.best()[2]:
            return False
        x, value, violation = self._tidied(x, value, violation)
        with self._lock:
            if self._incumbent is not None and value >= self._incumbent:
                return False
            if violation > EXACT and (self._reason == "infeasible" or _beats(value, self._bound)):
                return False
            if self._reason == "infeasible":
                self._break(f"{source}: a design holds, but the problem had been called infeasible")
                return False
            self._incumbent, self._x, self._is_exact = value, x, violation <= EXACT
            self._version += 1
            self._found.set()
            self._sources["incumbent"] = source
            self._reconcile(source)
            self._record(source)
            self._close_if_done()
            return True

    def raise_bound(self, value: float, source: str) -> None:
        """Report a proved lower bound of the model's objective (the model minimises)."""
        with self._lock:
            if not value > self._bound or value == math.inf:
                return
            changed = value - self._bound > 1e-5 * max(abs(value), 1e-6)
            self._bound = value
            self._sources["bound"] = source
            self._reconcile(source)
            if changed or self._gap_closed():
                self._record(source)
            self._close_if_done()

    def prove_infeasible(self, source: str) -> None:
        """Report a proof that no design holds exactly."""
        with self._lock:
            if self._incumbent is None:
                if not self._stopped.is_set():
                    self._sources["bound"] = source
                self.stop("infeasible")
            elif self._is_exact:
                self._break(f"{source} calls the problem infeasible, but a design holds")
            else:
                self.raise_bound(self._incumbent, source)

    def note(self, source: str, nodes: int, open_nodes: int = 0) -> None:
        """Report how many nodes an engine has treated, and how many wait."""
        with self._lock:
            self._nodes[source], self._open_nodes[source] = nodes, open_nodes

    def note_boxes(self, boxes: Boxes | None) -> None:
        """Report the tree of boxes so far, where it is one over two values."""
        with self._lock:
            self._boxes = boxes

    def note_picture(self, picture: NDArray[np.float64]) -> None:
        """Report what is tried just now, whether or not it holds; nobody changes the array afterwards."""
        with self._lock:
            self._picture = picture

    def fail(self, failure: BaseException) -> None:
        """Report that an engine broke; the search ends and the failure is raised by whoever runs it."""
        with self._lock:
            self._failure = self._failure or failure
            self.stop("failed")

    # What engines ask

    def should_stop(self) -> bool:
        """Return True once the search is over, for whatever reason."""
        if self._stopped.is_set():
            return True
        if self._time_limit is not None and self.seconds >= self._time_limit:
            self.stop("time limit")
        return self._stopped.is_set()

    def stop(self, reason: str) -> None:
        """End the search; the first reason stands."""
        with self._lock:
            if not self._stopped.is_set():
                self._reason = reason
                self._stopped.set()
                self._found.set()
                self._descended.set()

    def wait(self, seconds: float) -> bool:
        """Wait until the search is over, at most ``seconds``; return whether it is."""
        return self._stopped.wait(seconds) or self.should_stop()

    def wait_for_design(self, seconds: float) -> None:
        """Wait until there is a design or the search is over, at most ``seconds``."""
        self._found.wait(seconds)

    def wait_for_descents(self, seconds: float) -> None:
        """Wait until the first descents are over, and improved, or the search is, at most ``seconds``."""
        self._descended.wait(seconds)

    def note_descents(self) -> None:
        """Say that the first descents are over."""
        self._descended.set()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    @property
    def remaining(self) -> float:
        """Seconds left (infinite without a limit)."""
        return math.inf if self._time_limit is None else max(self._time_limit - self.seconds, 0.0)

    @property
    def target_gap(self) -> float:
        """The relative gap at which the search is over."""
        return self._gap

    @property
    def failure(self) -> BaseException | None:
        """What broke an engine, if anything."""
        return self._failure

    def best(self) -> tuple[int, Vector | None, float]:
        """Return (version, design vector, value in the model's sense); the version counts incumbents."""
        with self._lock:
            return self._version, self._x, math.inf if self._incumbent is None else self._incumbent

    @property
    def bound(self) -> float:
        """The best proved bound in the model's sense."""
        return self._bound

    def prune_value(self) -> float:
        """Return the model value at which a node need not be looked into any more: it cannot widen the final gap."""
        with self._lock:
            if self._incumbent is None:
                return math.inf
            return self._incumbent - PRUNED_SHARE * max(self._gap * abs(self._incumbent), ABSOLUTE_GAP)

    def snapshot(self) -> Snapshot:
        """Return the state of the search, in the user's sense."""
        with self._lock:
            incumbent, bound = self._in_user_sense()
            return Snapshot(
                seconds=self.seconds,
                status=self._reason or "searching",
                sense=self._judge.sense,
                incumbent=incumbent,
                bound=bound,
                gap=relative_gap(incumbent, bound),
                source_of_incumbent=self._sources["incumbent"],
                source_of_bound=self._sources["bound"],
                nodes=dict(self._nodes),
                open_nodes=dict(self._open_nodes),
                trace=tuple(self._trace),
                row=self._row,
                rows=self._rows,
                design={} if self._x is None else self._judge.design(self._x),
                boxes=self._boxes,
                picture=self._picture,
            )

    # Inside

    def _tidied(self, x: Vector, value: float, violation: float) -> tuple[Vector, float, float]:
        """Return the design with values that are almost at a bound moved onto it, if that costs next to nothing."""
        tidy = self._judge.tidy(x)
        cost, excess = self._judge.judge(tidy)
        if excess <= FEASIBILITY_TOLERANCE and self._sign * cost <= value + TIDY_SHARE * self._gap * abs(value):
            return tidy, self._sign * cost, excess
        return x, value, violation

    def _in_user_sense(self) -> tuple[float | None, float | None]:
        incumbent = None if self._incumbent is None else self._sign * self._incumbent
        bound = self._sign * self._bound if math.isfinite(self._bound) else None
        return incumbent, bound

    def _reconcile(self, source: str) -> None:
        if self._incumbent is None or self._bound <= self._incumbent:
            return
        if self._is_exact and _beats(self._incumbent, self._bound):
            self._break(
                f"{source}: a design reaches {self._sign * self._incumbent:.12g}, "
                f"but {self._sources['bound']} had proved {self._sign * self._bound:.12g}"
            )
        self._bound = self._incumbent

    def _break(self, message: str) -> None:
        self.fail(BrokenCertificate(message))

    def _gap_closed(self) -> bool:
        if self._incumbent is None:
            return False
        difference = self._incumbent - self._bound
        return difference <= ABSOLUTE_GAP or difference <= self._gap * max(abs(self._incumbent), 1e-9)

    def _close_if_done(self) -> None:
        if self._gap_closed():
            self.stop("optimal")

    def _record(self, source: str) -> None:
        incumbent, bound = self._in_user_sense()
        self._trace.append(TraceRow(self.seconds, incumbent, bound, source))


def _beats(value: float, bound: float) -> bool:
    """Tell whether a value lies below a bound by more than tolerances explain."""
    return bound - value > BOUND_TOLERANCE * max(1.0, abs(value))
