"""``preimage explain``: what a code means; or what a problem comes to, who would work on it, and why."""

from __future__ import annotations

import re
from pathlib import Path

from preimage.cli import exit_codes
from preimage.cli.shape import shape_lines
from preimage.cli.terminal import emit, remark
from preimage.engines import Snapshot, plan
from preimage.engines.statistics import statistics
from preimage.language import check
from preimage.language.explain import explain as explain_code
from preimage.problem import compile_problem


def explain(subject: str, bindings: dict[str, object]) -> int:
    """Explain a code or a problem."""
    if re.fullmatch(r"(pre)?\d+", subject.strip(), re.IGNORECASE):
        try:
            emit(explain_code(subject))
        except LookupError as unknown:
            remark(f"error: {unknown.args[0]}")
            return exit_codes.USAGE
        return exit_codes.OK
    problem = check(Path(subject), bindings)
    inversion = compile_problem(problem)
    sizes = statistics(inversion, NOTHING_YET)
    lines = [
        *shape_lines(problem),
        f"{'plan':<12}  {plan(inversion, problem.solve.engines).reason}",
        f"{'program':<12}  {sizes['variables']} variables, {sizes['binaries']} of them binary, "
        f"{sizes['rows']} rows, {sizes['nonzeros']} non-zeros",
    ]
    for layer in sizes["layers"]:
        counts = (
            f"{layer['unstable']} undecided, {layer['stable_active']} always on, {layer['stable_inactive']} always off"
        )
        lines.append(f"{layer['name']:<12}  {counts}")
    emit("\n".join(lines))
    return exit_codes.OK


NOTHING_YET = Snapshot(0.0, "searching", "minimise", None, None, None, "", "", {}, {}, ())
