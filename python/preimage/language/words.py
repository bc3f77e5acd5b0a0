"""The words of the language: the table that the parser, its messages, the editors' grammars and the reference share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class StatementForm:
    """A statement: what it is for, and how it is written.

    Attributes
    ----------
    purpose
        What it says, in a few words.
    examples
        One to three valid ones.
    """

    purpose: str
    examples: tuple[str, ...]


_MINIMISE = StatementForm(
    "what is to be small", ("minimise L1(print(inks), colour)", "minimise Linf(y, t) + 0.01*sum(x)")
)
_MAXIMISE = StatementForm("what is to be large", ("maximise L1(meta(x), meta(design))",))

_REPARAMETERISE = StatementForm("what draws a structure", ("reparameterise by cnn",))

STATEMENTS: Mapping[str, StatementForm] = MappingProxyType(
    {
        "network": StatementForm("a trained network", ('network print from "ink44.npz"', "network print from model")),
        "param": StatementForm("a number or an array", ("param r = 0.9", 'param mesh from "mesh.csv"', "param k")),
        "target": StatementForm(
            "what is wanted, row by row", ('target colour from "greys.csv"', "target goal = (1.2, 4.0)")
        ),
        "targets": StatementForm("what is wanted, all rows at once", ('targets colour from "six-spectra.csv"',)),
        "input": StatementForm(
            "what may be chosen",
            ("input inks[44] in 0..1", "input inks[44] in 0..1 per target", "input wire[3] in {0.5, 0.8, 1.2}"),
        ),
        "integer": StatementForm("whole numbers to choose", ("integer x in 0..7", "integer layers[11] in 0..30")),
        "binary": StatementForm("yes or no", ("binary open[5]",)),
        "names": StatementForm("labels of an input", ('names inks = "ink-names.csv"', 'names inks = ("cyan", "red")')),
        "let": StatementForm("a name for an expression", ("let tip = pose[61]", "let thickness = 10*x")),
        "require": StatementForm(
            "what must hold",
            ("require sum(layers) == 30", "require 1 <= x <= 3", "require t[i] <= t[i+1] for i in 0..2"),
        ),
        "select": StatementForm(
            "how many may be non-zero",
            ("select 2 of inks", "select exactly 2 of inks", "select at least 2 of inks per target"),
        ),
        "smooth": StatementForm("a bound on second differences", ("smooth stretch[0:20] within 0.2",)),
        "avoid": StatementForm(
            "a clearance to be kept", ("avoid L1(tip, o) >= r", "avoid L1(p, o) >= r for p in pose[exposed]")
        ),
        "if": StatementForm(
            "what follows from what", ("if uses(inks[3]) then not uses(inks[5])", "if a >= 1 then b >= 1")
        ),
        "either": StatementForm("one of several", ("either a >= 1 or b >= 1",)),
        "minimise": _MINIMISE,
        "minimize": _MINIMISE,
        "maximise": _MAXIMISE,
        "maximize": _MAXIMISE,
        "robust": StatementForm(
            "the worst case of a design that is a little off",
            (
                "robust within 1e-3 for x[0:4]",
                "robust drift of y within 0.01 in L1",
                "robust design within 0.01 together",
            ),
        ),
        "solve": StatementForm(
            "how to solve",
            (
                "solve for 60 s",
                "solve for 5 designs within 1% for 60 s",
                "solve for 2 min to gap 0.01% using branch, milp with seed 3",
            ),
        ),
        "structure": StatementForm("a structure and its grid", ("structure bridge on 192 x 64",)),
        "support": StatementForm(
            "what is held",
            ("support left edge in x and y", "support node (192, 0) in y", "support bottom edge from 0 to 12 in y"),
        ),
        "load": StatementForm(
            "what pulls",
            (
                "load top edge by (0, -1) total",
                "load line (0, 0) to (64, 32) by (0, -0.1)",
                "load case wind weight 0.5",
            ),
        ),
        "solid": StatementForm("what is full", ("solid rectangle (0, 60) to (192, 64)",)),
        "void": StatementForm("what stays empty", ("void disc (96, 32) radius 10",)),
        "symmetric": StatementForm("the mirror of a structure", ("symmetric across x = 96",)),
        "volume": StatementForm("how much material", ("volume 0.4", "volume 40% before filter")),
        "filter": StatementForm(
            "how far densities are averaged", ("filter radius 2", "filter radius 3 with projection")
        ),
        "members": StatementForm("how wide every member of a structure is", ("members at least 4 wide",)),
        "reparameterise": _REPARAMETERISE,
        "reparameterize": _REPARAMETERISE,
    }
)

# fmt: off

# These cannot be names: with them, a line broken off or a word left out is noticed where it happens.
RESERVED = frozenset({
    "and", "avoid", "either", "for", "from", "if", "in", "let", "maximise", "maximize", "minimise", "minimize",
    "not", "of", "or", "per", "reparameterise", "reparameterize", "require",
    "robust", "select", "smooth", "solve", "then", "within",
})

# These mean something in one place only, and may be names.
SOFT = frozenset({
    "across", "after", "at", "before", "binary", "bottom", "by", "case", "design", "designs", "disc", "drift", "edge",
    "exactly", "filter", "gap", "input", "integer", "least", "left", "line", "load", "members", "most", "names",
    "network", "node", "on", "param", "projection", "radius", "rectangle", "right", "seed", "solid", "steps",
    "structure", "support", "symmetric", "target", "targets", "to", "together", "top", "total", "using", "void",
    "volume", "weight", "wide", "with", "x", "y",
})

OPERATORS = (
    "==", "!=", "<=", ">=", "<", ">", "≤", "≥", "**", "+", "-", "*", "×", "/", "@", "=", "..", ":", ",", "%",
)

FUNCTIONS = (
    "L1", "L2", "Linf", "abs", "clip", "concat", "cos", "diff", "dot", "exp", "log", "max", "mean", "min", "relu",
    "reshape", "sin", "sqrt", "sum", "tan", "uses",
)
CONSTANTS = ("pi", "sqrt2")
ENGINES = ("branch", "milp", "adjoint")
STRUCTURAL = (
    "structure", "support", "load", "solid", "void", "symmetric", "volume", "filter", "members",
    "reparameterise", "reparameterize",
)
METHODS = ("continuation", "lbfgs", "mma", "oc")
STRUCTURE_METHODS = ("cnn", *METHODS)
REPARAMETERISATIONS = ("cnn", "pixels")
WAYS = ("highs", "plain", "sos1")
UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
"""Units of time, in seconds."""

# fmt: on

CLASHING_WAYS: Mapping[frozenset[str], str] = MappingProxyType(
    {
        frozenset({"highs", "sos1"}): "HiGHS knows no special ordered sets",
        frozenset({"plain", "sos1"}): "they are two ways to write the same",
    }
)
"""What `milp` cannot go about with together, and why."""


def milp_with(ways: Iterable[str]) -> str:
    """Return the full name of the engine `milp` that goes about it in some ways: ``milp with highs and plain``."""
    chosen = sorted(set(ways), key=WAYS.index)
    return f"milp with {' and '.join(chosen)}" if chosen else "milp"


def ways_of(engine: str) -> tuple[str, tuple[str, ...]]:
    """Return the plain name of an engine, and the ways of its full one."""
    name, _, ways = engine.partition(" with ")
    return name, tuple(ways.split(" and ")) if ways else ()


# What people write who come from other languages, and what they mean by it.
FOREIGN: Mapping[str, str] = MappingProxyType(
    {
        "assert": "require",
        "bool": "binary",
        "choose": "select",
        "clamp": "support",
        "const": "param",
        "constraint": "require",
        "data": "param",
        "def": "let",
        "define": "let",
        "forbid": "avoid",
        "fix": "support",
        "float": "param",
        "force": "load",
        "grid": "structure",
        "hole": "void",
        "int": "integer",
        "max": "maximise",
        "maximum": "maximise",
        "min": "minimise",
        "minimum": "minimise",
        "model": "network",
        "objective": "minimise",
        "parameter": "param",
        "pick": "select",
        "set": "let",
        "st": "require",
        "subject": "require",
        "symmetry": "symmetric",
        "var": "input",
        "variable": "input",
        "where": "let",
    }
)

# Signs that are typed by habit or pasted from a document, and what to do about them.
SIGN_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        ";": "try: each statement on a line of its own",
        "'": 'try: double quotes, `"..."`',
        "“": 'try: straight quotes, `"..."`',
        "”": 'try: straight quotes, `"..."`',
        "„": 'try: straight quotes, `"..."`',
        "^": "try: `**` for a power",
        "²": "try: `**2`",
        "³": "try: `**3`",
        "&": "try: `and`",
        "|": "try: `abs(x)` for an absolute value, `or` between conditions",
        "!": "try: `not`",
        "~": "try: `not`",
        "\\": "try: leave it out; a statement goes on while a bracket is open",
        ".": "names have no dots, and numbers only one: `0.5`",
        "−": "try: `-` from the keyboard",
        "–": "try: `-` from the keyboard",
        "…": "try: two dots, as in `0..1`",
        "≠": "try: `!=`",
        "·": "try: `*`",
        "÷": "try: `/`",
        "√": "try: `sqrt(2)`",
        "π": "try: `pi`",
        "$": "names stand without `$`",
        "?": "try: leave it out",
    }
)
