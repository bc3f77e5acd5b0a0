"""The network that draws a structure, as published (Hoyer, Sohl-Dickstein & Greydanus 2019).

A trained latent vector goes through a dense layer to a coarse picture and through five blocks of tanh, upsampling,
normalisation, convolution and a trained offset; what comes out are the logits of the design.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

LATENT_SIZE = 128
DENSE_CHANNELS = 32
KERNEL_SIZE = 5
OFFSET_SCALE = 10.0
EPSILON = 1e-6
"""Added to the variance in the normalisation."""

BLOCKS = ((1, 128), (2, 64), (2, 32), (2, 16), (1, 1))
"""By block: how often larger its picture is than the last one, and its channels."""

SCALE = math.prod(scale for scale, _ in BLOCKS)

TRUNCATED_DEVIATION = 0.87962566103423978
"""Standard deviation of a standard normal variable truncated at two deviations."""


class Block(nn.Module):
    """Tanh, upsampling, normalisation of the whole picture, convolution, offset."""

    def __init__(self, scale: int, channels_in: int, channels: int, height: int, width: int) -> None:
        super().__init__()
        self.upsample = nn.Upsample(scale_factor=scale, mode="bilinear", align_corners=False)
        self.convolution = nn.Conv2d(channels_in, channels, KERNEL_SIZE, padding="same")
        deviation = math.sqrt(1.0 / (channels_in * KERNEL_SIZE**2)) / TRUNCATED_DEVIATION
        nn.init.trunc_normal_(self.convolution.weight, std=deviation, a=-2.0 * deviation, b=2.0 * deviation)
        self.convolution.bias = nn.Parameter(torch.zeros(channels))
        self.offset = nn.Parameter(torch.zeros(1, channels, height, width))

    def forward(self, picture: Tensor) -> Tensor:
        """Map ``(1, channels_in, h, w)`` to ``(1, channels, scale * h, scale * w)``."""
        picture = self.upsample(torch.tanh(picture))
        variance, mean = torch.var_mean(picture, correction=0)
        picture = (picture - mean) * torch.rsqrt(variance + EPSILON)
        drawn: Tensor = self.convolution(picture) + OFFSET_SCALE * self.offset
        return drawn


class StructureNetwork(nn.Module):
    """Logits of a design, shape ``(height, width)``, from nothing but trained parameters.

    Sides that are no multiples of 8 are drawn larger and cut.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width
        self.coarse_height, self.coarse_width = math.ceil(height / SCALE), math.ceil(width / SCALE)
        outputs = self.coarse_height * self.coarse_width * DENSE_CHANNELS
        self.latent = nn.Parameter(torch.randn(LATENT_SIZE))
        self.dense = nn.Linear(LATENT_SIZE, outputs)
        nn.init.orthogonal_(self.dense.weight, gain=math.sqrt(max(outputs / LATENT_SIZE, 1.0)))
        nn.init.zeros_(self.dense.bias)
        blocks, channels_in, size = [], DENSE_CHANNELS, 1
        for scale, channels in BLOCKS:
            size *= scale
            blocks.append(Block(scale, channels_in, channels, size * self.coarse_height, size * self.coarse_width))
            channels_in = channels
        self.blocks = nn.Sequential(*blocks)

    def forward(self) -> Tensor:
        """Draw the logits."""
        coarse = self.dense(self.latent).reshape(1, DENSE_CHANNELS, self.coarse_height, self.coarse_width)
        logits: Tensor = self.blocks(coarse)[0, 0, : self.height, : self.width]
        return logits
