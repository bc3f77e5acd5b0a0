"""Deep networks of the halftone print: four or eight inks, six or twelve hidden layers of fifty neurons, or a wide one.

Wanted are held-out spectra of the model with noise, so that none can be met. More than four inks are the process inks
and some of the synthetic ones, each the lighter the more there are, so that all of them together stay as dark as four.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from preimage.applications.inks import process_inks, reflectance
from preimage.applications.training import Array, train

from .case import CACHE, PER_TARGET, Case, kept, write_problem
from .ink_selection import transmittances

SAMPLES, TARGETS, WIDTH, NOISE = 10_000, 3, 50, 0.02
TORCH_RATE, TORCH_GAIN = 0.001, 1.0 / 3.0
"""Adam's learning rate and the first weights, as torch has them by default."""
PROBLEM = """\
network print from "network.npz"
target spectrum from "spectrum.csv"
input inks[{inks}] in 0..1
minimise L1(print(inks), spectrum)
"""


def prints(areas: Array) -> Array:
    """Return the reflectance of prints: prints x bands, for coverages, prints x inks."""
    count = areas.shape[1]
    inks = np.concatenate([process_inks(), transmittances()])[:count]
    return reflectance(areas, inks ** min(4.0 / count, 1.0))


def write_network(folder: Path, inks: int, hidden: tuple[int, ...]) -> None:
    """Train and save a network of any width and depth."""
    areas = np.random.default_rng(0).random((SAMPLES, inks))
    network = train(areas, prints(areas), hidden, epochs=60, seed=0, batch=100, rate=TORCH_RATE, gain=TORCH_GAIN)
    network.save(folder / "network.npz")


def spectra(inks: int, count: int, noise: float) -> Array:
    """Return noisy spectra of prints that the networks were not trained on."""
    random = np.random.default_rng(1)
    wanted = prints(random.random((count, inks)))
    return wanted + random.normal(0.0, noise, wanted.shape)


def write(folder: Path, inks: int, hidden: tuple[int, ...], noise: float = NOISE, count: int = TARGETS) -> None:
    """Write the problem of noisy spectra on a network of the given hidden layers."""
    name = f"print-{inks}-{'-'.join(map(str, hidden))}"
    network = kept(CACHE / "networks" / name, partial(write_network, inks=inks, hidden=hidden)) / "network.npz"
    (folder / "network.npz").write_bytes(network.read_bytes())
    wanted = spectra(inks, count, noise)
    write_problem(folder, PROBLEM.format(inks=inks), spectrum=wanted)
    np.savez(folder / PER_TARGET, spectrum=wanted)


CASES = tuple(
    Case(
        f"deep-{depth}-{inks}",
        f"depth {depth}×{WIDTH}, {inks} inputs",
        floor,
        30.0,
        partial(write, inks=inks, hidden=(WIDTH,) * depth),
        deep=True,
    )
    for depth, inks, floor in (
        (6, 8, "0.01 % in ≤ 8 s"),
        (12, 4, "0.01 % in ≤ 8 s"),
        (12, 8, "the critical width of a box"),
    )
)
WIDE = tuple(
    Case(
        f"wide-{width}-8",
        f"1×{width}, 8 inputs",
        "published, mean of 10: under a minute",
        60.0,
        partial(write, inks=8, hidden=(width,)),
    )
    for width in (100, 400)
)
