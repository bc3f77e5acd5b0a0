"""All engines as one on the published printer of eight inks, beside the published curves of Gurobi, as Markdown.

    python benchmarks/hybrid.py [--seconds N] [--picture FILE] [--only PERCENT ...]

Descents, the tree of boxes and SCIP work on one search: who finds a design hands it to the others, and what one proves
ends all. The published runs (Gurobi 9, 8 threads, 34 to 78 minutes, none of them finished) are the mixed-integer half
of the hybrid figure of the paper; their logs and the network are looked for in the folder PREIMAGE_DATA, or else in
``../shared/data``.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cases import Missing, printers
from cases.case import REPOSITORY
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from measure import calls, gap_of
from peers import processor

import preimage
from preimage.engines.search import TraceRow
from preimage.results.pictures.style import BEST, INK, MUTED, PROVED, engine, markers, picture, save, tidy

GREYS = (15, 25, 35, 45)
"""In percent, as published."""

ENGINES = ("adjoint", "branch", "milp")
LAST_DIGIT = 1e-5
"""Of the published numbers."""

FIRST_SECOND = 0.03
"""Where the axis of time begins."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published run: seconds, best design and bound, row by row; no design is an infinite one."""

    seconds: list[float]
    incumbents: list[float]
    bounds: list[float]


def published(percent: int) -> Published:
    """Read the published run of a grey."""
    data = Path(os.environ.get("PREIMAGE_DATA", REPOSITORY.parent / "shared" / "data"))
    path = data / "logs" / f"ink8-grey-0{percent}.csv"
    if not path.is_file():
        raise Missing(f"{path.name} is not there: set PREIMAGE_DATA to the folder of the published data")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Published(
        [max(float(row["t_s"]), 1.0) for row in rows],
        [float(row["incumbent"] or math.inf) for row in rows],
        [float(row["best_bound"]) for row in rows],
    )


def search(percent: int, seconds: float) -> preimage.Result:
    """Run all engines on a grey."""
    (case,) = [case for case in printers.CASES if case.name == f"ink8-grey-{percent}"]
    folder = case.folder()
    (bindings,) = calls(folder, False, None)
    result = preimage.invert(folder / "problem.inv", method=ENGINES, time_limit=seconds, **bindings)
    assert isinstance(result, preimage.Result)
    return result


def row(percent: int, result: preimage.Result, theirs: Published) -> str:
    """Return the row of a grey."""
    found, proved = shares(result.trace)
    end = gap_of(result.objective, result.bound)
    last = gap_of(theirs.incumbents[-1], theirs.bounds[-1])
    better = [
        r.seconds for r in result.trace if r.incumbent is not None and r.incumbent <= theirs.incumbents[-1] + LAST_DIGIT
    ]
    ahead = [r.seconds for r in result.trace if r.bound is not None and r.bound >= theirs.bounds[-1] - LAST_DIGIT]
    cells = (
        f"0.{percent}",
        f"{result.objective:.5f}, {result.bound:.4f}, {100 * end:.2g} %",
        f"{result.seconds:.0f}",
        f"{theirs.incumbents[-1]:.5f}, {theirs.bounds[-1]:.4f}, {100 * last:.2g} %",
        f"{theirs.seconds[-1]:,.0f}",
        f"{better[0]:.2g}" if better else "–",
        f"{ahead[0]:.2g}" if ahead else "–",
        found,
        proved,
    )
    return f"| {' | '.join(cells)} |"


def shares(trace: tuple[TraceRow, ...]) -> tuple[str, str]:
    """Return how many designs and how many bounds came from which engine."""
    found: Counter[str] = Counter()
    proved: Counter[str] = Counter()
    incumbent = bound = None
    for step in trace:
        found[engine(step.source)] += step.incumbent != incumbent
        proved[engine(step.source)] += step.bound != bound
        incumbent, bound = step.incumbent, step.bound
    said = [", ".join(f"{name} {count}" for name, count in of.most_common() if count) for of in (found, proved)]
    return said[0], said[1]


def draw(file: Path, runs: dict[int, tuple[preimage.Result, Published]]) -> None:
    """Draw best designs and bounds over time, ours and the published ones, a panel a grey."""
    figure = picture(9.0, 2.9 * math.ceil(len(runs) / 2))
    panels = figure.subplots(math.ceil(len(runs) / 2), 2, squeeze=False).flat
    for axes, (percent, (result, theirs)) in zip(panels, sorted(runs.items()), strict=False):
        panel(axes, result, theirs)
        tidy(axes, f"grey 0.{percent}", x="seconds", y="L1 distance")
    for axes in list(panels):
        axes.set_axis_off()
    shapes = markers(list(ENGINES))
    lines = [
        Line2D([], [], color=BEST, label="best design"),
        Line2D([], [], color=PROVED, label="proved bound"),
        Line2D([], [], color=MUTED, label="published: best design"),
        Line2D([], [], color=MUTED, linestyle="dashed", label="published: bound"),
        *(
            Line2D(
                [], [], linestyle="none", marker=shapes[name], markeredgecolor=INK, markerfacecolor="white", label=name
            )
            for name in ENGINES
        ),
    ]
    figure.legend(
        handles=lines, loc="outside lower center", ncols=len(lines), fontsize=8, frameon=False, columnspacing=1.2
    )
    save(figure, file)


def panel(axes: Axes, result: preimage.Result, theirs: Published) -> None:
    """Draw one grey."""
    steps = [r for r in result.trace if r.seconds > 0.0]
    shapes = markers(list(ENGINES))
    values: list[tuple[str, Callable[[TraceRow], float | None], float | None]] = [
        (BEST, lambda r: r.incumbent, result.objective),
        (PROVED, lambda r: r.bound, result.bound),
    ]
    for colour, value, last in values:
        points = list(changes([(max(r.seconds, FIRST_SECOND), value(r), r.source) for r in steps]))
        if not points or last is None:
            continue
        ends = [*points, (result.seconds, last, "")]
        axes.step([p[0] for p in ends], [p[1] for p in ends], where="post", color=colour, linewidth=1.6, zorder=3)
        for name in ENGINES:
            mine = [p for p in points if engine(p[2]) == name]
            # A tree proves something every few milliseconds: the first of each tenth of a decade stands for the rest.
            mine = list({round(20 * math.log10(p[0])): p for p in reversed(mine)}.values())
            axes.plot(
                [p[0] for p in mine],
                [p[1] for p in mine],
                linestyle="none",
                marker=shapes[name],
                markersize=5,
                markerfacecolor="white",
                markeredgecolor=colour,
                zorder=4,
            )
    axes.step(theirs.seconds, theirs.incumbents, where="post", color=MUTED, linewidth=1.2)
    axes.step(theirs.seconds, theirs.bounds, where="post", color=MUTED, linewidth=1.2, linestyle="dashed")
    axes.set_xscale("log")
    axes.set_xlim(FIRST_SECOND, max(theirs.seconds[-1], result.seconds))
    best = result.objective or theirs.incumbents[-1]
    axes.set_ylim(0.0, 2.5 * best)


def changes(points: list[tuple[float, float | None, str]]) -> Iterator[tuple[float, float, str]]:
    """Yield the points at which a value changes."""
    before = None
    for seconds, value, source in points:
        if value is not None and value != before:
            yield seconds, value, source
        before = value


def main() -> None:
    """Measure, print a row as soon as it is there, and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120.0, metavar="N", help="for each grey (120)")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="where to draw, as SVG, PNG or PDF")
    parser.add_argument("--only", nargs="+", type=int, choices=GREYS, default=GREYS, help="greys in percent")
    asked = parser.parse_args()
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.\n")
    columns = (
        "| grey | best, bound, gap | s | published: best, bound, gap | s | as good a design after s "
        "| as good a bound after s | designs by | bounds by |"
    )
    print(columns, "|---" * (columns.count("|") - 1) + "|", sep="\n", flush=True)
    runs = {}
    for percent in asked.only:
        try:
            theirs = published(percent)
            runs[percent] = search(percent, asked.seconds), theirs
        except Missing as missing:
            print(f"\n0.{percent} is left out: {missing}")
            continue
        print(row(percent, *runs[percent]), flush=True)
    if asked.picture and runs:
        draw(asked.picture, runs)


if __name__ == "__main__":
    main()
