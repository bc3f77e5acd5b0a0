"""`Erosion`: what is left of a projected structure when every edge is drawn back, so that thin members vanish.

A structure that must be stiff even then has no thin members (Sigmund 2009, "Manufacturing tolerant topology
optimization"; Wang, Lazarov and Sigmund 2011). How thin is a matter of the filter and of how much the threshold rises
(Qian and Sigmund 2013, doi 10.1016/j.cma.2012.11.016): where a member has its edge, the filtered design is at the
threshold, and by its middle it must have come to the higher one; the filter allows no more than a certain slope.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve

from preimage.structures.projection import Projection, height_of_step, slopes_of_step, step
from preimage.structures.supports import near_nodes
from preimage.structures.task import Task

Array = NDArray[np.float64]

RISE = 0.25
"""Of the threshold: `RADIUS_BY_WIDTH` is for this one."""

HIGHEST = 0.95
"""Of risen thresholds: at 1, even the widest member would vanish."""


class Erosion:
    """What is left of a projected structure.

    Parameters
    ----------
    projection
        Of a filtered design.
    surrounded
        By which the filtered design is multiplied; see `surroundings`.

    Attributes
    ----------
    density
        From 0 to 1; 1 where that of the projection is 1 for all around, 0 where it is 0.
    """

    def __init__(self, projection: Projection, surrounded: Array) -> None:
        self._projection, self._surrounded = projection, surrounded
        self._filtered = surrounded * projection.filtered
        self._threshold = min(projection.threshold + RISE, HIGHEST)
        self.density = step(self._filtered, self._threshold, projection.sharpness)

    def pull_back(self, gradient: Array) -> Array:
        """Carry derivatives by the density back to the filtered design, which the threshold depends on too."""
        projection, threshold, sharpness = self._projection, self._threshold, self._projection.sharpness
        direct = self._surrounded * slopes_of_step(self._filtered, threshold, sharpness) * gradient
        if threshold == HIGHEST:
            return direct
        fall = sharpness * height_of_step(threshold, sharpness) * self.density * (1.0 - self.density)
        return direct - float((gradient * fall).sum()) * projection.slopes_of_threshold()


def surroundings(task: Task) -> Array:
    """Give which share of the filter around each element is room for material, shape ``(height, width)``.

    The filter itself leaves out what lies outside of the grid, as if each edge were a mirror: a member along an edge
    would be drawn back on one side only. Here that is so at supports and loads alone, where the structure goes on: into
    a wall, its mirror image, or what loads it.
    """
    reach = int(np.ceil(task.filter_radius))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    cone = np.maximum(task.filter_radius - np.hypot(rows, columns), 0.0)
    share = convolve(task.mask.astype(np.float64), cone / cone.sum(), mode="constant")
    joined = near_nodes(task, 0.5 * task.member_width) | task.solid
    return np.where(joined, 1.0, np.minimum(share, 1.0))
