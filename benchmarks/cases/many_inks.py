"""All of 44 inks at once: spectra out of reach, spectra almost within it, and flat greys.

The network is that of `ink_selection`. Two hidden layers of fifty neurons, none of which is decided on the whole box,
and far more inputs than boxes can be made of: what the mixed-integer engine is for.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np

from preimage.applications.inks import WAVELENGTHS
from preimage.applications.training import Array

from .case import CACHE, PER_TARGET, Case, kept, write_problem
from .ink_selection import write_network

PROBLEM = """\
network print from "network.npz"
target spectrum from "spectrum.csv"
input inks[44] in 0..1
minimise L1(print(inks), spectrum)
"""
SATURATED = (
    (500, 560, 0.85, 0.03),
    (590, 700, 0.9, 0.05),
    (450, 650, 0.1, 0.8),
    (400, 490, 0.85, 0.04),
    (500, 600, 0.05, 0.9),
)
"""From and to which wavelength a spectrum is how high, and how high elsewhere."""
GREYS = (0.1, 0.3, 0.5, 0.7, 0.9)


def saturated() -> Array:
    """Return spectra that no inks reach: a green, a red, a magenta, a blue and another magenta."""
    inside = [(start <= WAVELENGTHS) & (end >= WAVELENGTHS) for start, end, _, _ in SATURATED]
    return np.array([np.where(here, high, low) for here, (_, _, high, low) in zip(inside, SATURATED, strict=True)])


def flat(*greys: float) -> Array:
    """Return flat spectra."""
    return np.repeat(np.array(greys)[:, None], len(WAVELENGTHS), axis=1)


def write(folder: Path, spectra: Array) -> None:
    """Write the problem of printing spectra with all the inks."""
    shutil.copy(kept(CACHE / "networks" / "inks44", write_network) / "network.npz", folder)
    write_problem(folder, PROBLEM, spectrum=spectra[0])
    np.savez(folder / PER_TARGET, spectrum=spectra)


def case(name: str, title: str, floor: str, seconds: float, spectra: Array) -> Case:
    """Return the case of some spectra."""
    return Case(f"inks44-{name}", f"44 inks, {title}", floor, seconds, partial(write, spectra=spectra))


CASES = (
    case("saturated", "5 saturated spectra", "0.01 % in ≤ 20 s, 5 of 5", 60.0, saturated()),
    case("bright", "flat 0.99", "≤ 2 s", 60.0, flat(0.99)),
    case("dark", "flat 0.01", "≤ 2 % at 60 s", 60.0, flat(0.01)),
    case("grey", "flat 0.5", "absolute gap ≤ 0.03 at 60 s", 60.0, flat(0.5)),
    case("greys", "the greys 0.1:0.2:0.9", "published: 840 s a grey", 120.0, flat(*GREYS)),
)
