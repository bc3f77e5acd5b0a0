"""The same physics written plainly: loops over elements, a sparse solve by SuperLU, the filter as a matrix."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import splu

from preimage.structures import Task
from preimage.structures.projection import SHARPEST

Array = NDArray[np.float64]


def element_stiffness() -> Array:
    """The closed form of Andreassen et al. (2011)."""
    nu = 0.3
    k = [
        1 / 2 - nu / 6,
        1 / 8 + nu / 8,
        -1 / 4 - nu / 12,
        -1 / 8 + 3 * nu / 8,
        -1 / 4 + nu / 12,
        -1 / 8 - nu / 8,
        nu / 6,
        1 / 8 - 3 * nu / 8,
    ]
    order = ["01234567", "10765432", "27056341", "36507214", "45670123", "54321076", "63412705", "72143650"]
    return np.array([[k[int(index)] for index in row] for row in order]) / (1 - nu**2)


def element_components(task: Task) -> NDArray[np.int64]:
    """The displacement components of every element, once around its corners."""
    y, x = np.divmod(np.arange(task.elements), task.width)
    first = y * (task.width + 1) + x
    corners = np.stack([first, first + 1, first + task.width + 2, first + task.width + 1], axis=1)
    return (2 * corners[:, :, None] + np.arange(2)).reshape(-1, 8)


def filter_matrix(task: Task) -> csr_matrix:
    """The cone filter among the elements of the mask."""
    rows, columns, weights = [], [], []
    inside = np.argwhere(task.mask)
    for y, x in inside:
        distance = np.hypot(inside[:, 0] - y, inside[:, 1] - x)
        weight = np.maximum(max(task.filter_radius, 1.0) - distance, 0.0)
        near = weight > 0
        rows += [y * task.width + x] * near.sum()
        columns += list(inside[near, 0] * task.width + inside[near, 1])
        weights += list(weight[near] / weight.sum())
    return csr_matrix((weights, (rows, columns)), shape=(task.elements, task.elements))


def density(task: Task, design: Array) -> Array:
    """The filtered design."""
    filtered = (filter_matrix(task) @ design.ravel()).reshape(design.shape)
    filtered = np.where(task.solid, 1.0, filtered)
    return projected(filtered, SHARPEST) if task.projected else filtered


def projected(filtered: Array, sharpness: float) -> Array:
    """The smoothed step that keeps the sum, its threshold by a root finder."""

    def step(threshold: float) -> Array:
        low, high, values = (np.tanh(sharpness * (at - threshold)) for at in (0.0, 1.0, filtered))
        return (values - low) / (high - low)

    return step(brentq(lambda threshold: float((step(threshold) - filtered).sum()), 0.0, 1.0, xtol=1e-15))


def compliance(task: Task, design: Array, penalty: float = 3.0) -> float:
    """The weighted compliance of a design."""
    return compliance_of(task, density(task, design) ** penalty)


def concave_cube(task: Task, design: Array) -> Array:
    """The least concave function above the cube of the density: its Lovász extension, by sorting."""
    cube = np.zeros(task.elements)
    for element, row in enumerate(filter_matrix(task).toarray()):
        order = np.argsort(-design.ravel(), kind="stable")
        cube[element] = np.diff(np.cumsum(row[order]) ** 3, prepend=0.0) @ design.ravel()[order]
    return np.where(task.solid, 1.0, cube.reshape(design.shape))


def compliance_of(task: Task, stiffness: Array) -> float:
    """The weighted compliance for stiffnesses between 0 and 1 by element."""
    moduli = 1e-9 + stiffness.ravel() * (1 - 1e-9)
    components = element_components(task)
    values = moduli[:, None, None] * element_stiffness()
    rows, columns = (np.broadcast_to(components.reshape(shape), values.shape) for shape in [(-1, 8, 1), (-1, 1, 8)])
    stiffness = coo_matrix((values.ravel(), (rows.ravel(), columns.ravel()))).tocsc()
    free = np.flatnonzero(~task.fixed.ravel())
    solver = splu(stiffness[free][:, free])
    forces = task.loads.reshape(len(task.weights), -1)[:, free]
    return float(sum(weight * force @ solver.solve(force) for weight, force in zip(task.weights, forces, strict=True)))
