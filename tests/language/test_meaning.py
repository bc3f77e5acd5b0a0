"""Malformed problems, each with the exact message a user sees.

After a deliberate change of wording, PREIMAGE_WRITE_EXPECTED=1 writes the messages anew: read them all in the diff.
"""

import os
from pathlib import Path

import pytest

from preimage.language import ProblemErrors, check

FOLDER = Path(__file__).parents[1] / "problems" / "meaning"
PROBLEMS = sorted(FOLDER.glob("*.inv"))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda path: path.stem)
def test_message(problem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    with pytest.raises(ProblemErrors) as caught:
        check(problem.name)
    found = f"{caught.value}\n"
    expected = problem.with_suffix(".expected")
    if os.environ.get("PREIMAGE_WRITE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_every_message_has_a_problem() -> None:
    assert len(PROBLEMS) >= 50
    assert {path.stem for path in FOLDER.glob("*.expected")} == {path.stem for path in PROBLEMS}
