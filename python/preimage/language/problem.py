"""The checked problem: every name resolved, every shape known, nothing left to go wrong but the solving.

Expressions are few on purpose: the checker rewrites what users may type (``mean``, ``dot``, ``diff``, ``L1``, ``min``,
slices, quantifiers, chained comparisons) into these.
Every expression denotes an array of a known ``shape`` (C order), a scalar having shape ``()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from preimage.language.span import Span
from preimage.networks.network import Network
from preimage.structures.task import Task

Shape = tuple[int, ...]
Sense = Literal["minimise", "maximise"]
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Indices = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """An array-valued expression; compared by identity, so that one `let` is one object."""

    shape: Shape
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expression):
    """Numbers known before the search."""

    value: Array


@dataclass(frozen=True, slots=True, eq=False)
class TargetRow(Expression):
    """The row of a target that is being solved: constant in the search, another one for each row."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Expression):
    """A declared input, as one target sees it (without the leading axis of ``per target``)."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Add(Expression):
    """The sum of the parts, broadcast to ``shape``."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Multiply(Expression):
    """An elementwise product, broadcast to ``shape``.

    At least one factor does not depend on a choice, or is binary (a gather of a binary input): then the product is
    made linear exactly.
    """

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Divide(Expression):
    """An elementwise quotient; the denominator does not depend on a choice."""

    numerator: Expression
    denominator: Expression


@dataclass(frozen=True, slots=True, eq=False)
class MatMul(Expression):
    """``left @ right`` with numpy's rules for one and two axes; at least one side does not depend on a choice."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Gather(Expression):
    """Entries of ``source``, flattened, by position: indexing, slicing, reshaping, transposing.

    ``indices`` has the shape of the expression and holds flat positions into ``source``.
    """

    source: Expression
    indices: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Concat(Expression):
    """The parts, flattened, one after another (one axis)."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sum(Expression):
    """The sum of all entries (shape ``()``)."""

    source: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Abs(Expression):
    """Elementwise absolute value."""

    source: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Relu(Expression):
    """Elementwise ``max(x, 0)``."""

    source: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Clip(Expression):
    """Elementwise ``min(max(x, lower), upper)`` with constant limits broadcast to ``shape``."""

    source: Expression
    lower: Expression
    upper: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Maximum(Expression):
    """The elementwise maximum of two or more parts, broadcast to ``shape``."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MaxEntry(Expression):
    """The largest of all entries (shape ``()``)."""

    source: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Norm(Expression):
    """The Euclidean norm of all entries (shape ``()``); stands only where it is minimised or bounded above."""

    source: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Apply(Expression):
    """A network applied to an expression, flattened in C order; the result has shape ``(network.output_size,)``."""

    network: str
    argument: Expression


@dataclass(frozen=True, slots=True)
class Holds:
    """Every entry of ``expression`` is ``<= 0``, or is ``== 0``."""

    expression: Expression
    relation: Literal["<=", "=="]


@dataclass(frozen=True, slots=True)
class NonZero:
    """Some entry of ``expression`` (a gather of an input) is not zero.

    On continuous inputs the set is open: its closure is what a bound is proved for, while a returned design satisfies
    it strictly.
    """

    expression: Expression


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Formula, ...]


Formula = Holds | NonZero | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Requirement:
    """One statement that must hold (`require`, `smooth`, `avoid`, `if`, `either`).

    A quantified statement is one requirement whose formula is an `AllOf`.

    Attributes
    ----------
    formula
        In negation normal form.
    per_target
        True if it mentions a per-target input or a joint target: it then holds for each target.
    """

    formula: Formula
    per_target: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Selection:
    """`select`: how many of the gathered entries may be non-zero.

    Attributes
    ----------
    source
        A gather of an input (or the input), one axis: the entries among which is chosen.
    at_least, at_most
        Limits on the number of non-zero entries.
    per_target
        For a per-target input: each target chooses for itself. False: the chosen entries are shared by all targets.
    """

    source: Expression
    at_least: int
    at_most: int
    per_target: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Input:
    """What may be chosen.

    Attributes
    ----------
    shape
        Without the leading axis of ``per target``.
    kind
        ``continuous``, ``integer``, ``binary`` or ``catalogue``.
    lower, upper
        Bounds of the given shape; they depend on no choice, but may depend on a target's row.
    values
        For a catalogue: the values, ascending; otherwise empty.
    labels
        One label an entry (`names`), or empty.
    """

    name: str
    shape: Shape
    kind: Literal["continuous", "integer", "binary", "catalogue"]
    lower: Expression
    upper: Expression
    values: tuple[float, ...]
    per_target: bool
    labels: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Target:
    """Rows of data that designs are wanted for.

    Attributes
    ----------
    rows
        Shape ``(number of rows, ...)``.
    joint
        True for `targets` (the rows are solved as one problem), False for `target` (a sweep, one problem a row).
    labels
        One label a row (`names`), or empty.
    """

    name: str
    rows: Array
    joint: bool
    span: Span
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objective:
    """What is best: a scalar expression, summed over the joint targets if ``per_target``."""

    expression: Expression
    sense: Sense
    per_target: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Robustness:
    """One `robust` statement: how bad a design gets where it is a little off.

    Attributes
    ----------
    drift
        Whose L1 distance from its value on the design is bounded; None: the objective is, as it stands.
    manner
        ``each`` (every value is off by itself), ``L1`` (the sum of the deviations is limited) or ``together`` (all
        values are off by the same share of their amounts).
    amounts
        How far each entry of each input may be off, by the input's name, in its shape; inputs that are exact are left
        out. In L1, all of them are the limit of the sum.
    per_target
        Whether what is bounded is summed over the joint targets.
    design
        Whether the design is wanted whose worst case is best; else it is bounded for the best design.
    """

    drift: Expression | None
    manner: Literal["each", "L1", "together"]
    amounts: Mapping[str, Array]
    per_target: bool
    span: Span
    design: bool = False


@dataclass(frozen=True, slots=True)
class SolveLine:
    """What the `solve` line says; None where it is silent.

    Attributes
    ----------
    engines
        Their full names: ``milp with highs``. For a structure, the method: ``cnn`` where a network draws it.
    place
        Where the text names them; None if it does not.
    designs
        How many designs are wanted, and how much worse than the best they may be, as a fraction of its objective.
    steps
        For a structure: how many designs may be tried.
    """

    time_limit: float | None = None
    gap: float | None = None
    engines: tuple[str, ...] = ()
    place: Span | None = field(default=None, compare=False)
    seed: int | None = None
    designs: tuple[int, float] | None = None
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Where data came from, for provenance: a path or the name of a Python value, and a blake2b hash of its content."""

    name: str
    origin: str
    digest: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A checked problem. Made by `preimage.language.check`, read by `preimage.problem`.

    One about a structure has a `structure`, read by `preimage.structures`, and of the rest `solve` and `bindings` only.
    """

    text: str
    path: Path | None
    networks: Mapping[str, Network] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    targets: tuple[Target, ...] = ()
    lets: Mapping[str, Expression] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    selections: tuple[Selection, ...] = ()
    objective: Objective | None = None
    solve: SolveLine = SolveLine()
    bindings: tuple[Binding, ...] = ()
    robustness: tuple[Robustness, ...] = ()
    structure: Task | None = None

    @property
    def robust_design(self) -> Robustness | None:
        """The statement that asks for the design whose worst case is best."""
        return next((robustness for robustness in self.robustness if robustness.design), None)

    @property
    def sweep_rows(self) -> int:
        """The number of problems: the rows of `target` (1 without one)."""
        return next((len(t.rows) for t in self.targets if not t.joint), 1)

    @property
    def sweep_names(self) -> tuple[str, ...]:
        """What the problems of a sweep are called: the labels of a `target`, or their numbers from 0."""
        labels = next((t.labels for t in self.targets if t.labels and not t.joint), ())
        return labels or tuple(map(str, range(self.sweep_rows)))

    @property
    def joint_rows(self) -> int:
        """The number of targets solved together: the rows of `targets` (1 without one)."""
        return next((len(t.rows) for t in self.targets if t.joint), 1)

    def line_of(self, span: Span) -> int:
        """Return the 1-based line on which ``span`` begins."""
        return self.text.count("\n", 0, span.start) + 1

    def statement(self, span: Span) -> str:
        """Return the text of ``span``, in one line."""
        return " ".join(self.text[span.start : span.end].split())
