"""Small modules of torch of every layer kind, each with an oracle that knows torch but not the importer.

Affine layers become matrices by pushing unit vectors through the layer itself, in float64.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import numpy as np
import torch
from inversion.oracle import Term, Vector, affine, kinked, largest, plus, stacked, taken
from inversion.oracle import clip as clipped
from torch import nn

from preimage.networks import load
from preimage.networks.network import Network

Shape = tuple[int, ...]


class Residual(nn.Module):
    """``x + inner(x)``."""

    def __init__(self, *inner: nn.Module) -> None:
        super().__init__()
        self.inner = nn.Sequential(*inner)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner: torch.Tensor = self.inner(x)
        return x + inner


class Beside(nn.Module):
    """``x`` and ``inner(x)``, one after another on the first axis."""

    def __init__(self, *inner: nn.Module) -> None:
        super().__init__()
        self.inner = nn.Sequential(*inner)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, self.inner(x)], dim=1)


def _prelu(count: int, *slopes: float) -> nn.PReLU:
    layer = nn.PReLU(count)
    layer.weight.data = torch.tensor(slopes)
    return layer


def _modules() -> dict[str, tuple[nn.Module, Shape]]:
    torch.manual_seed(7)
    linear = nn.Linear
    return {
        "dense": (nn.Sequential(linear(3, 4), nn.ReLU(), linear(4, 2)), (3,)),
        "deep": (nn.Sequential(linear(2, 4), nn.ReLU(), linear(4, 4), nn.ReLU(), linear(4, 2)), (2,)),
        "no bias": (nn.Sequential(linear(3, 4, bias=False), nn.ReLU(), linear(4, 2, bias=False)), (3,)),
        "leaky": (nn.Sequential(linear(3, 4), nn.LeakyReLU(0.1), linear(4, 2)), (3,)),
        "leaky backwards": (nn.Sequential(linear(3, 3), nn.LeakyReLU(-0.5), linear(3, 2)), (3,)),
        "steep": (nn.Sequential(linear(3, 3), nn.LeakyReLU(2.5), linear(3, 2)), (3,)),
        "prelu": (nn.Sequential(linear(3, 4), _prelu(4, 0.25, -1.5, 1.0, 3.0), linear(4, 2)), (3,)),
        "prelu shared": (nn.Sequential(linear(3, 4), _prelu(1, -0.7), linear(4, 2)), (3,)),
        "hard tanh": (nn.Sequential(linear(3, 4), nn.Hardtanh(), linear(4, 2)), (3,)),
        "hard tanh odd": (nn.Sequential(linear(3, 4), nn.Hardtanh(-0.2, 0.7), linear(4, 2), nn.Hardtanh()), (3,)),
        "relu6": (nn.Sequential(linear(3, 4), nn.ReLU6(), linear(4, 2)), (3,)),
        "batch norm": (nn.Sequential(linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), linear(4, 2)), (3,)),
        "norm first": (nn.Sequential(nn.BatchNorm1d(3), linear(3, 3), nn.ReLU(), nn.BatchNorm1d(3)), (3,)),
        "residual": (nn.Sequential(linear(2, 3), Residual(linear(3, 3), nn.ReLU()), linear(3, 2)), (2,)),
        "residual twice": (
            nn.Sequential(Residual(linear(3, 2), nn.ReLU(), linear(2, 3)), nn.ReLU(), Residual(linear(3, 3))),
            (3,),
        ),
        "concat": (nn.Sequential(Beside(linear(3, 2), nn.ReLU()), linear(5, 2)), (3,)),
        "conv1d": (nn.Sequential(nn.Conv1d(1, 2, 3, padding=1), nn.ReLU(), nn.Flatten(), linear(8, 2)), (1, 4)),
        "conv1d stride": (
            nn.Sequential(nn.Conv1d(2, 2, 2, stride=2, bias=False), nn.ReLU(), nn.Flatten(), linear(4, 2)),
            (2, 4),
        ),
        "conv2d": (nn.Sequential(nn.Conv2d(1, 2, 2), nn.ReLU(), nn.Flatten(), linear(8, 2)), (1, 3, 3)),
        "conv2d padded": (
            nn.Sequential(nn.Conv2d(1, 1, 3, stride=2, padding=1), nn.LeakyReLU(), nn.Flatten(), linear(4, 2)),
            (1, 3, 3),
        ),
        "transposed 1d": (
            nn.Sequential(nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), linear(5, 2)),
            (1, 3),
        ),
        "transposed 2d": (
            nn.Sequential(nn.ConvTranspose2d(1, 1, 2, stride=2, output_padding=1), nn.Flatten()),
            (1, 1, 2),
        ),
        "max pool": (
            nn.Sequential(nn.Conv2d(1, 1, 2), nn.MaxPool2d(2, stride=1, padding=1), nn.Flatten(), linear(9, 2)),
            (1, 3, 3),
        ),
        "max pool 1d": (
            nn.Sequential(nn.Conv1d(1, 2, 2), nn.MaxPool1d(2, stride=1), nn.Flatten(), linear(4, 2)),
            (1, 4),
        ),
        "mean pool": (
            nn.Sequential(nn.Conv2d(1, 2, 2), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), linear(2, 2)),
            (1, 3, 3),
        ),
        "norm 2d": (
            nn.Sequential(nn.Conv2d(1, 2, 2, bias=False), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), linear(8, 1)),
            (1, 3, 3),
        ),
    }


NAMES = tuple(_modules())


@cache
def pooled(name: str) -> tuple[nn.Module, Shape, Network]:
    """Return a module in evaluation mode and float64, its input shape, and the network as it is imported."""
    module, shape = _modules()[name]
    for part in module.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            part.running_mean.normal_()  # type: ignore[union-attr]
            part.running_var.uniform_(0.5, 2.0)  # type: ignore[union-attr]
            part.weight.data.normal_()
            part.bias.data.normal_()
    exact = module.eval().double()
    return exact, shape, load((exact, shape), name)


def applied(module: nn.Module, shape: Shape, term: Term) -> tuple[Term, Shape]:
    """Return the term of ``module(term)`` and the shape of its value."""
    match module:
        case nn.Sequential():
            for part in module:
                term, shape = applied(part, shape, term)
            return term, shape
        case Residual():
            return plus("", term, applied(module.inner, shape, term)[0]), shape
        case Beside():
            inner, inner_shape = applied(module.inner, shape, term)
            return stacked("", term, inner), (shape[0] + inner_shape[0], *shape[1:])
        case nn.ReLU():
            return kinked(term, np.zeros(term.size)), shape
        case nn.LeakyReLU():
            return kinked(term, np.full(term.size, module.negative_slope)), shape
        case nn.PReLU():
            slopes = module.weight.detach().numpy().ravel()
            return kinked(term, np.repeat(slopes, term.size // len(slopes))), shape
        case nn.ReLU6() | nn.Hardtanh():
            return clipped("", term, float(module.min_val), float(module.max_val)), shape
        case nn.Flatten():
            return term, (term.size,)
        case nn.MaxPool1d() | nn.MaxPool2d():
            # A unit vector is seen by exactly those maxima whose windows hold its one.
            matrix, _, out = _affine_parts(module, shape)
            return largest("", term, [np.flatnonzero(row > 0).tolist() for row in matrix]), out
        case _:
            matrix, offset, out = _affine_parts(module, shape)
            return affine("", matrix, offset, term), out


def _affine_parts(module: nn.Module, shape: Shape) -> tuple[Vector, Vector, Shape]:
    size = prod(shape)

    def at(point: Vector) -> Any:
        with torch.no_grad():
            return module(torch.tensor(point).reshape(1, *shape)).numpy()[0]

    offset = at(np.zeros(size))
    matrix = np.stack([(at(unit) - offset).ravel() for unit in np.eye(size)], axis=1)
    return matrix, offset.ravel(), offset.shape


def network_term(name: str, label: str, source: Term) -> Term:
    """Return the module called ``name`` in the pool, applied to ``source`` under the name ``label``."""
    module, shape, _ = pooled(name)
    term, _ = applied(module, shape, source)
    return taken(f"{label}({source.text})", term, range(term.size))
