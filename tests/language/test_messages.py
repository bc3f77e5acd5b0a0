"""Messages point at the right place, whatever the line looks like."""

import pickle
import re

import pytest

from preimage.language.diagnostic import Diagnostic, Label, diagnose
from preimage.language.messages import ProblemErrors, near, shown
from preimage.language.parse import read
from preimage.language.render import WIDTH, render
from preimage.language.span import Span


def span_of(text: str, piece: str) -> Span:
    start = text.index(piece)
    return Span(start, start + len(piece))


def rendered(
    text: str, piece: str, label: str = "here", *others: Label, advice: str = "", file: str | None = "a.inv"
) -> str:
    return render(Diagnostic("PRE204", "so it is", span_of(text, piece), label, others, advice, file), text)


def test_two_places_and_advice() -> None:
    text = "\n" * 10 + "let tip = pose[61]\n\n\nminimise L1(tipp, goal)\n"
    other = Label(span_of(text, "tip"), "you may mean this one")
    assert (
        rendered(text, "tipp", "not declared", other, advice="try: `tip`", file="snake.inv")
        == """\
error[PRE204]: so it is
   ╭─ snake.inv:14:13
11 │ let tip = pose[61]
   │     --- you may mean this one
14 │ minimise L1(tipp, goal)
   │             ^^^^ not declared
   ╰─ try: `tip`"""
    )


def test_two_places_in_one_line() -> None:
    text = "require tip == o"
    assert (
        rendered(text, "o", "2", Label(span_of(text, "tip"), "3"), file=None)
        == """\
error[PRE204]: so it is
   ╭─ line 1, column 16
 1 │ require tip == o
   │         --- 3
   │                ^ 2"""
    )


def test_many_lines_of_advice() -> None:
    assert rendered("let a", "a", advice="for example:\n  let a = 1").splitlines()[-2:] == [
        "   ╰─ for example:",
        "        let a = 1",
    ]


def test_tabs_are_spread() -> None:
    assert rendered("\tlet\ta = b", "b").splitlines()[2:] == [
        " 1 │     let a = b",
        "   │             ^ here",
    ]


@pytest.mark.parametrize(
    ("before", "width"), [("日本", 4), ("é", 1), ("e\u0301", 1), ("🎈", 2), ("\u3000", 2), ("👩\u200d🔬", 2), ("ａ", 2)]
)
def test_wide_and_combining_signs(before: str, width: int) -> None:
    line, carets = rendered(f"{before}xyz", "y").splitlines()[2:]
    assert line.startswith(" 1 │ ")
    assert carets == f"   │ {' ' * width} ^ here"


def test_the_carets_under_wide_signs_are_as_wide() -> None:
    assert rendered("a日本b", "日本").splitlines()[3] == "   │  ^^^^ here"


def test_what_cannot_be_seen_is_shown() -> None:
    assert rendered("a\u200bb\x1b[31m", "\u200b").splitlines()[2:] == [" 1 │ a\ufffdb\ufffd[31m", "   │  ^ here"]


def test_the_end_of_a_text() -> None:
    text = "let a ="
    assert render(Diagnostic("PRE102", "m", Span(7, 7), "due"), text).splitlines()[2:] == [
        " 1 │ let a =",
        "   │        ^ due",
    ]


def test_many_lines_show_the_first_and_the_last() -> None:
    text = "let a = (\n  1,\n  2,\n  3)\nlet b"
    assert rendered(text, "(\n  1,\n  2,\n  3)").splitlines() == [
        "error[PRE204]: so it is",
        "   ╭─ a.inv:1:9",
        " 1 │ let a = (",
        "   │         ^",
        " 4 │   3)",
        "   │   ^^ here",
    ]


def test_line_numbers_of_many_digits() -> None:
    text = "x\n" * 12344 + "yes"
    assert rendered(text, "yes").splitlines()[1:] == [
        "      ╭─ a.inv:12345:1",
        "12345 │ yes",
        "      │ ^^^ here",
    ]


@pytest.mark.parametrize("at", [0, 5, 90, 5000, 9990])
def test_long_lines_are_cut_around_the_place(at: int) -> None:
    text = "".join(f"{i % 10}" for i in range(at)) + "#" + "".join(f"{i % 10}" for i in range(10_000 - at))
    line, carets = rendered(text, "#").splitlines()[2:]
    assert len(line) <= WIDTH + 10
    assert line[carets.index("^")] == "#"
    assert ("…" in line[:8]) == (at > WIDTH // 2)


def test_a_long_place_in_a_long_line() -> None:
    text = "a" * 50 + "b" * 1000
    line, carets = rendered(text, "b" * 1000).splitlines()[2:]
    assert max(len(line), len(carets)) <= WIDTH + 20
    assert line[carets.index("^")] == "b"


def test_without_a_place() -> None:
    message = diagnose("PRE109", None, advice="try: another", reason="no", file="a.npz")
    assert render(message, "") == "error[PRE109]: this is not a text: no\n   ╭─ a.npz\n   ╰─ try: another"


def test_colour_adds_nothing_but_colour() -> None:
    text = "let a = tipp"
    message = Diagnostic("PRE204", "m", span_of(text, "tipp"), "here", (Label(Span(0, 3), "there"),), "try: b")
    coloured = render(message, text, colour=True)
    assert "\033[" in coloured
    assert "\033[" not in render(message, text)
    assert re.sub(r"\033\[[0-9;]*m", "", coloured) == render(message, text)


def test_errors_can_be_pickled() -> None:
    text = "let a ="
    errors = ProblemErrors(read(text)[1], text)
    again = pickle.loads(pickle.dumps(errors))
    assert str(again) == str(errors)
    assert again.diagnostics == errors.diagnostics


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("minimse", "minimise"),
        ("minmise", "minimise"),
        ("Minimise", "minimise"),
        ("requrie", "require"),
        ("MAXIMISE", "maximise"),
        ("lte", "let"),
        ("inputs", "input"),
        ("foo", None),
        ("x", None),
        ("network", None),
        ("completely", None),
    ],
)
def test_words_that_nearly_fit(word: str, meant: str | None) -> None:
    assert near(word, ["minimise", "maximise", "require", "let", "input", "if", "network"]) == meant


def test_the_nearest_word_is_offered() -> None:
    assert near("tipp", ["tap", "tip", "tips"]) == "tip"
    assert near("stretc", ["sketch", "stretch"]) == "stretch"
    assert near("a" * 10_000, ["b" * 10_000]) is None


def test_how_words_are_shown() -> None:
    assert shown("inks") == "`inks`"
    assert shown("\u00a0") == "U+00A0 NO-BREAK SPACE"
    assert shown("\u200b") == "U+200B ZERO WIDTH SPACE"
    assert shown("\x07") == "U+0007"
