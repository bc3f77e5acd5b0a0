"""Small tasks at random, each held well enough to stand."""

import numpy as np
from hypothesis import strategies as st

from preimage.structures import Task
from preimage.structures.task import VolumeOf


def random_task(seed: int, volume_of: VolumeOf = "filtered", *, longest: int = 7, solid: bool = True) -> Task:
    """A task of a few elements: a mask, solid parts, and up to three load cases."""
    random = np.random.default_rng(seed)
    width, height = random.integers(2, longest + 1, size=2)
    mask = random.random((height, width)) < random.choice([0.7, 1.0])
    mask[random.integers(height), random.integers(width)] = True
    fixed = random.random((height + 1, width + 1, 2)) < 0.15
    fixed[0, 0] = fixed[-1, -1] = True
    cases = int(random.integers(1, 4))
    loads = np.where(random.random((cases, height + 1, width + 1, 2)) < 0.2, random.normal(size=fixed.shape), 0.0)
    loads[:, -1, 0, 1] += 1.0
    return Task(
        name="random",
        width=int(width),
        height=int(height),
        fixed=fixed,
        loads=loads,
        weights=random.random(cases) + 0.1,
        volume=float(random.uniform(0.3, 0.9)),
        mask=mask,
        solid=mask & (random.random(mask.shape) < 0.1) & solid,
        filter_radius=float(random.choice([1.0, 1.5, 2.0, 3.2])),
        volume_of=volume_of,
    )


tasks = st.builds(random_task, st.integers(0, 2**32), st.sampled_from(["filtered", "design"]))
designs = st.integers(0, 2**32).map(np.random.default_rng)
