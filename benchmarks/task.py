"""The problems that packages are compared on: which areas of four inks print this spectrum, noise and all?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from preimage.applications.inks import process_inks, reflectance
from preimage.applications.training import Array, Dense, train

SAMPLES, HELD_OUT = 10_000, 500
NOISE = 0.02
PROBLEM = """\
network print from "network.npz"
target spectrum from "target.csv"
input inks[4] in 0..1
minimise L1(print(inks), spectrum)
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A trained network and noisy spectra: a folder each with ``network.npz``, ``target.csv``, ``problem.inv``."""

    name: str
    error: float
    folders: tuple[Path, ...]


def make(folder: Path, hidden: tuple[int, ...], targets: int) -> Task:
    """Train a network of the given hidden layers and write the problems under ``folder``."""
    random = np.random.default_rng(len(hidden))
    inks = process_inks()
    areas = random.random((SAMPLES + HELD_OUT, 4))
    spectra = reflectance(areas, inks)
    network = train(areas[:SAMPLES], spectra[:SAMPLES], hidden, epochs=100, seed=0, batch=200)
    error = float(np.sqrt(np.mean((network(areas[SAMPLES:]) - spectra[SAMPLES:]) ** 2)))
    wanted = spectra[SAMPLES : SAMPLES + targets]
    wanted = wanted + random.normal(0.0, NOISE, wanted.shape)
    name = f"4 → {'×'.join(map(str, (hidden[0], len(hidden))))} → {len(inks[0])}"
    return Task(name, error, tuple(_write(folder / f"{i}", network, row) for i, row in enumerate(wanted)))


def _write(folder: Path, network: Dense, target: Array) -> Path:
    folder.mkdir(parents=True)
    network.save(folder / "network.npz")
    np.savetxt(folder / "target.csv", target[None], delimiter=",", fmt="%.17g")
    (folder / "problem.inv").write_text(PROBLEM, encoding="utf-8")
    return folder
