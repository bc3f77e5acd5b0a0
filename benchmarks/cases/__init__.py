"""Problems to measure with, each a folder that is made when it is first asked for: see `case.Case`."""

from . import contoning, deep, ink_selection, metasurface, printers, shells, soft_robot
from .case import PER_TARGET, Case, Missing

CASES: tuple[Case, ...] = (
    *printers.CASES,
    *ink_selection.CASES,
    *shells.CASES,
    *contoning.CASES,
    *metasurface.CASES,
    *soft_robot.CASES,
    *deep.CASES,
    *deep.WIDE,
)
"""In the order of the report."""

__all__ = ["CASES", "PER_TARGET", "Case", "Missing"]
