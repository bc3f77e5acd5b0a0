from dataclasses import replace
from pathlib import Path

from structures_report import Known, markdown, violations
from structures_runs import BOUND, Measured, Run, keep, kept, measure, newest, plan

from preimage.structures import PUBLISHED

TASK = "hoop_32x64_0.25"
NOTHING = Known({}, {}, {})


def test_small_tasks_come_first_and_bounds_before_designs() -> None:
    runs = plan([*PUBLISHED], ["oc", "continuation"], 7, None)
    assert len(runs) == 116 * (2 + 3)
    assert [run.task for run in runs[:5]] == [run.task for run in runs[:1]] * 5
    assert [(run.method, run.volume_of) for run in runs[:5]] == [
        (BOUND, "filtered"),
        (BOUND, "design"),
        ("oc", "filtered"),
        ("continuation", "filtered"),
        ("continuation", "design"),
    ]
    assert {run.steps for run in runs if run.method != BOUND} == {7}
    assert runs[0].task.split("_")[-2] == "32x64"
    assert runs[-1].task.split("_")[-2] in ("256x256", "128x512")


def test_what_is_measured_is_kept_and_told(tmp_path: Path) -> None:
    runs = [replace(run, steps=3) for run in plan([TASK], ["oc", "lbfgs"], 3, None)]
    path = tmp_path / "cache" / "runs.jsonl"
    for run in runs:
        keep(path, measure(run, "v1"))
    measured = kept(path)
    assert [one.run for one in measured] == runs
    values = {one.run.method: one.value for one in measured if one.run.volume_of == "filtered"}
    assert values[BOUND] is not None
    assert values["oc"] is not None
    assert 0.0 < values[BOUND] < values["oc"]
    known = Known(typical={(TASK, "oc"): values["oc"] / 1.1}, best={(TASK, "mma"): values["oc"] / 1.2}, bounds={})
    assert not list(violations(measured, known))
    text = markdown(measured, known, len(runs))
    assert "4 of 4 runs; versions of the files (runs): v1 (4)" in text
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {TASK}") and "+10.0, +20.0" in line]
    assert f"{values[BOUND]:.5g}" in row
    assert "| 1 small | oc | filtered | oc | +10.0, +10.0 | 0 of 1 | 0 of 1 |" in text
    assert "| 1 small | lbfgs | design | lbfgs | – |" in text


def test_a_false_bound_is_told() -> None:
    def found(method: str, value: float | None) -> Measured:
        return Measured(Run(TASK, method, "filtered", 1), "v1", value, 1.0, 1.0)

    bound = found(BOUND, 2.0)
    assert not list(violations([bound, found("oc", 2.0), found("mma", None)], NOTHING))
    assert not list(violations([bound], Known({(TASK, "cnn"): 1.0}, {}, {})))  # of the other convention
    assert not list(violations([bound], Known({(TASK, "oc"): 1.9996}, {}, {})))  # rounded
    (told,) = violations([bound, found("oc", 1.9)], NOTHING)
    assert told == f"{TASK} (filtered): bound 2.0 is above 1.9, oc"
    assert len(list(violations([bound], Known({(TASK, "oc"): 1.99}, {}, {})))) == 1


def test_time_that_is_over_ends_a_run() -> None:
    measured = measure(Run(TASK, "continuation", "filtered", 50, seconds=0.0), "v1")
    assert measured.value is None
    assert measured.evaluations == 1


def test_the_newest_version_of_a_run_counts() -> None:
    run = Run(TASK, "oc", "filtered", 1)
    old, new = (Measured(run, code, 1.0, 1.0, 1.0) for code in ("v1", "v2"))
    assert newest([old, new], [run, replace(run, steps=2)]) == [new]
