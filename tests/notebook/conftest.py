"""A shell as a notebook has it, and a small network to state problems with."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A fresh IPython in an empty folder, with the extension loaded."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.run_line_magic("load_ext", "preimage")
    yield shell
    shell.run_line_magic("unload_ext", "preimage")
    InteractiveShell.clear_instance()


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A trained network's file: 3 inputs, 6 ReLU, 3 outputs."""
    path = tmp_path / "small.npz"
    write_network(path, (3, 6, 3))
    return path


@pytest.fixture(scope="session")
def hard_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network's file, alone in a folder: 12 inputs, 120 ReLU, 6 outputs take far longer to invert than a test."""
    path = tmp_path_factory.mktemp("hard") / "hard.npz"
    write_network(path, (12, 60, 60, 6))
    return path


def write_network(path: Path, widths: tuple[int, ...], seed: int = 0) -> None:
    """Write a random ReLU network; wide and deep ones take their time to invert."""
    random = np.random.default_rng(seed)
    arrays = {}
    for layer, (source, size) in enumerate(itertools.pairwise(widths), start=1):
        arrays[f"W{layer}"] = random.normal(size=(size, source)) / np.sqrt(source / 2)
        arrays[f"b{layer}"] = 0.3 * random.normal(size=size)
    np.savez(path, **arrays)  # type: ignore[arg-type]
