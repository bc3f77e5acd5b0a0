"""From a checked problem about a structure, or a task, to its answer: what `preimage.invert` does for structures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from preimage.engines.search import Snapshot
from preimage.language.problem import Problem
from preimage.structures.options import Options
from preimage.structures.suite import published
from preimage.structures.task import Task

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

PUBLISHED_PREFIX = "structures:"
"""Before the name of a published task, where the path of a problem may stand."""


def problem_of(task: Task | str) -> Problem:
    """Return a problem that is nothing but a task, or a published task called ``structures:NAME``.

    Raises
    ------
    ProblemErrors
        If no published task has the name.
    """
    if isinstance(task, str):
        task = published(task.removeprefix(PUBLISHED_PREFIX))
    return Problem(text="", path=None, structure=task)


def invert_structure(
    problem: Problem, options: Options, progress: Callable[[Snapshot], None] | None = None
) -> tuple[StructureResult, bool]:
    """Solve a problem about a structure; see `preimage.structures.solve`."""
    from preimage.structures.solve import solve

    assert problem.structure is not None
    origin = {
        "text": problem.text,
        "file": str(problem.path.resolve()) if problem.path else None,
        "bindings": [dataclasses.asdict(binding) for binding in problem.bindings],
    }
    return solve(problem.structure, options, origin=origin, progress=progress)
