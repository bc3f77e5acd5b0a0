"""Reach a point with the tip of a soft robot, round an obstacle.

The robot is a strip of 20 cells; its controls are the strains of the 20 edges on its left side and of the 20 on its
right. The simulator is kinematic, not elastic: every cell is a piece of an arc, whose cross-sections keep their width
and meet the centre line at right angles (piecewise constant curvature). It gives the displacements of 63 corners, three
at each height, and of the 40 centres of half cells: 103 vertices.

It puts tips where a nonlinear elastic model with the same prescribed edges puts them, within 0.04 on average of a
length of 10 (by the 1000 published pairs of strains and poses; Sun et al. 2021).

References
----------
R. J. Webster and B. A. Jones, "Design and kinematic modeling of constant curvature continuum robots", 2010.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from preimage.applications.training import Array, train

from .case import CACHE, PER_TARGET, Case, kept, write_problem

CELLS, CELL, WIDTH, STRAIN = 20, 0.5, 0.5, 0.2
SAMPLES, HIDDEN = 30_000, (128, 128)
TARGETS, RADIUS = 200, 0.9
TIP = 61
EXPOSED = np.array([3 * height + side for height in range(5, 16) for side in (0, 2)])
PROBLEM = """\
network body from "network.npz"
param   mesh from "mesh.csv"             # 103 x 2
param   exposed from "exposed.csv"       # indices of the vertices at the skin
param   r = 0.9
param   o from "obstacle.csv"
target  goal from "goal.csv"
input   stretch[40] in -0.2..0.2
let     pose = mesh + reshape(body(stretch/0.2), 103, 2)
smooth  stretch[0:20] within 0.2
smooth  stretch[20:40] within 0.2
avoid   L1(p, o) >= r*sqrt2 for p in pose[exposed]
minimise L1(pose[61], goal)
"""


def poses(strains: Array) -> Array:
    """Return the places of the vertices: robots x 103 x 2, for strains, robots x 40, each side from the foot up."""
    left, right = (CELL * (1.0 + strains[:, side : side + CELLS]) for side in (0, CELLS))
    turn, length = (right - left) / WIDTH, (left + right) / 2.0  # to the left, in radians
    zeros = np.zeros((len(strains), 1))
    heading = np.hstack([zeros, turn.cumsum(axis=1)])
    along = length * np.sinc(turn / (2.0 * np.pi))  # the chord of an arc
    middle = heading[:, :-1] + turn / 2.0
    steps = along[:, :, None] * np.stack([-np.sin(middle), np.cos(middle)], axis=2)
    centre = np.concatenate([np.zeros((len(strains), 1, 2)), steps.cumsum(axis=1)], axis=1)
    across = np.stack([np.cos(heading), np.sin(heading)], axis=2)
    corners = centre[:, :, None, :] + (WIDTH / 2.0) * np.array([-1.0, 0.0, 1.0])[:, None] * across[:, :, None, :]
    halves = (corners[:, :-1, :-1] + corners[:, :-1, 1:] + corners[:, 1:, :-1] + corners[:, 1:, 1:]) / 4.0
    vertices = np.concatenate([corners.reshape(len(strains), -1, 2), halves.reshape(len(strains), -1, 2)], axis=1)
    return np.asarray(vertices + np.array([WIDTH / 2.0, 0.0]))


def draw(random: np.random.Generator, samples: int) -> Array:
    """Return random strains."""
    return random.uniform(-STRAIN, STRAIN, (samples, 2 * CELLS))


def write_network(folder: Path) -> None:
    """Train and save the network: strains to displacements."""
    strains = draw(np.random.default_rng(0), SAMPLES)
    moved = (poses(strains) - poses(np.zeros((1, 2 * CELLS)))).reshape(SAMPLES, -1)
    train(strains / STRAIN, moved, HIDDEN, epochs=50, seed=0, batch=64, rate=0.003).save(folder / "network.npz")


def obstacles(random: np.random.Generator, reached: Array) -> Array:
    """Return the centre of an obstacle for every pose: near one of its exposed vertices, clear of foot and tip."""
    centres = []
    for pose in reached:
        while True:
            centre = pose[random.choice(EXPOSED)] + random.uniform(-0.8, 0.8, 2)
            clear = np.abs(pose[[0, 2, TIP]] - centre).sum(axis=1).min()
            if clear > RADIUS * np.sqrt(2.0) + WIDTH:
                break
        centres.append(centre)
    return np.array(centres)


def write(folder: Path) -> None:
    """Write the problem: goals are tips of poses that an obstacle blocks."""
    random = np.random.default_rng(1)
    reached = poses(draw(random, TARGETS))
    goal, o = reached[:, TIP], obstacles(random, reached)
    network = kept(CACHE / "networks" / "soft-robot", write_network) / "network.npz"
    (folder / "network.npz").write_bytes(network.read_bytes())
    mesh = poses(np.zeros((1, 2 * CELLS)))[0]
    write_problem(folder, PROBLEM, mesh=mesh, exposed=EXPOSED, goal=goal[0], obstacle=o[0])
    np.savez(folder / PER_TARGET, goal=goal, o=o)


CASES = (
    Case("soft-robot", "40 strains, obstacle, 200 goals", "error ≤ 1e-7, mean ≤ 0.3 s (published: 9.2 s)", 10.0, write),
)
