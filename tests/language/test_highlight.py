"""What editors and pages know of the language is what the grammar knows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lark.lexer import PatternStr
from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String
from pygments.util import ClassNotFound

from preimage.language.grammar import parser
from preimage.language.highlight import PreimageLexer
from preimage.language.words import CONSTANTS, FUNCTIONS, OPERATORS, RESERVED, SOFT, STATEMENTS

# Every word and every sign of the language, each where it means something.
SAMPLE = """\
network print from "a.npz"["weights"]  # a network
param r = 0.9e-3
target t from "t.csv"
targets u from "u.csv"
input x[3] in 0..1 per target
input wire[2] in {0.5, .8}
integer n in 0..7
binary b[2]
names x = ("a", "b")
let y = -x[0:2]*2 + 3/4 - A @ x × 2**3
require a <= b >= c == d != e < f > g ≤ h ≥ i for k in 0..3
select at most 2 of x
select at least 2 of x
select exactly 2 of x
smooth y within 0.2
avoid not uses(x) and a >= 1 or b >= 1
if a >= 1 then b >= 1
either a >= 1 or b >= 1
minimise L1(a, b, weights=w)
minimize pi
maximise sqrt2
maximize x
robust drift of y within 0.1 together for x
robust design within 0.1
solve for 5 designs within 1% for 60 s to gap 0.01% using branch, milp with seed 3
solve using milp with highs
structure bridge on 192 x 64
support left edge from 0 to 9 in x and y
support right edge in x
support bottom edge in y
load top edge by (0, -1) total
load case wind weight 2
load node (0, 64) by (1, 0)
load line (0, 0) to (3, 4) to (5, 6) by wind
solid rectangle (0, 60) to (192, 64)
void disc (96, 32) radius 10
symmetric across x = 96
volume 40% before filter
volume 0.4 after filter
filter radius 3 with projection
members at least 4 wide
reparameterise by cnn
reparameterize by pixels
solve for 100 steps using lbfgs
"""

TEXTMATE = json.loads((Path(__file__).parents[2] / "grammar" / "preimage.tmLanguage.json").read_text("utf-8"))


def by_pygments(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in a text, each piece with its kind in the words of this test."""
    kinds = {Keyword: "word", Operator: "sign", Punctuation: "sign", Comment: "comment", String: "text"}
    kinds |= {Number: "number", Name.Builtin: "builtin", Name.Constant: "constant", Error: "error"}
    for token, piece in PreimageLexer().get_tokens(text):
        yield piece, next((kinds[kind] for kind in token.split()[::-1] if kind in kinds), "other")


def by_textmate(text: str) -> Iterator[tuple[str, str]]:
    """Do the same as an editor would: line by line, the leftmost match, of the first pattern."""
    for line in text.splitlines():
        yield from in_line(line, 0, TEXTMATE["patterns"])


def in_line(line: str, position: int, patterns: list[dict]) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a line from a position on; what begins a stretch of its own rules ends with the line."""
    rules = [rule for found in patterns for rule in (TEXTMATE["patterns"] if "include" in found else [found])]
    while position < len(line):
        found = [(re.compile(rule.get("match") or rule["begin"]).search(line, position), rule) for rule in rules]
        matches = [(match, rule) for match, rule in found if match and match[0]]
        if not matches:
            yield line[position:], "other"
            break
        match, rule = min(matches, key=lambda found: found[0].start())
        yield line[position : match.start()], "other"
        captures = rule.get("captures") or rule.get("beginCaptures") or {}
        scopes = [(match[int(i)], scope["name"]) for i, scope in captures.items()]
        for piece, name in scopes or [(match[0], rule["name"])]:
            yield piece, next((kind for scope, kind in KINDS.items() if name.startswith(scope)), "other")
        position = match.end()
        if "begin" in rule:
            yield from in_line(line, position, rule["patterns"])
            break


KINDS = {
    "keyword.operator.word": "word",
    "keyword.operator": "sign",
    "punctuation": "sign",
    "keyword": "word",
    "storage": "word",
    "comment": "comment",
    "string": "text",
    "constant.numeric": "number",
    "support": "builtin",
    "constant.language": "constant",
}

TOKENISERS = pytest.mark.parametrize("tokenise", [by_pygments, by_textmate])


def grammar_spellings() -> Iterator[str]:
    """Yield every spelling that the grammar asks for."""
    for terminal in parser().terminals:
        if isinstance(terminal.pattern, PatternStr):
            yield terminal.pattern.value
    yield from ("minimise", "minimize", "maximise", "maximize", "reparameterise", "reparameterize")
    yield from ("==", "!=", "<=", ">=", "<", ">", "≤", "≥", "+", "-", "*", "/", "@", "×")


@TOKENISERS
def test_every_word_and_sign_of_the_grammar_is_known(tokenise) -> None:
    found = set(tokenise(SAMPLE))
    for spelling in grammar_spellings():
        kind = "word" if spelling[0].isalpha() else "sign"
        assert (spelling, kind) in found, spelling


def test_the_sample_is_a_problem_with_all_words() -> None:
    words = set(re.findall(r"\w+", SAMPLE))
    assert words >= RESERVED | SOFT | STATEMENTS.keys()
    assert all(sign in SAMPLE for sign in OPERATORS)


@TOKENISERS
def test_functions_and_constants(tokenise) -> None:
    found = set(tokenise("".join(f"let a = {name}(x)\n" for name in FUNCTIONS) + "let b = pi*sqrt2\n"))
    assert {(name, "builtin") for name in FUNCTIONS} <= found
    assert {(name, "constant") for name in CONSTANTS} <= found


@TOKENISERS
def test_words_that_are_names_here_stay_names(tokenise) -> None:
    text = "let gap = target + names*exactly + seed + most\nrequire forest + inner <= orbit\nlet top = volume*x - y\n"
    found = dict(tokenise(f"{text}require load + weight*radius <= line + node + total\n"))
    names = ("gap", "target", "names", "exactly", "seed", "most", "forest", "inner", "orbit", "top", "volume", "x", "y")
    for name in (*names, "load", "weight", "radius", "line", "node", "total"):
        assert found[name] == "other", name


@TOKENISERS
def test_comments_texts_and_numbers(tokenise) -> None:
    found = list(tokenise('param a from "for # in" # if "this"\nlet b = 1e-3..2.5\n'))
    assert ('"for # in"', "text") in found
    assert ('# if "this"', "comment") in found
    assert [piece for piece, kind in found if kind == "number"] == ["1e-3", "2.5"]


@TOKENISERS
def test_nothing_is_lost(tokenise) -> None:
    pieces = "".join(piece for piece, _ in tokenise(SAMPLE))
    assert re.sub(r"\s", "", pieces) == re.sub(r"\s", "", SAMPLE)


def test_pygments_finds_no_error_in_a_problem() -> None:
    assert "error" not in {kind for _, kind in by_pygments(SAMPLE)}


def test_pygments_knows_the_file_name() -> None:
    try:
        assert isinstance(get_lexer_for_filename("duotone.inv"), PreimageLexer)
    except ClassNotFound:
        pytest.skip("installed before the lexer was registered: reinstall the package")
