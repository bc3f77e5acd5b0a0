"""The mixed-integer engine: problems that are its own, and what each of its parts is worth, as Markdown.

    python benchmarks/milp.py [--only problems|parts] [--runs N] [--limit SECONDS]

The first table is of `preimage.invert` as it comes; where it says so, the engine goes alone. The second is of SCIP from
one and the same design on each of eighteen targets, with its plug-ins and without, in processor seconds; what bounding
everything to what is better than that design is worth to it is in ``benchmarks/tightening.py``.
Networks are made when they are first asked for and kept in ``benchmarks/.cache``.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from branch import first_use, head, row
from cases import Case, deep, many_inks, peers_task, soft_robot
from measure import calls, median, solve
from peers import processor
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING

import preimage
from preimage.applications.training import Array
from preimage.engines.encoding import Encoding, encode
from preimage.engines.milp import FEW_INPUTS, prove_first
from preimage.engines.portfolio import Effort
from preimage.engines.scip_model import build_scip
from preimage.engines.scip_propagator import see_network, split_inputs
from preimage.engines.search import Search
from preimage.engines.strong_cuts import Hulls, cut_kinks
from preimage.problem import Inversion, compile_problem

GAP = 1e-4
FIRST_SECONDS = 3.0
"""What descents may take for the design that SCIP starts from."""

MOST_TARGETS = 20

PARTS = (
    "SCIP's separators",
    "cuts of kinks",
    "both",
    "cuts, as in large trees",
    "cuts, with the network",
    "on inputs, with the network",
)
CASES: tuple[Case, ...] = (*many_inks.CASES, *peers_task.CASES, *soft_robot.CASES, *deep.WIDE)


def problems(runs: int) -> Iterator[str]:
    """Yield the table of problems."""
    yield head(runs, first_use())
    for case in CASES:
        yield row(case, median([solve(case, case.seconds, MOST_TARGETS) for _ in range(runs)]))


def instances() -> Iterator[tuple[str, Inversion]]:
    """Yield the targets of the second table."""
    for case in (*many_inks.CASES[:4], *many_inks.BY_TORCH, *peers_task.CASES):
        folder = case.folder()
        for number, bindings in enumerate(calls(folder, False, None)):
            yield f"{case.title} ({number})", compile_problem(preimage.check(folder / "problem.inv", bindings))


def parts(limit: float) -> Iterator[str]:
    """Yield the table of SCIP with and without its plug-ins."""
    yield "| target | " + " | ".join(f"{part}: gap, nodes, s" for part in PARTS) + " |"
    yield "|---" * (len(PARTS) + 1) + "|"
    for title, inversion in instances():
        search = Search(inversion, GAP, time_limit=FIRST_SECONDS)
        preimage.engines.adjoint(inversion, search, Effort(os.cpu_count() or 1, 0, frozenset({"adjoint"})))
        _, x, _ = search.best()
        assert x is not None
        cells = []
        for part in PARTS:
            if part == PARTS[-1] and inversion.size > FEW_INPUTS:
                cells.append("")
                continue
            gap, nodes, seconds = scip(inversion, x, encode(inversion), part, limit)
            cells.append(f"{100 * gap:.3g} %, {nodes:,}, {seconds:.1f}")
        yield f"| {title} | " + " | ".join(cells) + " |"


def scip(inversion: Inversion, x: Array, todo: Encoding, part: str, limit: float) -> tuple[float, int, float]:
    """Return gap, nodes and processor seconds of SCIP from a design."""
    begun, search = time.process_time(), Search(inversion, GAP)
    search.offer(x, "start")
    loaded = build_scip(todo.program)
    model = loaded.model
    network = see_network(search, loaded, todo.bounds) if part.endswith("network") else None
    if network is not None and part == PARTS[-1]:
        split_inputs(loaded, network, lambda x: search.offer(x, "linear program"))
    if part.startswith("cuts"):
        model.setSeparating(SCIP_PARAMSETTING.OFF)
    if part.startswith(("cuts", "both")):
        cut_kinks(loaded, Hulls(todo.program), print)
    if part == "cuts, as in large trees":
        prove_first(model)
    loaded.add_solution(np.asarray(todo.program.complete(x)))
    for name, value in (("timing/clocktype", 1), ("limits/time", limit), ("limits/gap", GAP), ("limits/absgap", 1e-6)):
        model.setParam(name, value)
    model.optimizeNogil()
    best, bound = min(search.best()[2], model.getPrimalbound()), model.getDualbound()
    if network is not None:
        bound = min(bound, network.pruned_at)
    gap = max(best - bound, 0.0) / max(abs(best), 1e-9)
    return min(gap, 1.0), model.getNTotalNodes(), time.process_time() - begun


def main() -> None:
    """Measure, and print a row as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["problems", "parts"])
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="runs of each problem (1)")
    parser.add_argument("--limit", type=float, default=40.0, metavar="SECONDS", help="of SCIP for each target (40)")
    asked = parser.parse_args()
    tables = {"problems": partial(problems, asked.runs), "parts": partial(parts, asked.limit)}
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")
    for name, table in tables.items():
        if asked.only in (None, name):
            print()
            for line in table():
                print(line, flush=True)


if __name__ == "__main__":
    main()
