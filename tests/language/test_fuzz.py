"""Whatever is typed, only `ProblemErrors` come out; and what can be read can be formatted."""

import random
import re
from pathlib import Path

import pytest

from preimage.language.codes import CODES
from preimage.language.format import format_text
from preimage.language.messages import ProblemErrors
from preimage.language.parse import parse
from preimage.language.words import CONSTANTS, FUNCTIONS, OPERATORS, RESERVED, SOFT, STATEMENTS

REPOSITORY = Path(__file__).parents[2]
SEEDS = [example for form in STATEMENTS.values() for example in form.examples]
SEEDS += [path.read_bytes().decode("utf-8", "replace") for path in sorted(REPOSITORY.glob("tests/problems/**/*.inv"))]
SEEDS += [statement for text in SEEDS for statement in text.split("\n") if statement]
SEEDS += [path.read_text("utf-8") for path in sorted(REPOSITORY.glob("examples/**/*.inv"))]

VOCABULARY = [
    *sorted(RESERVED | SOFT | STATEMENTS.keys()),
    *FUNCTIONS,
    *CONSTANTS,
    *OPERATORS,
    *"()[]{}()[]\"#;'.\\|&^\n\n\n\t",
    *("x", "inks", "λ", "x²", "0", "1", "2.5", "1e-3", ".5", "1e999", '"a.csv"', "s", "min", "branch", " per target"),
    *("\r\n", "\0", "\ufeff", "\u200b", "\u2028", "日本", "🎈", "\ud800", "é", "x" * 200, "((((", "=>", "=<", "x[0:1]"),
]
PIECE = re.compile(r"\w+|\s+|.", re.DOTALL)


def soup(choose: random.Random) -> str:
    """Make a text of words and signs in no order."""
    words = choose.choices(VOCABULARY, k=choose.randint(1, 30))
    return choose.choice(["", " "]).join([choose.choice([*STATEMENTS, ""]), *words])


def noise(choose: random.Random) -> str | bytes:
    """Make a text of arbitrary characters, or no text at all."""
    if choose.random() < 0.3:
        return choose.randbytes(choose.randint(0, 40))
    ranges = [(0, 0x7F), (0x20, 0x7E), (0, 0x3000), (0, 0x10FFFF)]
    low, high = choose.choice(ranges)
    return "".join(chr(choose.randint(low, high)) for _ in range(choose.randint(0, 40)))


def mutant(choose: random.Random) -> str:
    """Change a few pieces of a problem: leave out, double, swap, replace."""
    pieces = PIECE.findall(choose.choice(SEEDS)[:3000])
    for _ in range(choose.choice([1, 1, 2, 3, 6])):
        at = choose.randrange(len(pieces) + 1)
        other = choose.randrange(len(pieces) + 1)
        match choose.randrange(5):
            case 0:
                pieces[at : at + 1] = []
            case 1:
                pieces[at:at] = pieces[at : at + choose.randint(1, 5)]
            case 2:
                pieces[at:at] = [choose.choice(VOCABULARY)]
            case 3:
                pieces[at : at + 1] = pieces[other : other + 1]
            case 4:
                pieces[at:at] = PIECE.findall(choose.choice(SEEDS)[:200])
    return "".join(pieces)


def try_out(text: str | bytes) -> bool:
    """Read a text and tell whether it could be read; whatever is said about it has a code and can be shown."""
    try:
        program = parse(text)
    except ProblemErrors as errors:
        examine(errors)
        return False
    clean = format_text(program.text)
    assert parse(clean) == program
    assert format_text(clean) == clean
    return True


def examine(errors: ProblemErrors) -> None:
    assert errors.diagnostics
    for mistake in errors.diagnostics:
        assert mistake.code in CODES
        assert mistake.span is None or 0 <= mistake.span.start <= mistake.span.end <= len(errors.text)
    shown = str(errors)
    assert all(line == line.rstrip() for line in shown.split("\n"))
    shown.encode()


def run(seed: int, count: int) -> int:
    """Try out many texts; return how many could be read."""
    choose = random.Random(seed)
    read = 0
    for _ in range(count):
        text = choose.choices([mutant, soup, noise], [6, 3, 1])[0](choose)
        try:
            read += try_out(text)
        except Exception as error:
            error.add_note(f"the text was {text!r}")
            raise
    return read


def test_two_thousand_texts() -> None:
    assert 100 < run(seed=0, count=2000) < 1900


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(1, 11))
def test_a_hundred_thousand_texts(seed: int) -> None:
    assert run(seed, count=10_000) > 500
