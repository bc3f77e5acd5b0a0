"""The problems of the benchmarks can be made and read, and their simulators do what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import branch
import cases
import measure
import numpy as np
import pytest
from cases import case as case_module
from cases import contoning, deep, ink_selection, metasurface, soft_robot

import preimage
from preimage.applications.training import Dense, train


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A new cache, and networks that have seen next to nothing."""

    def hasty(inputs: np.ndarray, outputs: np.ndarray, hidden: tuple[int, ...], **options: Any) -> Dense:
        return train(inputs[:200], outputs[:200], hidden, **options | {"epochs": 1})

    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        modules: tuple[ModuleType, ...] = (case_module, contoning, deep, ink_selection, metasurface, soft_robot)
        for module in modules:
            patch.setattr(module, "CACHE", folder)
            for name, value in (("train", hasty), ("SAMPLES", 250), ("EPOCHS", 1)):
                if hasattr(module, name):
                    patch.setattr(module, name, value)
        yield


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_a_case_states_a_problem(case: cases.Case, untrained: None) -> None:
    if case.name.startswith("worst"):
        pytest.importorskip("torch")
    try:
        folder = case.folder()
    except cases.Missing as missing:
        pytest.skip(str(missing))
    text = (folder / "problem.inv").read_text(encoding="utf-8")
    bindings = next(measure.calls(folder, case.sweep, 2))
    problem = preimage.check(text, bindings, base=folder)
    assert problem.objective is not None
    assert problem.sweep_rows == (2 if case.sweep else 1)
    assert list(folder.parent.glob(f"{case.name}.*")) == [], "a draft was left behind"


def test_half_a_case_is_not_kept(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "problem.inv").touch()
        raise cases.Missing("no data")

    with pytest.raises(cases.Missing):
        case_module.kept(tmp_path / "case", write)
    assert list(tmp_path.iterdir()) == []


def test_a_case_is_measured_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_module, "CACHE", tmp_path)
    wanted = np.array([[0.25], [2.0]])

    def write(folder: Path) -> None:
        np.savez(folder / "double.npz", W1=[[2.0]], b1=[0.0], W2=[[1.0]], b2=[0.0])
        text = 'network double from "double.npz"\ntarget y\ninput x in 0..1\nminimise abs(double(x) - y) + 1\n'
        case_module.write_problem(folder, text)
        np.savez(folder / cases.PER_TARGET, y=wanted)

    for sweep in (False, True):
        case = cases.Case(f"double-{sweep}", "twice a number", "at once", 10.0, write, sweep=sweep)
        answers = measure.median([measure.solve(case, 10.0) for _ in range(2)])
        assert [a.objective for a in answers] == pytest.approx([1.0, 1.0], abs=1e-4)
        assert all(a.gap <= 1e-4 and np.isfinite(a.to).all() and a.seconds > 0 for a in answers)
        row = branch.row(case, answers)
        assert row.startswith("| twice a number | 2 of 2 |")
        assert row.count("|") == branch.head(2, 0.1).splitlines()[-1].count("|")
        assert [len(measure.solve(case, 10.0, most=n)) for n in (1, 3)] == [1, 2]


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(2.0, 1.0, 0.5), (None, 1.0, np.inf), (1.0, None, np.inf), (1e-7, 0.0, 0.0), (-1.0, -2.0, 1.0)],
)
def test_gap(objective: float | None, bound: float | None, gap: float) -> None:
    assert measure.gap_of(objective, bound) == pytest.approx(gap)


def test_what_was_not_reached_is_a_dash() -> None:
    never = (np.inf, np.inf)
    assert branch.reached([never, never]) == "–"
    assert branch.reached([(0.5, 1200.0), never]) == "0.5 s, 1,200 (1 of 2)"


def test_the_robot_keeps_its_edges_and_its_width() -> None:
    strains = soft_robot.draw(np.random.default_rng(0), 5)
    pose = soft_robot.poses(strains)
    corners = pose[:, :63].reshape(5, 21, 3, 2)
    across = np.linalg.norm(corners[:, :, 2] - corners[:, :, 0], axis=-1)
    np.testing.assert_allclose(across, soft_robot.WIDTH)
    chords = np.linalg.norm(np.diff(corners[:, :, [0, 2]], axis=1), axis=-1)
    arcs = soft_robot.CELL * (1 + np.stack([strains[:, :20], strains[:, 20:]], axis=-1))
    assert np.all(chords <= arcs)
    np.testing.assert_allclose(chords, arcs, rtol=0.01)  # an arc of less than 0.4 radians
    rest = soft_robot.poses(np.zeros((1, 40)))[0]
    np.testing.assert_allclose(rest[soft_robot.TIP], [0.25, 10.0])
    assert pose.shape == (5, 103, 2)


def test_obstacles_block_the_pose_but_not_its_tip() -> None:
    random = np.random.default_rng(1)
    reached = soft_robot.poses(soft_robot.draw(random, 20))
    for centre, pose in zip(soft_robot.obstacles(random, reached), reached, strict=True):
        away = np.abs(pose - centre).sum(axis=1)
        reach = soft_robot.RADIUS * np.sqrt(2)
        assert away[soft_robot.EXPOSED].min() < 1.6
        assert away[soft_robot.TIP] > reach


@pytest.mark.parametrize(
    ("simulator", "designs"),
    [
        (contoning.reflectance, lambda random: contoning.stacks(random, 50, 8)),
        (ink_selection.prints, lambda random: ink_selection.areas(random, 50)),
        (deep.prints, lambda random: random.random((50, 12))),
        (metasurface.spectra, lambda random: random.uniform(-1, 1, (50, 8))),
    ],
    ids=["contoning", "44 inks", "12 inks", "metasurface"],
)
def test_spectra_are_shares_of_the_light(
    simulator: Callable[[np.ndarray], np.ndarray], designs: Callable[[np.random.Generator], np.ndarray]
) -> None:
    spectra = simulator(designs(np.random.default_rng(0)))
    assert np.all((spectra > 0) & (spectra < 1))
    assert spectra.std(axis=0).min() > 0.01


def test_stacks_have_thirty_layers_and_the_planted_prints_two_inks() -> None:
    assert np.all(contoning.stacks(np.random.default_rng(0), 100, 5).sum(axis=1) == contoning.LAYERS)
    assert ink_selection.planted().shape == (6, 31)
    assert ink_selection.transmittances().shape == (44, 31)
