"""How much strain energy each element of a structure holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from preimage.structures.physics import PENALTY, VOID_STIFFNESS, Physics

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult


def energy_density(result: StructureResult) -> NDArray[np.float64]:
    """Return the strain energy of each element, shape ``(height, width)``: their sum is half of the compliance.

    It is the weighted sum over load cases; the displacements are solved for.
    """
    design = np.asarray(result.design["design"], dtype=np.float64)
    found = Physics(result.task).evaluate(design)
    stiffness = VOID_STIFFNESS + found.density**PENALTY * (1.0 - VOID_STIFFNESS)
    return 0.5 * stiffness * found.energies
