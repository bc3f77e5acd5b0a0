"""Values from outside: a notebook's variables, keyword arguments, and the command line."""

from pathlib import Path

import numpy as np
import pytest

from preimage.language import ProblemErrors, check
from preimage.language import problem as ir

TEXT = """\
network ink from model
param r = 0.9
param wanted
target t from goals
input x[2] in 0..r
minimise L1(ink(x), t) + sum(wanted)*x[0]
"""
MODEL = [np.eye(2), np.zeros(2), np.ones((3, 2)), np.zeros(3)]
VALUES = {"model": MODEL, "goals": [[1, 2, 3], [4, 5, 6]], "wanted": 2}


def _codes(text: str, values: dict[str, object], *, strict: bool = True) -> list[str]:
    with pytest.raises(ProblemErrors) as caught:
        check(text, values, strict=strict)
    return [found.code for found in caught.value.diagnostics]


def test_bindings() -> None:
    problem = check(TEXT, VALUES)
    assert problem.networks["ink"].input_size == 2
    assert problem.sweep_rows == 2
    assert [(b.name, b.origin) for b in problem.bindings] == [
        ("ink", "binding model"),
        ("wanted", "binding wanted"),
        ("t", "binding goals"),
    ]


def test_values_given_for_the_problem_overrule_its_text() -> None:
    problem = check(TEXT, {**VALUES, "r": 0.5})
    assert problem.inputs[0].upper.value.tolist() == [0.5, 0.5]  # type: ignore[attr-defined]
    assert ("r", "binding r") in [(b.name, b.origin) for b in problem.bindings]
    by_own_name = check(TEXT, {"ink": MODEL, "t": [1, 2, 3], "wanted": 1})
    assert by_own_name.sweep_rows == 1


def test_variables_of_a_notebook_do_not() -> None:
    problem = check(TEXT, {**VALUES, "r": 0.5, "np": np, "_": 3, "x": 7}, strict=False)
    assert problem.inputs[0].upper.value.tolist() == [0.9, 0.9]  # type: ignore[attr-defined]


def test_a_value_that_nothing_takes() -> None:
    with pytest.raises(ProblemErrors) as caught:
        check(TEXT, {**VALUES, "wantd": 3, "x": 1})
    first, second = sorted(caught.value.diagnostics, key=lambda found: found.message)
    assert first.message == "nothing in the problem takes the value `wantd`"
    assert first.advice.startswith("these take values: `ink`")
    assert second.label == "an input: it takes no value"
    with pytest.raises(ProblemErrors) as caught:
        check("param wanted = 1\ninput x in 0..wanted\n", {"wantd": 3})
    (found,) = caught.value.diagnostics
    assert found.advice == "try: wanted=..."


def test_missing_values() -> None:
    assert _codes(TEXT, {}) == ["PRE203", "PRE203", "PRE203"]
    with pytest.raises(ProblemErrors) as caught:
        check("param spectrum\ninput x in 0..1\n", {"spectrums": 1}, strict=False)
    assert "there is a value called `spectrums`" in caught.value.diagnostics[0].advice


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("wanted", None, "PRE251"),
        ("wanted", [1, float("nan")], "PRE248"),
        ("wanted", [[1, 2], [3]], "PRE246"),
        ("wanted", "nowhere.csv", "PRE241"),
        ("model", "nowhere.npz", "PRE241"),
        ("model", 3, "PRE601"),
        ("model", [np.eye(2)], "PRE601"),
    ],
)
def test_values_that_cannot_be_used(name: str, value: object, code: str) -> None:
    assert _codes(TEXT, {**VALUES, name: value}) == [code]


def test_messages_about_values_point_at_the_declaration() -> None:
    with pytest.raises(ProblemErrors) as caught:
        check(TEXT, {**VALUES, "goals": [1, "a"]})
    (found,) = caught.value.diagnostics
    assert TEXT[found.span.start : found.span.end] == "t"  # type: ignore[union-attr]
    assert found.label == "bound from outside to `goals`"


@pytest.mark.parametrize(
    ("rows", "shape"),
    [
        (0.5, (1,)),
        ([1, 2, 3], (1, 3)),
        ([[1, 2, 3], [4, 5, 6]], (2, 3)),
        (np.zeros((2, 3, 4)), (2, 3, 4)),
        (np.zeros((5, 1)), (5, 1)),
    ],
)
def test_rows_of_targets(rows: object, shape: tuple[int, ...]) -> None:
    (target,) = check("target t\ninput x in 0..1\n", {"t": rows}).targets
    assert target.rows.shape == shape


@pytest.mark.parametrize(
    ("text", "as_param", "as_target"),
    [
        ("1,2\n3,4\n", (2, 2), (2, 2)),
        ("1\n2\n3\n", (3,), (3, 1)),
        ("1,2,3\n", (3,), (1, 3)),
        ("1\n", (1,), (1, 1)),
    ],
)
def test_shapes_of_tables(tmp_path: Path, text: str, as_param: tuple[int, ...], as_target: tuple[int, ...]) -> None:
    (tmp_path / "a.csv").write_text(text)
    problem = check('param p from "a.csv"\ntarget t from "a.csv"\ninput x in 0..1\nlet q = p\n', base=tmp_path)
    assert problem.lets["q"].shape == as_param
    assert problem.targets[0].rows.shape == as_target


def test_masks_are_masks_and_numbers_are_positions() -> None:
    text = "param at\ninput x[3] in 0..1\nlet y = x[at]\n"
    by_mask = check(text, {"at": np.array([True, False, True])}).lets["y"]
    by_position = check(text, {"at": np.array([1, 0, 1])}).lets["y"]
    assert isinstance(by_mask, ir.Gather)
    assert isinstance(by_position, ir.Gather)
    assert by_mask.indices.tolist() == [0, 2]
    assert by_position.indices.tolist() == [1, 0, 1]
    assert _codes(text, {"at": np.array([True, False])}) == ["PRE215"]
    assert _codes(text, {"at": np.array([False, False, False])}) == ["PRE216"]


def test_a_path_bound_to_a_param(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("0.5,0.25\n")
    for bound in (tmp_path / "a.csv", str(tmp_path / "a.csv")):
        problem = check("param p\ninput x[2] in 0..p\n", {"p": bound})
        assert problem.inputs[0].upper.value.tolist() == [0.5, 0.25]  # type: ignore[attr-defined]
