"""Texts become trees, and what cannot be read is said to be so."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from preimage.language import tree
from preimage.language.layout import MAXIMUM_NESTING
from preimage.language.messages import MAXIMUM_ERRORS, ProblemErrors
from preimage.language.parse import parse, read
from preimage.language.span import Span

ELSEWHERE = Span(0, 0)


def name(text: str) -> tree.Name:
    return tree.Name(text, span=ELSEWHERE)


def number(value: float) -> tree.Number:
    return tree.Number(value, span=ELSEWHERE)


def only(text: str) -> tree.Statement:
    (statement,) = parse(text).statements
    return statement


def value(text: str) -> tree.Expression:
    statement = only(f"let it = {text}")
    assert isinstance(statement, tree.Let)
    return statement.value


def codes(text: str | bytes) -> list[str]:
    return [mistake.code for mistake in read(text)[1]]


DUOTONE = """\
# duotone.inv: which two of 44 inks reproduce six spectra?
network print from "ink44.npz"
targets spectrum from "six-spectra.csv"
input inks[44] in 0..1 per target
select 2 of inks
minimise L1(print(inks), spectrum)
"""


def test_a_whole_problem() -> None:
    inks = name("inks")
    calls = tree.Call(name("print"), (inks,), span=ELSEWHERE), name("spectrum")
    assert parse(DUOTONE, "duotone.inv") == tree.Program(
        (
            tree.NetworkDeclaration(
                name("print"), tree.File(tree.Text("ink44.npz", span=ELSEWHERE), span=ELSEWHERE), span=ELSEWHERE
            ),
            tree.TargetDeclaration(
                name("spectrum"),
                True,
                tree.File(tree.Text("six-spectra.csv", span=ELSEWHERE), span=ELSEWHERE),
                span=ELSEWHERE,
            ),
            tree.InputDeclaration(
                inks, "input", (number(44),), tree.Range(number(0), number(1), span=ELSEWHERE), True, span=ELSEWHERE
            ),
            tree.Select("at most", number(2), inks, False, span=ELSEWHERE),
            tree.Objective("minimise", tree.Call(name("L1"), calls, span=ELSEWHERE), span=ELSEWHERE),
        )
    )


def test_every_statement_knows_its_place() -> None:
    program = parse(DUOTONE, "duotone.inv")
    assert [DUOTONE[s.span.start : s.span.end] for s in program.statements] == DUOTONE.splitlines()[1:]
    assert (program.text, program.file) == (DUOTONE, "duotone.inv")


def test_every_node_knows_its_place() -> None:
    text = "require  ( 2*x[1 ] + f( y ,weights = w ) ) <= -3**k for i in 0 .. n"
    statement = only(text)
    assert isinstance(statement, tree.Require)
    assert isinstance(statement.condition, tree.Comparison)
    left, right = statement.condition.operands
    assert isinstance(left, tree.Arithmetic)
    product, call = left.operands
    assert isinstance(call, tree.Call)
    assert isinstance(right, tree.Unary)
    places = {
        "( 2*x[1 ] + f( y ,weights = w ) )": left,
        "2*x[1 ]": product,
        "f( y ,weights = w )": call,
        "f": call.function,
        "y": call.arguments[0],
        "weights = w": call.keywords[0],
        "-3**k": right,
        "3**k": right.operand,
        "for i in 0 .. n": statement.quantifiers[0],
        "i": statement.quantifiers[0].variable,
        "0 .. n": statement.quantifiers[0].domain,
    }
    assert {text[node.span.start : node.span.end]: node for node in places.values()} == places


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a - b - c", "(a - b) - c"),
        ("a - b * c", "a - (b*c)"),
        ("a / b * c", "(a/b)*c"),
        ("-a**2", "-(a**2)"),
        ("-a*b", "(-a)*b"),
        ("a**-b", "a**(-b)"),
        ("a @ b + c", "(a @ b) + c"),
        ("f(x)[0]", "(f(x))[0]"),
        ("a × b", "a * b"),
        ("[1, 2,]", "(1, 2)"),
        ("v[0][1]", "(v[0])[1]"),
    ],
)
def test_precedence_of_values(typed: str, meant: str) -> None:
    assert value(typed) == value(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a >= 1 or b >= 1 and c >= 1", "a >= 1 or (b >= 1 and c >= 1)"),
        ("not a >= 1 and b >= 1", "(not (a >= 1)) and b >= 1"),
        ("a + 1 >= b", "(a + 1) >= b"),
        ("a ≤ b ≥ c", "a <= b >= c"),
        ("(a >= 1 and b >= 1) and c >= 1", "a >= 1 and b >= 1 and c >= 1"),
    ],
)
def test_precedence_of_conditions(typed: str, meant: str) -> None:
    assert only(f"require {typed}") == only(f"require {meant}")


def test_slices() -> None:
    index = value("v[i:j, :, 0, ::2, -1, names]")
    assert isinstance(index, tree.Index)
    between, everything, first, every_other, last, picked = index.items
    assert between == tree.Slice(name("i"), name("j"), span=ELSEWHERE)
    assert everything == tree.Slice(None, None, span=ELSEWHERE)
    assert first == number(0)
    assert every_other == tree.Slice(None, None, number(2), span=ELSEWHERE)
    assert last == tree.Unary("-", number(1), span=ELSEWHERE)
    assert picked == name("names")


@pytest.mark.parametrize(
    ("typed", "found"), [("60", 60), (".5", 0.5), ("1.", 1), ("1e-3", 1e-3), ("2.5E+2", 250), ("007", 7), ("0.1", 0.1)]
)
def test_numbers(typed: str, found: float) -> None:
    assert value(typed) == number(found)


@pytest.mark.parametrize("typed", ["0..1", "0 .. 1", "0...1e0", "-.5..1.", "n..n+1", "0.5..1.5"])
def test_ranges(typed: str) -> None:
    statement = only(f"input x in {typed}")
    assert isinstance(statement, tree.InputDeclaration)
    assert isinstance(statement.domain, tree.Range)


def test_a_range_before_a_fraction() -> None:
    assert only("input x in 0...5") == only("input x in 0 .. 0.5")


@pytest.mark.parametrize(
    "word", ["names", "gap", "target", "input", "at", "most", "exactly", "seed", "with", "to", "s"]
)
def test_words_that_are_names_elsewhere(word: str) -> None:
    assert value(f"2*{word}[0]") == value("2*other[0]".replace("other", word))
    for statement in (f"input {word}[3] in 0..1", f"select 2 of {word}", f"minimise {word}", f"let a = f({word}, 1)"):
        assert len(parse(statement).statements) == 1


@pytest.mark.parametrize("word", ["forest", "inner", "orbit", "notch", "iffy", "letter", "permille", "ofen", "thenar"])
def test_names_that_begin_like_reserved_words(word: str) -> None:
    assert value(word) == name(word)
    assert len(parse(f"require x <= {word} for {word} in 0..{word}").statements) == 1


def test_names_are_normalised_as_in_python() -> None:
    assert value("\u00b5") == name("\u03bc")
    assert value("e\u0301") == name("é")
    assert value("क\u093f") == name("क\u093f")


@pytest.mark.parametrize("sign", ["²", "½", "·", "−", "🎈", "\u200b", "\u2603"])
def test_signs_that_are_no_letters_are_no_part_of_names(sign: str) -> None:
    for text in (f"let a = x{sign}", f"let a = {sign}x", f"let a = x{sign}y + 1"):
        (mistake,) = read(text)[1]
        assert mistake.code == "PRE106"
        assert mistake.span
        assert text[mistake.span.start : mistake.span.end] == sign


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks(line_break: str) -> None:
    assert parse(DUOTONE.replace("\n", line_break)) == parse(DUOTONE)


def test_bytes_with_a_byte_order_mark() -> None:
    program = parse(b"\xef\xbb\xbf" + DUOTONE.encode())
    assert program.text == DUOTONE


def test_tabs_blank_lines_and_no_line_break_at_the_end() -> None:
    text = "\n\n\t" + DUOTONE.replace(" ", "\t\t").replace("\n", "\t\n\n \n").rstrip()
    assert parse(text.replace("#\t\t", "# ")) == parse(DUOTONE)


def test_a_statement_goes_on_while_a_bracket_is_open() -> None:
    text = "param A = (  # rows\n  (1, 2),  # ) not this one\n\n  (3, 4)\n)\nlet b = A[\n0]"
    assert parse(text) == parse("param A = ((1, 2), (3, 4))\nlet b = A[0]")


def test_a_sign_of_a_comment_inside_a_text() -> None:
    statement = only('param a from "number#1 (draft).csv"  # "comment"')
    assert isinstance(statement, tree.ParamDeclaration)
    assert isinstance(statement.value, tree.File)
    assert statement.value.path.value == "number#1 (draft).csv"


def test_a_solve_line_in_any_order() -> None:
    parts = ["for 2 min", "to gap 0.01%", "using branch, milp", "with highs and plain", "with seed 3"]
    solve = only(f"solve {' '.join(parts)}")
    assert solve == only(f"solve {' '.join(reversed(parts))}")
    assert isinstance(solve, tree.Solve)
    assert solve.time_limit
    assert solve.time_limit.seconds == 120
    assert solve.gap
    assert solve.gap.fraction == pytest.approx(1e-4)
    assert [engine.text for engine in solve.engines] == ["branch", "milp"]
    assert [way.text for way in solve.ways] == ["highs", "plain"]
    assert only("solve") == tree.Solve(None, None, None, (), (), None, span=ELSEWHERE)


def test_all_mistakes_are_reported_and_the_rest_is_read() -> None:
    program, mistakes = read("let a = \nlet b = 1\nrequire b\nfoo\nlet c = b")
    assert [mistake.code for mistake in mistakes] == ["PRE102", "PRE114", "PRE103"]
    assert [s.name.text for s in program.statements if isinstance(s, tree.Let)] == ["b", "c"]


def test_reading_stops_at_the_tenth_mistake() -> None:
    with pytest.raises(ProblemErrors) as caught:
        parse("let a =\n" * 50)
    assert len(caught.value.diagnostics) == MAXIMUM_ERRORS
    assert "there may be more" in str(caught.value)


def test_a_bracket_never_closed_does_not_swallow_the_rest() -> None:
    text = "require sum(x <= 3\ntarget t from u\nlet a = f(t[0)\nminimise a +\nselect 2 of x"
    assert codes(text) == ["PRE104", "PRE105", "PRE102"]


def test_a_noun_that_is_a_name_does_not_end_a_bracket() -> None:
    assert len(parse("minimise L1(f(x),\ntarget)\nlet a = (b +\n  input[2])").statements) == 2


@pytest.mark.parametrize(
    "text", ["\0", "let a = 1\n\0", "\ud800", b"\xff\xfe\0", b"\x80", b"PK\x03\x04\0\0", b"\xff" * 999]
)
def test_what_is_no_text(text: str | bytes) -> None:
    assert codes(text) == ["PRE109"]


def test_the_place_of_a_byte_that_is_not_utf8() -> None:
    with pytest.raises(ProblemErrors, match="byte 0xe9 in line 2"):
        parse("let a = 1\nlet caf\u00e9 = 2".encode("latin-1"))


def nested(depth: int) -> str:
    return f"let a = {'(' * depth}x{')' * depth}"


def test_brackets_may_be_nested_so_deep_and_no_deeper() -> None:
    assert codes(nested(MAXIMUM_NESTING)) == []
    assert codes(nested(MAXIMUM_NESTING + 1)) == ["PRE108"]
    assert codes(nested(100_000)) == ["PRE108"]
    assert codes("(" * 100_000 + "\n" + "[" * 100_000 + "\nlet a =") == ["PRE108", "PRE102"]


def test_other_ways_to_be_deep() -> None:
    chain = "x" + "[0]" * 100_000
    assert codes(f"let a = {chain}") == ["PRE108"]
    assert codes(f"let a = {'-' * 100_000}x") == ["PRE101"]
    assert codes(f"require {'not ' * 100_000}x >= 1") == ["PRE101"]
    assert codes(f"let a = {'x**' * 100_000}x") == ["PRE101"]


def depth(node: object) -> int:
    """Return the number of levels of a tree, without recursion."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        found, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(found, tuple):
            waiting += [(part, level) for part in found]
        elif isinstance(found, tree.Node):
            waiting += [(getattr(found, name), level + 1) for name in found.__match_args__]
    return deepest


def test_no_tree_is_deep() -> None:
    inner = "x"
    for _ in range(MAXIMUM_NESTING // 2):
        inner = f"(a - b*-c**f({inner})[0])"
    assert codes(f"let a = {inner}") == []
    assert depth(parse(f"let a = {inner}").statements) < 400
    wide = value(" + ".join(["x"] * 10_000))
    assert isinstance(wide, tree.Arithmetic)
    assert depth(wide) < 10


def test_a_long_problem_is_read_quickly() -> None:
    lines = 5_000
    text = "\n".join(f"require x[{i}] <= {i / 7:.3f}" for i in range(lines))
    started = time.process_time()
    assert len(parse(text).statements) == lines
    assert time.process_time() - started < 5


def test_long_lines_are_read_in_linear_time() -> None:
    started = time.process_time()
    value("(" + ", ".join(f"{i}" for i in range(20_000)) + ")")
    assert codes("let a = " + "x " * 50_000) == ["PRE112"]
    assert codes("let a = " + "x + " * 20_000) == ["PRE102"]
    assert codes('let a = "' + "x" * 1_000_000) == ["PRE107"]
    assert codes("x" * 1_000_000) == ["PRE103"]
    assert codes("let a = " + "9" * 1_000_000) == ["PRE120"]
    assert time.process_time() - started < 10


def test_threads_do_not_meet() -> None:
    texts = [f"let a{i} = {i}*x[{i}]\nrequire a{i} <= {i}\nlet b =" for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, texts)) == [read(text) for text in texts]
