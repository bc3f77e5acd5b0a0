"""Printing a tree and reading it again gives the same tree."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language.trees import CONDITIONS, STATEMENTS, VALUES, names, node

from preimage.language import tree
from preimage.language.parse import parse
from preimage.language.printer import print_tree


def of(kind: type) -> st.SearchStrategy[tree.Statement]:
    """Return statements of a kind, or about values or conditions of that kind."""
    if kind in VALUES:
        return node(tree.Let, names, VALUES[kind])
    return node(tree.Require, CONDITIONS[kind]) if kind in CONDITIONS else STATEMENTS[kind]


@pytest.mark.parametrize("kind", [*STATEMENTS, *VALUES, *CONDITIONS], ids=lambda kind: kind.__name__)
def test_printed_trees_are_read_back(kind: type) -> None:
    @given(of(kind))
    @settings(max_examples=max(15, settings.default.max_examples // 4))
    def check(statement: tree.Statement) -> None:
        program = tree.Program((statement,))
        text = print_tree(program)
        assert parse(text) == program
        assert print_tree(parse(text)) == text

    check()


def test_every_kind_is_printed() -> None:
    assert set(STATEMENTS) == set(get_args(tree.Statement))
    assert set(VALUES) == set(get_args(tree.Expression))
    assert set(CONDITIONS) == set(get_args(tree.Condition))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("let a = ((x))", "let a = x"),
        ("let a = (x + y) + z", "let a = x + y + z"),
        ("let a = x + (y + z)", "let a = x + (y + z)"),
        ("let a = x - (y - z)", "let a = x - (y - z)"),
        ("let a = (x*y)/z", "let a = x*y/z"),
        ("let a = x/(y*z)", "let a = x/(y*z)"),
        ("let a = (x+y)×z", "let a = (x + y)*z"),
        ("let a = A@x", "let a = A @ x"),
        ("let a = -(x**2)", "let a = -x**2"),
        ("let a = (-x)**2", "let a = (-x)**2"),
        ("let a = 2**(-x)", "let a = 2**-x"),
        ("let a = 2**(-x**2)", "let a = 2**(-x**2)"),
        ("let a = (2**x)**y", "let a = (2**x)**y"),
        ("let a = -(-x)", "let a = -(-x)"),
        ("let a = x - (-y)", "let a = x - -y"),
        ("let a = (f(x))[0]", "let a = f(x)[0]"),
        ("let a = (x + y)[0]", "let a = (x + y)[0]"),
        ("let a = v[ i+1 : 2*j , :, ::2 ]", "let a = v[i+1:2*j, :, ::2]"),
        ("let a = [1]", "let a = (1,)"),
        ("let a = [[1, 2], [3, 4],]", "let a = ((1, 2), (3, 4))"),
        ("let a = .5 + 1. + 1E-3 + 1.e+3", "let a = 0.5 + 1.0 + 1e-3 + 1.0e+3"),
        ("require (1 ≤ x) and (not (a ≥ b))", "require 1 <= x and not a >= b"),
        ("require not (a >= b and b >= c)", "require not (a >= b and b >= c)"),
        ("require (a >= 1 or b >= 1) and c >= 1", "require (a >= 1 or b >= 1) and c >= 1"),
        ("require a >= 1 or (b >= 1 and c >= 1)", "require a >= 1 or b >= 1 and c >= 1"),
        ("select at most 2 of x", "select 2 of x"),
        ("select (at) of x", "select (at) of x"),
        ("input x in -1 .. 1", "input x in -1..1"),
        ("input x in a-1..a+1", "input x in a - 1 .. a + 1"),
        ("require x[i] >= 0 for i in 0 .. n - 1", "require x[i] >= 0 for i in 0..n-1"),
        ("minimize x", "minimise x"),
        ("maximize x", "maximise x"),
        ("solve with seed 3 for 2min to gap .5%", "solve for 2 min to gap 0.5% with seed 3"),
        ('names x = ["a", "b"]', 'names x = ("a", "b")'),
        ('names x from "a.csv"', 'names x = "a.csv"'),
        ("let ﬁt = x", "let fit = x"),
    ],
)
def test_canonical_form(typed: str, printed: str) -> None:
    assert print_tree(parse(typed)) == f"{printed}\n"
    assert parse(typed) == parse(printed)
