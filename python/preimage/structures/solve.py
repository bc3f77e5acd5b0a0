"""Solving a structure: a method that looks for stiff designs, and the proof of a bound, side by side on one search."""

from __future__ import annotations

import importlib.util
import math
import platform
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import scipy
from numpy.typing import NDArray

from preimage import __version__
from preimage.engines.portfolio import Effort, Worker, run_side_by_side
from preimage.engines.search import Search, Snapshot, relative_gap
from preimage.results.result import Status
from preimage.structures.bound import LowerBound
from preimage.structures.fault import Fault, errors
from preimage.structures.film import Film
from preimage.structures.judge import Judge
from preimage.structures.members import least_width
from preimage.structures.options import PACKAGES, REASONS, Options
from preimage.structures.physics import Physics
from preimage.structures.result import StructureResult, arrays_of, plain_fields
from preimage.structures.soundness import faults_of
from preimage.structures.task import Task

if TYPE_CHECKING:
    from preimage.structures.methods.iterate import Iterate, Method

Array = NDArray[np.float64]

SHARE_OF_OFFERS = 0.2
"""Solving anew for the designs that a method is proud of takes this share of its time at most."""

MOST_PROOFS, FEWEST_PROOFS = 100, 25
"""Steps towards the best sheet: as many as the method has, within these limits."""


def solve(
    task: Task,
    options: Options,
    *,
    origin: Mapping[str, Any] | None = None,
    progress: Callable[[Snapshot], None] | None = None,
) -> tuple[StructureResult, bool]:
    """Look for a stiff design of a task and prove a bound, until both are done, time is over, or the user interrupts.

    Parameters
    ----------
    origin
        Where the task came from, for provenance: ``text``, ``file``, ``bindings``.
    progress
        Called about eight times a second, from the calling thread.

    Returns
    -------
    tuple
        The answer, and whether the user interrupted.

    Raises
    ------
    ProblemErrors
        If the task makes no sense.
    """
    if faults := tuple(faults_of(task)):
        raise errors(faults)
    method = method_for(task, options.method)
    physics = Physics(task)
    _leave_room(physics)
    judge, proof = Judge(physics.twin()), LowerBound(task, physics.twin())
    search = Search(judge, options.gap, options.time_limit)
    film = Film(task.mask.shape)
    workers = {options.method: _finder(method, options, film), "sheet": _prover(proof, options.steps)}
    interrupted = run_side_by_side(workers, physics, search, Effort(len(workers), options.seed), progress)
    return _answer(task, options, judge, search, proof, film, dict(origin or {})), interrupted


def method_for(task: Task, name: str) -> Method:
    """Return a method by its name, as it works on a task; see `method_called`."""
    from preimage.structures.methods.sharpening import sharpened

    method = method_called(name)
    return sharpened(method) if task.projected else method


def method_called(name: str) -> Method:
    """Return a method by its name.

    Raises
    ------
    ProblemErrors
        If it needs a package that is not there.
    """
    package, extra = PACKAGES.get(name, ("", ""))
    if package and importlib.util.find_spec(package) is None:
        advice = f"pip install 'preimage[{extra}]', or leave the choice of the method to Preimage"
        raise errors([Fault("PRE827", {"method": name, "package": package}, advice)])
    from preimage.structures.methods import METHODS

    return METHODS["pixels" if name == "lbfgs" else name]


def _leave_room(physics: Physics) -> None:
    """Refuse solid parts that take all of the volume, as the filter counts it."""
    task, limit = physics.task, physics.volume_limit
    solid = float(physics.volume_weights[task.solid].sum())
    if solid >= limit:
        share = solid / float(task.mask.sum())
        values = {"volume": f"{task.volume:.4g}", "solid": f"{share:.4g}"}
        raise errors([Fault("PRE810", values, f"give more than {share:.4g}, or less that is solid")])


class _Offers:
    """Hands the best design of a method on to the search, now and then, and at the end.

    Attributes
    ----------
    last
        What was reported last, on whatever grid.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self._best = math.inf
        self._waiting: Iterate | None = None
        self._next = 0.0
        self.last: Array | None = None

    def consider(self, found: Iterate) -> None:
        """Remember a design if it is better than all before, and offer it if it is time."""
        self.last = found.design
        if found.compliance is None or not found.compliance < self._best:
            return
        self._best, self._waiting = found.compliance, found
        if time.perf_counter() >= self._next:
            self.flush()

    def flush(self) -> None:
        """Offer the design that waits."""
        if self._waiting is not None:
            start = time.perf_counter()
            self._search.offer(self._waiting.design.ravel(), self._waiting.method)
            end = time.perf_counter()
            self._waiting, self._next = None, end + (end - start) / SHARE_OF_OFFERS


def _in_full(design: Array | None, task: Task) -> Array:
    """Return a picture of a task's grid or of a coarser one as a design, which may take too much; or a full grid."""
    if design is None or any(many % few for many, few in zip(task.mask.shape, design.shape, strict=True)):
        return np.ones(task.elements)
    rows, columns = (many // few for many, few in zip(task.mask.shape, design.shape, strict=True))
    return design.repeat(rows, axis=0).repeat(columns, axis=1).ravel()


def _finder(method: Method, options: Options, film: Film) -> Worker[Physics]:
    """Return the worker that looks for designs, and films them; it has one in the end, however early that comes."""

    def find(physics: Physics, search: Search, effort: Effort) -> None:
        offers = _Offers(search)

        def report(found: Iterate) -> bool:
            search.note(found.method, math.ceil(found.evaluation))
            same = found.design.shape == physics.task.mask.shape
            density = physics.density(found.design) if same else found.design
            search.note_picture(density)
            film.add(density, search.seconds)
            offers.consider(found)
            return not search.should_stop()

        method(physics, evaluations=options.steps, seed=effort.seed, report=report)
        offers.flush()
        if search.best()[1] is None:
            search.offer(_in_full(offers.last, physics.task), options.method)

    return find


def _prover(proof: LowerBound, steps: int) -> Worker[Physics]:
    """Return the worker that proves: it needs no design."""

    def prove(physics: Physics, search: Search, effort: Effort) -> None:
        for step in range(min(max(steps, FEWEST_PROOFS), MOST_PROOFS)):
            if search.should_stop() or proof.settled:
                return
            search.raise_bound(proof.improve(1), "sheet")
            search.note("sheet", step + 1)

    return prove


def _answer(
    task: Task,
    options: Options,
    judge: Judge,
    search: Search,
    proof: LowerBound,
    film: Film,
    origin: dict[str, Any],
) -> StructureResult:
    seen = search.snapshot()
    _, x, _ = search.best()
    status = "no design found" if x is None else "feasible"
    predictions = {} if x is None else {"density": judge.density(x)}
    if seen.status in ("optimal", "interrupted"):
        status = seen.status
    provenance = {
        "text": "",
        "file": None,
        "bindings": [],
        **origin,
        "structure": plain_fields(task),
        "versions": _versions(),
        "engines": [options.method],
        "reason": REASONS[options.method],
        "stopped_by": seen.status,
        "bound_by": seen.source_of_bound,
        "gap": options.gap,
        "steps": options.steps,
        "time_limit": options.time_limit,
        "seed": options.seed,
    }
    return StructureResult(
        status=cast(Status, status),
        objective=seen.incumbent,
        bound=seen.bound,
        gap=relative_gap(seen.incumbent, seen.bound),
        design={} if x is None else judge.design(x),
        predictions=predictions,
        arrays=arrays_of(task) | proof.witness | film.arrays(),
        trace=seen.trace,
        statistics={"elements": task.elements, "steps": dict(seen.nodes)} | _measured(task, predictions),
        provenance=provenance,
        seconds=seen.seconds,
    )


def _measured(task: Task, predictions: Mapping[str, Array]) -> dict[str, float]:
    """Return how wide the members of a crisp structure are."""
    if not task.projected or not predictions:
        return {}
    return {"member_width": least_width(task, predictions["density"])}


def _versions() -> dict[str, str]:
    packages = {"preimage": __version__, "numpy": np.__version__, "scipy": scipy.__version__}
    return {"python": platform.python_version(), **packages}
