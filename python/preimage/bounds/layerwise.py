"""Algorithm 1: layer by layer, and in each layer step by step, each only for the units that are still worth it.

Source: N. Ansari, H.-P. Seidel, V. Babaei, "Mixed integer neural inverse design", ACM Transactions on Graphics 41(4),
2022, appendix A, after M. Fischetti, J. Jo, "Deep neural networks and mixed integer linear optimization", Constraints
23, 2018.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from preimage._core import Bounds, Prover
from preimage.bounds.integer import ByScip
from preimage.bounds.linear import ByLines
from preimage.bounds.pool import Found, Solver, share
from preimage.bounds.record import Flags, LayerBounds, Step, Tightening, Vector
from preimage.bounds.subject import Layer, Subject


@dataclass(frozen=True, slots=True)
class Progress:
    """Where tightening stands.

    Attributes
    ----------
    layer, layers
        The number of the layer, and of all.
    name
        Of the layer.
    step
        What is going on: ``slopes``, ``lp``, ``milp``; empty when the layer is done.
    done, units
        Units treated in this step, and to be treated.
    undecided, size
        Units of the layer whose sign was open when the step began, and all.
    """

    layer: int
    layers: int
    name: str
    step: str
    done: int
    units: int
    undecided: int
    size: int


Tell = Callable[[Progress], object]


@dataclass(slots=True)
class _Work:
    """A layer under work."""

    layer: Layer
    lower: Vector
    upper: Vector
    by_solver: Flags
    steps: list[Step]

    @property
    def undecided(self) -> int:
        """Units whose sign is open."""
        return int(((self.lower < 0.0) & (self.upper > 0.0)).sum())

    def open_units(self) -> list[int]:
        """Return the units that are worth a further step: of kinks, those whose sign is open."""
        worth_it = (self.lower < 0.0) & (self.upper > 0.0) if self.layer.kinked else self.lower < self.upper
        units: list[int] = np.flatnonzero(worth_it).tolist()
        return units

    def take(self, found: list[Found], by_solver: bool) -> None:
        """Intersect with what a step has found."""
        for unit, lower, upper in found:
            least, most = max(lower, self.lower[unit]), min(upper, self.upper[unit])
            if least > most:  # there is no design: whatever is said of it is true
                continue
            self.by_solver[unit] |= by_solver and (least > self.lower[unit] or most < self.upper[unit])
            self.lower[unit], self.upper[unit] = least, most

    def note(self, name: str, seconds: float) -> None:
        """Keep what a step has left."""
        self.steps.append(Step(name, self.undecided, float(np.mean(self.upper - self.lower)), seconds))

    def done(self) -> LayerBounds:
        """Return the layer as it stands."""
        layer = self.layer
        return LayerBounds(layer.name, layer.kinked, self.lower, self.upper, self.by_solver, tuple(self.steps))


Known = Mapping[int, tuple[Vector, Vector]]


def tighten_layers(
    subject: Subject,
    *,
    time_per_unit: float,
    threads: int,
    before: Tightening | None = None,
    tell: Tell = lambda progress: None,
) -> Tightening:
    """Bound every layer, the first one first; interrupted, keep what is done.

    Parameters
    ----------
    time_per_unit
        Seconds of MILP for each unit that is undecided after the linear programs; 0 for none.
    before
        Of the same subject, to start from.
    tell
        Told of the progress from this thread.
    """
    known: dict[int, tuple[Vector, Vector]] = {}
    layers: list[LayerBounds] = []
    interrupted = False
    plain = subject.model.bounds("interval")
    if before is not None:
        known = {layer.node: (b.lower, b.upper) for layer, b in zip(subject.layers, before.layers, strict=True)}
    for number, layer in enumerate(subject.layers):
        work = _begin(subject, layer, plain, known)
        if before is not None:
            work.by_solver |= before.layers[number].by_solver
        if not interrupted and (subject.has_requirements or not layer.first):
            place = (number + 1, len(subject.layers))
            interrupted = _step_by_step(subject, work, known, time_per_unit, threads, tell, place)
        known[layer.node] = work.lower, work.upper
        layers.append(work.done())
        tell(Progress(number + 1, len(subject.layers), layer.name, "", 0, 0, work.undecided, layer.size))
    return Tightening(subject.digest, tuple(layers), time_per_unit, complete=not interrupted)


def _begin(subject: Subject, layer: Layer, plain: Bounds, known: Known) -> _Work:
    """Bound a layer by intervals and by lines carried back to the inputs."""
    empty = np.zeros(layer.size, dtype=np.bool_)
    work = _Work(layer, plain.lower(layer.node), plain.upper(layer.node), empty, [])
    work.note("interval", 0.0)
    begun = time.perf_counter()
    bounds = subject.bounds(known)
    work.lower, work.upper = bounds.lower(layer.node), bounds.upper(layer.node)
    work.note("crown", time.perf_counter() - begun)
    return work


def _step_by_step(
    subject: Subject,
    work: _Work,
    known: Known,
    time_per_unit: float,
    threads: int,
    tell: Tell,
    place: tuple[int, int],
) -> bool:
    """Take the steps that cost something; return whether the user interrupted."""
    for name, solver in _steps(subject, work, known, time_per_unit):
        units = work.open_units()
        if not units:
            return False
        begun = time.perf_counter()
        if solver is None:
            lower, upper = Prover(subject.model, subject.bounds(known)).slopes(work.layer.node, units)
            found, interrupted = list(zip(units, lower.tolist(), upper.tolist(), strict=True)), False
        else:
            told = partial(_tell, tell, place, work.layer, name, len(units), work.undecided)
            found, interrupted = share(units, solver(units), threads, told)
        work.take(found, by_solver=name == "milp")
        work.note(name, time.perf_counter() - begun)
        if interrupted:
            return True
    return False


def _tell(tell: Tell, place: tuple[int, int], layer: Layer, step: str, units: int, undecided: int, done: int) -> None:
    tell(Progress(*place, layer.name, step, done, units, undecided, layer.size))


Start = Callable[[], Solver]


def _steps(
    subject: Subject, work: _Work, known: Known, time_per_unit: float
) -> Iterator[tuple[str, Callable[[list[int]], Start] | None]]:
    """Yield the steps beyond lines: the name, and what makes a solver for some units."""
    model, node = subject.model, work.layer.node

    def bounds() -> Bounds:
        return subject.bounds({**known, node: (work.lower, work.upper)})

    def by_lines(units: list[int]) -> Start:
        tight = bounds()
        program = model.encode(tight, "lines", entries=[(node, unit) for unit in units])
        return lambda: ByLines(model, tight, program, node)

    def by_scip(units: list[int]) -> Start:
        program = model.encode(bounds(), entries=[(node, unit) for unit in units])
        return lambda: ByScip(program, node, time_per_unit)

    yield "slopes", None
    yield "lp", by_lines
    if time_per_unit > 0.0 and work.layer.kinked:
        yield "milp", by_scip
