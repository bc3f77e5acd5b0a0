"""``preimage fmt``: problems in their canonical form."""

from __future__ import annotations

import difflib
from pathlib import Path

from preimage.cli import exit_codes
from preimage.cli.terminal import emit, remark, report
from preimage.language import ProblemErrors, parse
from preimage.language.format import format_text
from preimage.results.errors import ResultFileError
from preimage.results.writing import write_in_one_step


def fmt(files: list[Path], *, check: bool, diff: bool, no_color: bool) -> int:
    """Format every file; one with errors is told about and left alone."""
    code = exit_codes.OK
    for file in files:
        try:
            changed = _format(file, write=not (check or diff), diff=diff)
        except ProblemErrors as errors:
            report(errors, no_color)
            code = exit_codes.PROBLEM
            continue
        if changed and check:
            remark(f"{file} would be formatted")
            code = code or exit_codes.FAILED
    return code


def _format(file: Path, *, write: bool, diff: bool) -> bool:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ResultFileError.not_read(file, error) from error
    text = parse(content, str(file)).text
    formatted = format_text(text)
    changed = formatted.encode() != content
    if changed and diff:
        lines = difflib.unified_diff(
            text.splitlines(), formatted.splitlines(), str(file), f"{file} (formatted)", lineterm=""
        )
        emit("\n".join(lines))
    if changed and write:
        try:
            write_in_one_step(file, formatted.encode())
        except OSError as error:
            raise ResultFileError.not_written(file, error) from error
    return changed
