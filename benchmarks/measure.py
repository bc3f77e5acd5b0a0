"""One case, measured: seconds and nodes to each gap for every target, by the public interface alone."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cases import PER_TARGET, Case

from preimage import Result, Snapshot, Sweep, invert
from preimage.networks import load

GAPS = (0.1, 0.01, 0.001, 0.0001)
CLOSED = 1e-6
"""An objective this close to its bound counts as proved, whatever its gap."""
ROUNDING = 1.000001
"""Gaps are taken anew from the numbers of the trace."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One target, solved once.

    Attributes
    ----------
    seconds, processor_seconds
        Of all that `invert` does, or of a share of it where one call goes through all targets.
    to
        Seconds and nodes to each of `GAPS`; infinite where the time limit came first.
    nodes
        Of all engines.
    objective, gap
        What was found, and how well it is proved.
    """

    seconds: float
    processor_seconds: float
    to: tuple[tuple[float, float], ...]
    nodes: float
    objective: float
    gap: float


def solve(case: Case, limit: float, most: int | None = None) -> list[Answer]:
    """Solve the targets of a case, or the first ``most`` of them, one after another."""
    folder = case.folder()
    answers: list[Answer] = []
    for bindings in calls(folder, case.sweep, most):
        counted: dict[int, list[tuple[float, int]]] = {}

        def watch(seen: Snapshot, counted: dict[int, list[tuple[float, int]]] = counted) -> None:
            counted.setdefault(seen.row, []).append((seen.seconds, seen.total_nodes))

        wall, processor = time.perf_counter(), time.process_time()
        found = invert(
            folder / "problem.inv", method=case.method, time_limit=limit, gap=case.gap, progress=watch, **bindings
        )
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        results = found if isinstance(found, Sweep) else [found]
        for row, result in enumerate(results):
            seconds = result.seconds if case.sweep else wall
            answers.append(answer(result, counted.get(row, []), seconds, processor / len(results)))
    return answers


def calls(folder: Path, sweep: bool, most: int | None) -> Iterator[dict[str, Any]]:
    """Yield what the problem's names are bound to in each call; the network is read only once."""
    (network,) = [path for path in folder.iterdir() if path.suffix in (".pt2", ".npz") and path.name != PER_TARGET]
    text = (folder / "problem.inv").read_text(encoding="utf-8")
    (name,) = [line.split()[1] for line in text.splitlines() if line.startswith("network")]
    bindings: dict[str, Any] = {name: load(network, name)}
    if not (folder / PER_TARGET).exists():
        yield bindings
        return
    targets = dict(np.load(folder / PER_TARGET))
    count = min(len(values) for values in targets.values())
    count = min(count, most or count)
    if sweep:
        yield bindings | {key: values[:count] for key, values in targets.items()}
        return
    for i in range(count):
        yield bindings | {key: values[i] for key, values in targets.items()}


def answer(result: Result, counted: list[tuple[float, int]], seconds: float, processor: float) -> Answer:
    """Return what is reported of one result; nodes between two snapshots are interpolated."""
    nodes = float(sum(result.statistics["nodes"].values()))
    end = max([result.trace[-1].seconds if result.trace else 0.0, *(s for s, _ in counted)])
    times, counts = [0.0, *(s for s, _ in counted), end], [0.0, *(float(n) for _, n in counted), nodes]
    to = []
    for gap in GAPS:
        reached = [r.seconds for r in result.trace if gap_of(r.incumbent, r.bound) <= gap * ROUNDING]
        to.append((reached[0], float(np.interp(reached[0], times, counts))) if reached else (math.inf, math.inf))
    objective = math.nan if result.objective is None else result.objective
    return Answer(seconds, processor, tuple(to), nodes, objective, gap_of(result.objective, result.bound))


def gap_of(objective: float | None, bound: float | None) -> float:
    """Return the relative gap, infinite without a design or a bound, and 0 where the two are `CLOSED`."""
    if objective is None or bound is None:
        return math.inf
    difference = abs(objective - bound)
    return 0.0 if difference <= CLOSED else difference / max(abs(objective), 1e-9)


def median(runs: list[list[Answer]]) -> list[Answer]:
    """Return the medians of several runs, target by target."""
    return [
        Answer(
            seconds=statistics.median(a.seconds for a in same),
            processor_seconds=statistics.median(a.processor_seconds for a in same),
            to=tuple(
                (statistics.median(a.to[i][0] for a in same), statistics.median(a.to[i][1] for a in same))
                for i in range(len(GAPS))
            ),
            nodes=statistics.median(a.nodes for a in same),
            objective=statistics.median(a.objective for a in same),
            gap=statistics.median(a.gap for a in same),
        )
        for same in zip(*runs, strict=True)
    ]
