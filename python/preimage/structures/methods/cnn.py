"""The design drawn by a convolutional network whose parameters L-BFGS trains through the physics, as published."""

from __future__ import annotations

from contextlib import suppress

from preimage.structures.methods.iterate import Account, Report, Stopped
from preimage.structures.physics import Physics
from preimage.structures.symmetry import symmetrised
from preimage.structures.volume import VolumeShift


def cnn(physics: Physics, *, evaluations: int, seed: int, report: Report) -> None:
    """Train a network from random parameters: the same for the same seed and number of threads.

    The network computes in float32, on a GPU if torch finds one, the physics in float64.

    Raises
    ------
    ImportError
        Without torch.
    """
    import torch

    from preimage.structures.methods.cnn_network import StructureNetwork

    account = Account("cnn", physics, evaluations, report)
    task, shift = physics.task, VolumeShift(physics)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = StructureNetwork(task.height, task.width)
    network.to("cuda" if torch.cuda.is_available() else "cpu")
    optimiser = torch.optim.LBFGS(
        network.parameters(),
        max_iter=evaluations,
        max_eval=evaluations + 1,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        history_size=10,
        line_search_fn="strong_wolfe",
    )

    def compliance_and_slopes() -> float:
        optimiser.zero_grad()
        logits = network()
        design = shift.design(symmetrised(task, logits.detach().cpu().double().numpy()))
        compliance, gradient = account.evaluate(design)
        logits.backward(torch.from_numpy(symmetrised(task, shift.pull_back(design, gradient))).to(logits))
        return compliance

    with suppress(Stopped):
        optimiser.step(compliance_and_slopes)  # type: ignore[no-untyped-call]
