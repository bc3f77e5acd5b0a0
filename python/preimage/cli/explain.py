"""``preimage explain``: what a code means; or what a problem comes to, who would work on it, and why."""

from __future__ import annotations

import re
from pathlib import Path

from preimage.cli import exit_codes
from preimage.cli.terminal import emit, remark, stated
from preimage.engines import Plan, Snapshot, plan
from preimage.engines.critical_width import MANY_BOXES, critical_width, first_value
from preimage.engines.statistics import statistics
from preimage.language.explain import explain as explain_code
from preimage.problem import Inversion, compile_problem
from preimage.results.shape import aligned, shape
from preimage.results.words import outlook
from preimage.structures.describe import memory_in_words
from preimage.structures.options import REASONS, options_of


def explain(subject: str, bindings: dict[str, object]) -> int:
    """Explain a code or a problem."""
    if re.fullmatch(r"(pre)?\d+", subject.strip(), re.IGNORECASE):
        try:
            emit(explain_code(subject))
        except LookupError as unknown:
            remark(f"error: {unknown.args[0]}")
            return exit_codes.USAGE
        return exit_codes.OK
    problem = stated(Path(subject), bindings)
    if problem.structure is not None:
        options = options_of(problem)
        plan_row = ("plan", f"{options.method}: {REASONS[options.method]}, in {options.steps} steps")
        emit(aligned([*shape(problem), plan_row, ("memory", memory_in_words(problem.structure))]))
        return exit_codes.OK
    inversion = compile_problem(problem)
    sizes = statistics(inversion, NOTHING_YET)
    program = (
        f"{sizes['variables']} variables, {sizes['binaries']} of them binary, "
        f"{sizes['rows']} rows, {sizes['nonzeros']} non-zeros"
    )
    chosen = plan(inversion, 1, problem.solve.engines)
    rows = [*shape(problem), ("plan", chosen.reason), *_outlook(inversion, chosen), ("program", program)]
    for layer in sizes["layers"]:
        active, inactive = layer["stable_active"], layer["stable_inactive"]
        rows.append((layer["name"], f"{layer['unstable']} neurons undecided, {active} always active, {inactive} never"))
    emit(aligned(rows))
    return exit_codes.OK


def _outlook(inversion: Inversion, chosen: Plan) -> list[tuple[str, str]]:
    """Return a row on what to expect of branching over inputs, where that takes many boxes."""
    if "branch" not in chosen.engines or inversion.problem.objective is None:
        return []
    width = critical_width(inversion, first_value(inversion))
    if width is None or width.boxes < MANY_BOXES:
        return []
    return [("outlook", outlook(width.half_width, width.boxes, width.seconds))]


NOTHING_YET = Snapshot(0.0, "searching", "minimise", None, None, None, "", "", {}, {}, ())
