"""The table of codes tells the truth: each wrong example is refused for its reason, and each right one is right."""

from pathlib import Path

import numpy as np
import pytest
from language.worked import write_data

from preimage.language import CODES, Code, ProblemErrors, check, words
from preimage.language.functions import FOREIGN, FUNCTIONS

PROBLEMS = Path(__file__).parents[1] / "problems" / "meaning"
ROWS = [row for row in CODES.values() if row.code[3] in "234568"]
PROGRAMS = [row for row in ROWS if not row.wrong.startswith("preimage")]
ELSEWHERE = {
    "PRE208",
    "PRE243",
    "PRE251",
    "PRE805",
    "PRE820",
    "PRE821",
    "PRE825",
    "PRE827",
}  # reached elsewhere: test_check_bindings, test_data, test_portfolio, structures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx")
    found = tmp_path_factory.mktemp("codes")
    write_data(found)
    texts = {
        "ragged.csv": "1,2\n3\n",
        "words.csv": "1,2\n3,high\n",
        "nan.csv": "1,nan\n",
        "empty.csv": "",
        "mesh.csv": "1\n",
    }
    for name, text in texts.items():
        (found / name).write_text(text, encoding="utf-8")
    (found / "garbage.npy").write_bytes(bytes(range(256)))
    (found / "folder.csv").mkdir()
    np.savez(found / "two.npz", a=np.ones(2), b=np.ones(2))
    return found


@pytest.mark.parametrize("row", PROGRAMS, ids=lambda row: row.code)
def test_wrong_examples(row: Code, folder: Path) -> None:
    with pytest.raises(ProblemErrors) as caught:
        check(row.wrong + "\n", base=folder)
    assert [found.code for found in caught.value.diagnostics] == [row.code]


@pytest.mark.parametrize("row", PROGRAMS, ids=lambda row: row.code)
def test_right_examples(row: Code, folder: Path) -> None:
    check(row.right + "\n", base=folder)


def test_every_code_is_shown() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in PROBLEMS.glob("*.expected"))
    missing = {row.code for row in ROWS if f"error[{row.code}]" not in shown}
    assert missing == ELSEWHERE


def test_functions_are_known_to_editors() -> None:
    assert set(words.FUNCTIONS) == {*FUNCTIONS, "uses"}
    assert set(FOREIGN.values()) <= set(FUNCTIONS)
    assert not set(FOREIGN) & set(FUNCTIONS)
