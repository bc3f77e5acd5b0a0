"""What a box costs, how two threads share a tree, and what a million open boxes take, as Markdown.

    python benchmarks/boxes.py [--only cost|threads|memory]

The model of the cost of a box counts multiplications. With K undecided kinks in layers of n_l, D inputs and m outputs,
a row of layer l has D + 1 + K_l entries, where K_l kinks come before it. Bounding all rows from both sides takes
2 sum_l n_l sum_{j<l} n_j (D + 1 + K_j), about K^3 / 3 where layers are many, and twice that where slopes are moved
(from 6 inputs and 41 kinks on); a dual step goes through all rows and the outputs twice,
2 (K (D + 1 + K / 2) + m (D + 1 + K)). Every multiplication reads one number of 8 bytes: what does not stay in the
caches comes at the speed of the memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from dataclasses import dataclass

from cases import CASES, Case, Missing

from preimage import Result, check, invert
from preimage._core import StopFlag, Tree
from preimage.problem import Inversion, compile_problem

COST = ("ink4-ramp", "deep-12-4", "ink8-grey-45", "deep-6-8", "ink8-grey-15", "deep-12-8")
COST_SECONDS = 10.0
THREADS = ("ink8-grey-45", "ink8-grey-35")
MEMORY, MILLION, MEMORY_SECONDS = "ink4-ramp", 1_000_000, 600.0
START_SECONDS, GAP, SLICE = 5.0, 1e-4, 0.05


@dataclass(frozen=True, slots=True)
class Grown:
    """What a tree came to, in seconds of the clock and of the processor."""

    tree: Tree
    wall: float
    processor: float
    best: float


def start(case: Case) -> tuple[Inversion, float]:
    """Return the first problem of a case, and a good value."""
    folder = case.folder()
    found = invert(folder / "problem.inv", time_limit=START_SECONDS)
    result = found if isinstance(found, Result) else next(iter(found))
    assert result.objective is not None
    text = (folder / "problem.inv").read_text(encoding="utf-8")
    return compile_problem(check(text, {}, base=folder), 0), result.objective


def grow(inversion: Inversion, best: float, threads: int, seconds: float, most: int = 0, slack: float = -GAP) -> Grown:
    """Grow a tree for designs up to ``best (1 + slack)`` until it is closed, time is over or ``most`` boxes wait."""
    tree, stop = Tree(inversion.model, threads), StopFlag()
    wall, processor = time.perf_counter(), time.process_time()
    while not tree.exhausted and time.perf_counter() - wall < seconds and not 0 < most <= tree.open_nodes:
        tree.advance(best * (1.0 + slack), best, SLICE, stop)
        for x in tree.take_candidates():
            best = min(best, float(inversion.model.objective(x[None])[0]))
    return Grown(tree, time.perf_counter() - wall, time.process_time() - processor, best)


def cost(case: Case) -> str:
    """Return a row: the mean box, and how fast it was dealt with on one thread."""
    inversion, best = start(case)
    grown = grow(inversion, best, 1, COST_SECONDS)
    bounded, symbols, multiplications = grown.tree.work
    each = grown.processor / bounded
    return (
        f"| {case.title} | {inversion.size} | {bounded:,} | {symbols / bounded:.0f} | {1e6 * each:.0f} "
        f"| {1e-3 * multiplications / bounded:.0f} | {1e-9 * multiplications / grown.processor:.2f} |"
    )


def threads(case: Case) -> str:
    """Return a row: the same tree on one thread and on two."""
    inversion, best = start(case)
    one, two = (grow(inversion, best, count, 120.0) for count in (1, 2))
    return (
        f"| {case.title} | {one.tree.nodes:,} / {two.tree.nodes:,} | {one.wall:.1f} | {two.wall:.1f} "
        f"| {one.wall / two.wall:.2f} |"
    )


def memory(case: Case) -> str:
    """Return what a tree takes that never closes, since designs worse than the best are asked for as well."""
    inversion, best = start(case)
    grown = grow(inversion, best, os.cpu_count() or 1, MEMORY_SECONDS, MILLION, slack=1.0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (
        f"{case.title}, with designs of twice the best value asked for: {grown.tree.open_nodes:,} boxes wait after "
        f"{grown.tree.nodes:,} ({grown.wall:.0f} s); peak memory of the process {peak:.2f} GiB."
    )


def main() -> None:
    """Measure, and print each row as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("cost", "threads", "memory"))
    only = parser.parse_args().only
    cases = {case.name: case for case in CASES}
    if only in (None, "cost"):
        print("| problem | inputs | boxes bounded | kinks, mean | µs a box | 1000 multiplications | 10⁹ a second |")
        print("|---|--:|--:|--:|--:|--:|--:|")
        report(cost, [cases[name] for name in COST])
    if only in (None, "threads"):
        print("\n| problem | nodes | one thread s | two threads s | ratio |\n|---|--:|--:|--:|--:|")
        report(threads, [cases[name] for name in THREADS])
    if only in (None, "memory"):
        print()
        report(memory, [cases[MEMORY]])
    print(f"\nLoad average: {os.getloadavg()[0]:.1f}.")


def report(measure: object, cases: list[Case]) -> None:
    """Print a line for each case, or why it is left out."""
    assert callable(measure)
    for case in cases:
        try:
            print(measure(case), flush=True)
        except Missing as missing:
            print(f"{case.title}: left out, {missing}", flush=True)


if __name__ == "__main__":
    main()
