"""Formatting keeps what a problem means and all of its comments."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from language.trees import programs

from preimage.language import tree
from preimage.language.format import WIDTH, format_text
from preimage.language.layout import comments
from preimage.language.messages import ProblemErrors
from preimage.language.parse import parse
from preimage.language.printer import print_tree

_PIECE = re.compile(r'"[^"\n]*"|\n|[(\[{,)\]}]|[^"\n(\[{,)\]}]+')


def roughen(text: str, seed: int) -> str:
    """Write a problem as a person in a hurry: comments, blank lines and line breaks wherever they are allowed."""
    rough, depth, choose = [], 0, random.Random(seed)
    count = iter(range(10**6))
    for piece in _PIECE.findall(text):
        if piece == "\n":
            rough.append(choose.choice(["", "", f"   # end {next(count)}"]) + choose.choice(["\n", "\n\n\n", "\r\n\t"]))
            if choose.random() < 0.2:
                rough.append(f"# alone {next(count)}\n\n")
            continue
        depth += (piece in "([{") - (piece in ")]}")
        rough.append(piece)
        if depth and piece in "([{,":
            rough.append(
                choose.choice(["", "", " ", "\n", f"# inside {next(count)}\n", f"\n # below {next(count)} \n\n"])
            )
    return "".join(rough)


@given(programs, st.integers(0, 10**9))
def test_meaning_and_comments_are_kept(program: tree.Program, seed: int) -> None:
    rough = roughen(print_tree(program), seed)
    clean = format_text(rough)
    assert parse(clean) == parse(rough) == program
    found = [[text[place.start : place.end].rstrip() for place in comments(text)] for text in (rough, clean)]
    assert sorted(found[0]) == sorted(found[1])
    assert format_text(clean) == clean
    assert "\n\n\n" not in clean
    assert not re.search(r"[ \t]$", clean, re.MULTILINE)


def test_a_whole_problem() -> None:
    typed = """\

# Reach a point.
network   body from   "snake.npz"   # trained on 10^5 poses
param r=.9# radius
param  mesh from "rest.csv"


# What may be chosen
input stretch[ 40 ] in -0.2 .. 0.2
let pose=mesh+reshape( body(stretch),103,2 )
avoid L1(p,o)≥r×sqrt2   for p in pose[ exposed ]
require ( stretch[0] >= 0 )  and (not (stretch[1]>0.1))

minimize L1( pose[61] , goal )"""
    assert (
        format_text("\ufeff" + typed)
        == """\
# Reach a point.
network body from "snake.npz"  # trained on 10^5 poses
param r = 0.9                  # radius
param mesh from "rest.csv"

# What may be chosen
input stretch[40] in -0.2..0.2
let pose = mesh + reshape(body(stretch), 103, 2)
avoid L1(p, o) >= r*sqrt2 for p in pose[exposed]
require stretch[0] >= 0 and not stretch[1] > 0.1

minimise L1(pose[61], goal)
"""
    )


def test_comments_stay_with_the_items_of_a_list() -> None:
    typed = """\
param A = ( # two rows
  (1, 2), # first
  # the second is
  # longer
  (3, 4) , # second
  # no more
) # done
let z = (x # one
  + y) # two
"""
    assert (
        format_text(typed)
        == """\
param A = (
    # two rows
    (1, 2),  # first
    # the second is
    # longer
    (3, 4),  # second
    # no more
)  # done
# one
let z = x + y  # two
"""
    )


def test_long_statements_are_broken_at_commas() -> None:
    names = [f"a_rather_long_name_{i}" for i in range(8)]
    formatted = format_text(f"minimise 3*foo({', '.join(names)}, bar(x, y), weights=w) + 1")
    assert (
        formatted
        == "minimise 3*foo(\n" + "".join(f"    {item},\n" for item in [*names, "bar(x, y)", "weights=w"]) + ") + 1\n"
    )
    assert max(map(len, formatted.splitlines())) <= WIDTH


@pytest.mark.parametrize(("typed", "clean"), [("", ""), ("\n\n", ""), ("#", "#\n"), ("  # a \n\n\n#b", "# a\n\n#b\n")])
def test_almost_nothing(typed: str, clean: str) -> None:
    assert format_text(typed) == clean


def test_what_cannot_be_read_is_not_formatted() -> None:
    with pytest.raises(ProblemErrors):
        format_text("let a =")
