"""One run for `structures.py`, and the file that finished runs are kept in, one line of JSON each."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from math import inf, prod
from pathlib import Path

import numpy as np

import preimage.structures
from preimage.structures import published
from preimage.structures.bound import LowerBound
from preimage.structures.judge import Judge
from preimage.structures.methods import Iterate
from preimage.structures.options import STEPS
from preimage.structures.physics import Physics
from preimage.structures.solve import MOST_PROOFS, method_called
from preimage.structures.task import VolumeOf

BOUND = "bound"
"""What stands for a method where a bound is proved."""

CONVENTIONS: Mapping[str, tuple[VolumeOf, ...]] = {
    "cnn": ("design",),
    "lbfgs": ("design",),
    "mma": ("filtered",),
    "oc": ("filtered",),
    "continuation": ("filtered", "design"),
}
"""The mean that a method limits: as published, and for our own method both."""

SEED = 0
AGREES = 1e-9
"""Solved anew, a design has the compliance that its method reported, but for rounding."""


@dataclass(frozen=True, slots=True)
class Run:
    """A method, or `BOUND`, on a task.

    Attributes
    ----------
    steps
        Designs tried, or steps of the proof.
    seconds
        Of the processor, after which the method is stopped; None where it takes all of its steps.
    """

    task: str
    method: str
    volume_of: VolumeOf
    steps: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run gave.

    Attributes
    ----------
    run, code
        What was run, and the version of the package's files.
    value
        Compliance of the best design, or the bound; None where no design was found in time.
    evaluations
        Factorisations of the full grid; those of coarser ones count by their share of the elements.
    processor_seconds
        Of all that was done, the making of the task left out.
    """

    run: Run
    code: str
    value: float | None
    evaluations: float
    processor_seconds: float


def plan(names: Iterable[str], methods: Iterable[str], steps: int | None, seconds: float | None) -> list[Run]:
    """Give all runs on some tasks, small tasks first, and of a task its bounds first."""
    runs: list[Run] = []
    for name in sorted(names, key=elements):
        chosen = [(method, volume_of) for method in methods for volume_of in CONVENTIONS[method]]
        runs += [Run(name, BOUND, volume_of, MOST_PROOFS) for volume_of in dict.fromkeys(v for _, v in chosen)]
        runs += [Run(name, method, volume_of, steps or STEPS[method], seconds) for method, volume_of in chosen]
    return runs


def elements(name: str) -> int:
    """Give the number of elements of a published task, which its name tells."""
    return prod(map(int, name.split("_")[-2].split("x")))


def code() -> str:
    """Give the version of all files that a structure's answer may depend on."""
    folder = Path(preimage.structures.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def measure(run: Run, version: str) -> Measured:
    """Make a run, on this thread; `version` is that of the files that it is made with."""
    task = replace(published(run.task), volume_of=run.volume_of)
    start = time.process_time()
    physics = Physics(task)
    value, evaluations = _proved(physics, run) if run.method == BOUND else _found(physics, run, start)
    return Measured(run, version, value, evaluations, time.process_time() - start)


def _proved(physics: Physics, run: Run) -> tuple[float, float]:
    bound = LowerBound(physics.task, physics)
    for step in range(run.steps):
        if bound.settled:
            return bound.value, step
        bound.improve(1)
    return bound.value, run.steps


def _found(physics: Physics, run: Run, start: float) -> tuple[float | None, float]:
    """Give the compliance of the best design, as a search would judge it, and what it took."""
    best, spent = Iterate(physics.task.solid.astype(np.float64), None, 0.0, run.method), 0.0
    limit = inf if run.seconds is None else run.seconds

    def report(found: Iterate) -> bool:
        nonlocal best, spent
        spent = found.evaluation
        if found.compliance is not None and (best.compliance is None or found.compliance < best.compliance):
            best = found
        return time.process_time() - start < limit

    method_called(run.method)(physics, evaluations=run.steps, seed=SEED, report=report)
    if best.compliance is None:
        return None, spent
    judge = Judge(physics)
    compliance, excess = judge.judge(judge.repair(best.design.ravel()))
    if excess > 0.0 or abs(compliance - best.compliance) > AGREES * compliance:
        raise RuntimeError(f"{run} has compliance {compliance}, not {best.compliance}; too much volume: {excess}")
    return compliance, spent


def kept(path: Path) -> list[Measured]:
    """Read all finished runs, the oldest first."""
    return list(_read(path)) if path.exists() else []


def _read(path: Path) -> Iterator[Measured]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Measured(Run(**row.pop("run")), **row)


def newest(measured: Iterable[Measured], runs: Iterable[Run]) -> list[Measured]:
    """Give what was measured last of each run, where there is anything."""
    last = {one.run: one for one in measured}
    return [last[run] for run in runs if run in last]


def keep(path: Path, measured: Measured) -> None:
    """Add a finished run."""
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(measured)) + "\n")
