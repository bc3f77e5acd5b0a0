"""How many of thirty layers to print with each of eleven inks, so that the stack has a wanted colour.

The simulator is Kubelka and Munk's, for the mixture of all the layers on a white ground; how much an ink absorbs and
scatters is synthetic. Wanted are stacks whose light is dulled, R' = 0.9 R + 0.02, so that none can be met exactly.

References
----------
P. Kubelka and F. Munk 1931; P. Kubelka 1948, for the layer of finite thickness.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from preimage.applications.inks import WAVELENGTHS
from preimage.applications.training import Array, train

from .case import CACHE, PER_TARGET, Case, kept, write_problem
from .ink_selection import bell

INKS, LAYERS, TARGETS = 11, 30, 10
SAMPLES, HIDDEN = 30_000, (50, 50, 50)
GROUND = 0.95
PROBLEM = """\
network stack  from "network.npz"
target  colour from "colour.csv"
integer layers[11] in 0..30
require sum(layers) == 30
minimise L1(stack(layers/30), colour)
"""


def inks() -> tuple[Array, Array]:
    """Return how much one layer of each ink absorbs and scatters: two arrays, inks x bands."""
    random = np.random.default_rng(11)
    absorbing = []
    for i in range(INKS - 2):
        centre = 400.0 + 300.0 * (i + random.uniform(0.2, 0.8)) / (INKS - 2)
        peak = random.choice([0.1, 0.25, 0.5]) * random.uniform(0.8, 1.2)
        absorbing.append(peak * bell(centre, random.uniform(25, 60), random.uniform(18, 40)) + 0.002)
    white, black = np.full(len(WAVELENGTHS), 0.001), np.full(len(WAVELENGTHS), 0.4)
    scattering = np.array([*random.uniform(0.01, 0.05, INKS - 2), 0.3, 0.02])
    return np.stack([*absorbing, white, black]), np.repeat(scattering[:, None], len(WAVELENGTHS), axis=1)


def reflectance(layers: Array) -> Array:
    """Return the reflectance of stacks: stacks x bands, for numbers of layers, stacks x inks."""
    absorbing, scattering = (layers @ coefficients for coefficients in inks())
    a = 1.0 + absorbing / scattering
    b = np.sqrt(a**2 - 1.0)
    c = b / np.tanh(b * scattering)
    return np.asarray((1.0 - GROUND * (a - c)) / (a - GROUND + c))


def stacks(random: np.random.Generator, samples: int, most: int) -> Array:
    """Return random stacks of one to ``most`` inks."""
    shares = random.exponential(size=(samples, INKS))
    shares *= random.random((samples, INKS)).argsort(axis=1) < random.integers(1, most + 1, (samples, 1))
    return random.multinomial(LAYERS, shares / shares.sum(axis=1, keepdims=True)).astype(np.float64)


def write_network(folder: Path) -> None:
    """Train and save the network; it takes shares of the stack."""
    layers = stacks(np.random.default_rng(0), SAMPLES, 8)
    network = train(layers / LAYERS, reflectance(layers), HIDDEN, epochs=40, seed=0, batch=128)
    network.save(folder / "network.npz")


def write(folder: Path) -> None:
    """Write the problem."""
    colour = 0.9 * reflectance(stacks(np.random.default_rng(1), TARGETS, 5)) + 0.02
    network = kept(CACHE / "networks" / "contoning", write_network) / "network.npz"
    (folder / "network.npz").write_bytes(network.read_bytes())
    write_problem(folder, PROBLEM, colour=colour)
    np.savez(folder / PER_TARGET, colour=colour)


CASES = (Case("contoning", "11 inks, 30 layers, 10 colours", "≥ 8 closed, median ≤ 5 s", 30.0, write),)
