"""The grammar itself, and the table of words that goes with it."""

import importlib.util
import re
from pathlib import Path

import pytest
from lark.lexer import PatternStr

from preimage.language.functions import FUNCTIONS as CHECKED
from preimage.language.grammar import build_parser, grammar_text, parser, spelling
from preimage.language.parse import parse
from preimage.language.words import FOREIGN, FUNCTIONS, OPERATORS, RESERVED, SOFT, STATEMENTS

REPOSITORY = Path(__file__).parents[2]


def test_there_is_one_grammar() -> None:
    assert grammar_text() == (REPOSITORY / "grammar" / "preimage.lark").read_text("utf-8")


@pytest.mark.skipif(not importlib.util.find_spec("interegular"), reason="interegular is not installed")
def test_the_grammar_is_unambiguous() -> None:
    build_parser(strict=True)


def keywords() -> set[str]:
    words = {t.pattern.value for t in parser().terminals if isinstance(t.pattern, PatternStr)}
    return {word for word in words if word[0].isalpha()} | {
        spelling for word in ("minim", "maxim", "reparameter") for spelling in (f"{word}ise", f"{word}ize")
    }


def test_every_keyword_is_reserved_or_soft() -> None:
    assert keywords() == RESERVED | SOFT
    assert not RESERVED & SOFT


def test_names_leave_out_the_reserved_words() -> None:
    pattern = next(t.pattern for t in parser().terminals if t.name == "NAME")
    listed = re.match(r"\(\?!\(\?:([\w|]+)\)\(\?!\\w\)\)", pattern.value)
    assert listed
    assert set(listed[1].split("|")) == RESERVED


def test_every_operator_is_in_the_table() -> None:
    terminals = {t.name: t.pattern for t in parser().terminals}
    signs = {p.value for p in terminals.values() if isinstance(p, PatternStr)} - keywords() - set("()[]{}")
    assert signs <= set(OPERATORS)
    patterns = [re.compile(terminals[name].value) for name in ("COMPARISON", "SIGN", "TIMES")]
    for operator in set(OPERATORS) - signs:
        assert any(pattern.fullmatch(operator) for pattern in patterns), operator


def test_every_terminal_has_a_spelling_or_is_a_class() -> None:
    classes = {t.name for t in parser().terminals if spelling(t.name) is None}
    assert classes == {"NAME", "NUMBER", "TEXT", "COMPARISON", "SIGN", "TIMES", "UNIT", "BLANK", "COMMENT"}


@pytest.mark.parametrize("word", sorted(STATEMENTS))
def test_examples_of_statements_are_valid(word: str) -> None:
    form = STATEMENTS[word]
    assert 1 <= len(form.examples) <= 3
    for example in form.examples:
        assert len(parse(example).statements) == 1
        assert example.split()[0].replace("ise", "ize") == word.replace("ise", "ize")


def test_other_tables_lead_to_statements() -> None:
    assert set(FOREIGN.values()) <= STATEMENTS.keys()
    assert not FOREIGN.keys() & STATEMENTS.keys()


def test_the_table_of_functions_is_the_checkers() -> None:
    assert set(FUNCTIONS) == CHECKED.keys() | {"uses"}


def test_the_readme_lists_all_words() -> None:
    readme = (REPOSITORY / "grammar" / "README.md").read_text("utf-8")
    table = {
        line.split("|")[1].strip(): set(re.findall(r"`(\w+)`", line)) for line in readme.splitlines() if "|" in line
    }
    assert table["reserved"] == RESERVED
    assert table["names elsewhere"] == SOFT


def test_the_problems_in_the_readme_are_valid() -> None:
    readme = (REPOSITORY / "grammar" / "README.md").read_text("utf-8")
    blocks = re.findall(r"```preimage\n(.*?)```", readme, re.DOTALL)
    assert blocks
    for block in blocks:
        assert parse(block).statements
