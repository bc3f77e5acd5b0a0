"""Every method on published structures, beside what was published and what is proved, as Markdown.

    python benchmarks/structures.py [--all | --only NAME ...] [--methods NAME ...] [--steps N] [--seconds S]
                                    [--jobs N] [--report]

If nothing is said, on the tasks of fewer than 10,000 elements and on six large ones, which takes some half an hour on
two cores; `--all` takes all 116. Each published method limits the volume as it was published to, ours in both ways.
Every finished run is kept in ``benchmarks/.cache`` at once, and is not made again until a file of the package's
structures changes: what was interrupted goes on where it was. `--report` only writes what is there, of any version.

No bound may be above a design that was found or published. The published numbers, and bounds computed before, are
looked for in the folder PREIMAGE_DATA, or else in ``../shared/data``, and are left out where they are missing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from structures_report import Known, markdown, violations
from structures_runs import CONVENTIONS, Measured, Run, code, elements, keep, kept, measure, newest, plan

from preimage.structures import PUBLISHED
from preimage.structures.options import PACKAGES

CACHE = Path(__file__).parent / ".cache" / "structures.jsonl"

SMALL = 10_000
"""Tasks of fewer elements are measured if nothing is said."""

LARGE = (
    "pure_bending_moment_128x256_0.1",
    "michell_centered_both_128x256_0.12",
    "causeway_bridge_top_256x128_0.2",
    "hoop_128x256_0.15",
    "staggered_points_128x256_0.3",
    "multistory_building_128x256_0.3",
)
"""And these."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

NETWORK = (70.0, 0.02)
"""Milliseconds of a step that the network takes and L-BFGS on its weights: at least, and for each element."""


def effort(run: Run) -> float:
    """Guess how many milliseconds a run takes: it counts how these compare."""
    size = elements(run.task)
    step: float = 2e-4 * size**1.22 * (3.0 if run.method == "mma" else 1.0)
    return run.steps * (step + (NETWORK[0] + NETWORK[1] * size if run.method == "cnn" else 0.0))


def make(runs: Sequence[Run], version: str, before: Sequence[Measured], known: Known, jobs: int) -> None:
    """Make runs side by side and keep each; end as soon as one contradicts a bound."""
    done, start = list(before), time.monotonic()
    total, spent = sum(map(effort, runs)), 0.0
    context = multiprocessing.get_context("spawn")  # so that the limits on threads hold from the first import on
    with context.Pool(min(jobs, len(runs)), signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        for count, measured in enumerate(pool.imap_unordered(partial(measure, version=version), runs), 1):
            keep(CACHE, measured)
            done.append(measured)
            stop_at_contradictions([one for one in done if one.run.task == measured.run.task], known)
            spent += effort(measured.run)
            passed = time.monotonic() - start
            left = passed * (total - spent) / spent
            print(
                f"{count} of {len(runs)} runs in {clock(passed)}, {clock(left)} left: {line(measured)}",
                file=sys.stderr,
                flush=True,
            )


def stop_at_contradictions(measured: Sequence[Measured], known: Known) -> None:
    """Fail if a bound is above a design."""
    if found := list(violations(measured, known)):
        sys.exit("\n".join(["A BOUND IS FALSE:", *found]))


def line(measured: Measured) -> str:
    """Give a run in a few words."""
    run, value = measured.run, "no design" if measured.value is None else f"{measured.value:.6g}"
    return f"{run.task}, {run.method} ({run.volume_of}) {value} in {measured.processor_seconds:.1f} s"


def clock(seconds: float) -> str:
    """Give hours and minutes, or minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes}:{rest:02}"


def main() -> None:
    """Measure what is not known yet, and print all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_mutually_exclusive_group()
    tasks.add_argument("--all", action="store_true", help="all published tasks: some hours")
    tasks.add_argument("--only", nargs="+", metavar="NAME", help="tasks whose names begin like this")
    parser.add_argument("--methods", nargs="+", choices=CONVENTIONS, default=list(CONVENTIONS), metavar="NAME")
    parser.add_argument("--steps", type=int, metavar="N", help="designs that each method tries (its own number)")
    parser.add_argument("--seconds", type=float, metavar="S", help="of the processor, for each method and task")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="runs at the same time, a thread each (2)")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    arguments = parser.parse_args()
    subset = [name for name in PUBLISHED if elements(name) < SMALL or name in LARGE]
    names = list(PUBLISHED) if arguments.all else subset
    if arguments.only:
        names = [name for name in PUBLISHED if name.startswith(tuple(arguments.only))]
    if not names:
        parser.error(f"--only {' '.join(arguments.only)}: there are {', '.join(PUBLISHED)}")
    methods = [name for name in arguments.methods if name not in PACKAGES or find_spec(PACKAGES[name][0])]
    for name in set(arguments.methods) - set(methods):
        print(f"{name} left out: the package {PACKAGES[name][0]} is missing", file=sys.stderr)
    runs, before, known = plan(names, methods, arguments.steps, arguments.seconds), kept(CACHE), Known.read()
    if not arguments.report:
        version = code()
        finished = {one.run for one in before if one.code == version}
        if left := [run for run in runs if run not in finished]:
            os.environ.update(ONE_THREAD)
            try:
                make(left, version, before, known, arguments.jobs)
            except KeyboardInterrupt:
                sys.exit("interrupted: the same command goes on from here")
    measured = newest(kept(CACHE), runs)
    stop_at_contradictions(measured, known)
    print(markdown(measured, known, len(runs)))


if __name__ == "__main__":
    main()
