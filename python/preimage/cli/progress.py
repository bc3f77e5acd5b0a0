"""What is seen while a search runs: one live line, and a row whenever something changed by enough to matter."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from preimage.cli.terminal import remark
from preimage.engines.search import Snapshot, TraceRow
from preimage.results.numbers import duration, number
from preimage.results.words import distance, proved

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

Kind = Literal["search", "sweep", "any design", "structure"]

CLOSER = 0.6
"""A row is worth printing once the distance between best and proved has fallen to this share of the last row's."""

BETTER = 0.05
"""Without a bound, a row is worth printing once the best design has improved by this share."""


class Progress:
    """Shows snapshots on stderr; a context, so that the live line is cleared however the search ends.

    Parameters
    ----------
    console
        Where to.
    kind
        A ``search``, and that for a ``structure``, gets a row an improvement, a ``sweep`` a row a target when it is
        done; where ``any design`` is an answer, there are no values to show.
    quiet
        Show nothing.
    targets
        What the targets of a sweep are called.
    """

    def __init__(self, console: Console, kind: Kind, *, quiet: bool, targets: Sequence[str] = ("",)) -> None:
        self._console = console
        self._kind = kind
        self._quiet = quiet
        self._targets = targets
        self._live: Live | None = None
        self._begun = False
        self._seen = 0
        self._last: TraceRow | None = None

    def __enter__(self) -> Progress:
        if not self._quiet and self._console.is_terminal:
            from rich.live import Live

            self._live = Live(console=self._console, transient=True, refresh_per_second=10)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        if self._begun:
            remark("")

    def __call__(self, seen: Snapshot) -> None:
        """Show a snapshot; the last one of a search has another status than ``searching``."""
        over = seen.status != "searching"
        if self._kind == "sweep" and over:
            width = max(9, *map(len, self._targets))
            self._row(target_row(seen, f"{self._targets[seen.row]:>{width}}"), target_head(width))
        elif self._kind in ("search", "structure"):
            self._rows(seen, over)
        if self._live is not None:
            self._live.update(live_line(seen, self._kind), refresh=True)

    def _rows(self, seen: Snapshot, over: bool) -> None:
        shown = [row for row in seen.trace[self._seen :] if self._worth_it(row)]
        if over and seen.trace and self._last != seen.trace[-1]:  # the end is always told
            self._last = seen.trace[-1]
            shown.append(self._last)
        self._seen = len(seen.trace)
        for row in shown:
            closed = seen.status == "optimal" and row is seen.trace[-1]
            self._row(trace_row(row, seen, closed), trace_head())

    def _worth_it(self, row: TraceRow) -> bool:
        worth_it = matters(self._last, row)
        if worth_it:
            self._last = row
        return worth_it

    def _row(self, row: str, head: str) -> None:
        for line in [row] if self._begun else [head, row]:
            if self._live is not None:
                self._console.print(line, markup=False)
            else:
                remark(line)
        self._begun = True


def matters(last: TraceRow | None, row: TraceRow) -> bool:
    """Tell whether a row of the trace says something new after the ``last`` one that was shown."""
    if (
        last is None
        or (last.incumbent is None) != (row.incumbent is None)
        or (last.bound is None) != (row.bound is None)
    ):
        return True
    if row.incumbent is not None and row.bound is not None and last.incumbent is not None and last.bound is not None:
        return abs(row.incumbent - row.bound) <= CLOSER * abs(last.incumbent - last.bound)
    before, after = (last.incumbent, row.incumbent) if row.incumbent is not None else (last.bound, row.bound)
    if before is None or after is None:
        return False
    return abs(after - before) >= BETTER * max(abs(before), 1e-9)


def trace_head() -> str:
    """Return the head of the table of a search."""
    return f"{'time':>9}  {'best':>11}  {'proved':>11}  {'gap':>9}  by"


def trace_row(row: TraceRow, seen: Snapshot, closed: bool) -> str:
    """Return one improvement as a row."""
    gap = distance(row.incumbent, row.bound)
    best, limit = number(row.incumbent), proved(row.bound, seen.sense)
    return f"{duration(row.seconds):>9}  {best:>11}  {limit:>11}  {gap:>9}  {row.source}{'  ✓' if closed else ''}"


def target_head(width: int) -> str:
    """Return the head of the table of a sweep."""
    return f"{'target':>{width}}  {'best':>11}  {'proved':>11}  {'gap':>9}  {'time':>9}"


def target_row(seen: Snapshot, name: str) -> str:
    """Return one target of a sweep, when it is done, as a row."""
    best, limit = number(seen.incumbent), proved(seen.bound, seen.sense)
    ended = "✓" if seen.status == "optimal" else seen.status
    time = duration(seen.seconds)
    return f"{name}  {best:>11}  {limit:>11}  {distance(seen.incumbent, seen.bound):>9}  {time:>9}  {ended}"


def live_line(seen: Snapshot, kind: Kind = "search") -> str:
    """Return the line that changes while a search runs."""
    parts = [f"target {seen.row + 1} of {seen.rows}"] if seen.rows > 1 else []
    parts += [seen.stage] if seen.stage else []
    if kind == "any design":
        parts.append("any design that holds")
    else:
        best, limit = number(seen.incumbent), proved(seen.bound, seen.sense)
        names = ("compliance", "no less than") if kind == "structure" else ("best", "proved")
        parts += [f"{names[0]} {best}", f"{names[1]} {limit}", f"gap {distance(seen.incumbent, seen.bound)}"]
    open_nodes = sum(seen.open_nodes.values())
    if kind == "structure":
        parts += [f"{count} steps of {name}" for name, count in seen.nodes.items()]
    elif seen.total_nodes:
        parts.append(f"{seen.total_nodes} nodes, {open_nodes} open")
    return " · ".join([*parts, duration(seen.seconds), "Ctrl-C stops and keeps"])
