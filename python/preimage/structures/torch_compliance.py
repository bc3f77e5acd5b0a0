"""The compliance, and the shift to the volume, as functions that torch differentiates.

The work is that of `Physics` and `VolumeShift`, in float64 on the processor, whatever the tensors are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from preimage.structures.physics import PENALTY, Physics
from preimage.structures.volume import VolumeShift


def compliance(physics: Physics, design: torch.Tensor, penalty: float = PENALTY) -> torch.Tensor:
    """Give the compliance of a design of shape ``(height, width)``, a number in float64."""
    value: torch.Tensor = _Compliance.apply(design, physics, penalty)
    return value


def design_of(shift: VolumeShift, logits: torch.Tensor) -> torch.Tensor:
    """Give the design of logits of shape ``(height, width)`` that takes exactly the volume, in float64."""
    design: torch.Tensor = _Shifted.apply(logits, shift)
    return design


class _Compliance(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, design: torch.Tensor, physics: Physics, penalty: float) -> torch.Tensor:
        found = physics.evaluate(_array(design), penalty)
        context.like = design
        context.gradient = found.gradient
        return torch.tensor(found.compliance, dtype=torch.float64, device=design.device)

    @staticmethod
    def backward(context: Any, *above: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return _tensor(float(above[0]) * context.gradient, context.like), None, None


class _Shifted(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, logits: torch.Tensor, shift: VolumeShift) -> torch.Tensor:
        context.like, context.shift = logits, shift
        context.design = shift.design(_array(logits))
        return torch.from_numpy(context.design.copy()).to(logits.device)

    @staticmethod
    def backward(context: Any, *above: torch.Tensor) -> tuple[torch.Tensor, None]:
        pulled = context.shift.pull_back(context.design, _array(above[0]))
        return _tensor(pulled, context.like), None


def _array(tensor: torch.Tensor) -> NDArray[np.float64]:
    return tensor.detach().cpu().to(torch.float64).numpy()


def _tensor(array: NDArray[np.float64], like: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(array).to(dtype=like.dtype, device=like.device)
