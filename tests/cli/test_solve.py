import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli.conftest import COMMAND, PROBLEMS

import preimage
from preimage.results import Result, Sweep

Run = Callable[..., tuple[int, str, str]]


def steady(text: str) -> str:
    """The text without what differs from run to run: times and the size of a file."""
    text = re.sub(r" *[0-9]+\.[0-9] s", "  TIME", text)
    return re.sub(r"\([0-9.]+ (bytes|kB)\)", "(SIZE)", text)


def test_the_terminal(run: Run, folder: Path) -> None:
    code, out, err = run("solve", "corner.inv")
    assert code == 0
    assert out == (
        "Optimal: no design does better than 1.0000.\n"
        "x: left 1, right 1\n"
        "checked: the source networks give 1.000000 on this design\n"
    )
    lines = steady(err).splitlines()
    assert lines[:2] == [
        "corner.inv  2 x in 0..1 · minimise L1(f(x), goal)",
        "f           2 → 3 → 1, 3 ReLU · imported from f.npz, agrees with its source exactly",
    ]
    assert re.fullmatch(r"plan        .*branch.*", lines[2])
    assert lines[3] == ""
    assert lines[4] == "     time         best       proved        gap  by"
    assert re.fullmatch(r" +TIME       1\.0000       1\.0000 +(0|< 0\.0001) %  \w+.*  ✓", lines[-3])
    assert lines[-2:] == [
        "",
        "saved corner.result (SIZE) · preimage check corner.result · preimage plot corner.result",
    ]
    assert "\x1b" not in out + err


def test_json_is_the_object_of_the_result(run: Run, folder: Path) -> None:
    code, out, err = run("solve", "corner.inv", "--format", "json", "-o", "c.result", "--quiet")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    answer = json.loads(out)
    assert answer == Result.load("c.result").to_dict()
    assert (answer["status"], answer["objective"]) == ("optimal", 1.0)
    assert answer["bound"] == pytest.approx(1.0, abs=1e-6)
    assert answer["design"] == {"x": [1.0, 1.0]}
    assert answer["labels"] == {"x": ["left", "right"]}
    assert answer["trace"]
    assert all(list(row) == ["time", "incumbent", "bound", "source"] for row in answer["trace"])
    assert answer["provenance"]["text"] == PROBLEMS["corner.inv"]


def test_json_is_saved_only_where_asked(run: Run, folder: Path) -> None:
    run("solve", "corner.inv", "--format", "json", "--quiet")
    assert not list(folder.glob("*.result"))


def test_a_sweep_has_a_row_a_target(run: Run, folder: Path) -> None:
    code, out, err = run("solve", "sweep.inv")
    assert code == 0
    title, head, *rows = out.splitlines()
    assert title == "3 targets: 3 optimal."
    assert head.split() == ["target", "objective", "gap", "x[0]", "x[1]"]
    found = [[float(word) for k, word in enumerate(row.split()) if k in (0, 1)] for row in rows]
    assert found == [[0, pytest.approx(0, abs=1e-6)], [1, pytest.approx(0, abs=1e-6)], [2, 2.0]]
    assert rows[2].split()[-2:] == ["1", "1"]
    assert [line.split()[0] for line in err.splitlines() if line.endswith("✓")] == ["0", "1", "2"]
    assert isinstance(preimage.load("sweep.result"), Sweep)


def test_a_sweep_as_json(run: Run) -> None:
    _, out, _ = run("solve", "sweep.inv", "--format", "json", "--quiet")
    answer = json.loads(out)
    assert list(answer) == ["results"]
    assert [row["objective"] for row in answer["results"]] == pytest.approx([0.0, 0.0, 2.0], abs=1e-6)
    assert [np.ravel(row["targets"]["goal"]).tolist() for row in answer["results"]] == [[1.0], [2.5], [5.0]]


def test_names_are_bound_on_the_command_line(run: Run, folder: Path) -> None:
    code, out, err = run("solve", "bound.inv", "--set", "f=f.npz", "--set", "goal=3.5", "--quiet", "--format", "json")
    assert code == 0, err
    assert json.loads(out)["objective"] == 0.5
    np.save(folder / "goal.npy", np.array(5.0))
    _, out, _ = run("solve", "bound.inv", "--set", "f=f.npz", "--set", "goal=goal.npy", "--quiet", "--format", "json")
    assert json.loads(out)["objective"] == 2.0
    _, out, _ = run("solve", "bound.inv", "--set", "f=f.npz", "--set", "goal=[3.25]", "--quiet", "--format", "json")
    assert json.loads(out)["objective"] == 0.25


def test_options_reach_the_solver(run: Run) -> None:
    options = ("--gap", "5%", "--seed", "7", "--threads", "1", "--time-limit", "2min", "--using", "milp,adjoint")
    _, out, _ = run("solve", "corner.inv", "--format", "json", "--quiet", *options)
    known = json.loads(out)["provenance"]
    assert (known["gap"], known["seed"], known["threads"], known["time_limit"]) == (0.05, 7, 1, 120.0)
    assert known["engines"] == ["milp", "adjoint"]


def test_a_result_that_cannot_be_saved_is_printed_all_the_same(run: Run, folder: Path) -> None:
    code, out, err = run("solve", "corner.inv", "-o", "missing/corner.result")
    assert code == 1
    assert out.startswith("Optimal: no design does better than 1.0000.")
    assert "error[PRE705]: the file cannot be written: no such file or directory" in err
    assert "missing/corner.result" in err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_spoils_nothing(run: Run, folder: Path) -> None:
    folder.chmod(0o500)
    try:
        code, out, err = run("solve", "corner.inv")
    finally:
        folder.chmod(0o700)
    assert code == 0
    assert out.startswith("Optimal")
    assert "PRE705" in err


def test_quiet_says_nothing_but_the_answer(run: Run) -> None:
    code, out, err = run("solve", "corner.inv", "-q")
    assert (code, err) == (0, "")
    assert out.startswith("Optimal")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--set", "goal"),
        ("--set", "=3"),
        ("--set", "1x=3"),
        ("--set", "goal=1", "--set", "goal=2"),
        ("--time-limit", "soon"),
        ("--time-limit", "0s"),
        ("--time-limit", "-3"),
        ("--time-limit", "5 parsecs"),
        ("--gap", "0"),
        ("--gap", "3 kg"),
        ("--gap", "nan"),
        ("--using", "magic"),
        ("--seed", "-1"),
        ("--threads", "0"),
        ("--format", "xml"),
    ],
)
def test_what_is_not_understood_is_refused_before_solving(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run("solve", "corner.inv", *arguments)
    assert (code, out) == (2, "")
    assert "solve" in err


def test_a_value_that_nothing_takes_is_an_error_of_the_problem(run: Run) -> None:
    code, _, err = run("solve", "corner.inv", "--set", "gaol=3")
    assert code == 3
    assert "gaol" in err


def test_no_objective(run: Run, folder: Path) -> None:
    (folder / "any.inv").write_text('network f from "f.npz"\ninput x[2] in 0..1\nrequire sum(f(x)) >= 2.9\n')
    code, out, err = run("solve", "any.inv")
    assert code == 0
    assert out.startswith("A design that holds was found.\n")
    assert "any design that holds" in err
    assert "by" not in [line.split()[-1] for line in err.splitlines() if line.split()]


def in_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """Run the command in a terminal; return all that it wrote there."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", COLUMNS="100", PYTHONUTF8="1", **environment)
        os.execv(COMMAND[0], [*COMMAND, *arguments])
    written = b""
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:
            break
        if not block:
            break
        written += block
    os.close(terminal)
    os.waitpid(child, 0)
    return written.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_has_a_live_line_that_is_gone_in_the_end(folder: Path, hard: str) -> None:
    seen = in_a_terminal(folder, "solve", hard, "--time-limit", "1s", "--using", "adjoint")
    assert "Ctrl-C stops and keeps" in seen
    assert "\x1b[2K" in seen
    last = seen.rsplit("Ctrl-C stops and keeps", 1)[1]
    assert "\x1b[2K" in last
    assert "Stopped after" in last
    assert "\x1b[?25h" in last  # the cursor is back


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_colours_are_for_terminals_that_want_them(folder: Path) -> None:
    assert "\x1b[" in in_a_terminal(folder, "solve", "wrong.inv")
    assert "\x1b[" not in in_a_terminal(folder, "solve", "wrong.inv", NO_COLOR="1")
    assert "\x1b[" not in in_a_terminal(folder, "solve", "wrong.inv", "--no-color")
