"""How SCIP and HiGHS fare with each formulation, and what the cuts of kinks are worth.

Run it by ``python benchmarks/formulations.py``.
The task is the L1 distance of the outputs of a random ReLU network from a target out of reach, over the box. Every
program is solved once to 0.01 %, on one thread, from the best of 64 descents. A cell says processor seconds and nodes;
a gap that was left open at the limit stands in their place.
"""

from __future__ import annotations

import time
from itertools import pairwise

import highspy
import numpy as np
from pyscipopt.scip import PY_SCIP_PARAMSETTING as SCIP_PARAMSETTING

from preimage._core import GraphBuilder, Matrix, Model, Program
from preimage.bounds.highs import highs_program, quiet_highs
from preimage.engines.scip_model import build_scip
from preimage.engines.strong_cuts import Hulls, cut_kinks

NETWORKS = (
    (3, 30, 30, 4),
    (4, 20, 20, 6),
    (4, 12, 12, 12, 12, 4),
    (5, 16, 16, 16, 6),
    (6, 30, 30, 10),
    (6, 40, 8),
    (8, 20, 20, 8),
    (10, 24, 24, 8),
    (12, 24, 24, 10),
    (12, 50, 8),
    (16, 20, 20, 8),
    (24, 30, 30, 16),
)
LIMIT = 30.0
"""Seconds of processor time."""
PROCESSOR_TIME = 1
"""What SCIP calls it."""
GAP = 1e-4
TARGET_SPREAD = 2.0


def distance_model(sizes: tuple[int, ...]) -> Model:
    """Return the distance of a random network's outputs from a random target, over [-1, 1]."""
    random = np.random.default_rng(sum(sizes))
    builder, node = GraphBuilder(sizes[0]), 0
    for columns, rows in pairwise(sizes):
        node = builder.relu(node) if node else node
        weights = random.normal(size=(rows, columns)) * np.sqrt(2.0 / columns)
        node = builder.affine([(node, Matrix.dense(weights))], 0.3 * random.normal(size=rows))
    identity, target = Matrix.dense(np.eye(sizes[-1])), TARGET_SPREAD * random.normal(size=sizes[-1])
    node = builder.absolute(builder.affine([(node, identity)], -target))
    node = builder.affine([(node, Matrix.dense(np.ones((1, sizes[-1]))))], [0.0])
    ones = np.ones(sizes[0])
    return Model(builder.build(), -ones, ones, np.zeros(sizes[0]), {}, [], [], node)


def by_scip(program: Program, start: np.ndarray, *, separators: bool, cuts: bool) -> str:
    """Return what solving took with SCIP's separators, or the cuts of kinks, or none."""
    scip = build_scip(program)
    model = scip.model
    model.setParam("timing/clocktype", PROCESSOR_TIME)
    model.setParam("limits/time", LIMIT)
    model.setParam("limits/gap", GAP)
    if not separators:
        model.setSeparating(SCIP_PARAMSETTING.OFF)
    if cuts:
        cut_kinks(scip, Hulls(program), print)
    scip.add_solution(start)
    begun = time.process_time()
    model.optimizeNogil()
    return cell(time.process_time() - begun, model.getNTotalNodes(), model.getGap())


def by_highs(program: Program, start: np.ndarray) -> str:
    """Return what solving took with HiGHS."""
    highs = quiet_highs(1e-9)
    highs.setOptionValue("mip_rel_gap", GAP)
    lp = highs_program(program)
    kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger, highspy.HighsVarType.kInteger
    lp.integrality_ = [kinds[kind] for kind in program.column_kinds]
    highs.passModel(lp)
    solution = highspy.HighsSolution()
    solution.col_value, solution.value_valid = start, True
    highs.setSolution(solution)
    begun = time.process_time()
    highs.cbMipInterrupt.subscribe(lambda event: event.interrupt(time.process_time() - begun > LIMIT))
    highs.run()
    info = highs.getInfo()
    return cell(time.process_time() - begun, info.mip_node_count, info.mip_gap)


def cell(seconds: float, nodes: int, gap: float) -> str:
    """Return one cell of the table."""
    return f"{seconds:.1f} · {nodes:,}" if gap <= GAP else f"{100 * gap:.2g} % open"


def main() -> None:
    """Print one line for every network."""
    print("| network | binaries | big-M | SCIP's separators | cuts of kinks | plain, cuts | SOS1 | HiGHS |")
    print("|:--|--:|--:|--:|--:|--:|--:|--:|")
    for sizes in NETWORKS:
        model = distance_model(sizes)
        bounds, x = model.bounds(), model.descend(64, 200, 0.03, 0, 1, None)[0][0]
        big, plain, sos1 = (model.encode(bounds, formulation) for formulation in ("bigm", "plain", "sos1"))
        cells = [
            by_scip(big, big.complete(x), separators=False, cuts=False),
            by_scip(big, big.complete(x), separators=True, cuts=False),
            by_scip(big, big.complete(x), separators=False, cuts=True),
            by_scip(plain, plain.complete(x), separators=False, cuts=True),
            by_scip(sos1, sos1.complete(x), separators=False, cuts=False),
            by_highs(big, big.complete(x)),
        ]
        print(f"| {'-'.join(map(str, sizes))} | {big.binaries} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
