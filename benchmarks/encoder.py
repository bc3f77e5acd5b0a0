"""How long it takes from a network to a loaded mixed-integer program, and how much memory, as networks grow.

Every size runs in a process of its own, so that its peak memory is its own: ``python benchmarks/encoder.py``.
The task is the distance of the outputs of a random ReLU network with 4 inputs and 31 outputs from a target. "Peak" is
how far the resident memory of the process rose during a stage, over the size of the row matrix (12 bytes a nonzero).
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from preimage._core import GraphBuilder, Matrix, Model

INPUTS, OUTPUTS, LAYERS = 4, 31, 4
WIDTHS = (50, 150, 500, 1000, 1800)
BYTES_PER_NONZERO = 12
SAMPLE_SECONDS = 0.001


def distance_model(width: int) -> Model:
    """Return the distance of a random network's outputs from a target, over the unit box."""
    rng = np.random.default_rng(width)
    builder, node = GraphBuilder(INPUTS), 0
    sizes = [INPUTS, *[width] * LAYERS, OUTPUTS]
    for columns, rows in itertools.pairwise(sizes):
        weights = rng.normal(size=(rows, columns)) * np.sqrt(2.0 / columns)
        node = builder.affine([(node, Matrix.dense(weights))], 0.1 * rng.normal(size=rows))
        if rows != OUTPUTS:
            node = builder.relu(node)
    identity = Matrix.sparse(OUTPUTS, OUTPUTS, range(OUTPUTS + 1), range(OUTPUTS), np.ones(OUTPUTS))
    node = builder.absolute(builder.affine([(node, identity)], -0.3 * rng.random(OUTPUTS)))
    node = builder.affine([(node, Matrix.dense(np.ones((1, OUTPUTS))))], [0.0])
    graph = builder.build()
    return Model(graph, np.zeros(INPUTS), np.ones(INPUTS), np.zeros(INPUTS), {}, [], [], node)


def measure(width: int) -> dict[str, float]:
    """Return the seconds and the memory of every stage for one width."""
    result: dict[str, float] = {"width": width}
    model = distance_model(width)
    started = time.perf_counter()
    bounds = model.bounds()
    result["bounds"] = time.perf_counter() - started
    with peak_of(result, "encode"):
        program = model.encode(bounds)
    result |= {"nonzeros": program.nonzeros, "rows": program.row_count, "binaries": program.binaries}
    from preimage.bounds.highs import highs_program, quiet_highs
    from preimage.engines.scip_model import build_scip  # loading solvers is not part of the memory of encoding

    with peak_of(result, "load"):
        build_scip(program)
    started = time.perf_counter()
    quiet_highs(1e-9).passModel(highs_program(program))
    result["highs"] = time.perf_counter() - started
    return result


@contextmanager
def peak_of(result: dict[str, float], stage: str) -> Iterator[None]:
    """Record the seconds of a stage, and how far it raises the resident memory at its peak."""
    before, peak, over = resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(SAMPLE_SECONDS):
            peak = max(peak, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    yield
    result[stage] = time.perf_counter() - started
    over.set()
    watcher.join()
    result[f"{stage} bytes"] = max(peak, resident()) - before


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """Print one line for every width."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    print("| width | nonzeros | rows | binaries | CROWN s | encode s | SCIP s | HiGHS s | encode peak | SCIP peak |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for width in WIDTHS:
        output = subprocess.run([sys.executable, __file__, str(width)], check=True, capture_output=True, text=True)
        found = json.loads(output.stdout)
        matrix = BYTES_PER_NONZERO * found["nonzeros"]
        print(
            f"| {width} | {found['nonzeros']:,} | {found['rows']:,} | {found['binaries']:,} | {found['bounds']:.3f} "
            f"| {found['encode']:.3f} | {found['load']:.3f} | {found['highs']:.3f} "
            f"| {found['encode bytes'] / matrix:.2f} × | {found['load bytes'] / matrix:.2f} × |",
            flush=True,
        )


if __name__ == "__main__":
    main()
