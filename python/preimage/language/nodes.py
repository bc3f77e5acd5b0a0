"""What every node of the syntax tree is; values, conditions and ranges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from preimage.language.span import Span

ArithmeticOperator: TypeAlias = Literal["+", "-", "*", "/", "@"]
ComparisonOperator: TypeAlias = Literal["==", "<=", ">=", "<", ">", "!="]


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a problem and where it stands."""

    span: Span = field(compare=False, kw_only=True)


# Values ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number; ``text`` is how it was typed (``1e-3``), and only the value is compared."""

    value: float
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name, where it is declared or where it is used; ``text`` is in Unicode normal form NFKC, as in Python."""

    text: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-x`` or ``+x``."""

    operator: Literal["-", "+"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``a + b - c`` or ``a*b/c``: two operands or more, operators of one rank between them, applied from the left.

    Long sums are flat, so that no text makes a deep tree. The operators are all of ``+ -`` or all of ``* / @``;
    the first operand is never an arithmetic of the same rank.
    """

    operands: tuple[Expression, ...]
    operators: tuple[ArithmeticOperator, ...]


@dataclass(frozen=True, slots=True)
class Power(Node):
    """``base**exponent``."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """A named argument of a call, ``weights=w``; any name is let through."""

    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(arguments, name=value)``: a network or a function of the language; positional arguments come first."""

    function: Name
    arguments: tuple[Expression, ...]
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """``start:stop:step`` inside an index; None where nothing is written."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None = None


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``source[items]``, one item an axis."""

    source: Expression
    items: tuple[Expression | Slice, ...]


@dataclass(frozen=True, slots=True)
class Tuple(Node):
    """``(a, b)`` or ``[a, b]``: a vector; a tuple of tuples is a matrix. Never empty."""

    items: tuple[Expression, ...]


Expression: TypeAlias = Number | Name | Unary | Arithmetic | Power | Call | Index | Tuple


# Conditions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``a <= b == c``: one operator fewer than operands; all of the links hold."""

    operands: tuple[Expression, ...]
    operators: tuple[ComparisonOperator, ...]


@dataclass(frozen=True, slots=True)
class Uses(Node):
    """``uses(v)``: v is not zero."""

    argument: Expression


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``not condition``."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class And(Node):
    """``a and b and ...``: two parts or more, none of which is an `And`."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """``a or b or ...``: two parts or more, none of which is an `Or`."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Uses | Not | And | Or


# Ranges -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Range(Node):
    """``lower..upper``, both ends included."""

    lower: Expression
    upper: Expression


@dataclass(frozen=True, slots=True)
class Quantifier(Node):
    """``for variable in domain``: whole numbers of a range, or the entries along the first axis of a value."""

    variable: Name
    domain: Range | Expression
