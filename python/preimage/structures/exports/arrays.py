"""The arrays of a structure's result, for NumPy."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult


def npz(result: StructureResult) -> bytes:
    """Return an archive with design and density, compliance and bound, and the arrays of the task."""
    numbers = {"compliance": result.objective, "bound": result.bound}
    arrays = {
        **result.design,
        **result.predictions,
        **{name: np.array(value) for name, value in numbers.items() if value is not None},
        **result.arrays,
    }
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()
