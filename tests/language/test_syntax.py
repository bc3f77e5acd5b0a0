"""Texts that cannot be read, each with the exact message a user sees.

After a deliberate change of wording, PREIMAGE_WRITE_EXPECTED=1 writes the messages anew: read them all in the diff.
"""

import os
import re
from pathlib import Path

import pytest

from preimage.language.codes import ROWS
from preimage.language.messages import ProblemErrors
from preimage.language.parse import parse

FOLDER = Path(__file__).parents[1] / "problems" / "syntax"
PROBLEMS = sorted(FOLDER.glob("*.inv"))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda path: path.stem)
def test_message(problem: Path) -> None:
    with pytest.raises(ProblemErrors) as caught:
        parse(problem.read_bytes(), problem.name)
    found = f"{caught.value}\n"
    expected = problem.with_suffix(".expected")
    if os.environ.get("PREIMAGE_WRITE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_every_code_of_syntax_is_shown() -> None:
    shown = set(re.findall(r"PRE\d{3}", "".join(path.read_text("utf-8") for path in FOLDER.glob("*.expected"))))
    assert shown == {row.code for row in ROWS if row.code[3] == "1"}


def test_nothing_is_left_over() -> None:
    assert len(PROBLEMS) >= 35
    assert {path.stem for path in FOLDER.glob("*.expected")} == {path.stem for path in PROBLEMS}
