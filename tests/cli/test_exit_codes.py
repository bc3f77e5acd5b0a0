"""Every exit code, from a process of its own, as scripts see it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.conftest import COMMAND, Command
from results.samples import four_inks, infeasible, integers, no_bound, six_spectra, sweep

from preimage.cli import exit_codes
from preimage.results import Result, Sweep, load


def test_0_solved(command: Command) -> None:
    done = command("solve", "corner.inv", "--format", "json", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["status"] == "optimal"


def test_1_a_file_that_is_not_there(command: Command) -> None:
    done = command("plot", "nothing.result")
    assert (done.returncode, done.stdout) == (1, "")
    assert "error[PRE705]" in done.stderr


def test_2_usage(command: Command) -> None:
    done = command("solve", "corner.inv", "--gap", "small")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a gap" in done.stderr


def test_3_the_problem_has_errors(command: Command) -> None:
    done = command("solve", "wrong.inv")
    assert (done.returncode, done.stdout) == (3, "")
    assert "wrong.inv:3:" in done.stderr


def test_4_infeasible(command: Command) -> None:
    done = command("solve", "clash.inv", "--quiet")
    assert done.returncode == 4, done.stderr
    assert done.stdout.splitlines()[:3] == [
        "infeasible: these statements cannot hold together",
        "   clash.inv:3  require x[0] <= 0.5",
        "   clash.inv:5  require x[0] + x[1] >= 1.75",
    ]


def test_5_a_limit_with_a_design(command: Command, hard: str) -> None:
    done = command("solve", hard, "--using", "adjoint", "--time-limit", "0.5s", "--quiet", "--format", "json")
    assert done.returncode == 5, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "feasible"
    assert len(answer["design"]["x"]) == 60


def test_6_a_limit_without_one(command: Command) -> None:
    done = command("solve", "clash.inv", "--using", "adjoint", "--time-limit", "0.5s", "--quiet")
    assert done.returncode == 6, done.stderr
    assert "whether one exists is open" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_130_interrupted_keeps_and_prints_the_best_design(folder: Path, hard: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "solve", hard, "--format", "json", "-o", "kept.result"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        text=True,
    )
    assert process.stderr is not None
    seen = ""
    while "adjoint\n" not in seen and "milp\n" not in seen:  # a first design is reported
        seen += process.stderr.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    answer = json.loads(out)
    assert answer["status"] == "interrupted"
    assert len(answer["design"]["x"]) == 60
    kept = load(folder / "kept.result")
    assert isinstance(kept, Result)
    assert kept.status == "interrupted"
    assert kept.objective == answer["objective"]


def test_a_reader_that_leaves_early_is_nothing_to_talk_about(folder: Path) -> None:
    arguments = [*COMMAND, "solve", "corner.inv", "--quiet"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_streams_that_were_closed_and_terminals_without_signs(folder: Path) -> None:
    for redirection in (">&-", "2>&-", ">&- 2>&-"):
        shell = ["sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, "solve", "corner.inv"]
        done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        assert "Traceback" not in done.stderr
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    shell = [*COMMAND, "solve", "corner.inv"]
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0
    assert "2 ? 3 ? 1, 3 ReLU ? imported from f.npz" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_under_stdout(command: Command, folder: Path) -> None:
    with open("/dev/full", "w") as full:
        done = command("solve", "corner.inv", "--quiet", stdout=full)
    assert done.returncode == 1
    assert "error[PRE705]" in done.stderr
    assert "<stdout>" in done.stderr
    assert Result.load(folder / "corner.result").objective == 1.0  # it was saved all the same


def test_the_code_of_an_answer() -> None:
    assert exit_codes.of(four_inks()) == 0
    assert exit_codes.of(six_spectra()) == 5
    assert exit_codes.of(infeasible()) == 4
    assert exit_codes.of(Result(status="no design found")) == 6
    assert exit_codes.of(no_bound()) == 130
    assert exit_codes.of(sweep()) == 6
    assert exit_codes.of(Sweep([integers(), infeasible()])) == 4
    assert exit_codes.of(Sweep([])) == 0
