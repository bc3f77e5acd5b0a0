"""The design drawn by a convolutional network whose parameters L-BFGS trains through the physics, as published."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import fmin_l_bfgs_b

from preimage.structures.methods.iterate import Account, Report, Stopped
from preimage.structures.physics import Physics
from preimage.structures.symmetry import symmetrised
from preimage.structures.volume import VolumeShift

Array = NDArray[np.float64]


def cnn(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
    """Train a network from random parameters: the same for the same seed and number of threads.

    The network computes in float32, on a GPU if torch finds one, the physics in float64.

    Raises
    ------
    ImportError
        Without torch.
    """
    import torch
    from torch.nn.utils import parameters_to_vector, vector_to_parameters

    from preimage.structures.methods.cnn_network import StructureNetwork

    account = Account("cnn", physics, evaluations, report)
    task, shift = physics.task, VolumeShift(physics)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = StructureNetwork(task.height, task.width)
    network.to("cuda" if torch.cuda.is_available() else "cpu")
    parameters = list(network.parameters())

    def value_and_gradient(vector: Array) -> tuple[float, Array]:
        vector_to_parameters(torch.from_numpy(vector).to(parameters[0]), parameters)
        logits = network()
        design = shift.design(symmetrised(task, logits.detach().cpu().double().numpy()))
        compliance, gradient = account.evaluate(design)
        above = torch.from_numpy(symmetrised(task, shift.pull_back(design, gradient)))
        slopes = torch.autograd.grad(logits, parameters, above.to(logits))
        return compliance, parameters_to_vector(slopes).cpu().double().numpy()

    start = parameters_to_vector(parameters).detach().cpu().double().numpy()
    with suppress(Stopped):
        fmin_l_bfgs_b(value_and_gradient, start, factr=1.0, pgtol=1e-14, maxfun=evaluations + 1)
