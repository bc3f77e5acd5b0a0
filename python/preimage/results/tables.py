"""Answers as pandas tables; pandas is imported only here, and only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preimage.engines.search import relative_gap

if TYPE_CHECKING:
    import pandas

    from preimage.results.result import Result
    from preimage.results.sweep import Sweep


def trace_table(result: Result) -> pandas.DataFrame:
    """Return the trace: one row an improvement."""
    import pandas

    return pandas.DataFrame(
        {
            "time": [row.seconds for row in result.trace],
            "incumbent": pandas.array([row.incumbent for row in result.trace], dtype="Float64"),
            "bound": pandas.array([row.bound for row in result.trace], dtype="Float64"),
            "gap": pandas.array([relative_gap(r.incumbent, r.bound) for r in result.trace], dtype="Float64"),
            "source": [row.source for row in result.trace],
        }
    )


def sweep_table(sweep: Sweep) -> pandas.DataFrame:
    """Return the answers: one row a target."""
    import pandas

    return pandas.DataFrame(
        {
            "status": [result.status for result in sweep],
            "objective": pandas.array([result.objective for result in sweep], dtype="Float64"),
            "bound": pandas.array([result.bound for result in sweep], dtype="Float64"),
            "gap": pandas.array([result.gap for result in sweep], dtype="Float64"),
            "seconds": [result.seconds for result in sweep],
        },
        index=pandas.Index(sweep.names, name="target"),
    )
