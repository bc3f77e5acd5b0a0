"""Branch and bound on problems of many shapes: seconds and nodes to each gap, as Markdown.

    python benchmarks/branch.py [--only NAME ...] [--runs N] [--quick] [--peers-python .venv-peers/bin/python]

Networks and problems are made when they are first asked for (a minute or two of training in all) and kept in
``benchmarks/.cache``. What needs published networks looks for them in the folder PREIMAGE_DATA, or else in
``../shared/data``, and is left out where they are missing. With a Python that has the packages of
``requirements/peers.txt``, those are measured too, on the problems that they can state.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from importlib.metadata import version
from pathlib import Path

from cases import CASES, Case, Missing
from measure import GAPS, Answer, median, solve
from peers import LIMIT, SIZES, TARGETS, compare, processor, versions

from preimage import check, invert
from preimage.engines.critical_width import critical_width, first_value
from preimage.problem import compile_problem
from preimage.results.words import outlook

QUICK_SECONDS, QUICK_TARGETS = 10.0, 2


def row(case: Case, answers: list[Answer]) -> str:
    """Return the row of a case: medians over its targets."""
    seconds = [a.seconds for a in answers]
    shown = [
        case.title,
        f"{sum(a.gap <= case.gap * 1.01 for a in answers)} of {len(answers)}",
        f"{number(statistics.median(seconds))} / {number(max(seconds))} / {number(sum(seconds))}",
        number(statistics.mean(a.processor_seconds for a in answers)),
        *(reached([a.to[i] for a in answers]) for i in range(len(GAPS))),
        f"{number(statistics.median(a.nodes for a in answers))}",
        f"{100 * max(a.gap for a in answers):.3g} %",
        number(max(a.objective for a in answers)),
        case.floor,
    ]
    return f"| {' | '.join(shown)} |"


def reached(to: list[tuple[float, float]]) -> str:
    """Return median seconds and nodes to a gap, and how many targets came there if not all did."""
    there = [pair for pair in to if math.isfinite(pair[0])]
    if not there:
        return "–"
    seconds, nodes = (statistics.median(values) for values in zip(*there, strict=True))
    share = "" if len(there) == len(to) else f" ({len(there)} of {len(to)})"
    return f"{number(seconds)} s, {number(nodes)}{share}"


def number(value: float) -> str:
    """Return three digits, or a whole number."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def first_use() -> float:
    """Return the seconds of a problem that takes no time, with what a process loads and makes once."""
    start = time.perf_counter()
    invert("input x[2] in 0..1\nminimise x[0] + x[1]")
    return time.perf_counter() - start


def head(runs: int, once: float) -> str:
    """Return what was measured where."""
    gaps = " | ".join(f"to {100 * gap:g} %" for gap in GAPS)
    columns = (
        f"| problem | closed | wall s: median / worst / all | processor s | {gaps} "
        "| nodes | worst gap | largest objective | wanted |"
    )
    return "\n".join(
        [
            f"Preimage {version('preimage')}, numpy {version('numpy')}, pyscipopt {version('pyscipopt')}; "
            f"{processor()}, {os.cpu_count()} cores; medians of {runs} runs.",
            "Wall and processor seconds are a target's, with the reading of the problem; "
            "seconds to a gap count from the start of the search and are medians over the targets. "
            f"What a process loads and makes once ({number(once)} s) is left out.",
            "",
            columns,
            "|---" * (columns.count("|") - 1) + "|",
        ]
    )


def main() -> None:
    """Measure, and print a row as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[""], metavar="NAME", help="cases whose names begin like this")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each case (3)")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_TARGETS} targets, {QUICK_SECONDS:g} s each")
    parser.add_argument("--peers-python", type=Path, help="measure the packages of this Python as well")
    arguments = parser.parse_args()
    chosen = [case for case in CASES if case.name.startswith(tuple(arguments.only))]
    if not chosen:
        parser.error(f"--only {' '.join(arguments.only)}: there are {', '.join(case.name for case in CASES)}")
    print(head(arguments.runs, first_use()), flush=True)
    loads, skipped = [os.getloadavg()[0]], []
    for case in chosen:
        limit = min(case.seconds, QUICK_SECONDS) if arguments.quick else case.seconds
        most = QUICK_TARGETS if arguments.quick else None
        try:
            runs = [solve(case, limit, most) for _ in range(arguments.runs)]
        except Missing as missing:
            skipped.append(f"{case.title}: left out, {missing}")
            continue
        print(row(case, median(runs)), flush=True)
        loads.append(os.getloadavg()[0])
    notes = [f"Load average: {min(loads):.1f} to {max(loads):.1f}.", *skipped]
    for case in chosen:
        if case.deep:
            inversion = compile_problem(check(case.folder() / "problem.inv"))
            width = critical_width(inversion, first_value(inversion))
            if width is not None:
                notes.append(f"{case.title}: {outlook(width.half_width, width.boxes, width.seconds)}.")
    print("", *(f"- {note}" for note in notes), "", sep="\n")
    if arguments.peers_python:
        targets, limit = (1, 20.0) if arguments.quick else (TARGETS, LIMIT)
        print(f"Compared with {versions(arguments.peers_python)}.\n")
        print(compare(arguments.peers_python, SIZES, targets, limit))


if __name__ == "__main__":
    main()
