"""What is said of structures, in the syntax tree.

Points are vectors of two numbers; whether they are, and whether they lie on the grid, is left to the checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from preimage.language.nodes import Expression, Name, Node, Quantifier

# Places and regions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GridNode(Node):
    """``node (0, 64)``."""

    point: Expression


@dataclass(frozen=True, slots=True)
class Edge(Node):
    """``left edge from 0 to 32``; without numbers, all of it."""

    side: Literal["left", "right", "top", "bottom"]
    start: Expression | None = None
    end: Expression | None = None


@dataclass(frozen=True, slots=True)
class Line(Node):
    """``line (0, 0) to (64, 32) to (0, 64)``: two points or more."""

    points: tuple[Expression, ...]


Place: TypeAlias = GridNode | Edge | Line


@dataclass(frozen=True, slots=True)
class Rectangle(Node):
    """``rectangle (0, 60) to (192, 64)``: two opposite corners."""

    corner: Expression
    opposite: Expression


@dataclass(frozen=True, slots=True)
class Disc(Node):
    """``disc (96, 32) radius 10``."""

    centre: Expression
    radius: Expression


# Statements --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StructureDeclaration(Node):
    """``structure name on width x height``."""

    name: Name
    width: Expression
    height: Expression


@dataclass(frozen=True, slots=True)
class Support(Node):
    """``support place in x and y for ...``."""

    place: Place
    directions: Literal["x", "y", "xy"]
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Load(Node):
    """``load place by force total for ...``; without ``total``, the force is on each node."""

    place: Place
    force: Expression
    total: bool
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadCase(Node):
    """``load case name weight 2``: the loads below, down to the next case, act together."""

    name: Name
    weight: Expression | None = None


@dataclass(frozen=True, slots=True)
class Region(Node):
    """``solid rectangle ...`` or ``void disc ... for ...``."""

    kind: Literal["solid", "void"]
    region: Rectangle | Disc
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Symmetric(Node):
    """``symmetric across x = 96``."""

    across: Literal["x", "y"]
    at: Expression


@dataclass(frozen=True, slots=True)
class Volume(Node):
    """``volume 0.4``, ``volume 40%``; ``moment`` is None where it is not said which volume is meant."""

    share: Expression
    percent: bool
    moment: Literal["before", "after"] | None = None


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``filter radius 2``, ``filter radius 2 with projection``."""

    radius: Expression
    projected: bool = False


@dataclass(frozen=True, slots=True)
class Members(Node):
    """``members at least 4 wide``."""

    width: Expression


@dataclass(frozen=True, slots=True)
class Reparameterise(Node):
    """``reparameterise by cnn``; the way is a known one."""

    way: Name


StructureStatement: TypeAlias = (
    StructureDeclaration | Support | Load | LoadCase | Region | Symmetric | Volume | Filter | Members | Reparameterise
)
