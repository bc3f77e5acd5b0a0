"""Which two or three of 44 inks reproduce six spectra?

The inks are synthetic: optical densities with the shapes of yellows, magentas, cyans and neutrals. The network is
trained on the halftone model of `preimage.applications.inks` with n = 1. Wanted are either prints of two of the inks
(by the model, not by the network), or six patches of the ColorChecker, which nobody planted.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np

from preimage.applications.inks import WAVELENGTHS, reflectance
from preimage.applications.training import Array, train

from .case import CACHE, Case, Missing, kept, write_problem

INKS, SAMPLES, HIDDEN = 44, 30_000, (50, 50)
PLANTED = (7, 30)
PATCHES = ("dark skin", "foliage", "orange", "blue", "red", "yellow green")
PROBLEM = """\
network print from "network.npz"
targets spectrum from "spectrum.csv"
input inks[44] in 0..1 per target
select {count} of inks
minimise L1(print(inks), spectrum)
"""


def transmittances() -> Array:
    """Return the transmittances of the synthetic inks: inks x bands."""
    random = np.random.default_rng(44)
    return np.stack([0.015 + 0.985 * 10.0 ** -density(random) for _ in range(INKS)])


def density(random: np.random.Generator) -> Array:
    """Return the optical density of one random ink at `WAVELENGTHS`."""
    kind = random.random()
    if kind < 0.25:
        curve = 1.0 / (1.0 + np.exp((WAVELENGTHS - random.uniform(440, 530)) / random.uniform(7, 16)))
    elif kind < 0.65:
        curve = bell(random.uniform(470, 640), random.uniform(25, 60), random.uniform(18, 40))
    elif kind < 0.9:
        curve = 1.0 / (1.0 + np.exp((random.uniform(560, 640) - WAVELENGTHS) / random.uniform(12, 25)))
    else:
        curve = 0.85 + 0.15 * np.cos((WAVELENGTHS - 400.0) / random.uniform(60, 150))
    second = bell(random.uniform(420, 680), 40.0, 40.0)
    curve = curve + random.uniform(0.0, 0.25) * second + random.uniform(0.01, 0.06)
    strength = random.choice([0.45, 1.0, 1.8]) * random.uniform(0.8, 1.2)
    return np.asarray(curve / curve.max() * strength)


def bell(centre: float, left: float, right: float) -> Array:
    """Return a Gaussian over `WAVELENGTHS` with another width on each side."""
    away = WAVELENGTHS - centre
    return np.asarray(np.exp(-((away / np.where(away < 0.0, left, right)) ** 2) / 2.0))


def areas(random: np.random.Generator, samples: int) -> Array:
    """Return coverages to train on: most with one to eight inks, the rest with a little of every ink."""
    values = random.random((samples, INKS))
    active = random.random((samples, INKS)).argsort(axis=1) < random.integers(1, 9, (samples, 1))
    little = random.uniform(0.0, 0.25, (samples, 1))
    return np.where(random.random((samples, 1)) < 0.75, values * active, values * little)


def write_network(folder: Path) -> None:
    """Train and save the network."""
    x = areas(np.random.default_rng(0), SAMPLES)
    train(x, prints(x), HIDDEN, epochs=40, seed=0, batch=128).save(folder / "network.npz")


def prints(x: Array) -> Array:
    """Return the reflectance of prints with the synthetic inks."""
    inks = transmittances()
    return np.concatenate([reflectance(part, inks, yule_nielsen=1.0) for part in np.array_split(x, 1 + len(x) // 1000)])


def planted() -> Array:
    """Return the spectra of six prints of the planted pair."""
    x = np.zeros((6, INKS))
    x[:, PLANTED] = np.random.default_rng(1).uniform(0.1, 1.0, (6, 2))
    return prints(x)


def patches() -> Array:
    """Return the reflectance of six patches of the ColorChecker."""
    try:
        from colour import SDS_COLOURCHECKERS
    except ImportError as error:
        raise Missing("the spectra of the ColorChecker come with colour-science") from error
    chart = SDS_COLOURCHECKERS["BabelColor Average"]
    return np.array([[chart[name][band] for band in WAVELENGTHS] for name in PATCHES])


def write(folder: Path, count: int, plant: bool) -> None:
    """Write the problem of selecting ``count`` inks."""
    spectra = planted() if plant else patches()
    shutil.copy(kept(CACHE / "networks" / "inks44", write_network) / "network.npz", folder)
    write_problem(folder, PROBLEM.format(count=count), spectrum=spectra)


CASES = (
    Case("inks44-2-planted", "2 of 44 inks, 6 planted spectra", "≤ 0.5 s", 30.0, partial(write, count=2, plant=True)),
    Case("inks44-2-chart", "2 of 44 inks, 6 of ColorChecker", "≤ 60 s", 120.0, partial(write, count=2, plant=False)),
    Case("inks44-3-chart", "3 of 44 inks, 6 of ColorChecker", "≤ 300 s", 360.0, partial(write, count=3, plant=False)),
)
