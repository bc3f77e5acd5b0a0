"""`Physics`: the compliance of a design, its derivative, its density, by finite elements and an exact factorisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage import _core
from preimage.structures.erosion import Erosion, surroundings
from preimage.structures.projection import SHARPEST, Projection
from preimage.structures.supports import is_held
from preimage.structures.task import Task

Array = NDArray[np.float64]

VOID_STIFFNESS = 1e-9
"""Young's modulus of void; that of material is 1 (the modified SIMP interpolation)."""

PENALTY = 3.0
"""The power of the density in the stiffness of all published tasks."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a design is worth.

    Attributes
    ----------
    compliance
        The weighted sum over load cases of force times displacement.
    gradient
        The derivative of the compliance by the design, shape ``(height, width)``.
    density
        The design after filter and projection, shape ``(height, width)``.
    energies
        The weighted sum over load cases of ``u @ k @ u`` by element, for Young's modulus 1, shape ``(height, width)``.
    displacement
        By load case and node, shape ``(cases, height + 1, width + 1, 2)``.
    """

    compliance: float
    gradient: Array
    density: Array
    energies: Array
    displacement: Array


class Physics:
    """Linear elasticity of a task: bilinear square elements in plane stress, Poisson's ratio 0.3.

    The pattern of the stiffness matrix is analysed once. One thread solves at a time: others take a `twin`.

    Parameters
    ----------
    task
        What holds, what pulls, and where material may be.
    filter_radius
        Radius of the cone filter in elements; the task's own if left out.

    Attributes
    ----------
    task, filter_radius
        As given.
    sharpness
        Of the projection: that of answers, or 0 where the task has none.
    volume_weights, volume_limit
        What each value of the design counts in the volume, shape ``(height, width)``, and the most there may be, in
        elements: ``(volume_weights * design).sum() <= volume_limit``. The weights are those of the task's own
        filter, whatever the radius of this physics.
    elasticity
        The core's solver: Young's moduli by element in, compliance, energies and displacement out.

    Raises
    ------
    ValueError
        If the supports do not keep the grid from moving as a whole.
    MemoryError
        If the grid is too large.
    """

    def __init__(self, task: Task, filter_radius: float | None = None) -> None:
        if not is_held(task):
            raise ValueError("the supports do not keep the structure from moving as a whole")
        elasticity = _core.Elasticity(
            task.width,
            task.height,
            task.fixed.ravel().tolist(),
            task.loads.ravel(),
            task.weights,
        )
        radius = task.filter_radius if filter_radius is None else filter_radius
        self._set(task, elasticity, _volume_weights(task), radius, SHARPEST if task.projected else 0.0)

    def _set(
        self,
        task: Task,
        elasticity: _core.Elasticity,
        volume_weights: Array,
        filter_radius: float,
        sharpness: float,
    ) -> None:
        self.task = task
        self.filter_radius = filter_radius
        self.sharpness = sharpness
        self.elasticity = elasticity
        self.volume_weights = volume_weights
        self.volume_limit = task.volume * int(task.mask.sum())
        self._filter = cone_filter(task, filter_radius)
        self._surrounded: Array | None = None

    def with_filter_radius(self, filter_radius: float) -> Physics:
        """Give the same physics with another filter; both share one factorisation and its memory."""
        other = object.__new__(Physics)
        other._set(self.task, self.elasticity, self.volume_weights, filter_radius, self.sharpness)
        return other

    def with_sharpness(self, sharpness: float) -> Physics:
        """Give the same physics with another projection; both share one factorisation and its memory."""
        other = object.__new__(Physics)
        other._set(self.task, self.elasticity, self.volume_weights, self.filter_radius, sharpness)
        return other

    def eroded(self, sharpness: float) -> Physics:
        """Give the physics of what `Erosion` leaves of projected designs; both share one factorisation."""
        other = self.with_sharpness(sharpness)
        other._surrounded = surroundings(self.task)
        return other

    def of(self, task: Task) -> Physics:
        """Give the physics of a task that differs in filter, projection and volume only; they share a factorisation."""
        other = object.__new__(Physics)
        sharpness = SHARPEST if task.projected else 0.0
        other._set(task, self.elasticity, _volume_weights(task), task.filter_radius, sharpness)
        return other

    def twin(self) -> Physics:
        """Give the same physics with memory of its own, for another thread."""
        other = object.__new__(Physics)
        other._set(self.task, self.elasticity.twin(), self.volume_weights, self.filter_radius, self.sharpness)
        return other

    def evaluate(self, design: Array, penalty: float = PENALTY) -> Evaluation:
        """Solve for the displacement of a design, of shape ``(height, width)``, and differentiate the compliance."""
        filtered = self._filtered(design)
        projection = self._projection(filtered)
        density = filtered if projection is None else projection.density
        stiffness = VOID_STIFFNESS + density**penalty * (1.0 - VOID_STIFFNESS)
        compliance, energies, displacement = self.elasticity.solve(stiffness.ravel())
        energies = energies.reshape(density.shape)
        slope = penalty * density ** (penalty - 1.0) * (1.0 - VOID_STIFFNESS)
        gradient = -slope * energies
        if projection is not None:
            gradient = projection.pull_back(gradient)
        gradient = _transposed(self.task, self._filter, gradient)
        return Evaluation(compliance, gradient, density, energies, displacement.reshape(self.task.loads.shape))

    def density(self, design: Array) -> Array:
        """Give the density of a design: weighted means within the mask, projected and eroded, 1 where solid."""
        filtered = self._filtered(design)
        projection = self._projection(filtered)
        return filtered if projection is None else projection.density

    def _projection(self, filtered: Array) -> Projection | Erosion | None:
        if self.sharpness == 0.0:
            return None
        projection = Projection(filtered, self.sharpness)
        return projection if self._surrounded is None else Erosion(projection, self._surrounded)

    def _filtered(self, design: Array) -> Array:
        return _filtered(self.task, self._filter, design)


def _volume_weights(task: Task) -> Array:
    mask = task.mask.astype(np.float64)
    if task.volume_of == "design":
        return mask
    return _transposed(task, cone_filter(task), mask) + task.solid


def cone_filter(task: Task, radius: float | None = None) -> _core.ConeFilter:
    """Give a filter of a task, of its own radius if none is given."""
    radius = task.filter_radius if radius is None else radius
    return _core.ConeFilter(task.width, task.height, radius, task.mask.ravel().tolist())


def filtered(task: Task, design: Array) -> Array:
    """Give a design after the filter of its task, before the projection."""
    return _filtered(task, cone_filter(task), design)


def _filtered(task: Task, cone: _core.ConeFilter, design: Array) -> Array:
    density = cone.apply(np.ravel(design)).reshape(task.mask.shape)
    density[task.solid] = 1.0
    return density


def _transposed(task: Task, cone: _core.ConeFilter, field: Array) -> Array:
    free = np.where(task.mask & ~task.solid, field, 0.0)
    return cone.transpose(free.ravel()).reshape(task.mask.shape)
