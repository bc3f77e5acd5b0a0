"""From what is said of a structure to its task, with every mistake on the way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.structures.fault import Fault
from preimage.structures.parts import Load, LoadCase, Part, Solid, Support, Symmetric, Void
from preimage.structures.places import NEAR, Place, Point, nodes_at
from preimage.structures.regions import Disc, elements_in
from preimage.structures.soundness import faults_of, faults_of_size
from preimage.structures.task import FILTER_RADIUS, Task, VolumeOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is said of a structure.

    Attributes
    ----------
    parts
        In the order in which they were said.
    volume, volume_of, filter_radius, projected, member_width
        As in `Task`.
    """

    name: str
    width: float
    height: float
    parts: tuple[Part, ...]
    volume: float
    volume_of: VolumeOf = "filtered"
    filter_radius: float = FILTER_RADIUS
    projected: bool = False
    member_width: float = 0.0

    def task(self) -> tuple[Task | None, tuple[Fault, ...]]:
        """Return the task, or what keeps it from being one."""
        faults = tuple(faults_of_size(self.width, self.height, len(_cases(self.parts))))
        faults = faults or tuple(self._faults_of_parts())
        if faults:
            return None, faults
        task = _made(self)
        faults = tuple(self._placed(fault) for fault in faults_of(task))
        return (None, faults) if faults else (task, ())

    def _faults_of_parts(self) -> Iterator[Fault]:
        for part in self.parts:
            match part:
                case Support() | Load():
                    yield from self._faults_of_place(part)
                case LoadCase():
                    yield from (fault for load in part.loads for fault in self._faults_of_place(load))
                case Solid() | Void():
                    yield from self._faults_of_region(part)
                case Symmetric():
                    yield from self._faults_of_symmetry(part)
        yield from self._faults_of_overlap()
        yield from self._faults_of_cases()

    def _faults_of_place(self, part: Support | Load) -> Iterator[Fault]:
        corners = part.place.corners(round(self.width), round(self.height))
        yield from self._faults_of_points(part, corners, whole=True)
        if isinstance(part, Load) and not all(map(math.isfinite, part.force)):
            yield Fault("PRE817", {"force": _shown(part.force)}, "give finite numbers: by (0, -1)", "", part)

    def _faults_of_points(self, part: Part, points: Iterable[Point], *, whole: bool) -> Iterator[Fault]:
        for x, y in points:
            inside = 0 <= x <= self.width and 0 <= y <= self.height
            if inside and (not whole or (float(x).is_integer() and float(y).is_integer())):
                continue
            reason = "lies between the nodes" if inside else "is off the grid"
            advice = f"nodes run from (0, 0), at the lower left, to {_shown((self.width, self.height))}"
            yield Fault("PRE806", {"point": _shown((x, y)), "reason": reason}, advice, reason, part)
            return

    def _faults_of_region(self, part: Solid | Void) -> Iterator[Fault]:
        points = list(self._faults_of_points(part, part.region.points(), whole=False))
        yield from points
        if points or self._elements(part).any():
            return
        advice = (
            "a radius counts elements" if isinstance(part.region, Disc) else "its corners are an element apart or more"
        )
        yield Fault("PRE807", {"region": str(part.region)}, advice, "holds the middle of no element", part)

    def _faults_of_symmetry(self, part: Symmetric) -> Iterator[Fault]:
        middle = (self.width if part.across == "x" else self.height) / 2
        if part.at != middle:
            values = {"axis": part.across, "at": f"{part.at:g}"}
            advice = f"try: symmetric across {part.across} = {middle:g}"
            yield Fault("PRE814", values, advice, f"the middle is at {middle:g}", part)

    def _faults_of_overlap(self) -> Iterator[Fault]:
        pairs = [
            (void, solid, self._elements(void) & self._elements(solid))
            for void in (part for part in self.parts if isinstance(part, Void))
            for solid in (part for part in self.parts if isinstance(part, Solid))
        ]
        clashes = [(void, solid, both) for void, solid, both in pairs if both.any()]
        if clashes:
            void, solid, both = clashes[0]
            row, column = np.argwhere(both)[0]
            count = int(np.logical_or.reduce([both for _, _, both in clashes]).sum())
            values = {"count": _counted(count), "place": _shown((column, self.height - row - 1))}
            advice = "take what they share away from one of them"
            yield Fault("PRE808", values, advice, "void", void, ((solid, "solid"),))

    def _faults_of_cases(self) -> Iterator[Fault]:
        cases = [part for part in self.parts if isinstance(part, LoadCase)]
        outside = [part for part in self.parts if isinstance(part, Load)]
        if cases and outside:
            others = ((cases[0], "a load case"),)
            advice = "a load belongs to the load case above it; write it there, in each where it acts"
            yield Fault("PRE818", {}, advice, "in no load case", outside[0], others)
        for case in cases:
            if not (math.isfinite(case.weight) and case.weight > 0):
                advice = "leave out a load case that does not count"
                yield Fault("PRE819", {"name": case.name, "weight": f"{case.weight:g}"}, advice, "not positive", case)

    def _elements(self, part: Solid | Void) -> NDArray[np.bool_]:
        return elements_in(part.region, round(self.width), round(self.height))

    def _placed(self, fault: Fault) -> Fault:
        """Return a mistake of the arrays with the part that it comes from."""
        if fault.node is not None:
            for load in (load for case in _cases(self.parts) for load in case.loads):
                nodes = nodes_at(load.place, round(self.width), round(self.height))
                if ((nodes.rows == fault.node[0]) & (nodes.columns == fault.node[1])).any():
                    return dataclasses.replace(fault, part=load)
        case = _cases(self.parts)[fault.values.get("case", 0)]
        if fault.code == "PRE812" and case.name:
            named = {**fault.values, "which": f" in load case `{case.name}`"}
            return dataclasses.replace(fault, part=case, values=named)
        for part in self.parts:
            mirror = isinstance(part, Symmetric) and part.across == fault.values.get("axis")
            if mirror or (fault.code == "PRE826" and isinstance(part, Void)):
                return dataclasses.replace(fault, part=part)
        return fault


def _made(draft: Draft) -> Task:
    """Return the task of a draft whose parts lie on the grid."""
    width, height = round(draft.width), round(draft.height)
    cases = _cases(draft.parts)
    fixed = np.zeros((height + 1, width + 1, 2), dtype=np.bool_)
    loads = np.zeros((len(cases), height + 1, width + 1, 2))
    solid = np.zeros((height, width), dtype=np.bool_)
    mask = np.ones((height, width), dtype=np.bool_)
    mirrored = set()
    for part in draft.parts:
        match part:
            case Support(place, directions):
                rows, columns = _near(place, width, height)
                for axis, direction in enumerate("xy"):
                    fixed[rows, columns, axis] |= direction in directions
            case Solid(region):
                solid |= elements_in(region, width, height)
            case Void(region):
                mask &= ~elements_in(region, width, height)
            case Symmetric(across):
                mirrored.add(across)
    for forces, case in zip(loads, cases, strict=True):
        for load in case.loads:
            nodes = nodes_at(load.place, width, height)
            shares = nodes.shares if load.total else nodes.weights
            forces[nodes.rows, nodes.columns, 0] += load.force[0] * shares
            forces[nodes.rows, nodes.columns, 1] -= load.force[1] * shares
    return Task(
        name=draft.name,
        width=width,
        height=height,
        fixed=fixed,
        loads=loads,
        weights=np.array([case.weight for case in cases]),
        volume=draft.volume,
        mask=mask,
        solid=solid,
        mirror_x="x" in mirrored,
        mirror_y="y" in mirrored,
        filter_radius=draft.filter_radius,
        volume_of=draft.volume_of,
        projected=draft.projected,
        member_width=draft.member_width,
    )


def _near(place: Place, width: int, height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    nodes = nodes_at(place, width, height)
    near = nodes.weights >= 1 - NEAR
    return nodes.rows[near], nodes.columns[near]


def _cases(parts: Sequence[Part]) -> list[LoadCase]:
    """Return the load cases; loads that stand in none make up one."""
    cases = [part for part in parts if isinstance(part, LoadCase)]
    return cases or [LoadCase("", tuple(part for part in parts if isinstance(part, Load)))]


def _shown(pair: tuple[float, float]) -> str:
    return f"({pair[0]:g}, {pair[1]:g})"


def _counted(count: int) -> str:
    return "an element" if count == 1 else f"{count} elements"
