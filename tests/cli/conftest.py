"""A folder with a network of three neurons and problems about it, whose answers are known by hand."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

COMMAND = [sys.executable, "-W", "error", "-c", "from preimage.cli import main; main()"]

PROBLEMS = {
    # f(a, b) = a + 2 b on the unit square, so that 4 is missed by 1, with a = b = 1.
    "corner.inv": """\
network f from "f.npz"
target goal = 4
input x[2] in 0..1
names x = "names.csv"
minimise L1(f(x), goal)
""",
    # 1 and 2.5 are met, 5 is missed by 2.
    "sweep.inv": """\
network f from "f.npz"
target goal from "goals.csv"
input x[2] in 0..1
require x[0] == 1
minimise L1(f(x), goal)
""",
    "clash.inv": """\
network f from "f.npz"
input x[2] in 0..1
require x[0] <= 0.5

require x[0] + x[1] >= 1.75
minimise sum(f(x))
""",
    "wrong.inv": """\
network f from "f.npz"
input x[2] in 0..1
minimise f(y)
""",
    "bound.inv": """\
network f
input x[2] in 0..1
param goal
minimise L1(f(x), goal)
""",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of a command."""
    np.savez(
        tmp_path / "f.npz",
        W1=np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]),
        b1=np.array([0.0, 0.0, 5.0]),
        W2=np.array([[1.0, 1.0, 0.0]]),
        b2=np.array([0.0]),
    )
    (tmp_path / "goals.csv").write_text("1\n2.5\n5\n")
    (tmp_path / "names.csv").write_text("left\nright\n")
    for name, text in PROBLEMS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def hard(folder: Path) -> str:
    """A problem that keeps every engine busy for longer than a test."""
    random = np.random.default_rng(0)
    sizes = [60, 80, 80, 40]
    weights = {}
    for k in range(3):
        weights[f"W{k + 1}"] = random.normal(0, sizes[k] ** -0.5, (sizes[k + 1], sizes[k]))
        weights[f"b{k + 1}"] = random.normal(0, 0.3, sizes[k + 1])
    np.savez(folder / "hard.npz", **weights)
    np.savetxt(folder / "wanted.csv", random.normal(0, 2, 40), delimiter=",")
    text = 'network g from "hard.npz"\nparam wanted from "wanted.csv"\ninput x[60] in 0..1\nminimise L1(g(x), wanted)\n'
    (folder / "hard.inv").write_text(text)
    return "hard.inv"


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(folder: Path) -> Command:
    """Run ``preimage`` as a user does, in a process of its own."""

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"}
        settings: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [*COMMAND, *arguments], cwd=folder, text=True, check=False, timeout=100, **{**settings, **options}
        )

    return run


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run ``preimage`` in this process: the exit code, stdout and stderr."""
    from preimage.cli.app import run

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call
