"""What a card shows at one moment: of a running search, or of its result. Every drawing starts from this."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from preimage.engines.boxes import Boxes
from preimage.engines.search import Snapshot, TraceRow
from preimage.language.problem import Sense
from preimage.notebook.answer import Answer, answer_of
from preimage.results import Result
from preimage.results.numbers import duration, number, percent
from preimage.results.words import headline, of_structure, proved

POINTS = 300
"""Most points of a curve that are drawn: more cannot be told apart in a cell's width."""

Point = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a search.

    Attributes
    ----------
    state
        ``searching`` or the status of the answer, one of those of `Result`.
    headline, detail
        The state in words, and what goes with it.
    nodes
        Nodes treated, by engine: who is working, or has worked.
    incumbents, bounds
        ``(seconds, value, source)`` of each improvement, in the user's sense.
    seconds
        The clock.
    answer
        The design and its predictions; None while there is none.
    boxes
        The tree of boxes, where two values are chosen in one; else None.
    point
        Where the design lies among the boxes.
    unit
        What `nodes` counts.
    """

    state: str
    headline: str
    detail: str
    nodes: dict[str, int]
    incumbents: tuple[Point, ...]
    bounds: tuple[Point, ...]
    sense: Sense
    seconds: float
    answer: Answer | None
    boxes: Boxes | None = None
    point: tuple[float, float] | None = None
    unit: str = "nodes"


def frame_of_snapshot(snapshot: Snapshot, answer: Answer | None) -> Frame:
    """Return the frame of a running search."""
    state = snapshot.status
    if state not in {"searching", "optimal", "infeasible", "interrupted"}:  # the reasons for which a search ends
        state = "no design found" if snapshot.incumbent is None else "feasible"
    standing = "no design yet" if snapshot.incumbent is None else "nothing proved yet"
    structure = snapshot.picture is not None
    if structure and snapshot.incumbent is not None:
        standing = f"compliance {number(snapshot.incumbent)}, bound {proved(snapshot.bound, snapshot.sense)}"
    elif snapshot.gap is not None:
        standing = f"gap {percent(snapshot.gap)}"
    detail = f"{duration(snapshot.seconds)} · {standing}"
    if snapshot.rows > 1:
        detail = f"target {snapshot.row + 1} of {snapshot.rows} · {detail}"
    incumbents, bounds = curves(snapshot.trace)
    nodes = dict.fromkeys((engine(row.source) for row in snapshot.trace), 0) | snapshot.nodes
    return Frame(
        state=state,
        headline=snapshot.stage or state,
        detail=detail,
        nodes=nodes,
        incumbents=incumbents,
        bounds=bounds,
        sense=snapshot.sense,
        seconds=snapshot.seconds,
        answer=answer,
        boxes=snapshot.boxes,
        point=snapshot.boxes.point(snapshot.design) if snapshot.boxes else None,
        unit="steps" if structure else "nodes",
    )


def frame_of_result(result: Result) -> Frame:
    """Return the frame of an answer."""
    unit = "steps" if of_structure(result) else "nodes"
    nodes = dict.fromkeys((engine(row.source) for row in result.trace), 0) | dict(result.statistics.get(unit, {}))
    incumbents, bounds = curves(result.trace if result.objective is not None or not result.design else ())
    return Frame(
        state=result.status,
        headline=headline(result),
        detail=f"in {duration(result.seconds)}",
        nodes=nodes,
        incumbents=incumbents,
        bounds=bounds,
        sense=result.sense,
        seconds=result.seconds,
        answer=answer_of(result),
        boxes=result.boxes,
        point=result.boxes.point(result.design) if result.boxes else None,
        unit=unit,
    )


def curves(trace: Sequence[TraceRow]) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Return the improvements of the incumbent and of the bound, at most `POINTS` of each."""
    incumbents = improvements([(row.seconds, row.incumbent, row.source) for row in trace])
    bounds = improvements([(row.seconds, row.bound, row.source) for row in trace])
    return thinned(incumbents), thinned(bounds)


def improvements(rows: Sequence[tuple[float, float | None, str]]) -> tuple[Point, ...]:
    """Return the rows at which a value appears or changes."""
    points: list[Point] = []
    for seconds, value, source in rows:
        if value is not None and math.isfinite(value) and (not points or value != points[-1][1]):
            points.append((seconds, value, source))
    return tuple(points)


def thinned(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return at most `POINTS` of the points, among them the first and the last."""
    if len(points) <= POINTS:
        return points
    step = (len(points) - 1) / (POINTS - 1)
    return tuple(points[round(i * step)] for i in range(POINTS))


def engine(source: str) -> str:
    """Return the engine of a source: ``adjoint, polished`` is the work of ``adjoint``."""
    return source.split(",")[0].strip()
