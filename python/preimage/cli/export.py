"""``preimage export``: the mixed-integer program, for any solver; or the result of a structure, for other programs."""

from __future__ import annotations

from pathlib import Path

import typer

from preimage.cli import exit_codes
from preimage.cli.structure import structure_in
from preimage.cli.terminal import readable, remark
from preimage.language import check
from preimage.problem import compile_problem
from preimage.results.archive import CONTAINER
from preimage.results.container import format_of
from preimage.results.errors import ResultFileError
from preimage.results.numbers import size


def export(file: Path, model: Path, bindings: dict[str, object], target: int) -> int:
    """Write the program of one target, or the result of a structure that ``file`` holds."""
    if format_of(file) == CONTAINER.format:
        structure_in(file).export(model)
        remark(f"wrote {model} ({size(model.stat().st_size)})")
        return exit_codes.OK
    suffix = model.suffix.lower()
    if suffix not in (".mps", ".lp"):
        raise ResultFileError(
            "PRE709", model, "a name that ends in .mps or .lp", format=suffix or "a file without suffix"
        )
    problem = check(readable(file), bindings)
    if target >= problem.sweep_rows:
        count = problem.sweep_rows
        raise typer.BadParameter(f"there are {count} targets, counted from 0", param_hint="--target")
    compiled = compile_problem(problem, target).model
    program = compiled.encode(compiled.bounds())
    try:
        (program.write_mps if suffix == ".mps" else program.write_lp)(str(model))
    except OSError as error:
        raise ResultFileError.not_written(model, error) from error
    sizes = f"{program.column_count} columns ({program.binaries} binary), {program.row_count} rows"
    which = f", target {target} of {problem.sweep_rows}" if problem.sweep_rows > 1 else ""
    remark(f"wrote {model}: {sizes}{which}")
    return exit_codes.OK
