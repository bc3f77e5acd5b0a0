"""The syntax tree of a problem: what was written, before names and shapes are looked at.

Every node has a `Span`, which takes no part in comparisons: two trees are equal if they say the same.
What the grammar promises is kept by the types: a condition never stands where a value is wanted, units of time and
engine names are known ones, each part of a `solve` line stands at most once.
No node is more than a few hundred levels deep.
Names, shapes, linearity, directions of inequalities and the number of objectives are left to the checker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from preimage.language.nodes import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Call,
    Comparison,
    ComparisonOperator,
    Condition,
    Expression,
    Index,
    Keyword,
    Name,
    Node,
    Not,
    Number,
    Or,
    Power,
    Quantifier,
    Range,
    Slice,
    Tuple,
    Unary,
    Uses,
)
from preimage.language.structure_nodes import (
    Disc,
    Edge,
    Filter,
    GridNode,
    Line,
    Load,
    LoadCase,
    Members,
    Place,
    Rectangle,
    Region,
    Reparameterise,
    StructureDeclaration,
    StructureStatement,
    Support,
    Symmetric,
    Volume,
)
from preimage.language.words import UNITS

__all__ = [
    "And",
    "Arithmetic",
    "ArithmeticOperator",
    "Avoid",
    "Bound",
    "Call",
    "Catalogue",
    "Comparison",
    "ComparisonOperator",
    "Condition",
    "Designs",
    "Disc",
    "Edge",
    "Either",
    "Expression",
    "File",
    "Filter",
    "Gap",
    "GridNode",
    "If",
    "Index",
    "InputDeclaration",
    "Keyword",
    "Let",
    "Line",
    "Load",
    "LoadCase",
    "Members",
    "Name",
    "NamesDeclaration",
    "NetworkDeclaration",
    "Node",
    "Not",
    "Number",
    "Objective",
    "Or",
    "ParamDeclaration",
    "Place",
    "Power",
    "Program",
    "Quantifier",
    "Range",
    "Rectangle",
    "Region",
    "Reparameterise",
    "Require",
    "Robust",
    "Select",
    "Slice",
    "Smooth",
    "Solve",
    "Source",
    "Statement",
    "Steps",
    "StructureDeclaration",
    "StructureStatement",
    "Support",
    "Symmetric",
    "TargetDeclaration",
    "Text",
    "TimeLimit",
    "Tuple",
    "Unary",
    "Uses",
    "Volume",
]

# Parts of statements -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text in double quotes, without them; a backslash is a backslash."""

    value: str


@dataclass(frozen=True, slots=True)
class File(Node):
    """``"file.csv"`` or ``"file.npz"["key"]``."""

    path: Text
    key: Text | None = None


@dataclass(frozen=True, slots=True)
class Bound(Node):
    """``from NAME``: a value bound from outside, in Python or on the command line."""

    name: Name


Source: TypeAlias = File | Bound


@dataclass(frozen=True, slots=True)
class Catalogue(Node):
    """``{a, b, c}``: one value or more."""

    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class TimeLimit(Node):
    """``for 2 min``."""

    value: Number
    unit: Literal["s", "min", "h"]

    @property
    def seconds(self) -> float:
        """The limit in seconds."""
        return self.value.value * UNITS[self.unit]


@dataclass(frozen=True, slots=True)
class Steps(Node):
    """``for 100 steps``: so many designs are tried, at most."""

    count: Number


@dataclass(frozen=True, slots=True)
class Designs(Node):
    """``for 5 designs within 1%``: so many, and how much worse than the best one they may be."""

    count: Number
    share: Number
    percent: bool

    @property
    def fraction(self) -> float:
        """How much worse, as a fraction of the best objective."""
        return self.share.value / 100 if self.percent else self.share.value


@dataclass(frozen=True, slots=True)
class Gap(Node):
    """``to gap 0.01%`` or ``to gap 1e-4``."""

    value: Number
    percent: bool

    @property
    def fraction(self) -> float:
        """The gap as a fraction of the objective."""
        return self.value.value / 100 if self.percent else self.value.value


# Statements --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NetworkDeclaration(Node):
    """``network name from source``; without a source it takes the binding of its own name."""

    name: Name
    source: Source | None


@dataclass(frozen=True, slots=True)
class ParamDeclaration(Node):
    """``param name = value`` or ``param name from source``; None takes the binding of its own name."""

    name: Name
    value: Expression | Source | None


@dataclass(frozen=True, slots=True)
class TargetDeclaration(Node):
    """``target name ...`` (a sweep over the rows) or, if ``joint``, ``targets name ...`` (all rows in one problem)."""

    name: Name
    joint: bool
    value: Expression | Source | None


@dataclass(frozen=True, slots=True)
class InputDeclaration(Node):
    """``input name[shape] in domain per target``; ``kind`` is the word it began with.

    ``domain`` is None where nothing is written: right for `binary`, for the others the checker asks for bounds.
    """

    name: Name
    kind: Literal["input", "integer", "binary"]
    shape: tuple[Expression, ...]
    domain: Range | Catalogue | None
    per_target: bool


@dataclass(frozen=True, slots=True)
class NamesDeclaration(Node):
    """``names input = "file.csv"``, ``names input = ("cyan", "magenta")`` or ``names input from NAME``."""

    name: Name
    value: Source | tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Let(Node):
    """``let name = value``."""

    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Require(Node):
    """``require condition for ...``."""

    condition: Condition
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Select(Node):
    """``select limit count of source per target``; `at most` where no limit is written."""

    limit: Literal["at most", "at least", "exactly"]
    count: Expression
    source: Expression
    per_target: bool
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Smooth(Node):
    """``smooth source within limit``."""

    source: Expression
    limit: Expression
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Avoid(Node):
    """``avoid condition for ...``: the condition (a clearance) holds in every design."""

    condition: Condition
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then consequence``."""

    condition: Condition
    consequence: Condition
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Either(Node):
    """``either a or b or ...``: two alternatives or more, none an `Or`, of which one at least holds."""

    alternatives: tuple[Condition, ...]
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Objective(Node):
    """``minimise value`` or ``maximise value``."""

    sense: Literal["minimise", "maximise"]
    value: Expression


@dataclass(frozen=True, slots=True)
class Robust(Node):
    """``robust drift of value within limit in L1 for x, y``: how bad it gets where the design is a little off.

    ``drift`` is None where the objective is meant, and ``sources`` is empty where every continuous input is.
    With ``design`` (and without a drift), the design is wanted that gets least bad: ``robust design within limit``.
    """

    drift: Expression | None
    limit: Expression
    manner: Literal["each", "L1", "together"]
    sources: tuple[Expression, ...] = ()
    design: bool = False


@dataclass(frozen=True, slots=True)
class Solve(Node):
    """``solve for 5 designs within 1% for 60 s to gap 0.01% using branch with seed 3``; None or empty where silent."""

    designs: Designs | None
    time_limit: TimeLimit | None
    gap: Gap | None
    engines: tuple[Name, ...]
    ways: tuple[Name, ...]
    seed: Number | None
    steps: Steps | None = None


Statement: TypeAlias = (
    NetworkDeclaration
    | ParamDeclaration
    | TargetDeclaration
    | InputDeclaration
    | NamesDeclaration
    | Let
    | Require
    | Select
    | Smooth
    | Avoid
    | If
    | Either
    | Objective
    | Robust
    | Solve
    | StructureStatement
)


@dataclass(frozen=True, slots=True)
class Program:
    r"""A whole problem.

    Attributes
    ----------
    statements
        In the order of the text; their spans leave comments out.
    text
        As given, with line breaks as ``\n``; all spans count its characters.
    file
        What messages call the text, or None.
    """

    statements: tuple[Statement, ...]
    text: str = field(default="", compare=False)
    file: str | None = field(default=None, compare=False)
