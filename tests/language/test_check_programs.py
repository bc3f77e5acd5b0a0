"""Right programs: the worked ones, and what each statement becomes."""

from pathlib import Path

import numpy as np
import pytest
from language.evaluate import holds, value
from language.worked import PROGRAMS, write_data

from preimage.language import ProblemErrors, check
from preimage.language import problem as ir


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnx")
    found = tmp_path_factory.mktemp("worked")
    write_data(found)
    return found


def _only(problem: ir.Problem) -> ir.Requirement:
    (requirement,) = problem.requirements
    return requirement


def test_duotone(folder: Path) -> None:
    problem = check(PROGRAMS["duotone"], base=folder)
    assert list(problem.networks) == ["print"]
    (inks,) = problem.inputs
    assert (inks.name, inks.shape, inks.kind, inks.per_target) == ("inks", (44,), "continuous", True)
    assert isinstance(inks.lower, ir.Constant)
    assert isinstance(inks.upper, ir.Constant)
    assert inks.lower.value.tolist() == [0.0] * 44
    assert inks.upper.value.tolist() == [1.0] * 44
    (target,) = problem.targets
    assert target.joint
    assert target.rows.shape == (6, 31)
    assert (problem.sweep_rows, problem.joint_rows) == (1, 6)
    (selection,) = problem.selections
    assert (selection.at_least, selection.at_most, selection.per_target) == (0, 2, False)
    assert isinstance(selection.source, ir.Choice)
    assert problem.objective is not None
    assert problem.objective.per_target
    assert problem.objective.sense == "minimise"
    apply = problem.objective.expression.source.source.parts[0]  # type: ignore[attr-defined]
    assert isinstance(apply, ir.Apply)
    assert (apply.network, apply.shape) == ("print", (31,))
    assert [(b.name, b.origin) for b in problem.bindings] == [("print", "ink44.npz"), ("spectrum", "six-spectra.csv")]


def test_shells(folder: Path) -> None:
    problem = check(PROGRAMS["shells"], base=folder)
    (x,) = problem.inputs
    assert (x.kind, x.shape) == ("integer", (4,))
    assert problem.sweep_rows == 1
    assert list(problem.lets) == ["thickness"]
    assert value(problem.lets["thickness"], {"x": np.array([3, 4, 5, 7.0])}).tolist() == [30, 40, 50, 70]
    assert problem.objective is not None
    assert not problem.objective.per_target


def test_contoning(folder: Path) -> None:
    problem = check(PROGRAMS["contoning"], base=folder)
    assert problem.sweep_rows == 4
    formula = _only(problem).formula
    assert isinstance(formula, ir.Holds)
    assert formula.relation == "=="
    layers = np.zeros(11)
    layers[3] = 30
    assert holds(formula, {"layers": layers})
    assert not holds(formula, {"layers": layers + 1})


def test_snake(folder: Path) -> None:
    problem = check(PROGRAMS["snake"], base=folder)
    assert problem.lets["pose"].shape == (103, 2)
    smooth, other, avoid = problem.requirements
    assert isinstance(smooth.formula, ir.AllOf)
    assert problem.statement(other.span) == "smooth stretch[20:40] within 0.2"
    assert problem.line_of(other.span) == 11
    assert isinstance(avoid.formula, ir.AllOf)
    assert len(avoid.formula.parts) == 21  # one for each vertex at the skin
    stretch = np.linspace(-0.2, 0.2, 40)
    assert holds(smooth.formula, {"stretch": stretch})
    stretch[7] += 0.15
    assert not holds(smooth.formula, {"stretch": stretch})
    assert holds(other.formula, {"stretch": stretch})


def test_worst(folder: Path) -> None:
    problem = check(PROGRAMS["worst"], base=folder)
    (x,) = problem.inputs
    assert isinstance(x.lower, ir.Constant)
    assert isinstance(x.upper, ir.Constant)
    np.testing.assert_allclose(x.upper.value - x.lower.value, 2e-3)
    assert problem.objective is not None
    assert problem.objective.sense == "maximise"
    applied, folded = problem.objective.expression.source.source.parts  # type: ignore[attr-defined]
    assert isinstance(applied, ir.Apply)
    assert isinstance(folded, ir.Constant)  # a network of known numbers is known
    candidate = np.loadtxt(folder / "candidate.csv", delimiter=",")
    np.testing.assert_allclose(-folded.value, problem.networks["meta"].graph.evaluate(candidate))


def test_files_and_texts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "contoning.inv"
    path.write_text(PROGRAMS["contoning"], encoding="utf-8")
    by_path, by_name = check(path), check(str(path))
    assert by_path.path == by_name.path == path
    monkeypatch.chdir(folder)
    in_folder = check(PROGRAMS["contoning"])
    assert in_folder.path is None
    assert {b.digest for b in in_folder.bindings} == {b.digest for b in by_path.bindings}
    with pytest.raises(ProblemErrors, match="PRE241"):
        check("missing.inv")
    (folder / "garbage.inv").write_bytes(bytes(range(256)))
    with pytest.raises(ProblemErrors, match="PRE109"):
        check(folder / "garbage.inv")


X = "input x[4] in -1..1\n"


@pytest.mark.parametrize(
    ("statement", "inside", "outside"),
    [
        ("require sum(x) <= 1", [0, 0, 0, 1], [0, 0, 1, 1]),
        ("require 0 <= x <= 0.5", [0, 0.2, 0.5, 0], [0, 0, 0.6, 0]),
        ("require x[i] <= x[i+1] for i in 0..2", [-1, 0, 0, 1], [0, 0, 1, 0.5]),
        ("require x[i] + x[j] <= 1 for i in 0..2 for j in i+1..3", [0.5, 0.5, 0.5, 0.5], [0.5, 0, 0, 0.6]),
        ("require v <= 0.5 for v in x[::2]", [0.5, 1, 0, 1], [0, 0, 0.6, 0]),
        ("require row[0] <= row[1] for row in reshape(x, 2, 2)", [0, 1, -1, 1], [0, 1, 1, 0]),
        ("require x[i] >= 0.1*i for i in (1, 3)", [0, 0.1, 0, 0.3], [0, 0.1, 0, 0.2]),
        ("smooth x within 0.2", [0, 0.1, 0.3, 0.6], [0, 0, 0.3, 0]),
        ("smooth x within (0.2, 0.5)", [0, 0, 0.2, 0.9], [0, 0, 0.3, 0]),
        ("avoid L1(x[0:2], (0, 0)) >= 0.5", [0.25, -0.25, 0, 0], [0.2, 0.2, 0, 0]),
        ("avoid x[0] >= 0.5 and (x[1] >= 0.5 or x[2] >= 0.5)", [0.5, 0, 0.5, 0], [0.5, 0, 0.4, 0]),
        ("avoid abs(v) >= 0.5 for v in x[1:]", [0, 0.5, -0.5, 1], [1, 1, 1, 0.4]),
        ("if x[0] >= 0.5 then x[1] <= 0", [0.6, -0.1, 0, 0], [0.6, 0.1, 0, 0]),
        ("if x[0] > 0.5 and x[1] > 0.5 then x[2] == 0", [0.6, 0.6, 0, 0], [0.6, 0.6, 0.1, 0]),
        ("if uses(x[0]) then not uses(x[1])", [0.1, 0, 0, 0], [0.1, 0.1, 0, 0]),
        ("if uses(x[0:2]) then x[2] >= 0.5", [0, 0, 0, 0], [0, 0.1, 0, 0]),
        ("either x[0] >= 0.5 or x[1] >= 0.5 or x[2] >= 0.5", [0, 0, 0.5, 0], [0.4, 0.4, 0.4, 1]),
        ("require not (x[0] >= 0.5 or x[1] >= 0.5)", [0.4, 0.4, 0, 0], [0.4, 0.6, 0, 0]),
        ("require not (x >= 0.5)", [1, 1, 1, 0.4], [1, 1, 1, 0.6]),  # not every entry is
        ("require L2(x) <= 1", [0.5, 0.5, 0.5, 0.5], [1, 0.5, 0, 0]),
        ("require 1 >= 2*L2(x, (0, 0, 0, 1)) + x[0]", [0, 0, 0.5, 1], [0.2, 0, 0.5, 1]),
        ("require max(L2(x), L1(x)) <= 1", [0.5, 0.5, 0, 0], [0.5, 0.5, 0.1, 0]),
        ("require -L2(x) >= -1", [1, 0, 0, 0], [1, 0.5, 0, 0]),
    ],
)
def test_what_holds(statement: str, inside: list[float], outside: list[float]) -> None:
    formula = _only(check(f"{X}{statement}\n")).formula
    assert holds(formula, {"x": np.array(inside, dtype=float)})
    assert not holds(formula, {"x": np.array(outside, dtype=float)})


def test_strict_borders() -> None:
    """A strict condition is closed by its negation; on whole numbers it is exact."""
    at_border = {"x": np.array([0.5, 1, 0, 0])}
    for condition in ("x[0] >= 0.5", "x[0] > 0.5"):
        assert holds(_only(check(f"{X}if {condition} then x[1] <= 0\n")).formula, at_border)
    whole = "integer n in 0..7\nif n >= 3 then n <= 2\n"
    assert not holds(_only(check(whole)).formula, {"n": np.array(3.0)})


@pytest.mark.parametrize(
    ("statement", "least", "most", "size"),
    [
        ("select 2 of x", 0, 2, 4),
        ("select at most 2 of x", 0, 2, 4),
        ("select exactly 2 of x", 2, 2, 4),
        ("select at least 2 of x", 2, 4, 4),
        ("select 1 of x[1:]", 0, 1, 3),
        ("select 1 of reshape(x, 2, 2)", 0, 1, 4),
        ("select k of x[[0, 2]]", 0, 1, 2),
    ],
)
def test_select(statement: str, least: int, most: int, size: int) -> None:
    (selection,) = check(f"param k = 1\n{X}{statement}\n").selections
    assert (selection.at_least, selection.at_most) == (least, most)
    assert selection.source.shape == (size,)


def test_select_for_each() -> None:
    problem = check("input w[3, 4] in 0..1\nselect 1 of w[i] for i in 0..2\n")
    assert [s.source.indices.tolist() for s in problem.selections] == [  # type: ignore[attr-defined]
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 10, 11],
    ]


def test_per_target_goes_through_lets() -> None:
    problem = check(
        """\
targets t = ((0.1, 0.2), (0.3, 0.4), (0.5, 0.6))
target  s = ((1, 1), (2, 2))
input x[2] in 0..1 per target
input y[2] in 0..t[0] per target
input z[2] in 0..1
let own = 2*x
let shared = z + s
require sum(own) <= 1
require sum(shared) <= 3
require z[0] <= t[1]
select 1 of x per target
select 1 of z
minimise L1(shared, own)
"""
    )
    assert [requirement.per_target for requirement in problem.requirements] == [True, False, True]
    assert [selection.per_target for selection in problem.selections] == [True, False]
    assert problem.objective is not None
    assert problem.objective.per_target
    assert (problem.sweep_rows, problem.joint_rows) == (2, 3)
    assert [declared.per_target for declared in problem.inputs] == [True, True, False]


def test_bounds_that_depend_on_a_row() -> None:
    problem = check("target t = ((0, 1), (2, 3))\ninput x[2] in t - 0.5 .. t + 1\n")
    (x,) = problem.inputs
    assert value(x.upper, {"t": np.array([2.0, 3.0])}).tolist() == [3, 4]
    with pytest.raises(ProblemErrors, match="PRE402"):
        check("target t = ((0, 1), (2, 3))\ninput x[2] in t .. 2.5\n")


def test_bounds_of_every_kind() -> None:
    problem = check(
        "param wide = (1, 2, 3)\ninteger n in 0.5..3.5\nbinary b[2]\ninput c[3] in {1.2, 0.5, 0.8, 0.5}\n"
        "input d[3] in -wide..wide\ninput e[2, 3] in 0..1\ninput f in {0, wide}\n"
    )
    by_name = {declared.name: declared for declared in problem.inputs}

    def ends(name: str) -> tuple[object, object]:
        lower, upper = by_name[name].lower, by_name[name].upper
        assert isinstance(lower, ir.Constant)
        assert isinstance(upper, ir.Constant)
        assert lower.shape == upper.shape == by_name[name].shape
        return lower.value.tolist(), upper.value.tolist()

    assert check("param top = (2)\ninput x in 0..[top]\n").inputs[0].upper.shape == ()
    assert ends("n") == (1, 3)
    assert ends("b") == ([0, 0], [1, 1])
    assert ends("c") == ([0.5] * 3, [1.2] * 3)
    assert by_name["c"].values == (0.5, 0.8, 1.2)
    assert ends("d") == ([-1, -2, -3], [1, 2, 3])
    assert by_name["e"].shape == (2, 3)
    assert by_name["f"].values == (0, 1, 2, 3)
    assert {name: declared.kind for name, declared in by_name.items()} == {
        "n": "integer",
        "b": "binary",
        "c": "catalogue",
        "d": "continuous",
        "e": "continuous",
        "f": "catalogue",
    }


def test_lets_are_shared() -> None:
    problem = check(f"{X}let y = 2*x\nlet z = abs(y)\nminimise sum(z) + max(z)\n")
    total, largest = problem.objective.expression.parts  # type: ignore[union-attr]
    assert total.source is largest.source is problem.lets["z"]
    assert problem.lets["z"].source is problem.lets["y"]  # type: ignore[attr-defined]


def test_labels(tmp_path: Path) -> None:
    (tmp_path / "inks.csv").write_text("name,price\ncyan,3\nred,4\n", encoding="utf-8")
    by_file = check('input x[2] in 0..1\nnames x = "inks.csv"\n', base=tmp_path)
    by_text = check('input x[2] in 0..1\nnames x = ("cyan", "red")\n')
    by_value = check("input x[2] in 0..1\nnames x from labels\n", {"labels": ["cyan", "red"]})
    for problem in (by_file, by_text, by_value):
        assert problem.inputs[0].labels == ("cyan", "red")


def test_solve_line() -> None:
    line = check(f"{X}solve for 2 min to gap 0.01% using branch, milp with seed 3\n").solve
    assert line == ir.SolveLine(time_limit=120, gap=pytest.approx(1e-4), engines=("branch", "milp"), seed=3)
    assert check(X).solve == ir.SolveLine()


@pytest.mark.parametrize(
    ("text", "engines"),
    [
        ("using milp with sos1", ("milp with sos1",)),
        ("using branch, milp with plain with seed 3", ("branch", "milp with plain")),
        ("with plain and highs with seed 3 using milp, adjoint", ("milp with highs and plain", "adjoint")),
    ],
)
def test_ways_of_milp(text: str, engines: tuple[str, ...]) -> None:
    problem = check(f"{X}solve {text}\n")
    assert problem.solve.engines == engines
    assert problem.solve.place is not None
    named = problem.text[problem.solve.place.start : problem.solve.place.end]
    assert set(named.replace(",", "").split()) >= {word for name in engines for word in name.split()}


def test_constants_are_folded() -> None:
    lets = check(f"{X}param k = (3, 4)\nlet a = L2(k) + k[0]**2 - sqrt(k[1])\nlet b = max(k)*pi\n").lets
    assert isinstance(lets["a"], ir.Constant)
    assert lets["a"].value == pytest.approx(5 + 9 - 2)
    assert isinstance(lets["b"], ir.Constant)


def test_an_answer_that_holds_by_itself_is_dropped() -> None:
    problem = check(f"{X}param r = 2\nrequire r >= 1\nif r >= 3 then x[0] == 0\n")
    assert problem.requirements == ()
    problem = check(f"{X}param r = 3\nif r >= 3 then x[0] == 0\n")
    assert isinstance(_only(problem).formula, ir.Holds)


def test_networks_feed_networks(folder: Path) -> None:
    problem = check(
        'network scatter from "shells.npz"\nnetwork stack from "contoning.npz"\ninput x[4] in 0..1\n'
        "let y = stack(scatter(x)[5:16]/3)\nminimise sum(y)\n",
        base=folder,
    )
    assert problem.lets["y"].shape == (3,)


def test_an_image_is_fed_row_by_row(folder: Path) -> None:
    problem = check('network scatter from "shells.npz"\ninput x[2, 2] in 0..1\nlet y = scatter(x)\n', base=folder)
    assert problem.lets["y"].shape == (21,)


@pytest.mark.parametrize(
    "text",
    [
        "(1 - g[0])*(1 - g[1])*c",
        "(g[0] + g[1]*g[2])*c*(1 - g[0])",
        "c*(2 - g[0]/2)*(g[1] - g[2] + 3)",
        "sum((1 - g)*(1 - g[::-1])*a)",
        "dot((1 - g)[[2, 0, 1]], a)",
        "g[0]*(g[1]*c + a[0])",
    ],
)
def test_polynomials_of_binaries(text: str) -> None:
    expression = check(f"binary g[3]\ninput a[3] in -1..1\ninput c in -2..2\nlet y = {text}\n").lets["y"]
    a, c = np.array([0.25, -0.5, 0.75]), np.array(1.5)
    for g in np.ndindex(2, 2, 2):
        design = {"g": np.array(g, dtype=float), "a": a, "c": c}
        expected = eval(text, {"sum": np.sum, "dot": np.dot, **design})
        assert value(expression, design) == pytest.approx(float(expected))


def test_products_have_a_binary_or_a_fixed_side() -> None:
    """What the search is promised of every product."""
    problem = check("binary g[3]\ninput c in -2..2\nlet y = (1 - g[0])*(g[1] + 2*g[2])*(c + 1)\n")

    def chosen(expression: ir.Expression) -> bool:
        return isinstance(expression, ir.Choice) or any(map(chosen, parts(expression)))

    def parts(expression: ir.Expression) -> list[ir.Expression]:
        names = ("left", "right", "source", "numerator", "denominator")
        return [*getattr(expression, "parts", ()), *(getattr(expression, n) for n in names if hasattr(expression, n))]

    def binary(expression: ir.Expression) -> bool:
        while isinstance(expression, ir.Gather):
            expression = expression.source
        return isinstance(expression, ir.Choice) and expression.name == "g"

    stack, products = [problem.lets["y"]], 0
    while stack:
        expression = stack.pop()
        stack += parts(expression)
        if isinstance(expression, ir.Multiply):
            products += 1
            sides = (expression.left, expression.right)
            assert any(binary(side) or not chosen(side) for side in sides)
    assert products > 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("input w[2] in {-1, 1}\nselect 1 of w\n", "PRE405"),
        ("input x[3] in 0..1\nrequire x[i] <= 1 for i in 0..2\nrequire x[i] <= 1\n", "PRE204"),
        ("input x[3] in 0..1\nrequire y <= 1 for i in 0..2\nrequire x[i] <= 1\n", "PRE204"),
    ],
)
def test_last_mistake(text: str, code: str) -> None:
    with pytest.raises(ProblemErrors) as caught:
        check(text)
    last = caught.value.diagnostics[-1]
    assert last.code == code
    assert last.span is not None
    assert text.count("\n", 0, last.span.start) == text.count("\n") - 1


def test_variables_may_be_used_again() -> None:
    check("input x[3] in 0..1\nrequire x[i] <= 0.9 for i in 0..2\nrequire x[i] >= 0.1 for i in 0..1\nlet i = sum(x)\n")
