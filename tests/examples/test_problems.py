"""Every shipped problem is without errors and in the canonical form."""

from pathlib import Path

import pytest

import preimage
from preimage.language import format_text

PROBLEMS = sorted((Path(__file__).parents[2] / "examples").rglob("*.inv"))


def test_there_are_problems() -> None:
    assert PROBLEMS


@pytest.mark.parametrize("path", PROBLEMS, ids=lambda path: path.stem)
def test_is_sound_and_canonical(path: Path) -> None:
    preimage.check(path)
    text = path.read_text(encoding="utf-8")
    assert format_text(text) == text
