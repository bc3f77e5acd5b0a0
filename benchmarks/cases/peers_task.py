"""Four inks and four layers of fifty, on which packages are compared, for the mixed-integer engine alone."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from task import make

from .case import PER_TARGET, Case

TARGETS = 5


def write(folder: Path) -> None:
    """Write the problem."""
    with tempfile.TemporaryDirectory() as scratch:
        problems = make(Path(scratch), (50,) * 4, TARGETS).folders
        for name in ("network.npz", "target.csv", "problem.inv"):
            shutil.copy(problems[0] / name, folder)
        spectra = [np.loadtxt(problem / "target.csv", delimiter=",") for problem in problems]
    np.savez(folder / PER_TARGET, spectrum=np.array(spectra))


FLOOR = "milp alone: median ≤ 15 s (peers: open at 120 s)"
CASES = (Case("inks4-alone", "4 → 50×4, 5 spectra", FLOOR, 120.0, write, method="milp"),)
