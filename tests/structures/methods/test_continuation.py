"""The default method in all its parts: descents, races, repairs and coarse grids."""

from importlib import import_module

import numpy as np
import pytest

from preimage.structures import Edge, Load, Node, Support, Task
from preimage.structures.methods import Iterate, continuation
from preimage.structures.methods.continuation import HEATS, RACE_COST, RACE_STEPS, RUNNERS, SHEET_STEPS
from preimage.structures.methods.descent import Descent
from preimage.structures.methods.feasible import uniform
from preimage.structures.methods.iterate import Account
from preimage.structures.methods.level import Level
from preimage.structures.methods.race import Heat, race
from preimage.structures.methods.schedule import from_design
from preimage.structures.physics import Physics

BEAM = Task.on(16, 8, Support(Edge("left")), Load(Node(16, 4), (0, -1)), volume=0.4)


def run(evaluations: int, seed: int = 0, task: Task = BEAM) -> list[Iterate]:
    found: list[Iterate] = []

    def report(iterate: Iterate) -> bool:
        found.append(iterate)
        return True

    continuation(Physics(task), evaluations=evaluations, seed=seed, report=report)
    return found


def best(found: list[Iterate]) -> float:
    return min(iterate.compliance for iterate in found if iterate.compliance is not None)


@pytest.fixture(scope="module")
def usual() -> list[Iterate]:
    return run(800)


def level() -> Level:
    physics = Physics(BEAM)
    return Level(Account("race", physics, 10_000, lambda _: True), physics)


def descents(on: Level, count: int) -> list[Descent]:
    """Descents whose first designs are the worse the later they stand."""
    schedule = from_design(20, 3.0, on.physics.filter_radius)
    return [Descent(on, uniform(on.physics) * 0.8**rank, schedule, 0.1) for rank in range(count)]


def test_a_paused_descent_ends_where_one_at_a_stretch_does() -> None:
    paused, straight = descents(level(), 1) + descents(level(), 1)
    for share in (0.1, 0.1, 0.55, 1.0, 1.0):
        paused.advance(share)
    straight.advance()
    assert paused.best.compliance == straight.best.compliance
    np.testing.assert_array_equal(paused.best.design, straight.best.design)
    assert straight.best.compliance == Physics(BEAM).evaluate(straight.best.design).compliance


def test_who_is_behind_falls_out() -> None:
    physics, spent = Physics(BEAM), []
    on = Level(Account("race", physics, 10_000, lambda iterate: spent.append(iterate) or True), physics)
    runners = descents(on, 4)
    found = race(runners, (Heat(0.05, 2), Heat(0.5, 1)))
    assert len(spent) == 4 * 1 + 2 * 9 + 10
    assert found is runners[0].best or found is runners[1].best
    assert np.isinf([runner.best.compliance for runner in runners[2:]]).all()


def test_the_seed_says_where_races_begin() -> None:
    first, second, other = run(650), run(650), run(650, seed=1)
    assert [iterate.compliance for iterate in first] == [iterate.compliance for iterate in second]
    sheets = 2 * SHEET_STEPS
    assert [iterate.compliance for iterate in first[:sheets]] == [iterate.compliance for iterate in other[:sheets]]
    assert not np.array_equal(first[sheets].design, other[sheets].design)


def test_races_take_what_is_reckoned(usual: list[Iterate]) -> None:
    kept = [len(RUNNERS), *(heat.kept for heat in HEATS)]
    ends = [0.0, *(heat.until for heat in HEATS), 1.0]
    cost = RACE_STEPS * sum(many * (end - begin) for many, begin, end in zip(kept, ends[:-1], ends[1:], strict=True))
    assert cost == pytest.approx(RACE_COST)
    assert len(usual) == 800
    assert usual[2 * SHEET_STEPS + RACE_COST - 1].compliance is not None
    assert usual[2 * SHEET_STEPS + RACE_COST].compliance is None
    assert usual[-1].compliance is not None


@pytest.mark.parametrize("evaluations", [1, 5, 60, 150, 350])
def test_few_evaluations_are_made_use_of(evaluations: int, usual: list[Iterate]) -> None:
    found = run(evaluations)
    assert len(found) == evaluations
    assert found[-1].compliance is not None
    if evaluations >= 60:
        assert best(found) < 1.2 * best(usual)


@pytest.mark.parametrize("evaluations", [20, 100, 300])
def test_large_grids_begin_on_coarser_ones(evaluations: int, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task.on(32, 16, Support(Edge("left")), Load(Node(32, 8), (0, -1)), volume=0.4)
    fine = run(150, task=task)
    monkeypatch.setattr(import_module("preimage.structures.methods.continuation"), "SMALL", 200)
    found = run(evaluations, task=task)
    assert found[0].design.shape == (8, 16)
    assert found[0].evaluation == 1 / 4
    assert evaluations - 1 < found[-1].evaluation <= evaluations
    assert best(found) < (1.2 if evaluations > 20 else 2.0) * best(fine)
    assert all(iterate.design.shape == (16, 32) for iterate in found if iterate.compliance is not None)
