"""How far can the spectrum of a metasurface drift if its lengths are a little off?

The simulator stands for a cell of four dielectric pillars with eight parameters, their radii and heights (scaled to
-1..1): every pillar has an electric and a magnetic resonance, whose frequency, width and strength are smooth functions
of its own and its neighbours' sizes, and a share of the light is absorbed at each. It is plausible, not physics. The
network has the layers of the usual one for such data: four hidden layers of 500 with batch normalisation, then three
transposed convolutions and a convolution, up to a spectrum of 300 frequencies.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from preimage.applications.training import Array

from .case import CACHE, PER_TARGET, Case, Missing, kept, write_problem

if TYPE_CHECKING:
    from torch import nn

PARAMETERS, FREQUENCIES, WIDTH, LATENT = 8, 300, 500, 150
SAMPLES, EPOCHS, BATCH = 12_000, 25, 250
DESIGNS = 20
PROBLEM = """\
network meta from "network.pt2"
param   design from "design.csv"
input   x[8] in design - {off} .. design + {off}
maximise L1(meta(x), meta(design))
"""


def spectra(parameters: Array) -> Array:
    """Return the absorption of cells: cells x frequencies, for parameters in -1..1, cells x 8."""
    radius, height = parameters[:, :4], parameters[:, 4:]
    neighbours = np.roll(radius, 1, axis=1) + np.roll(radius, -1, axis=1)
    frequency = np.linspace(0.8, 1.5, FREQUENCIES)
    passed = np.ones((len(parameters), FREQUENCIES))
    for base, by_radius, by_height in ((1.05, -0.12, -0.05), (1.25, -0.06, -0.14)):  # electric, magnetic
        centre = base + by_radius * radius + by_height * height + 0.03 * neighbours + 0.04 * radius * height
        width = 0.06 * np.exp(0.3 * radius - 0.2 * height)
        strength = 0.35 + 0.15 * np.sin(2.0 * height + neighbours)
        for pillar in range(4):
            away = (frequency - centre[:, pillar, None]) / width[:, pillar, None]
            passed *= 1.0 - strength[:, pillar, None] / (1.0 + away**2)
    return 1.0 - passed


def architecture() -> nn.Sequential:
    """Return the network, untrained."""
    from torch import nn

    layers: list[nn.Module] = []
    for inputs in (PARAMETERS, WIDTH, WIDTH, WIDTH):
        layers += [nn.Linear(inputs, WIDTH), nn.BatchNorm1d(WIDTH), nn.ReLU()]
    return nn.Sequential(
        *layers,
        nn.Linear(WIDTH, LATENT),
        nn.Unflatten(1, (1, LATENT)),
        nn.ConvTranspose1d(1, 4, 8, stride=2, padding=3),
        nn.ConvTranspose1d(4, 4, 5, padding=2),
        nn.ConvTranspose1d(4, 4, 5, padding=2),
        nn.Conv1d(4, 1, 1),
        nn.Flatten(),
    )


def write_network(folder: Path) -> None:
    """Train the network and export it."""
    try:
        import torch
    except ImportError as error:
        raise Missing("the network with batch normalisation is trained with torch") from error
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        torch.manual_seed(0)
        parameters = np.random.default_rng(0).uniform(-1.0, 1.0, (SAMPLES, PARAMETERS))
        inputs, wanted = (torch.tensor(array, dtype=torch.float32) for array in (parameters, spectra(parameters)))
        network = architecture()
        steps = EPOCHS * SAMPLES // BATCH
        optimiser = torch.optim.Adam(network.parameters(), lr=2e-3)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for _ in range(EPOCHS):
            for rows in torch.split(torch.randperm(SAMPLES), BATCH):
                optimiser.zero_grad()
                torch.autograd.backward(torch.nn.functional.mse_loss(network(inputs[rows]), wanted[rows]))
                optimiser.step()
                falling.step()
        exported = torch.export.export(network.eval(), (inputs[:1],))
        torch.export.save(exported, folder / "network.pt2")
    finally:
        torch.set_num_threads(threads)


def write(folder: Path, off: float) -> None:
    """Write the problem of the worst case within ``off`` of each design."""
    network = kept(CACHE / "networks" / "metasurface", write_network) / "network.pt2"
    (folder / "network.pt2").write_bytes(network.read_bytes())
    design = np.random.default_rng(1).uniform(-0.95, 0.95, (DESIGNS, PARAMETERS))
    write_problem(folder, PROBLEM.format(off=off), design=design[0])
    np.savez(folder / PER_TARGET, design=design)


CASES = (
    Case("worst-1e-3", "worst case within 1e-3, 20 designs", "0.01 % in ≤ 0.3 s", 30.0, partial(write, off=1e-3)),
    Case("worst-1e-2", "worst case within 1e-2, 20 designs", "0.1 % in ≤ 2 s", 30.0, partial(write, off=1e-2), 1e-3),
)
