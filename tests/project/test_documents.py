"""What the README and the first steps tell people to type works, and gives what they say."""

import re
import shutil
from pathlib import Path

import pytest

import preimage


def blocks(path: Path, language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S)
    assert found, f"{path.name} holds no {language} block"
    return found


@pytest.fixture
def folder(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the problem of the README and its network, and one to run in."""
    shutil.copy(repository / "examples" / "press" / "press.npz", tmp_path)
    text = blocks(repository / "README.md", "text")[0]
    (tmp_path / "violet.inv").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_problem_of_the_readme_gives_what_is_printed_there(repository: Path, folder: Path) -> None:
    result = preimage.invert(folder / "violet.inv")
    assert isinstance(result, preimage.Result)
    (printed,) = [block for block in blocks(repository / "README.md", "console") if "preimage solve" in block]
    promised = re.search(r"no design does better than ([\d.]*\d)", printed)
    assert promised
    assert result.success
    assert result.bound == pytest.approx(float(promised.group(1)), rel=2e-4)


def test_the_python_of_the_readme_runs(repository: Path, folder: Path) -> None:
    for block in blocks(repository / "README.md", "python"):
        exec(compile(block, "README.md", "exec"), {})
    assert (folder / "violet.result").exists()


def test_the_python_of_the_first_steps_runs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    names: dict[str, object] = {}
    for block in blocks(repository / "docs" / "getting-started.md", "python"):
        exec(compile(block, "getting-started.md", "exec"), names)
        result = names["result"]
        assert isinstance(result, preimage.Result)
        assert result.success
