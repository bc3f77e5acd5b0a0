"""The package as it is installed: what importing it loads, its version, its extras."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import preimage

OPTIONAL = {
    "IPython",
    "anywidget",
    "dask",
    "distributed",
    "ipywidgets",
    "joblib",
    "matplotlib",
    "nlopt",
    "onnx",
    "onnxruntime",
    "pandas",
    "rich",
    "safetensors",
    "sklearn",
    "torch",
    "typer",
}


@pytest.fixture(scope="module")
def pyproject(repository: Path) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    # -I keeps the folder and the user's settings out; coverage and the like do not start
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_optional() -> None:
    loaded = loaded_by("import preimage")
    assert "preimage" in loaded
    assert not loaded & OPTIONAL


def test_solving_loads_nothing_optional(repository: Path) -> None:
    problem = repository / "examples" / "press" / "colorchecker.inv"
    loaded = loaded_by(f"import preimage; preimage.invert({str(problem)!r}, time_limit=0.01)")
    assert not loaded & OPTIONAL


def test_the_public_names_exist() -> None:
    assert preimage.__all__
    for name in preimage.__all__:
        assert hasattr(preimage, name), name


def test_one_version_everywhere(repository: Path, pyproject: dict) -> None:
    version = tomllib.loads((repository / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    assert pyproject["project"]["dynamic"] == ["version"]
    assert preimage.__version__ == version
    assert importlib.metadata.version("preimage") == version
    assert re.search(rf"^## {re.escape(version)}\b", (repository / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert f"version: {version}\n" in (repository / "CITATION.cff").read_text(encoding="utf-8")


def test_the_extras_are_those_promised(pyproject: dict) -> None:
    extras = pyproject["project"]["optional-dependencies"]
    assert set(extras) == {"torch", "mma", "onnx", "notebook", "cluster", "docs", "dev"}
    assert set(importlib.metadata.metadata("preimage").get_all("Provides-Extra")) == set(extras)
    core = {re.split(r"[<>=]", name)[0] for name in pyproject["project"]["dependencies"]}
    assert not core & {"torch", "onnx", "onnxruntime", "safetensors", "ipywidgets", "anywidget", "dask"}


def test_everything_needed_is_pinned(repository: Path, pyproject: dict) -> None:
    def named(requirements: list[str]) -> set[str]:
        return {re.split(r"[\[<>=]", line)[0].lower().replace("_", "-") for line in requirements} - {"preimage"}

    def pinned(file: str) -> set[str]:
        return set(
            re.findall(r"^([a-z0-9.-]+)==", (repository / "requirements" / file).read_text(encoding="utf-8"), re.M)
        )

    core = named(pyproject["project"]["dependencies"])
    extras = named([line for extra in pyproject["project"]["optional-dependencies"].values() for line in extra])
    assert core <= pinned("demo.txt")
    assert core | extras <= pinned("dev.txt")
    assert pinned("demo.txt") <= pinned("dev.txt")
    assert "torch" not in pinned("demo.txt")
