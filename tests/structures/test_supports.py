"""What floats: known cases, and the null space of the stiffness matrix itself."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from preimage.structures import Task
from preimage.structures.supports import floating_parts, is_held
from structures.random_tasks import random_task
from structures.reference import element_components, element_stiffness


def plain(picture: str, held: list[tuple[int, int, int]], pulled: tuple[int, int, int]) -> Task:
    mask = np.array([[character == "#" for character in row] for row in picture.split()])
    height, width = mask.shape
    fixed = np.zeros((height + 1, width + 1, 2), dtype=np.bool_)
    loads = np.zeros((1, height + 1, width + 1, 2))
    for place in held:
        fixed[place] = True
    loads[0][pulled] = 1.0
    return Task(
        name="plain",
        width=width,
        height=height,
        fixed=fixed,
        loads=loads,
        weights=np.ones(1),
        volume=0.5,
        mask=mask,
        solid=np.zeros_like(mask),
    )


CLAMPED = [(0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1)]


def test_a_clamped_part_stands_and_a_part_apart_floats() -> None:
    task = plain("##.## ##.##", CLAMPED, (1, 5, 1))
    (part,) = floating_parts(task)
    np.testing.assert_array_equal(part, [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1]])
    assert is_held(task)
    assert floating_parts(plain("##.## ##.##", CLAMPED, (1, 2, 1))) == []
    assert floating_parts(plain("##### ##.##", CLAMPED, (1, 5, 1))) == []


def test_a_part_that_hangs_on_a_corner_turns() -> None:
    task = plain("##.. ##.. ..## ..##", CLAMPED, (4, 4, 0))
    (part,) = floating_parts(task)
    assert part[3, 3]
    assert not part[0, 0]


def test_a_grid_that_slides_is_not_held() -> None:
    sliding = plain("### ###", [(2, x, 1) for x in range(4)], (0, 0, 1))
    assert not is_held(sliding)
    (part,) = floating_parts(sliding)
    assert part.all()


@given(st.integers(0, 2**32))
def test_parts_that_move_are_those_of_the_stiffness_matrix(seed: int) -> None:
    """Without the stiffness of void, what the loads excite in the null space is what floats."""
    random = np.random.default_rng(seed)
    task = random_task(seed, longest=5, solid=False)
    fixed = random.random(task.fixed.shape) < random.choice([0.03, 0.1])
    task = replace(task, fixed=fixed, loads=task.loads * (random.random(task.fixed.shape) < 0.3))
    stiffness = np.zeros((fixed.size, fixed.size))
    for components, inside in zip(element_components(task), task.mask.ravel(), strict=True):
        stiffness[np.ix_(components, components)] += inside * element_stiffness()
    free = ~fixed.ravel()
    values, vectors = np.linalg.eigh(stiffness[np.ix_(free, free)])
    null = vectors[:, values < 1e-10]
    used = np.diag(stiffness)[free] > 0
    forces = np.where(used, task.loads.reshape(len(task.weights), -1)[:, free], 0.0)
    moved = np.zeros(fixed.size)
    basis = null if not is_held(task) else null @ (null.T @ forces.T)
    moved[free] = np.where(used, np.abs(basis).max(axis=1, initial=0.0), 0.0)
    floating = np.logical_or.reduce(floating_parts(task) or [np.zeros_like(task.mask)])
    by_matrix = moved[element_components(task)].max(axis=1).reshape(task.mask.shape) > 1e-7
    found = {tuple(place) for place in np.argwhere(floating)}
    sure = {tuple(place) for place in np.argwhere(by_matrix & task.mask)}
    # An element at rest may share a node with one that moves, and both may be parts: the parts of the matrix are more.
    assert found <= sure or not sure
    assert bool(found) == bool(sure)
