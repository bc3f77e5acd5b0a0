"""The comparison with other packages asks them all the same question."""

from __future__ import annotations

import numpy as np
import peers
import pytest
import run_one
import task


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> task.Task:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task, "SAMPLES", 500)
        return task.make(tmp_path_factory.mktemp("task"), (6, 6), 2)


def test_a_task_is_named_after_its_network(small: task.Task) -> None:
    assert small.name == "4 → 6×2 → 31"
    assert len(small.folders) == 2
    assert set(peers.PEERS) | set(peers.OWN) == set(run_one.PACKAGES)


@pytest.mark.parametrize("package", ["SCIP, plain big-M", "Preimage, 1 thread"])
def test_bounds_and_designs_agree(small: task.Task, package: str) -> None:
    answer = run_one.PACKAGES[package](small.folders[0], 60.0, 1e-4)
    objective = peers.value(small.folders[0], np.array(answer.design))
    assert answer.bound <= objective * (1 + 1e-6)
    assert objective - answer.bound <= 1.1e-4 * objective
    reference = run_one.PACKAGES["Preimage, 1 thread"](small.folders[0], 60.0, 1e-5)
    assert answer.bound <= peers.value(small.folders[0], np.array(reference.design)) * (1 + 1e-6)
    assert reference.bound <= objective * (1 + 1e-6)


def test_a_report_tells_what_is_not_counted() -> None:
    run = peers.Run(1.0, 2.0, start_up_seconds=0.5, objective=1.0, bound=1.0, load=0.0)
    shown = peers.report(task.Task("small", 0.1, ()), {package: [run] for package in peers.OWN}, 60.0)
    assert "| Preimage, 2 threads | 1 of 1 | 2 | 1 s | 1 | 1 |" in shown
    assert "not counted above (median): Preimage, 2 threads 0.5; Preimage, 1 thread 0.5.\n" in shown
