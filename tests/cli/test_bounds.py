"""``preimage bounds``: a table, an object, a picture, and bounds that are kept."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import COMMAND

from preimage.bounds.layerwise import Progress
from preimage.cli.bounds import live_line

Run = Callable[..., tuple[int, str, str]]


def test_a_table(run: Run, folder: Path) -> None:
    code, out, err = run("bounds", "corner.inv", "--cache", "kept", "--plot", "bounds.png")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["units", "interval", "crown", "slopes", "lp", "milp"]
    assert lines[1] == "undecided"
    assert lines[2].split() == ["f.1", "3", "0", "0"]
    assert lines[-1].startswith("0 of 3 neurons are undecided; 0.0 s in all")
    assert "f.1 (1 of 2): 0 of 3 undecided" in err
    assert (folder / "bounds.png").read_bytes().startswith(b"\x89PNG")
    assert run("bounds", "corner.inv", "--cache", "kept")[1].splitlines()[-1].endswith("kept from before")


def test_an_object(run: Run, folder: Path) -> None:
    code, out, err = run("bounds", "corner.inv", "--cache", "kept", "--format", "json", "--quiet")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["units"], found["undecided"], found["complete"]) == (3, 0, True)
    hidden, output = found["layers"]
    assert hidden["name"] == "f.1"
    assert hidden["lower"] == pytest.approx([0.0, 0.0, 5.0])
    assert hidden["upper"] == pytest.approx([1.0, 2.0, 7.0])
    assert (output["name"], output["kinked"]) == ("f.out", False)
    assert output["lower"][0] <= 0.0
    assert output["upper"][0] >= 3.0


def test_mistakes(run: Run) -> None:
    assert run("bounds", "wrong.inv")[0] == 3
    assert run("bounds", "nothing.inv")[0] == 1
    assert run("bounds", "corner.inv", "--time-per-unit", "soon")[0] == 2
    assert run("bounds", "corner.inv", "--cache", "kept", "--plot", "bounds.docx")[0] == 1


def test_ctrl_c_stops_and_keeps(hard: str, folder: Path) -> None:
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "bounds", hard, "--time-per-unit", "20s", "--cache", "kept"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=sys.platform != "win32",
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("g.1"):
            break
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out.splitlines()[-1] == "interrupted: the bounds hold, and the next call goes on from here"
    assert len(list((folder / "kept").iterdir())) == 1
    assert time.perf_counter() - begun < 60


def test_the_line_that_changes() -> None:
    seen = Progress(2, 5, "print.2", "milp", 7, 49, 49, 50)
    assert live_line(seen) == ("print.2 (2 of 5) · milp · 7 of 49 units · 49 of 50 undecided · Ctrl-C stops and keeps")
