"""Every example of the language reference is a problem without mistakes."""

import re
from pathlib import Path

import numpy as np
import pytest
from language.worked import write_data

import preimage
from preimage.language import check, words
from preimage.language.functions import FUNCTIONS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "language.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```inv\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)
VALUES = {
    "model": [np.eye(3), np.zeros(3), np.ones((5, 3)), np.zeros(5)],
    "r": 0.9,
    "wanted": np.linspace(0, 1, 5),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx")
    found = tmp_path_factory.mktemp("reference")
    write_data(found)
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split("\n", 1)[0])
def test_examples(example: str, folder: Path) -> None:
    check(example, VALUES, base=folder, strict=False)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split("\n", 1)[0])
def test_examples_have_designs(example: str, folder: Path) -> None:
    problem = check(example, VALUES, base=folder, strict=False)
    found = preimage.invert(problem, gap=100.0, time_limit=60.0, seed=0)  # any design and any bound will do
    for result in [found] if isinstance(found, preimage.Result) else found:
        assert result.status in ("optimal", "feasible")


def test_the_page_on_structures(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (PAGE.parents[1] / "structures.md").read_text(encoding="utf-8")
    example, *others = re.findall(r"^```inv\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    assert all(check(other).structure for other in others)
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE):
        exec(compile(block, "structures.md", "exec"), names)
    by_text, by_python = check(example).structure, names["bridge"]
    for name in ("fixed", "loads", "mask", "solid", "volume"):
        np.testing.assert_array_equal(getattr(by_text, name), getattr(by_python, name))
    assert preimage.invert(example, method="oc", steps=40).objective == names["result"].objective


def test_examples_are_found() -> None:
    assert len(EXAMPLES) == TEXT.count("```inv") >= 12


def test_everything_is_shown() -> None:
    code = " ".join(EXAMPLES) + " ".join(re.findall(r"`([^`]*)`", TEXT))
    spoken = set(re.findall(r"\w+", code))
    statements = {word for word in words.STATEMENTS if word not in ("maximize", "reparameterize")}
    names = {*FUNCTIONS, *words.ENGINES, *words.METHODS, *words.UNITS, *words.CONSTANTS, "uses", "weights"}
    assert statements | names <= spoken
