"""The table of codes is complete, used and explained."""

import re
from pathlib import Path
from string import Formatter

import pytest

from preimage.language.codes import CODES, FAMILIES, ROWS, Code
from preimage.language.explain import explain, messages_page
from preimage.language.parse import read

REPOSITORY = Path(__file__).parents[2]
EACH_ROW = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)


def test_no_code_stands_twice() -> None:
    assert len(CODES) == len(ROWS)


@EACH_ROW
def test_a_row_is_complete(row: Code) -> None:
    assert re.fullmatch(r"PRE[1-8]\d\d", row.code)
    assert row.code[3] in FAMILIES
    assert row.title
    assert not row.title.endswith(".")
    assert "\n" not in row.template
    assert row.template
    assert row.explanation.rstrip().endswith((".", "!", ")", "`"))
    assert len(row.explanation) > 30
    assert row.wrong.strip()
    assert row.right.strip()
    assert row.wrong != row.right
    for _, field, _, _ in Formatter().parse(row.template):
        assert field is None or field.isidentifier(), "a template is filled by name"


@pytest.fixture(scope="module")
def sources() -> str:
    """All code of the package but the table itself."""
    package = REPOSITORY / "python" / "preimage"
    return "".join(path.read_text("utf-8") for path in sorted(package.rglob("*.py")) if path.parent.name != "codes")


@EACH_ROW
def test_a_code_is_used(row: Code, sources: str) -> None:
    assert row.code in sources, f"nothing reports {row.code}"


def test_every_code_that_is_used_is_in_the_table(sources: str) -> None:
    assert set(re.findall(r"PRE\d{3}", sources)) <= CODES.keys()


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.code[3] == "1" and row.code != "PRE109"], ids=lambda r: r.code
)
def test_the_examples_of_syntax(row: Code) -> None:
    assert [mistake.code for mistake in read(row.wrong)[1]][:1] == [row.code]
    assert not read(row.right)[1]


@EACH_ROW
def test_a_code_is_explained(row: Code) -> None:
    text = explain(row.code)
    assert text.startswith(f"{row.code}: {row.title}")
    assert explain(row.code.lower()) == explain(row.code[3:]) == text
    for line in [*row.explanation.splitlines(), *row.wrong.splitlines(), *row.right.splitlines()]:
        assert line in text


def test_an_unknown_code() -> None:
    with pytest.raises(LookupError, match="no code `PRE999`"):
        explain("PRE999")


def test_the_page_of_the_reference_lists_every_code() -> None:
    page = messages_page()
    assert re.findall(r"^### (PRE\d{3}): (.*)$", page, re.MULTILINE) == [
        (row.code, row.title) for row in sorted(ROWS, key=lambda row: row.code)
    ]
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == [FAMILIES[d] for d in sorted({row.code[3] for row in ROWS})]
    for row in ROWS:
        assert f"```text\n{row.right}\n```" in page


def test_the_documentation_writes_that_page() -> None:
    assert "messages_page()" in (REPOSITORY / "docs" / "conf.py").read_text("utf-8")
