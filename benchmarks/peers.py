"""Preimage against other packages: the same networks, the same targets, one after another on one machine.

    python benchmarks/peers.py --peers-python .venv-peers/bin/python [--quick]

Every run is a process of its own and proves its design within GAP of the best, or stops at the time limit. Designs
are evaluated again by a plain forward pass, and a bound above a design that anybody found is reported as false.
Times run from the weights in memory to the answer; what a process takes before that (imports, and Preimage's first use:
see `run_one.py`) has a line of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
from task import Task, make

GAP = 1e-4
LIMIT = 120.0
GRACE = 60.0
OWN = ("Preimage, 2 threads", "Preimage, 1 thread")
PEERS = ("PySCIPOpt-ML, SOS1", "PySCIPOpt-ML, big-M", "OMLT, big-M", "SCIP, plain big-M")
TARGETS = 5
SIZES = ((50,) * 2, (50,) * 4, (100,) * 4)


@dataclass(frozen=True, slots=True)
class Run:
    """One package on one target: seconds on the wall, of the processor, and of the processor before these began."""

    seconds: float
    processor_seconds: float
    start_up_seconds: float
    objective: float
    bound: float
    load: float

    @property
    def gap(self) -> float:
        """The gap by the design's true value; infinite without a design."""
        if not np.isfinite(self.objective):
            return np.inf
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)

    @property
    def closed(self) -> bool:
        """Whether the gap was closed in time."""
        return self.gap <= 1.01 * GAP  # packages divide by the smaller or the larger of two nearly equal numbers


def run(python: Path, package: str, folder: Path, limit: float) -> Run:
    """Solve one problem in a process of its own."""
    load = os.getloadavg()[0]
    command = [str(python), str(Path(__file__).with_name("run_one.py")), package, str(folder), str(limit), str(GAP)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{package} failed:\n{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    objective = np.inf if answer["design"] is None else value(folder, np.array(answer["design"]))
    return Run(
        seconds=answer["seconds"],
        processor_seconds=answer["processor_seconds"],
        start_up_seconds=answer["start_up_seconds"],
        objective=objective,
        bound=answer["bound"],
        load=load,
    )


def value(folder: Path, design: np.ndarray) -> float:
    """Return the L1 distance that a design has by a plain forward pass."""
    arrays = np.load(folder / "network.npz")
    depth = len(arrays.files) // 2
    x = np.clip(design, 0.0, 1.0)
    for i in range(1, depth + 1):
        x = arrays[f"W{i}"] @ x + arrays[f"b{i}"]
        x = np.maximum(x, 0.0) if i < depth else x
    return float(np.abs(x - np.loadtxt(folder / "target.csv", delimiter=",")).sum())


def report(task: Task, runs: dict[str, list[Run]], limit: float) -> str:
    """Return a Markdown table: one row a package, with ratios of processor time to Preimage's on two threads."""
    rounds = min(len(row) for row in runs.values())
    runs = {package: row[:rounds] for package, row in runs.items()}
    ours = runs[OWN[0]]
    best = [min(r.objective for r in column) for column in zip(*runs.values(), strict=True)]
    lines = [
        f"## {task.name} (RMSE {task.error:.4f}), {rounds} targets, gap {GAP:g} or {limit:g} s of processor time",
        "",
        "| package | closed | processor seconds a target (gap where open) | wall, median | processor / ours, median "
        "| worst objective / best |",
        "|---|---|---|---|---|---|",
    ]
    for package, row in runs.items():
        shown = ", ".join(f"{r.processor_seconds:.3g}" if r.closed else f"({r.gap:.2g})" for r in row)
        shown = shown.replace("inf", "no design")
        wall = statistics.median(r.seconds for r in row)
        ratio = statistics.median(r.processor_seconds / o.processor_seconds for r, o in zip(row, ours, strict=True))
        more = "" if all(r.closed for r in row) else "> "
        worst = max(r.objective / b for r, b in zip(row, best, strict=True))
        false = any(r.bound > b * (1 + 1e-6) + 1e-6 for r, b in zip(row, best, strict=True))
        name = f"{package} **(a false bound)**" if false else package
        closed = sum(r.closed for r in row)
        lines.append(
            f"| {name} | {closed} of {rounds} | {shown} | {more}{wall:.3g} s | {more}{ratio:.3g} | {worst:.5g} |"
        )
    loads = [r.load for row in runs.values() for r in row]
    before = (f"{name} {statistics.median(r.start_up_seconds for r in row):.2g}" for name, row in runs.items())
    return "\n".join(
        [
            *lines,
            "",
            f"Processor seconds that a process takes once, not counted above (median): {'; '.join(before)}.",
            f"Load average when a run began: {min(loads):.1f} to {max(loads):.1f}.",
            "",
        ]
    )


def compare(python: Path, sizes: Sequence[tuple[int, ...]], targets: int, limit: float) -> str:
    """Run everything on networks of the given hidden layers, round by round; return the tables, as Markdown.

    Parameters
    ----------
    python
        A Python that has the packages compared with.
    sizes
        The hidden layers of each network.
    targets
        Targets of each network; Ctrl-C ends with those that every package has tried.
    limit
        Seconds of processor time a run.
    """
    with tempfile.TemporaryDirectory() as scratch:
        tasks = [make(Path(scratch) / str(i), hidden, targets) for i, hidden in enumerate(sizes)]
        runs: list[dict[str, list[Run]]] = [{package: [] for package in (*OWN, *PEERS)} for _ in tasks]
        try:
            for target, (task, rows), package in product(range(targets), zip(tasks, runs, strict=True), (*OWN, *PEERS)):
                own = Path(sys.executable) if package in OWN else python
                last = run(own, package, task.folders[target], limit)
                rows[package].append(last)
                print(
                    f"{task.name}  target {target}  {package:20}  {last.processor_seconds:7.2f} s "
                    f"({last.seconds:.2f} s)  {last.objective:.6g} >= {last.bound:.6g}  load {last.load:.1f}",
                    file=sys.stderr,
                )
        except KeyboardInterrupt:
            print("interrupted: what was measured until now", file=sys.stderr)
    return "\n".join(report(task, rows, limit) for task, rows in zip(tasks, runs, strict=True) if all(rows.values()))


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers-python", type=Path, required=True, help="a Python that has the packages of requirements/peers.txt"
    )
    parser.add_argument("--quick", action="store_true", help="one target a network and 20 s a run")
    arguments = parser.parse_args()
    limit, targets = (20.0, 1) if arguments.quick else (LIMIT, TARGETS)
    print(
        f"preimage {version('preimage')}; {versions(arguments.peers_python)}; {processor()}, {os.cpu_count()} cores\n"
    )
    print(compare(arguments.peers_python, SIZES, targets, limit))


def versions(python: Path) -> str:
    """Return the versions of the packages compared with."""
    packages = ("pyscipopt", "pyscipopt-ml", "omlt", "pyomo")
    ask = f"from importlib.metadata import version; print(*(f'{{p}} {{version(p)}}' for p in {packages}), sep=', ')"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
