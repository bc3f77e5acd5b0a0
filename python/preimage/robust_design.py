"""The design whose worst case is best: designs and worst cases, in turn, until they meet.

The best design for a few deviations gives a lower bound for all of them; its proved worst case is an upper bound, and
its worst deviation is one more to reckon with (Mutapcic and Boyd, Cutting-set methods for robust convex optimization
with pessimizing oracles, 2009).
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from preimage.answer import Options
from preimage.engines import Run, Snapshot, plan, run
from preimage.engines.search import Search, Vector
from preimage.language.problem import Robustness, Sense
from preimage.problem import Inversion
from preimage.problem.scenarios import Shifts, scenario, worst_of
from preimage.results import WorstCase
from preimage.robustness import worst_case

SHARE_OF_GAP = 0.25
"""Designs and worst cases are each proved to this share of the gap: both together leave less than the whole."""

DESIGN_SHARE = 0.6
"""Of the time that is left, what a search for a design may take: its worst case takes time, too."""

SAME = 1e-9
"""A deviation that differs from an earlier one by no more than this, as a share of what is allowed, is not new."""

SOURCE = "worst cases"


def robust_design(
    inversion: Inversion, options: Options, progress: Callable[[Snapshot], None] | None
) -> tuple[Run, WorstCase | None]:
    """Search for the design whose worst case is best.

    Returns
    -------
    Run, WorstCase or None
        A search whose designs are valued by their proved worst cases; and the worst case of the best one, if any.
    """
    robustness = inversion.problem.robust_design
    assert robustness is not None
    return _Alternation(inversion, robustness, options, progress).run()


class _Worst:
    """Judges designs by their proved worst cases; each is searched for once."""

    def __init__(
        self, inversion: Inversion, robustness: Robustness, options: Options, tell: Callable[[], None]
    ) -> None:
        self._inversion, self._robustness, self._options, self._tell = inversion, robustness, options, tell
        self._known: dict[bytes, WorstCase] = {}
        self.end = math.inf

    @property
    def sense(self) -> Sense:
        return self._inversion.sense

    def case(self, x: Vector) -> WorstCase:
        """Return the worst case of a design."""
        known = self._known.get(x.tobytes())
        if known is None:
            known = self._known[x.tobytes()] = worst_case(
                self._inversion,
                self._robustness,
                self._inversion.design(x),
                gap=SHARE_OF_GAP * self._options.gap,
                time_limit=max(self.end - time.perf_counter(), 0.0) if math.isfinite(self.end) else None,
                threads=self._options.threads,
                seed=self._options.seed,
                progress=lambda _: self._tell(),
            )
        return known

    def judge(self, x: Vector) -> tuple[float, float]:
        _, violation = self._inversion.judge(x)
        bound = self.case(x).bound
        return math.inf if bound is None else bound, violation

    def repair(self, x: Vector) -> Vector:
        return self._inversion.repair(x)

    def tidy(self, x: Vector) -> Vector:
        return x

    def design(self, x: Vector) -> dict[str, NDArray[np.float64]]:
        return self._inversion.design(x)


class _Alternation:
    """Solves for the scenarios so far, takes the worst case of what it gets as one more, and begins again."""

    def __init__(
        self,
        inversion: Inversion,
        robustness: Robustness,
        options: Options,
        progress: Callable[[Snapshot], None] | None,
    ) -> None:
        self._inversion, self._robustness, self._options, self._progress = inversion, robustness, options, progress
        self._worst = _Worst(inversion, robustness, options, self._show)
        rows = inversion.problem.sweep_rows
        self._search = Search(self._worst, options.gap, options.time_limit, inversion.sweep_row, rows)
        if options.time_limit is not None:
            self._worst.end = time.perf_counter() + options.time_limit
        self._scenarios: list[Shifts] = [{}]
        self._sign = 1.0 if inversion.sense == "minimise" else -1.0

    def run(self) -> tuple[Run, WorstCase | None]:
        interrupted = False
        chosen = plan(self._inversion, self._options.threads, self._options.engines)
        while not interrupted and not self._search.should_stop():
            asked = worst_of(self._inversion, self._scenarios)
            done = run(
                asked,
                gap=SHARE_OF_GAP * self._options.gap,
                time_limit=None if self._options.time_limit is None else DESIGN_SHARE * self._search.remaining,
                threads=self._options.threads,
                seed=self._options.seed,
                engines=self._options.engines,
                start=self._search.best()[1],
                progress=self._watch,
            )
            interrupted = done.interrupted
            seen = done.search.snapshot()
            if seen.status == "infeasible":
                self._search.prove_infeasible(seen.source_of_bound or "scenarios")
                break
            self._note(seen)
            x = done.search.best()[1]
            if x is None or interrupted:
                break
            self._search.offer(x, SOURCE)
            case = self._worst.case(self._inversion.repair(x))
            interrupted = case.status == "interrupted"
            design = self._inversion.design(self._inversion.repair(x))
            if self._is_new(found := scenario(self._inversion, self._robustness, design, case.design)):
                self._scenarios.append(found)
            elif seen.status != "time limit":
                break
        self._search.stop("interrupted" if interrupted else "exhausted")
        self._show()
        reason = f"{len(self._scenarios)} deviations and their worst cases in turn; {chosen.reason}"
        _, x, _ = self._search.best()
        done = Run(self._search, dataclasses.replace(chosen, reason=reason), interrupted)
        return done, None if x is None else self._worst.case(x)

    def _is_new(self, found: Shifts) -> bool:
        def differ(one: Shifts, other: Shifts) -> bool:
            return any(
                bool(np.any(np.abs(one.get(name, 0.0) - other.get(name, 0.0)) > SAME * amounts))
                for name, amounts in self._robustness.amounts.items()
            )

        return all(differ(found, known) for known in self._scenarios)

    def _watch(self, inner: Snapshot) -> None:
        """Take over what the search for the scenarios' design has proved so far, and show it."""
        self._note(inner)
        self._show()

    def _note(self, inner: Snapshot) -> None:
        if inner.bound is not None:
            self._search.raise_bound(self._sign * inner.bound, inner.source_of_bound)
        for engine, nodes in inner.nodes.items():
            self._search.note(engine, nodes, inner.open_nodes.get(engine, 0))

    def _show(self) -> None:
        if self._progress is not None:
            self._progress(self._search.snapshot())
