"""Searches as an engine would report them, and their results: what the live view and the card are drawn from."""

import numpy as np

from preimage.engines.search import Snapshot, TraceRow, relative_gap
from preimage.results import Result

INKS = ("cyan", "magenta", "yellow", "black")

TRACE = (
    TraceRow(0.02, None, 0.0, "branch"),
    TraceRow(0.05, 4.8, 0.0, "adjoint"),
    TraceRow(0.1, 0.75, 0.0, "adjoint, polished"),
    TraceRow(0.4, 0.75, 0.5, "branch"),
    TraceRow(0.9, 0.74, 0.5, "milp"),
    TraceRow(1.5, 0.74, 0.7, "branch"),
)


def snapshot(
    count: int = len(TRACE), *, seconds: float = 2.0, status: str = "searching", row: int = 0, rows: int = 1
) -> Snapshot:
    """The search after the first ``count`` improvements."""
    trace = TRACE[:count]
    incumbent = trace[-1].incumbent if trace else None
    bound = trace[-1].bound if trace else None
    return Snapshot(
        seconds=seconds,
        status=status,
        sense="minimise",
        incumbent=incumbent,
        bound=bound,
        gap=relative_gap(incumbent, bound),
        source_of_incumbent="milp" if incumbent is not None else "",
        source_of_bound="branch" if bound is not None else "",
        nodes={"branch": 1234},
        open_nodes={"branch": 56},
        trace=trace,
        row=row,
        rows=rows,
        design={"inks": np.array([0.2, 0.0, 0.7, 0.1])} if incumbent is not None else {},
    )


def result(**changes: object) -> Result:
    """A result of that search."""
    fields: dict[str, object] = {
        "status": "optimal",
        "objective": 0.74,
        "bound": 0.73999,
        "gap": 1.4e-5,
        "design": {"inks": np.array([0.2, 0.0, 0.7, 0.1])},
        "predictions": {"press(inks)": np.array([55.0, -20.0, 40.0])},
        "targets": {"colour": np.array([54.0, -19.0, 41.0])},
        "labels": {"inks": INKS},
        "limits": {"inks": np.array([[0.0] * 4, [1.0] * 4])},
        "trace": TRACE,
        "statistics": {"variables": 220, "binaries": 31, "layers": [LAYER], "nodes": {"branch": 1234}},
        "provenance": {
            "text": "input inks[4] in 0..1\nminimise sum(inks)  # <cheap>\n",
            "engines": ["branch"],
            "seed": 0,
        },
        "seconds": 2.0,
    }
    return Result(**(fields | changes))  # type: ignore[arg-type]


LAYER = {"name": "press.1", "stable_active": 3, "stable_inactive": 16, "unstable": 31}
