"""Run by `fem.py` in the peers' environment: seconds and compliance of every solver found there, as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

Solve = Callable[[], Any]


def solvers(matrix: Any, forces: Any) -> Iterator[tuple[str, Solve]]:
    """Every solver by name, its symbolic part done where it can be done once."""
    yield "SuperLU, default", lambda: splu(matrix).solve(forces)
    symmetric: dict[str, Any] = {"permc_spec": "MMD_AT_PLUS_A", "options": {"SymmetricMode": True}}
    yield "SuperLU, symmetric", lambda: splu(matrix, **symmetric).solve(forces)
    yield from scikit_sparse(matrix, forces)
    yield from cvxopt(matrix, forces)


def scikit_sparse(matrix: Any, forces: Any) -> Iterator[tuple[str, Solve]]:
    """CHOLMOD with every ordering, in both of its kinds."""
    try:
        from sksparse.cholmod import analyze
    except ImportError:
        return
    for ordering in ("amd", "metis"):
        for mode in ("supernodal", "simplicial"):
            factor = analyze(matrix, ordering_method=ordering, mode=mode)

            def solve(factor: Any = factor) -> Any:
                factor.cholesky_inplace(matrix)
                return factor(forces)

            yield f"CHOLMOD by scikit-sparse, {ordering}, {mode}", solve


def cvxopt(matrix: Any, forces: Any) -> Iterator[tuple[str, Solve]]:
    """CHOLMOD as cvxopt carries it along."""
    try:
        import cvxopt.cholmod as cholmod
        from cvxopt import matrix as dense
        from cvxopt import spmatrix
    except ImportError:
        return
    entries = matrix.tocoo()
    lower = entries.row >= entries.col
    rows, columns = (index[lower].astype(int).tolist() for index in (entries.row, entries.col))
    system = spmatrix(entries.data[lower].tolist(), rows, columns, matrix.shape)
    cholmod.options["supernodal"] = 2
    factor = cholmod.symbolic(system)

    def solve() -> Any:
        cholmod.numeric(system, factor)
        solution = dense(forces.tolist())
        cholmod.solve(factor, solution)
        return np.array(solution).ravel()

    yield "CHOLMOD by cvxopt", solve


def best(work: Solve, total: float) -> float:
    """Seconds of the processor, the best of as many turns as fit into a total."""
    seconds: list[float] = []
    while sum(seconds) < total:
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def published_step(width: int, height: int, total: float) -> float | None:
    """One step of the published program, github.com/google-research/neural-structural-optimization."""
    try:
        from neural_structural_optimization import problems, topo_api, topo_physics
    except ImportError:
        return None
    args = topo_api.specified_task(problems.mbb_beam(width, height, density=0.4))
    stiffness = topo_physics.get_stiffness_matrix(args["young"], args["poisson"])
    design = np.full((height, width), 0.4)

    def step() -> None:
        nonlocal design
        _, design = topo_physics.optimality_criteria_step(design, stiffness, args)

    return best(step, total)


def main() -> None:
    """Measure all."""
    system = np.load(sys.argv[1])
    forces, total = system["forces"], float(system["total"])
    matrix = csc_matrix((system["data"], system["indices"], system["indptr"]))
    seconds, compliance = {}, {}
    for name, solve in solvers(matrix, forces):
        compliance[name] = float(forces @ solve())
        seconds[name] = best(solve, total)
    width, height = (int(length) for length in system["size"])
    step = published_step(width, height, total)
    if step is not None:
        seconds["published step"] = step
    print(json.dumps({"seconds": seconds, "compliance": compliance}))


if __name__ == "__main__":
    main()
