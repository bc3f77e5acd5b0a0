"""`Film`: pictures of a search while it runs, at most so many, evenly spread over its steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 100
"""Pictures that are kept; even, so that every second one of them is where the next stride would have put it."""

LEVELS = 255


class Film:
    """Keeps every picture at first, and then every second, every fourth one, and so on.

    Parameters
    ----------
    shape
        Height and width of the pictures; coarser ones are brought to it.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._stride, self._seen = 1, 0
        self._kept: list[tuple[NDArray[np.uint8], float]] = []

    def add(self, density: NDArray[np.float64], seconds: float) -> None:
        """Show a picture of densities, and when it was seen."""
        if self._seen % self._stride == 0:
            if len(self._kept) == MOST:
                self._kept, self._stride = self._kept[::2], 2 * self._stride
            self._kept.append((self._in_levels(density), seconds))
        self._seen += 1

    def arrays(self) -> dict[str, NDArray[np.uint8] | NDArray[np.float64]]:
        """Return ``frames``, shape ``(frames, height, width)``, where 255 is full, and ``frame_seconds``."""
        if not self._kept:
            return {}
        frames, seconds = zip(*self._kept, strict=True)
        return {"frames": np.stack(frames), "frame_seconds": np.array(seconds)}

    def _in_levels(self, density: NDArray[np.float64]) -> NDArray[np.uint8]:
        rows, columns = (
            np.arange(size) * coarse // size for size, coarse in zip(self._shape, density.shape, strict=True)
        )
        return np.rint(LEVELS * np.clip(density[np.ix_(rows, columns)], 0.0, 1.0)).astype(np.uint8)
