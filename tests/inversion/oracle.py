"""A second, independent way from a problem to its optimum: plain numpy to evaluate, HiGHS to solve.

Nothing here is shared with the package: each term knows its text, its value in numpy, and its rows in a mixed-integer
program whose big-M constants come from plain interval arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Design = Mapping[str, Vector]


@dataclass(frozen=True)
class Line:
    """``constant + sum of coefficient * column``, with bounds of its value."""

    coefficients: Mapping[int, float]
    constant: float
    lower: float
    upper: float

    def __add__(self, other: Line) -> Line:
        merged = dict(self.coefficients)
        for column, value in other.coefficients.items():
            merged[column] = merged.get(column, 0.0) + value
        return Line(merged, self.constant + other.constant, self.lower + other.lower, self.upper + other.upper)

    def __mul__(self, factor: float) -> Line:
        ends = sorted((factor * self.lower, factor * self.upper))
        return Line({c: factor * v for c, v in self.coefficients.items()}, factor * self.constant, *ends)

    def __sub__(self, other: Line) -> Line:
        return self + other * -1.0


def fixed(value: float) -> Line:
    """Return a number as a line."""
    return Line({}, value, value, value)


class Program:
    """A mixed-integer program under construction."""

    def __init__(self) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("mip_rel_gap", 1e-9)
        self._highs.setOptionValue("mip_abs_gap", 1e-9)
        self._highs.setOptionValue("mip_feasibility_tolerance", 1e-9)
        self._highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self._highs.setOptionValue("time_limit", 60.0)

    def column(self, lower: float, upper: float, *, integer: bool = False) -> Line:
        """Add a column."""
        index = self._highs.getNumCol()
        self._highs.addVar(lower, upper)
        if integer:
            self._highs.changeColIntegrality(index, highspy.HighsVarType.kInteger)
        return Line({index: 1.0}, 0.0, lower, upper)

    def binary(self) -> Line:
        """Add a binary column."""
        return self.column(0.0, 1.0, integer=True)

    def at_most_zero(self, line: Line) -> None:
        """Require ``line <= 0``."""
        used = [(c, v) for c, v in line.coefficients.items() if v != 0.0]
        columns = np.array([c for c, _ in used], dtype=np.int32)
        values = np.array([v for _, v in used])
        self._highs.addRow(-highspy.kHighsInf, -line.constant, len(used), columns, values)

    def relu(self, z: Line) -> Line:
        """Return ``max(z, 0)``."""
        if z.lower >= 0.0:
            return z
        if z.upper <= 0.0:
            return fixed(0.0)
        y, active = self.column(0.0, z.upper), self.binary()
        self.at_most_zero(z - y)
        self.at_most_zero(y - active * z.upper)
        self.at_most_zero(y - z + (active - fixed(1.0)) * z.lower * -1.0)
        return y

    def leaky(self, z: Line, slope: float) -> Line:
        """Return ``z`` where it is positive and ``slope * z`` elsewhere."""
        y = z * slope + self.relu(z) * (1.0 - slope)
        ends = [z.lower if z.lower > 0 else slope * z.lower, z.upper if z.upper > 0 else slope * z.upper]
        ends += [0.0] if z.lower < 0 < z.upper else []
        return Line(y.coefficients, y.constant, min(ends), max(ends))

    def largest(self, lines: Sequence[Line]) -> Line:
        """Return the maximum."""
        y = self.column(max(z.lower for z in lines), max(z.upper for z in lines))
        chosen = [self.binary() for _ in lines]
        total = fixed(1.0)
        for z, pick in zip(lines, chosen, strict=True):
            self.at_most_zero(z - y)
            self.at_most_zero(y - z + (pick - fixed(1.0)) * (y.upper - z.lower))
            total = total - pick
        self.at_most_zero(total)
        return y

    def product(self, switch: Line, z: Line) -> Line:
        """Return ``switch * z`` for a binary switch."""
        y = self.column(min(z.lower, 0.0), max(z.upper, 0.0))
        off = fixed(1.0) - switch
        self.at_most_zero(y - switch * z.upper)
        self.at_most_zero(switch * z.lower - y)
        self.at_most_zero(y - z + off * z.lower)
        self.at_most_zero(z - y - off * z.upper)
        return y

    def minimum(self, line: Line) -> tuple[float, Vector] | None:
        """Return the least value and the columns, or None if there is no solution."""
        for column, value in line.coefficients.items():
            self._highs.changeColCost(column, value)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"the oracle stopped: {status}")
        solution = np.array(self._highs.getSolution().col_value)
        return self._highs.getObjectiveValue() + line.constant, solution


@dataclass(frozen=True)
class Term:
    """An expression: what is typed, its value, and its lines in a program (given the lines of the inputs)."""

    text: str
    size: int
    value: Callable[[Design], Vector]
    lines: Callable[[Program, Mapping[str, Sequence[Line]]], list[Line]]


def variable(name: str, size: int) -> Term:
    """Return an input."""
    return Term(name, size, lambda d: np.asarray(d[name], dtype=float).ravel(), lambda _, lines: list(lines[name]))


def affine(text: str, matrix: Vector, offset: Vector, inner: Term) -> Term:
    """Return ``matrix @ inner + offset``, typed as ``text``."""

    def lines(program: Program, known: Mapping[str, Sequence[Line]]) -> list[Line]:
        source = inner.lines(program, known)
        result = []
        for row, constant in zip(matrix, offset, strict=True):
            total = fixed(float(constant))
            for weight, line in zip(row, source, strict=True):
                if weight != 0.0:
                    total = total + line * float(weight)
            result.append(total)
        return result

    return Term(text, len(matrix), lambda d: matrix @ inner.value(d) + offset, lines)


def elementwise(text: str, inner: Term, slope: float) -> Term:
    """Return the kink with ``slope`` below zero: 0 for relu, -1 for abs."""

    def value(design: Design) -> Vector:
        z = inner.value(design)
        return np.where(z >= 0, z, slope * z)

    return Term(text, inner.size, value, lambda p, known: [p.leaky(z, slope) for z in inner.lines(p, known)])


def clip(text: str, inner: Term, low: float, high: float) -> Term:
    """Return ``min(max(inner, low), high)``."""

    def lines(program: Program, known: Mapping[str, Sequence[Line]]) -> list[Line]:
        above = [program.relu(z - fixed(low)) for z in inner.lines(program, known)]
        return [fixed(high) - program.relu(fixed(high - low) - z) for z in above]

    return Term(text, inner.size, lambda d: np.clip(inner.value(d), low, high), lines)


def largest(text: str, inner: Term, groups: Sequence[Sequence[int]]) -> Term:
    """Return the maximum over each group of entries."""

    def value(design: Design) -> Vector:
        z = inner.value(design)
        return np.array([z[list(group)].max() for group in groups])

    def lines(program: Program, known: Mapping[str, Sequence[Line]]) -> list[Line]:
        z = inner.lines(program, known)
        return [program.largest([z[i] for i in group]) for group in groups]

    return Term(text, len(groups), value, lines)


def kinked(inner: Term, slopes: Vector) -> Term:
    """Return ``z`` where it is positive and its own slope times ``z`` elsewhere."""

    def value(design: Design) -> Vector:
        z = inner.value(design)
        return np.where(z >= 0, z, slopes * z)

    def lines(program: Program, known: Mapping[str, Sequence[Line]]) -> list[Line]:
        return [program.leaky(z, float(s)) for z, s in zip(inner.lines(program, known), slopes, strict=True)]

    return Term("", inner.size, value, lines)


def stacked(text: str, *parts: Term) -> Term:
    """Return all entries of the parts, one after another."""
    return Term(
        text,
        sum(part.size for part in parts),
        lambda d: np.concatenate([part.value(d) for part in parts]),
        lambda program, known: [line for part in parts for line in part.lines(program, known)],
    )


def taken(text: str, inner: Term, positions: Sequence[int]) -> Term:
    """Return entries by position."""
    return affine(text, np.eye(inner.size)[list(positions)], np.zeros(len(positions)), inner)


def plus(text: str, first: Term, second: Term, factor: float = 1.0) -> Term:
    """Return ``first + factor * second``, of the same size."""
    size = first.size
    return affine(text, np.hstack([np.eye(size), factor * np.eye(size)]), np.zeros(size), stacked("", first, second))


def switched(text: str, switch: Term, inner: Term) -> Term:
    """Return the elementwise product of binaries with as many expressions."""

    def lines(program: Program, known: Mapping[str, Sequence[Line]]) -> list[Line]:
        pairs = zip(switch.lines(program, known), inner.lines(program, known), strict=True)
        return [program.product(b, z) for b, z in pairs]

    return Term(text, inner.size, lambda d: switch.value(d) * inner.value(d), lines)


def euclidean(text: str, inner: Term) -> Term:
    """Return the Euclidean norm, which has no lines: it is for problems that are enumerated."""

    def lines(program: Program, known: Mapping[str, Sequence[Line]]) -> list[Line]:
        raise NotImplementedError("a norm has no rows in a mixed-integer linear program")

    return Term(text, 1, lambda d: np.array([np.linalg.norm(inner.value(d))]), lines)
