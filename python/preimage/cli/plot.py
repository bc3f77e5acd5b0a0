"""``preimage plot``: the picture of an answer."""

from __future__ import annotations

from pathlib import Path

from preimage.cli import exit_codes
from preimage.cli.terminal import remark
from preimage.results import load


def plot(file: Path, output: Path | None, quiet: bool) -> int:
    """Draw a result or a sweep."""
    target = output or Path(file.with_suffix(".png").name)
    load(file).plot(target)
    if not quiet:
        remark(f"wrote {target}")
    return exit_codes.OK
