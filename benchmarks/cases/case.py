"""What a case is: a problem in a folder of its own, which is made once and kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from preimage.applications.training import Array

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = REPOSITORY / "benchmarks" / ".cache"
PER_TARGET = "targets.npz"


class Missing(Exception):
    """What a case needs is not on this machine."""


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, and how well it has to be solved.

    Attributes
    ----------
    name
        Of the case and of its folder.
    title
        What the problem is, in a few words.
    floor
        What is expected of it, in words.
    seconds
        The time limit of a target.
    write
        Writes ``problem.inv`` and its data into a folder; raises `Missing` where something is not there. Arrays in
        ``targets.npz`` hold one value a target for the names they are called by, and overrule the problem's own data.
    gap
        The relative gap at which a target counts as solved.
    sweep
        Whether the problem itself goes through the targets, in one call.
    deep
        Whether to measure how small a box has to be before its bound says anything.
    method
        The engines that are asked for; None where the plan chooses.
    """

    name: str
    title: str
    floor: str
    seconds: float
    write: Callable[[Path], None]
    gap: float = 1e-4
    sweep: bool = False
    deep: bool = False
    method: str | None = None

    def folder(self) -> Path:
        """Return the folder of the case, made when it is first asked for."""
        return kept(CACHE / self.name, self.write)


def kept(folder: Path, write: Callable[[Path], None]) -> Path:
    """Return a folder that ``write`` fills once; half a folder is never kept."""
    if not folder.exists():
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            write(draft)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def published_network(name: str) -> Path:
    """Return the file of a published network, in the folder PREIMAGE_DATA or else ``../shared/data``."""
    data = Path(os.environ.get("PREIMAGE_DATA", REPOSITORY.parent / "shared" / "data"))
    path = data / "networks" / name
    if not path.is_file():
        raise Missing(f"{name} is not there: set PREIMAGE_DATA to the folder of the published data")
    return path


def write_problem(folder: Path, text: str, **tables: Array) -> None:
    """Write ``problem.inv``, and each table as a CSV file named after it."""
    for name, values in tables.items():
        np.savetxt(folder / f"{name}.csv", np.atleast_2d(values), delimiter=",", fmt="%.17g")
    (folder / "problem.inv").write_text(text, encoding="utf-8")
