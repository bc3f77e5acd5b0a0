"""``preimage plot``: the picture of an answer."""

from __future__ import annotations

from pathlib import Path

from preimage.cli import exit_codes
from preimage.cli.structure import structure_in
from preimage.cli.terminal import remark
from preimage.results import Result, load


def plot(file: Path, output: Path | None, designs: bool, energy: bool, quiet: bool) -> int:
    """Draw a result or a sweep, the designs of a result beside one another, or the strain energy of a structure."""
    target = output or Path(file.with_suffix(".png").name)
    if designs:
        Result.load(file).plot_designs(target)
    elif energy:
        structure_in(file).plot_energy(target)
    else:
        load(file).plot(target)
    if not quiet:
        remark(f"wrote {target}")
    return exit_codes.OK
