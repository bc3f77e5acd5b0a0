"""What a structure's result promises, verified again: by solving for its displacements, and from its witness."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from preimage._core import VOLUME_TOLERANCE
from preimage.results.check import SAME, Finding, Report
from preimage.results.check import inspect as inspect_result
from preimage.results.numbers import number
from preimage.results.words import proved
from preimage.structures.bound import proved_by
from preimage.structures.judge import Judge
from preimage.structures.members import least_width
from preimage.structures.physics import Physics
from preimage.structures.result import StructureResult
from preimage.structures.soundness import faults_of


def inspect(result: StructureResult) -> Report:
    """Verify everything, and return every finding, broken or not."""
    findings = list(inspect_result(result).findings)
    faults = tuple(faults_of(result.task))
    findings += [Finding("task", False, f"it makes no sense ({fault.code})") for fault in faults]
    if not faults:
        findings += _by_the_physics(result) if result.design else ()
        findings += _by_the_witness(result)
    return Report(tuple(findings), evaluated=not faults)


def _by_the_physics(result: StructureResult) -> Iterator[Finding]:
    task, design = result.task, np.asarray(result.design["design"], dtype=np.float64)
    judge = Judge(Physics(task))
    compliance, excess = judge.judge(design.ravel())
    volume = f"{result.volume:.6g} of the {task.volume:g} that it may take"
    yield Finding("volume", excess <= VOLUME_TOLERANCE, volume)
    within = ((design >= task.solid) & (design <= task.mask)).all()
    yield Finding("regions", bool(within), "empty where void, full where solid, between them elsewhere")
    for mirrored, axis, name in ((task.mirror_x, 1, "x"), (task.mirror_y, 0, "y")):
        if mirrored:
            yield Finding("symmetry", bool((design == np.flip(design, axis)).all()), f"across {name}")
    density = np.abs(judge.density(design.ravel()) - result.predictions["density"]).max() <= SAME
    yield Finding("density", bool(density), "the design after the filter, and after the projection if there is one")
    if task.member_width or result.member_width is not None:
        width = least_width(task, result.predictions["density"])
        measured = f"measured again, the thinnest member is {number(width, 4)} wide"
        said = "" if width == result.member_width else f", not {number(result.member_width, 4)}"
        yield Finding("members", not said, measured + said)
    same = result.objective is not None and abs(compliance - result.objective) <= SAME * compliance
    gives = f"solved again, the compliance is {number(compliance, 9)}"
    yield Finding("objective", same, gives if same else f"{gives}, not {number(result.objective, 9)}")


def _by_the_witness(result: StructureResult) -> Iterator[Finding]:
    if result.bound is None:
        return
    found = proved_by(result.task, result.arrays)
    holds = result.bound <= found * (1.0 + SAME)
    limit = proved(found, "minimise", 7)
    detail = f"proved again from its displacement: no design has less compliance than {limit}"
    yield Finding("witness", holds, detail if holds else f"its displacement proves {limit} only")
