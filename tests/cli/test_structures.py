"""Structures in the terminal: solved, checked, explained and drawn."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import preimage

Run = Callable[..., tuple[int, str, str]]

BRIDGE = """\
structure bridge on 24 x 8
support left edge in x and y
support node (24, 0) in y
load top edge by (0, -1) total
volume 0.4
minimise compliance
solve for 12 steps using oc
"""


@pytest.fixture
def bridge(folder: Path) -> Path:
    path = folder / "bridge.inv"
    path.write_text(BRIDGE, encoding="utf-8")
    return path


def test_solve_and_check(run: Run, bridge: Path) -> None:
    code, out, err = run("solve", "bridge.inv")
    assert code == 0  # all steps were taken: more is not promised
    lines = out.splitlines()
    assert lines[0].startswith("Finished after ")
    names = [line.split()[0] for line in lines[1:]]
    assert names == ["compliance", "bound", "gap", "volume", "discreteness", "checked:"]
    assert "0.40000  after the filter; 0.4 may be taken" in lines[4]
    told = err.splitlines()
    assert told[0] == "bridge.inv  24 x 8 elements, 431 unknowns · volume 0.4 after filter · minimise compliance"
    assert told[1] == "plan        oc (pixels moved by optimality criteria), 12 steps; beside it, the bound"
    assert any(line.endswith("sheet") for line in told)
    assert told[-1].startswith("saved bridge.result (")
    code, out, err = run("check", "bridge.result")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "verified: the structure was solved for again, and its bound proved again"
    code, out, _ = run("check", "bridge.result", "--format", "json")
    assert json.loads(out)["holds"]


def test_json_and_options(run: Run, bridge: Path) -> None:
    code, out, err = run("solve", "bridge.inv", "--steps", "3", "--format", "json", "--quiet")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["provenance"]["steps"] == 3
    assert len(answer["predictions"]["density"]) == 8
    code, _, _ = run("solve", "bridge.inv", "--using", "milp", "--quiet")
    assert code == 3
    code, _, err = run("solve", "bridge.inv", "--using", "simplex")
    assert code == 2
    assert "for structures, cnn" in " ".join(err.replace("│", " ").split())


def test_published_tasks(run: Run, folder: Path) -> None:
    code, _, err = run("solve", "structures:mbb_beam_96x32_0.5", "--steps", "2", "--using", "oc")
    assert code == 0
    assert err.startswith("mbb_beam_96x32_0.5  96 x 32 elements")
    saved = preimage.load(folder / "mbb_beam_96x32_0.5.result")
    assert saved.task.name == "mbb_beam_96x32_0.5"
    code, _, err = run("solve", "structures:mbb_beam_96x32_0.6")
    assert code == 3
    assert "try: `mbb_beam_96x32_0.5`" in err


def test_a_result_that_was_tampered_with(run: Run, bridge: Path) -> None:
    run("solve", "bridge.inv", "--quiet")
    result = preimage.load("bridge.result")
    dataclasses.replace(result, bound=result.objective).save("bridge.result")
    code, out, err = run("check", "bridge.result")
    assert code == 1
    assert "BROKEN  witness" in out
    assert "error[PRE706]" in err


def test_explain_plot_and_what_is_for_networks(run: Run, bridge: Path) -> None:
    code, out, _ = run("explain", "bridge.inv")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["bridge.inv", "plan", "memory"]
    code, out, _ = run("explain", "structures:column_32x128_0.3")
    assert (code, out.split()[0]) == (0, "column_32x128_0.3")
    assert run("check", "bridge.inv")[0] == 0
    assert run("fmt", "--check", "bridge.inv")[0] == 0
    run("solve", "bridge.inv", "--quiet")
    assert run("plot", "bridge.result")[0] == 0
    assert run("plot", "bridge.result", "--energy", "-o", "energy.svg")[0] == 0
    assert Path("energy.svg").exists()
    for command in (["export", "bridge.inv", "a.mps"], ["bounds", "bridge.inv"]):
        code, _, err = run(*command)
        assert code == 3
        assert "error[PRE825]" in err
    code, _, err = run("solve", "bridge.inv", "--certificate", "a.proof")
    assert code == 3
    assert "error[PRE825]" in err


def test_exports(run: Run, bridge: Path) -> None:
    run("solve", "bridge.inv", "--quiet")
    for suffix in ("png", "svg", "stl", "npz", "gif"):
        code, out, err = run("export", "bridge.result", f"bridge.{suffix}")
        assert (code, out) == (0, "")
        assert err.startswith(f"wrote bridge.{suffix} (")
        assert Path(f"bridge.{suffix}").exists()
    code, _, err = run("export", "bridge.result", "bridge.mps")
    assert code == 1
    assert "a name that ends in .png, .svg, .stl, .npz, .gif or .mp4" in err
