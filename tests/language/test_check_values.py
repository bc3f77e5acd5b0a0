"""Values mean what numpy says: random expressions, evaluated as checked and as Python reads the same text."""

import ast
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from language.evaluate import holds, value

from preimage.language import ProblemErrors, check
from preimage.language.intervals import Intervals
from preimage.language.problem import Expression

DECLARATIONS = """\
param P = (0.5, -1.5, 2.0)
param Q = ((1, -2, 0.5), (0.25, 3, -1))
param k = 4
param at = (2, 0)
target t = (0.75, -0.5, 1.25)
input a[3] in -2..2
input b[2, 3] in -1..1
input c in -3..3
binary g[3]
integer n[3] in -4..4
"""

NAMES = {
    (): ["c", "a[1]", "b[0, 2]", "b[-1][-1]", "n[2]", "t[0]", "a[at[0]]"],
    (2,): ["b[:, 1]", "a[1:]", "a[at]", "a[::2]", "b[::-1, 0]", "(c, a[0])"],
    (3,): ["a", "b[0]", "n", "b[-1]", "t", "a[::-1]", "b[0, :]", "(a[2], 1, c)"],
    (2, 3): ["b", "(a, b[1])", "reshape(concat(a, n), 2, 3)", "reshape(reshape(b, 6), -1, 3)", "b[:, ::-1]"],
    (6,): [
        "reshape(b, 6)",
        "concat(a, n)",
        "concat(b)",
        "concat(c, a, a[at])",
        "b[[0, 1], [2, 2]][[0, 1, 0, 1, 0, 1]]",
    ],
}
KNOWN = {
    (): ["k", "2", "1.5", "P[0]", "pi", "sqrt(k)", "2**k"],
    (2,): ["Q[:, 0]", "(2, 0.5)"],
    (3,): ["P", "Q[1]"],
    (2, 3): ["Q"],
    (6,): ["reshape(Q, 6)"],
}
BINARY = {(): ["g[0]", "(1 - g[1])"], (3,): ["g", "(1 - g)", "g[[2, 1, 0]]", "(g/2 + 1)"]}
NARROWER = {(): [()], (2,): [(), (2,)], (3,): [(), (3,)], (2, 3): [(), (3,), (2, 3)], (6,): [(), (6,)]}
SHAPES = list(NAMES)


@st.composite
def expressions(draw: st.DrawFn, shape: tuple[int, ...], depth: int = 3) -> str:
    def deeper(inner: tuple[int, ...]) -> str:
        return draw(expressions(inner, depth - 1))

    def any_shape() -> str:
        return deeper(draw(st.sampled_from(SHAPES)))

    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(NAMES[shape]))
    narrow = draw(st.sampled_from(NARROWER[shape]))
    known = draw(st.sampled_from(KNOWN[narrow]))
    choices: list[Callable[[], str]] = [
        lambda: f"({deeper(shape)} + {deeper(narrow)} - {deeper(shape)})",
        lambda: f"{known}*{deeper(shape)}",
        lambda: f"{deeper(shape)}*{known}",
        lambda: f"{deeper(shape)}/{draw(st.sampled_from(['k', '3', 'sqrt2', 't[0]']))}",
        lambda: f"(-{deeper(shape)})",
        lambda: f"abs({deeper(shape)})",
        lambda: f"relu({deeper(shape)})",
        lambda: f"clip({deeper(shape)}, -1, {known})" if narrow == () and known != "P[0]" else deeper(shape),
        lambda: f"max({deeper(shape)}, {deeper(narrow)})",
        lambda: f"min({deeper(narrow)}, {deeper(shape)}, 1)",
    ]
    if shape in BINARY:
        choices.append(lambda: f"{draw(st.sampled_from(BINARY[shape]))}*{deeper(shape)}")
    if shape == ():
        same = draw(st.sampled_from(SHAPES))
        choices += [
            lambda: f"sum({any_shape()})",
            lambda: f"mean({any_shape()})",
            lambda: f"max({any_shape()})",
            lambda: f"min({any_shape()})",
            lambda: f"L1({deeper(same)}, {deeper(same)})",
            lambda: f"Linf({deeper(same)}, {deeper(())})",
            lambda: f"L1({deeper(same)}, weights={draw(st.sampled_from(KNOWN[same]))})",
            lambda: f"dot({deeper((3,))}, P)",
            lambda: f"({deeper((2,))})[1]",
        ]
    if shape == (2,):
        choices += [lambda: f"Q @ ({deeper((3,))})", lambda: f"diff({deeper((3,))})", lambda: f"({deeper((2, 3))}) @ P"]
    if shape == (3,):
        choices += [lambda: f"({deeper((2,))}) @ Q", lambda: f"({deeper((2, 3))})[1]"]
    return draw(st.sampled_from(choices))()


class _Arrays(ast.NodeTransformer):
    """Makes arrays of vectors in brackets; the commas of an index stay what they are."""

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        self.generic_visit(node)
        return ast.Call(ast.Name("array", ast.Load()), [node], [])

    visit_List = visit_Tuple

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        node.value = self.visit(node.value)
        if isinstance(node.slice, ast.Tuple):
            node.slice.elts = [self.visit(item) for item in node.slice.elts]
        else:
            node.slice = self.visit(node.slice)
        return node


def as_python(text: str, at: dict[str, np.ndarray]) -> np.ndarray:
    """Evaluate the text as Python reads it, with numpy's arrays and functions."""
    tree = ast.fix_missing_locations(_Arrays().visit(ast.parse(text, mode="eval")))
    return np.asarray(eval(compile(tree, "<text>", "eval"), {**FUNCTIONS, **at}), dtype=float)


def _largest(*values: np.ndarray) -> np.ndarray:
    return values[0].max() if len(values) == 1 else np.maximum.reduce(np.broadcast_arrays(*values))


FUNCTIONS = {
    "sum": np.sum,
    "mean": np.mean,
    "dot": np.dot,
    "diff": np.diff,
    "concat": lambda *values: np.concatenate([np.ravel(part) for part in values]),
    "reshape": lambda source, *shape: np.reshape(source, shape),
    "abs": np.abs,
    "relu": lambda source: np.maximum(source, 0),
    "clip": np.clip,
    "max": lambda *values: _largest(*map(np.asarray, values)),
    "min": lambda *values: -_largest(*(-np.asarray(part) for part in values)),
    "L1": lambda a, b=0.0, weights=1.0: np.abs(weights * (a - b)).sum(),
    "Linf": lambda a, b=0.0, weights=1.0: np.abs(weights * (a - b)).max(),
    "array": lambda entries: np.array(entries, dtype=int if all(type(e) is int for e in entries) else float),
    "sqrt": np.sqrt,
    "pi": np.pi,
    "sqrt2": np.sqrt(2),
    "P": np.array([0.5, -1.5, 2.0]),
    "Q": np.array([[1, -2, 0.5], [0.25, 3, -1]]),
    "k": 4.0,
    "at": np.array([2, 0]),
    "t": np.array([0.75, -0.5, 1.25]),
}


@st.composite
def designs(draw: st.DrawFn) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    return {
        "a": generator.uniform(-2, 2, 3),
        "b": generator.uniform(-1, 1, (2, 3)),
        "c": np.asarray(generator.uniform(-3, 3)),
        "g": generator.integers(0, 2, 3).astype(float),
        "n": generator.integers(-4, 5, 3).astype(float),
        "t": FUNCTIONS["t"],
    }


def checked(text: str) -> tuple[Expression, Intervals]:
    """Check the declarations and one `let`; return its expression, and what gives its limits."""
    problem = check(f"{DECLARATIONS}let y = {text}\n")
    inputs = {declared.name: declared for declared in problem.inputs}
    targets = {declared.name: declared for declared in problem.targets}
    return problem.lets["y"], Intervals(inputs, targets, {})


@given(st.sampled_from(SHAPES).flatmap(expressions), designs())
def test_values_are_numpys(text: str, design: dict[str, np.ndarray]) -> None:
    expression, intervals = checked(text)
    expected = as_python(text, design)
    found = value(expression, design)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    limits = intervals.of(expression)
    assert (limits.lower <= expected + 1e-12).all()
    assert (expected - 1e-12 <= limits.upper).all()


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    whole = ["n[0]", "n[1]", "n[2]", "2*n[0] - n[1]", "3", "-1", "2.5", "sum(n)", "abs(n[1])", "max(n)", "g[0] + g[1]"]
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        kind = draw(st.integers(0, 9))
        if kind == 0:
            return f"uses({draw(st.sampled_from(['n', 'n[1]', 'g[0:2]', 'n[[0, 2]]']))})"
        operators = ["<", "<=", ">", ">=", "==", "!="]
        if kind == 1:
            return f"n {draw(st.sampled_from(operators))} {draw(st.sampled_from(['1', 'n[::-1]', '(0, 1, 2)', '0.5']))}"
        chain = [draw(st.sampled_from(whole)) for _ in range(draw(st.integers(2, 3)))]
        return chain[0] + "".join(f" {draw(st.sampled_from(operators))} {part}" for part in chain[1:])
    left, right = draw(conditions(depth - 1)), draw(conditions(depth - 1))
    return draw(st.sampled_from([f"({left} and {right})", f"({left} or {right})", f"not ({left})"]))


class _Truth(ast.NodeTransformer):
    """A comparison holds if it holds for every entry."""

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        sides = [node.left, *node.comparators]
        links = [
            ast.Call(ast.Name("every", ast.Load()), [ast.Compare(a, [operator], [b])], [])
            for a, operator, b in zip(sides[:-1], node.ops, sides[1:], strict=True)
        ]
        return ast.BoolOp(ast.And(), links) if len(links) > 1 else links[0]


@given(conditions(), st.lists(designs(), min_size=5, max_size=5))
def test_conditions_on_whole_numbers_are_exact(text: str, points: list[dict[str, np.ndarray]]) -> None:
    try:
        problem = check(f"{DECLARATIONS}require {text}\n")
    except ProblemErrors as errors:
        if {found.code for found in errors.diagnostics} != {"PRE405"}:
            raise
        problem = None  # proved never to hold
    names = {**FUNCTIONS, "every": np.all, "uses": np.any}
    tree = _Arrays().visit(_Truth().visit(ast.parse(text, mode="eval")))
    code = compile(ast.fix_missing_locations(tree), "<text>", "eval")
    for design in points:
        expected = bool(eval(code, {**names, **design}))
        if problem is None:
            assert not expected
        else:
            assert all(holds(requirement.formula, design) for requirement in problem.requirements) == expected
