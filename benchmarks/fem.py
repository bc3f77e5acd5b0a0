"""Stiffness matrices, factorised and solved: ours beside SuperLU and CHOLMOD, one thread each.

    python benchmarks/fem.py --peers-python .venv-peers/bin/python [--quick]

The matrices are those of half a simply supported beam after some steps of optimality criteria, when stiffness spans
nine orders of magnitude. Times are of the processor, the best of many. Ours contain the assembly and the energies too.
The peers run in a process of their own, with what `fem_peers.py` finds there: SuperLU by scipy, CHOLMOD by cvxopt or by
scikit-sparse, and the step of the published program, if it is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from preimage.structures import Task
from preimage.structures.methods.filling import fill
from preimage.structures.physics import VOID_STIFFNESS, Physics

Array = NDArray[np.float64]

SIZES = ((64, 64), (128, 128), (192, 64), (256, 256), (512, 512))
QUICK = SIZES[:3]
COMPARED = {(192, 64), (256, 256)}
STEPS = 12
TOTAL = 4.0
"""Seconds of the processor for each measurement."""


def beam(width: int, height: int) -> Task:
    """Half a simply supported beam, loaded in its middle."""
    fixed = np.zeros((height + 1, width + 1, 2), dtype=np.bool_)
    fixed[:, 0, 0] = fixed[-1, -1, 1] = True
    loads = np.zeros((1, height + 1, width + 1, 2))
    loads[0, 0, 0, 1] = 1.0
    mask = np.ones((height, width), dtype=np.bool_)
    return Task(
        name=f"beam {width}x{height}",
        width=width,
        height=height,
        fixed=fixed,
        loads=loads,
        weights=np.ones(1),
        volume=0.4,
        mask=mask,
        solid=np.zeros_like(mask),
    )


def step(physics: Physics, design: Array) -> Array:
    """One step of optimality criteria, as published: exponent 1/2, moves of at most 0.2."""
    weights = physics.volume_weights
    wanted = design * np.sqrt(np.maximum(-physics.evaluate(design).gradient / weights, 0.0))
    lowest, highest = np.maximum(design - 0.2, 0.0), np.minimum(design + 0.2, 1.0)
    return fill(np.zeros(design.shape), wanted, lowest, highest, weights, physics.volume_limit)


def best(work: Callable[[], Any], total: float = TOTAL) -> float:
    """Seconds of the processor, the best of as many turns as fit into a total: neighbours come and go."""
    seconds: list[float] = []
    while sum(seconds) < total:
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def stiffness_matrix(task: Task, moduli: Array) -> tuple[Any, Array]:
    """The matrix between free components, and the forces on them, for those who have no grid."""
    y, x = np.divmod(np.arange(task.elements), task.width)
    first = y * (task.width + 1) + x
    corners = np.stack([first, first + 1, first + task.width + 2, first + task.width + 1], axis=1)
    components = (2 * corners[:, :, None] + np.arange(2)).reshape(-1, 8)
    values = moduli.ravel()[:, None, None] * element_stiffness()
    rows, columns = (np.broadcast_to(components.reshape(shape), values.shape) for shape in [(-1, 8, 1), (-1, 1, 8)])
    free = np.flatnonzero(~task.fixed.ravel())
    matrix = coo_matrix((values.ravel(), (rows.ravel(), columns.ravel()))).tocsc()[free][:, free]
    return matrix, task.loads.reshape(-1)[free]


def element_stiffness(nu: float = 0.3) -> Array:
    """The closed form of Andreassen et al. (2011)."""
    a, b, c, d = 1 / 2 - nu / 6, 1 / 8 + nu / 8, -1 / 4 - nu / 12, -1 / 8 + 3 * nu / 8
    k = [a, b, c, d, -1 / 4 + nu / 12, -b, nu / 6, -d]
    order = ["01234567", "10765432", "27056341", "36507214", "45670123", "54321076", "63412705", "72143650"]
    return np.array([[k[int(index)] for index in row] for row in order]) / (1 - nu**2)


@dataclass(frozen=True, slots=True)
class Measured:
    """One grid: seconds of the processor to analyse it, to factorise and solve, and for a whole step.

    `moduli` are those that were solved for.
    """

    task: Task
    physics: Physics
    moduli: Array
    analysis: float
    solve: float
    step: float

    @property
    def row(self) -> str:
        """A line of the table; the last number is the time to solve over n log₂ n, in nanoseconds."""
        elasticity = self.physics.elasticity
        n, entries = elasticity.unknowns, elasticity.factor_entries / 1e6
        growth = self.solve / (n * np.log2(n)) * 1e9
        times = f"{self.analysis:.3f} | {self.solve:.4f} | {self.step:.4f} | {growth:.0f}"
        return f"| {self.task.width}x{self.task.height} | {n} | {entries:.2f} M | {times} |"


def measure(task: Task) -> Measured:
    """Measure ours on one grid."""
    start = time.process_time()
    physics = Physics(task)
    analysis = time.process_time() - start
    design = task.mask * np.float64(task.volume)
    for _ in range(STEPS):
        design = step(physics, design)
    moduli = VOID_STIFFNESS + physics.density(design) ** 3 * (1 - VOID_STIFFNESS)
    solve = best(lambda: physics.elasticity.solve(moduli.ravel()))
    whole = best(lambda: step(physics, design))
    return Measured(task, physics, moduli, analysis, solve, whole)


def peers(python: Path, ours: Measured) -> dict[str, float]:
    """Seconds of every peer on one matrix, their compliance checked against ours."""
    task = ours.task
    matrix, forces = stiffness_matrix(task, ours.moduli)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "system.npz"
        parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
        np.savez(path, **parts, forces=forces, size=[task.width, task.height], total=TOTAL)
        command = [str(python), str(Path(__file__).with_name("fem_peers.py")), str(path)]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the peers failed:\n{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    own, _, _ = ours.physics.elasticity.solve(ours.moduli.ravel())
    for name, compliance in answer["compliance"].items():
        if abs(compliance - own) > 1e-6 * own:
            sys.exit(f"{name} has compliance {compliance}, ours is {own}")
    seconds: dict[str, float] = answer["seconds"]
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers-python", type=Path)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    print(
        "| grid | unknowns | factor | analysis | factorise, solve | step | ns / (n log n) |", "|---" * 7 + "|", sep="\n"
    )
    compared = []
    for width, height in QUICK if arguments.quick else SIZES:
        ours = measure(beam(width, height))
        print(ours.row, flush=True)
        if arguments.peers_python and (width, height) in COMPARED:
            for name, seconds in peers(arguments.peers_python, ours).items():
                own = ours.step if name.endswith("step") else ours.solve
                compared.append(f"| {width}x{height} | {name} | {seconds:.4f} | {own:.4f} | {seconds / own:.1f} |")
    print("\n| grid | peer | seconds | ours | times as long |\n|---|---|---|---|---|", *compared, sep="\n")


if __name__ == "__main__":
    main()
