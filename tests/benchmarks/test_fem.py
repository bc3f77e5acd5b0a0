import fem
import fem_peers
import numpy as np
import pytest

from preimage.structures.physics import VOID_STIFFNESS, Physics


def test_peers_solve_the_same_problem() -> None:
    task = fem.beam(9, 5)
    moduli = np.random.default_rng(0).uniform(VOID_STIFFNESS, 1.0, task.mask.shape)
    ours, _, _ = Physics(task).elasticity.solve(moduli.ravel())
    matrix, forces = fem.stiffness_matrix(task, moduli)
    found = {name: solve() for name, solve in fem_peers.solvers(matrix, forces)}
    assert {"SuperLU, default", "SuperLU, symmetric"} <= set(found)
    for displacement in found.values():
        assert forces @ displacement == pytest.approx(ours)


def test_steps_take_all_of_the_volume() -> None:
    task = fem.beam(12, 6)
    physics = Physics(task)
    design = task.mask * 0.4
    before = physics.evaluate(design).compliance
    for _ in range(5):
        design = fem.step(physics, design)
    assert (physics.volume_weights * design).sum() == pytest.approx(physics.volume_limit)
    assert physics.evaluate(design).compliance < 0.8 * before
