"""Conditions joined by and, or, not: their value for a design, and their rows in a mixed-integer program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inversion.oracle import Design, Line, Program, Term, fixed

Lines = Mapping[str, Sequence[Line]]


@dataclass(frozen=True)
class Leaf:
    """Every entry of the term is at most zero."""

    term: Term


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Any:
    """Some part holds."""

    parts: tuple[Formula, ...]


Formula = Leaf | All | Any


@dataclass(frozen=True)
class Stated:
    """A condition as text, what it says, and what its negation says (closed, where values vary continuously)."""

    text: str
    holds: Formula
    fails: Formula

    def negated(self) -> Stated:
        return Stated(f"not ({self.text})", self.fails, self.holds)


def joined(word: str, parts: Sequence[Stated]) -> Stated:
    """Join conditions by ``and`` or ``or``."""
    text = f" {word} ".join(f"({part.text})" for part in parts)
    holds, fails = tuple(part.holds for part in parts), tuple(part.fails for part in parts)
    return Stated(text, All(holds), Any(fails)) if word == "and" else Stated(text, Any(holds), All(fails))


def violation(formula: Formula, design: Design) -> float:
    """Return by how much a design violates a formula."""
    match formula:
        case Leaf(term):
            return max(float(term.value(design).max()), 0.0)
        case All(parts):
            return max(violation(part, design) for part in parts)
        case Any(parts):
            return min(violation(part, design) for part in parts)


def rows(formula: Formula, program: Program, known: Lines, gate: Line | None = None) -> None:
    """Add rows that enforce a formula where ``gate`` is one."""
    gate = fixed(1.0) if gate is None else gate
    match formula:
        case Leaf(term):
            for line in term.lines(program, known):
                program.at_most_zero(line - (fixed(1.0) - gate) * max(line.upper, 0.0))
        case All(parts):
            for part in parts:
                rows(part, program, known, gate)
        case Any(parts):
            total = gate
            for part in parts:
                pick = program.binary()
                rows(part, program, known, pick)
                total = total - pick
            program.at_most_zero(total)
