"""Every method: it finds something better, within the task, the same each time, and ends when told."""

from dataclasses import replace

import numpy as np
import pytest

from preimage.structures import Task
from preimage.structures.methods import METHODS, Iterate
from preimage.structures.physics import Physics

EVALUATIONS = 20


def cantilever(**changes: object) -> Task:
    """Held on the left, pulled down in the middle of the right side; material must be at its tip, none in a notch."""
    width, height = 16, 8
    fixed = np.zeros((height + 1, width + 1, 2), dtype=bool)
    fixed[:, 0] = True
    loads = np.zeros((1, height + 1, width + 1, 2))
    loads[0, height // 2, width, 1] = 1.0
    mask = np.ones((height, width), dtype=bool)
    mask[3:5, 6:8] = False
    solid = np.zeros_like(mask)
    solid[3:5, 14:] = True
    task = Task(
        name="cantilever",
        width=width,
        height=height,
        fixed=fixed,
        loads=loads,
        weights=np.ones(1),
        volume=0.4,
        mask=mask,
        solid=solid,
        mirror_y=True,
    )
    return replace(task, **changes)  # type: ignore[arg-type]


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    needed = {"mma": "nlopt", "cnn": "torch"}.get(request.param)
    if needed:
        pytest.importorskip(needed)
    return str(request.param)


def run(method: str, task: Task, evaluations: int = EVALUATIONS, most: int = 10_000, seed: int = 0) -> list[Iterate]:
    found: list[Iterate] = []

    def report(iterate: Iterate) -> bool:
        found.append(iterate)
        return len(found) < most

    METHODS[method](Physics(task), evaluations=evaluations, seed=seed, report=report)
    return found


@pytest.mark.parametrize("volume_of", ["filtered", "design"])
def test_designs_hold_and_get_stiffer(method: str, volume_of: str) -> None:
    task = cantilever(volume_of=volume_of)
    physics = Physics(task)
    found = [iterate for iterate in run(method, task) if iterate.compliance is not None]
    for iterate in found:
        design = iterate.design
        assert design.shape == task.mask.shape
        assert ((design >= 0) & (design <= 1)).all()
        assert (design[task.solid] == 1).all()
        assert not design[~task.mask].any()
        assert (physics.volume_weights * design).sum() <= physics.volume_limit + 1e-9
        assert np.abs(design - design[::-1]).max() < 1e-12
        assert iterate.method == method
        assert physics.evaluate(design).compliance == pytest.approx(iterate.compliance, rel=1e-9)
    free = task.mask & ~task.solid
    weights = physics.volume_weights
    share = (physics.volume_limit - weights[task.solid].sum()) / weights[free].sum()
    uniform = physics.evaluate(np.where(free, share, task.solid)).compliance
    assert min(iterate.compliance for iterate in found if iterate.compliance) < 0.5 * uniform


def test_evaluations_are_counted_and_kept_to(method: str) -> None:
    spent = [iterate.evaluation for iterate in run(method, cantilever())]
    assert spent == sorted(spent)
    assert spent[0] > 0
    assert EVALUATIONS - 1 < spent[-1] <= EVALUATIONS + 1e-9


def test_it_ends_when_told(method: str) -> None:
    assert len(run(method, cantilever(), most=3)) == 3


def test_the_same_seed_gives_the_same_designs(method: str) -> None:
    first, second = (run(method, cantilever(), evaluations=10, seed=1) for _ in range(2))
    assert all((one.design == other.design).all() for one, other in zip(first, second, strict=True))
