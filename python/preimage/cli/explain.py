"""``preimage explain``: what a code means; or what a problem comes to, who would work on it, and why."""

from __future__ import annotations

import re
from pathlib import Path

from preimage.cli import exit_codes
from preimage.cli.terminal import emit, readable, remark
from preimage.engines import Snapshot, plan
from preimage.engines.statistics import statistics
from preimage.language import check
from preimage.language.explain import explain as explain_code
from preimage.problem import compile_problem
from preimage.results.shape import aligned, shape


def explain(subject: str, bindings: dict[str, object]) -> int:
    """Explain a code or a problem."""
    if re.fullmatch(r"(pre)?\d+", subject.strip(), re.IGNORECASE):
        try:
            emit(explain_code(subject))
        except LookupError as unknown:
            remark(f"error: {unknown.args[0]}")
            return exit_codes.USAGE
        return exit_codes.OK
    problem = check(readable(Path(subject)), bindings)
    inversion = compile_problem(problem)
    sizes = statistics(inversion, NOTHING_YET)
    program = (
        f"{sizes['variables']} variables, {sizes['binaries']} of them binary, "
        f"{sizes['rows']} rows, {sizes['nonzeros']} non-zeros"
    )
    rows = [*shape(problem), ("plan", plan(inversion, 1, problem.solve.engines).reason), ("program", program)]
    for layer in sizes["layers"]:
        active, inactive = layer["stable_active"], layer["stable_inactive"]
        rows.append((layer["name"], f"{layer['unstable']} neurons undecided, {active} always active, {inactive} never"))
    emit(aligned(rows))
    return exit_codes.OK


NOTHING_YET = Snapshot(0.0, "searching", "minimise", None, None, None, "", "", {}, {}, ())
