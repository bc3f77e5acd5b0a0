"""Whatever is typed, the answer is a problem or messages, soon and in bounded memory."""

import random
import re
import resource
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preimage.language import ProblemErrors, check

WORDS = re.findall(
    r"\S+",
    """
network param target targets input integer binary names let require select smooth avoid if then either or and not
minimise maximise solve for in of per from within uses exactly at most least sum mean dot diff concat reshape abs min
max
relu clip L1 L2 Linf sqrt exp weights x y z n b t k 0 1 2 3 0.5 1e9 -1 ( ) [ ] { } , : .. = == <= >= < > != + - * / @ **
i 0..3 x[0] n[1:2] t[0]
""",
)
VALID = """\
param k = (1, 2, 3)
target t = ((1, 2, 3), (4, 5, 6))
input x[3] in 0..1
input y in -k[0]..k[1]
integer n[2] in 0..7
binary b[2]
let z = k*x + y
require sum(n) <= 9 and n[0] != n[1]
require x[i] <= x[i+1] for i in 0..1
select 2 of x
smooth x within 0.2
avoid L1(x, k) >= 0.5
if uses(n[0]) then not uses(x[1])
either y >= 1 or b[0]*y <= 0.5
minimise L1(z, t) + L2(x)
solve for 60 s to gap 0.1% using branch
"""


def _check(text: str) -> None:
    try:
        check(text)
    except ProblemErrors as errors:
        if not 0 < len(errors.diagnostics) <= 10 or not str(errors):
            raise


@given(st.lists(st.sampled_from([*WORDS, "\n"]), max_size=40).map(" ".join))
def test_words_in_any_order(text: str) -> None:
    _check(f"input x[3] in 0..1\ninteger n[3] in 0..3\n{text}\n")


@given(st.integers(0, 10**6))
def test_mistakes_anywhere(seed: int) -> None:
    generator = random.Random(seed)
    lines = [line.split(" ") for line in VALID.splitlines()]
    for _ in range(generator.randint(1, 4)):
        line = generator.choice(lines)
        position = generator.randrange(len(line))
        line[position : position + generator.randint(0, 2)] = generator.choices(WORDS, k=generator.randint(0, 2))
    _check("\n".join(" ".join(line) for line in lines))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    _check(text + "\n")


def test_the_valid_problem_is_valid() -> None:
    assert len(check(VALID).requirements) == 6


@pytest.mark.parametrize("lines", [500, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_many_lines(lines: int) -> None:
    text = "input x[3] in 0..1\n" + "require x[0] <= x[1]\n" * (lines - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problem = check(text)
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # the peak, in kB
    assert growth < 20 * lines + 50_000
    assert len(problem.requirements) == lines - 1


def test_many_mistakes_end_at_ten() -> None:
    with pytest.raises(ProblemErrors) as caught:
        check("input x[3] in 0..1\n" + "require x[7] <= y\n" * 2_000)
    assert len(caught.value.diagnostics) == 10


@pytest.mark.parametrize(
    "text",
    [
        "let y = " + "+".join(["x[0]"] * 2_000),
        "let y = " + "*".join(["2"] * 2_000) + "*x",
        "let y = " + "(" * 3000 + "x" + ")" * 3000,
        "let y = " + "-" * 3000 + "x",
        "let y = " + "abs(" * 3000 + "x" + ")" * 3000,
        "let y = x" + "[0:3]" * 3000,
        "let y = (" + "1, " * 5_000 + "x[0])",
        "require " + " <= ".join(["x[0]"] * 2_000),
        "require " + " and ".join(["x[0] <= 1"] * 2_000),
        "require " + "not " * 3000 + "x[0] <= 1",
        "let y0 = x\n" + "".join(f"let y{i} = y{i - 1} + y{i - 1}\n" for i in range(1, 400)),
        "let y0 = x\n" + "".join(f"let y{i} = concat(y{i - 1}, y{i - 1})\n" for i in range(1, 60)),
        "param k = 9**9**9",
        "input z[1000000000, 1000000000] in 0..1",
        "require x[i] <= j for i in 0..2 for j in 0..100000",
        "param a = " + "9" * 5000,
        "input z in {" + ", ".join(map(str, range(20_000))) + "}",
    ],
    ids=lambda text: text[:24],
)
def test_sizes_are_bounded(text: str) -> None:
    start = time.perf_counter()
    _check(f"input x[3] in 0..1\n{text}\n")
    assert time.perf_counter() - start < 20


def test_wide_broadcasts_are_refused_before_they_are_made() -> None:
    column, row = np.zeros((20_000, 1)), np.zeros((1, 20_000))
    with pytest.raises(ProblemErrors, match="PRE408"):
        check("param a\nparam b\ninput x in 0..1\nlet c = a + b\n", {"a": column, "b": row})
    with pytest.raises(ProblemErrors, match="PRE408"):
        check("param a\nparam b\ninput x[1, 5000] in 0..1\nlet c = a + x\n", {"a": column, "b": 1}, strict=False)
