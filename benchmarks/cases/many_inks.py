"""All of 44 inks at once: spectra out of reach, spectra almost within it, and flat greys.

The network is that of `ink_selection`. Two hidden layers of fifty neurons, none of which is decided on the whole box,
and far more inputs than boxes can be made of: what the mixed-integer engine is for. Others of the same shape are
trained by torch, on reflectances as they are and from the first weights that torch gives: their weights are half as
large, at the same error.
"""

from __future__ import annotations

import shutil
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from preimage.applications.inks import WAVELENGTHS
from preimage.applications.training import Array, Dense

from .case import CACHE, PER_TARGET, Case, Missing, kept, write_problem
from .ink_selection import HIDDEN, INKS, areas, prints, write_network

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
TORCH_NETWORKS, TORCH_SAMPLES, TORCH_EPOCHS, TORCH_BATCH, TORCH_RATE = 5, 45_000, 60, 256, 0.003
GREYS = (0.1, 0.3, 0.5, 0.7, 0.9)


def saturated() -> Array:
    """Return spectra that no inks reach: a green, a red, a magenta, a blue and another magenta."""
    inside = [(start <= WAVELENGTHS) & (end >= WAVELENGTHS) for start, end, _, _ in SATURATED]
    return np.array([np.where(here, high, low) for here, (_, _, high, low) in zip(inside, SATURATED, strict=True)])


def flat(*greys: float) -> Array:
    """Return flat spectra."""
    return np.repeat(np.array(greys)[:, None], len(WAVELENGTHS), axis=1)


def write_torch_network(folder: Path, seed: int) -> None:
    """Train a network by torch, and save it."""
    try:
        import torch
    except ImportError as error:
        raise Missing("these networks are trained by torch") from error
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    numbers = areas(np.random.default_rng(0), TORCH_SAMPLES)
    x, y = (torch.tensor(values, dtype=torch.float32) for values in (numbers, prints(numbers)))
    layers = [torch.nn.Linear(m, n) for m, n in pairwise((INKS, *HIDDEN, len(WAVELENGTHS)))]
    network = torch.nn.Sequential(*(part for layer in layers for part in (layer, torch.nn.ReLU())))[:-1]
    optimiser = torch.optim.Adam(network.parameters(), lr=TORCH_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, TORCH_EPOCHS)
    for _ in range(TORCH_EPOCHS):
        for rows in torch.randperm(len(x)).split(TORCH_BATCH):  # type: ignore[no-untyped-call]
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(network(x[rows]), y[rows]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
    pairs = [(layer.weight, layer.bias) for layer in layers]
    exact = [tuple(part.detach().double().numpy() for part in pair) for pair in pairs]
    Dense(tuple(weight for weight, _ in exact), tuple(bias for _, bias in exact)).save(folder / "network.npz")


def write(folder: Path, spectra: Array, torch_seed: int | None = None) -> None:
    """Write the problem of printing spectra with all the inks."""
    if torch_seed is None:
        network = kept(CACHE / "networks" / "inks44", write_network)
    else:
        network = kept(CACHE / "networks" / f"inks44-torch-{torch_seed}", partial(write_torch_network, seed=torch_seed))
    shutil.copy(network / "network.npz", folder)
    write_problem(folder, PROBLEM, spectrum=spectra[0])
    np.savez(folder / PER_TARGET, spectrum=spectra)


def case(name: str, title: str, floor: str, seconds: float, spectra: Array, torch_seed: int | None = None) -> Case:
    """Return the case of some spectra."""
    wanted = partial(write, spectra=spectra, torch_seed=torch_seed)
    return Case(f"inks44-{name}", f"44 inks, {title}", floor, seconds, wanted)


BY_TORCH = tuple(
    case(f"torch-{seed}", f"by torch ({seed}), flat 0.01", "≤ 2 % at 60 s", 60.0, flat(0.01), seed)
    for seed in range(TORCH_NETWORKS)
)
CASES = (
    case("saturated", "5 saturated spectra", "0.01 % in ≤ 20 s, 5 of 5", 60.0, saturated()),
    case("bright", "flat 0.99", "≤ 2 s", 60.0, flat(0.99)),
    case("dark", "flat 0.01", "≤ 2 % at 60 s", 60.0, flat(0.01)),
    case("grey", "flat 0.5", "absolute gap ≤ 0.03 at 60 s", 60.0, flat(0.5)),
    case("greys", "the greys 0.1:0.2:0.9", "published: 840 s a grey", 120.0, flat(*GREYS)),
    *BY_TORCH,
)
