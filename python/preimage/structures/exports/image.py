"""The density as an image, without anything around it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

LONGEST = 1024
"""Elements are squares of so many pixels that the longer side comes nearest to this from below."""


def png(result: StructureResult) -> bytes:
    """Return the density in grey: black is full."""
    from PIL import Image  # comes with matplotlib

    density = result.predictions["density"]
    grey = np.rint(255 * (1.0 - np.clip(density, 0.0, 1.0))).astype(np.uint8)
    factor = max(LONGEST // max(grey.shape), 1)
    file = io.BytesIO()
    Image.fromarray(grey.repeat(factor, axis=0).repeat(factor, axis=1)).save(file, "PNG", optimize=True)
    return file.getvalue()
