"""Thicknesses of the shells of a nanoparticle, in steps of 10 nm, that scatter a wanted spectrum.

The wanted spectra are the published network's own, at thicknesses between the steps, so that no lattice design
meets them. Below 30 nm the network strays far from Mie's theory: the case 0..7 is one for solvers, not for physics.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np

from preimage.applications.training import Dense

from .case import PER_TARGET, Case, published_network, write_problem

TARGETS = 16
LARGEST = 7
PROBLEM = """\
network scatter from "shells4.npz"
target  wanted  from "wanted.csv"
integer x[4] in {least}..{largest}
let thickness = 10*x                     # nm
minimise L1(scatter(thickness/70), wanted)
"""


def write(folder: Path, least: int) -> None:
    """Write the problem of thicknesses from ``least`` times 10 nm."""
    source = published_network("shells4.npz")
    arrays = np.load(source)
    layers = range(1, len(arrays.files) // 2 + 1)
    network = Dense(tuple(arrays[f"W{i}"] for i in layers), tuple(arrays[f"b{i}"] for i in layers))
    thickness = np.random.default_rng(0).uniform(least, LARGEST, (TARGETS, 4))
    shutil.copy(source, folder)
    wanted = network(thickness / LARGEST)
    write_problem(folder, PROBLEM.format(least=least, largest=LARGEST), wanted=wanted)
    np.savez(folder / PER_TARGET, wanted=wanted)


CASES = tuple(
    Case(
        f"shells4-from-{least}",
        f"4 shells, thickness {least}..{LARGEST} in steps of 10 nm",
        "≤ 0.2 s each",
        30.0,
        partial(write, least=least),
    )
    for least in (3, 0)
)
