"""Random small problems of every kind, each with its text and its independent twin."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from inversion.oracle import Design, Line, Program, Term, Vector, affine, clip, elementwise, fixed, largest, variable

TOLERANCE = 1e-6
FEW_DESIGNS = 1500
"""With no more designs than this all are tried; only then may a norm occur."""

Lines = Mapping[str, Sequence[Line]]


@dataclass
class Condition:
    """A statement: its text, by how much a design violates it, and its rows."""

    text: str
    violation: Callable[[Design], float]
    rows: Callable[[Program, Lines], None]


@dataclass
class Twin:
    """A problem as text with bindings, and everything an oracle needs."""

    text: str = ""
    bindings: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, tuple[str, Vector, Vector, tuple[float, ...]]] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    objective: Term | None = None
    maximise: bool = False

    def choices(self) -> list[list[float]] | None:
        """Return the values of every entry if all are discrete."""
        result: list[list[float]] = []
        for kind, low, high, values in self.inputs.values():
            if kind == "continuous":
                return None
            for a, b in zip(low, high, strict=True):
                result.append(list(values) if kind == "catalogue" else [float(v) for v in range(int(a), int(b) + 1)])
        return result

    def enumerable(self) -> bool:
        """Return whether all designs can be tried."""
        choices = self.choices()
        return choices is not None and math.prod(map(len, choices)) <= FEW_DESIGNS

    def unflatten(self, flat: Sequence[float]) -> dict[str, Vector]:
        """Return a design by name."""
        design, start = {}, 0
        for name, (_, low, _, _) in self.inputs.items():
            design[name] = np.array(flat[start : start + len(low)])
            start += len(low)
        return design

    def violation(self, design: Design) -> float:
        """Return the worst violation of anything."""
        worst = max((c.violation(design) for c in self.conditions), default=0.0)
        for name, (kind, low, high, values) in self.inputs.items():
            x = np.asarray(design[name]).ravel()
            worst = max(worst, float(np.max(np.maximum(low - x, x - high))))
            if kind in ("integer", "binary"):
                worst = max(worst, float(np.abs(x - np.round(x)).max()))
            if kind == "catalogue":
                worst = max(worst, float(np.abs(x[:, None] - np.array(values)).min(axis=1).max()))
        return worst

    def value(self, design: Design) -> float:
        """Return the objective of a design."""
        return 0.0 if self.objective is None else float(self.objective.value(design)[0])

    def sample(self, random: np.random.Generator, count: int) -> list[dict[str, Vector]]:
        """Return random designs, all within bounds and domains."""
        designs = []
        for _ in range(count):
            design: dict[str, Vector] = {}
            for name, (kind, low, high, values) in self.inputs.items():
                if kind == "catalogue":
                    design[name] = random.choice(values, len(low))
                elif kind == "continuous":
                    design[name] = random.uniform(low, high) * (random.random(len(low)) < 0.7)
                    design[name] = np.clip(design[name], low, high)
                else:
                    design[name] = random.integers(low.astype(int), high.astype(int) + 1).astype(float)
            designs.append(design)
        return designs

    def optimum(self) -> float | None:
        """Return the best value, or None if no design holds: by enumeration where all is discrete, else by HiGHS."""
        choices = self.choices()
        sign = -1.0 if self.maximise else 1.0
        if self.enumerable() and choices is not None:
            designs = map(self.unflatten, itertools.product(*choices))
            values = [sign * self.value(d) for d in designs if self.violation(d) <= TOLERANCE]
            return sign * min(values) if values else None
        program = Program()
        lines: dict[str, list[Line]] = {}
        for name, (kind, low, high, listed) in self.inputs.items():
            if kind == "catalogue":
                lines[name] = [_catalogue(program, listed) for _ in low]
            else:
                whole = kind != "continuous"
                lines[name] = [program.column(a, b, integer=whole) for a, b in zip(low, high, strict=True)]
        for condition in self.conditions:
            condition.rows(program, lines)
        goal = fixed(0.0) if self.objective is None else self.objective.lines(program, lines)[0]
        found = program.minimum(goal * sign)
        return None if found is None else sign * found[0]


def _catalogue(program: Program, values: Sequence[float]) -> Line:
    total, chosen = fixed(0.0), fixed(-1.0)
    for value in values:
        pick = program.binary()
        total, chosen = total + pick * value, chosen + pick
    program.at_most_zero(chosen)
    program.at_most_zero(chosen * -1.0)
    return Line(total.coefficients, total.constant, min(values), max(values))


class Maker:
    """Draws problems."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.twin = Twin()
        self.lines: list[str] = []

    def problem(self) -> Twin:
        """Return a random problem."""
        random, twin = self.random, self.twin
        x = self.declare("x", int(random.integers(2, 4)))
        if random.random() < 0.3:
            extra = self.declare("w", 2, "binary" if random.random() < 0.5 else None)
            joined = affine("", np.eye(x.size + 2), np.zeros(x.size + 2), _stack(x, extra))
            source = Term(f"concat({x.text}, {extra.text})", joined.size, joined.value, joined.lines)
        else:
            source = x
        output = self.network(source)
        if random.random() < 0.4:
            output = self.dress(output)
        self.lines.append(f"let y = {output.text}")
        output = Term("y", output.size, output.value, output.lines)
        for _ in range(int(random.integers(0, 3))):
            self.condition(x, output)
        self.objective(output, x)
        twin.text = "\n".join(self.lines) + "\n"
        return twin

    def declare(self, name: str, size: int, kind: str | None = None) -> Term:
        """Declare an input of some kind."""
        random = self.random
        kind = kind or str(random.choice(["continuous", "continuous", "integer", "catalogue"]))
        low, high = np.zeros(size), np.ones(size)
        values: tuple[float, ...] = ()
        if kind == "continuous":
            if random.random() < 0.4:
                low = -np.ones(size)
            self.lines.append(f"input {name}[{size}] in {low[0]:g}..1")
        elif kind == "integer":
            low, high = np.full(size, float(random.integers(-2, 1))), np.full(size, float(random.integers(1, 4)))
            self.lines.append(f"integer {name}[{size}] in {low[0]:g}..{high[0]:g}")
        elif kind == "catalogue":
            values = (0.0, 0.3, 1.1) if random.random() < 0.5 else (-0.5, 0.25, 0.75, 2.0)
            low, high = np.full(size, values[0]), np.full(size, values[-1])
            self.lines.append(f"input {name}[{size}] in {{{', '.join(map(str, values))}}}")
        else:
            self.lines.append(f"binary {name}[{size}]")
        self.twin.inputs[name] = (kind, low, high, values)
        return variable(name, size)

    def network(self, source: Term) -> Term:
        """Apply a random dense network."""
        random, name = self.random, "net"
        sizes = [
            source.size,
            *map(int, random.integers(2, 6, size=int(random.integers(1, 3)))),
            int(random.integers(1, 4)),
        ]
        arrays: dict[str, Vector] = {}
        term = source
        for k, (a, b) in enumerate(itertools.pairwise(sizes), 1):
            arrays[f"W{k}"], arrays[f"b{k}"] = random.normal(size=(b, a)).round(3), random.normal(size=b).round(3)
            term = affine("", arrays[f"W{k}"], arrays[f"b{k}"], term)
            if k < len(sizes) - 1:
                term = elementwise("", term, 0.0)
        self.twin.bindings[name] = arrays
        self.lines.insert(0, f"network {name}")
        return Term(f"{name}({source.text})", term.size, term.value, term.lines)

    def dress(self, term: Term) -> Term:
        """Apply something piecewise linear of the language to an expression."""
        match int(self.random.integers(0, 5)):
            case 0:
                return elementwise(f"abs({term.text})", term, -1.0)
            case 1:
                return elementwise(f"relu({term.text})", term, 0.0)
            case 2:
                return clip(f"clip({term.text}, -0.5, 0.75)", term, -0.5, 0.75)
            case 3:
                return largest(f"max({term.text})", term, [range(term.size)])
            case _:
                inner = affine("", -np.eye(term.size), np.zeros(term.size), term)
                flipped = largest("", inner, [range(term.size)])
                return affine(f"min({term.text})", -np.eye(1), np.zeros(1), flipped)

    def objective(self, output: Term, x: Term) -> None:
        """State what is best."""
        random, twin = self.random, self.twin
        kind, aim = int(random.integers(0, 5)), random.normal(size=output.size).round(2)
        typed = "(" + ", ".join(f"{v:g}" for v in aim) + ")" if output.size > 1 else f"{aim[0]:g}"
        distance = affine("", np.eye(output.size), -aim, output)
        ones = np.ones((1, output.size))
        twin.maximise = bool(random.random() < 0.4)
        if kind <= 1:
            goal = affine("", ones, np.zeros(1), elementwise("", distance, -1.0))
            text = f"L1(y, {typed})"
        elif kind == 2:
            goal = largest("", elementwise("", distance, -1.0), [range(output.size)])
            text = f"Linf(y, {typed})"
        elif kind == 3:
            goal, text = affine("", ones, np.zeros(1), output), "sum(y)"
        else:
            if random.random() < 0.3:
                return
            both = affine("", ones, np.zeros(1), elementwise("", distance, -1.0))
            weights = np.hstack([np.ones((1, 1)), 0.1 * np.ones((1, x.size))])
            goal = affine("", weights, np.zeros(1), _stack(both, x))
            text = f"L1(y, {typed}) + 0.1*sum({x.text})"
        twin.objective = Term(text, 1, goal.value, goal.lines)
        self.lines.append(f"{'maximise' if twin.maximise else 'minimise'} {text}")

    def condition(self, x: Term, output: Term) -> None:
        """State something that must hold."""
        random = self.random
        kinds: list[Callable[[Term, Term], Condition]] = [
            self.linear,
            self.on_output,
            self.avoid,
            self.either,
            self.implication,
            self.selection,
        ]
        made = kinds[int(random.integers(0, len(kinds)))](x, output)
        self.lines.append(made.text)
        self.twin.conditions.append(made)

    def number(self) -> float:
        """Return a random number of two digits."""
        return round(float(self.random.normal()), 2)

    def linear(self, x: Term, output: Term) -> Condition:
        """Return a linear inequality on the inputs."""
        row, limit = self.random.integers(-2, 3, size=x.size).astype(float), self.number()
        text = " + ".join(f"({c:g})*{x.text}[{i}]" for i, c in enumerate(row))
        return _at_most(f"require {text} <= {limit:g}", affine("", row[None], -np.array([limit]), x))

    def on_output(self, x: Term, output: Term) -> Condition:
        """Return an inequality on the outputs of the network."""
        limit = self.number() + 0.5
        return _at_most(
            f"require y <= {limit:g}", affine("", np.eye(output.size), -np.full(output.size, limit), output)
        )

    def avoid(self, x: Term, output: Term) -> Condition:
        """Return a clearance around a point."""
        centre, clearance = self.random.normal(size=x.size).round(2), round(self.random.uniform(0.2, 0.8), 2)
        typed = ", ".join(f"{v:g}" for v in centre)
        away = elementwise("", affine("", np.eye(x.size), -centre, x), -1.0)
        short = affine("", -np.ones((1, x.size)), np.array([clearance]), away)
        return _at_most(f"avoid L1({x.text}, ({typed})) >= {clearance:g}", short)

    def either(self, x: Term, output: Term) -> Condition:
        """Return an alternative."""
        first, second = (float(v) for v in self.random.normal(size=2).round(2))
        left = affine("", -np.eye(x.size)[:1], np.array([first]), x)
        right = affine("", np.eye(output.size)[:1], -np.array([second]), output)
        return _one_of(f"either {x.text}[0] >= {first:g} or {_entry(output)} <= {second:g}", left, right)

    def implication(self, x: Term, output: Term) -> Condition:
        """Return: if an entry is used, another one is not."""
        text = f"if uses({x.text}[0]) then not uses({x.text}[1])"

        def violation(design: Design) -> float:
            value = x.value(design)
            return float(min(abs(value[0]), abs(value[1])))

        def rows(program: Program, known: Lines) -> None:
            first, second = x.lines(program, known)[:2]
            pick = program.binary()
            for line, gate in ((first, pick), (second, fixed(1.0) - pick)):
                program.at_most_zero(line - gate * max(line.upper, 0.0))
                program.at_most_zero(line * -1.0 + gate * min(line.lower, 0.0))

        return Condition(text, violation, rows)

    def selection(self, x: Term, output: Term) -> Condition:
        """Return: at most one entry is used."""

        def violation(design: Design) -> float:
            return 0.0 if np.count_nonzero(x.value(design)) <= 1 else 1.0

        def rows(program: Program, known: Lines) -> None:
            total = fixed(-1.0)
            for line in x.lines(program, known):
                pick = program.binary()
                total = total + pick
                program.at_most_zero(line - pick * max(line.upper, 0.0))
                program.at_most_zero(line * -1.0 + pick * min(line.lower, 0.0))
            program.at_most_zero(total)

        return Condition(f"select 1 of {x.text}", violation, rows)


def _entry(term: Term) -> str:
    return f"sum({term.text})" if term.size == 1 else f"{term.text}[0]"


def _stack(*parts: Term) -> Term:
    return Term(
        "",
        sum(p.size for p in parts),
        lambda d: np.concatenate([p.value(d) for p in parts]),
        lambda program, known: [line for p in parts for line in p.lines(program, known)],
    )


def _at_most(text: str, term: Term) -> Condition:
    """Return: every entry of ``term`` is at most zero."""

    def rows(program: Program, known: Lines) -> None:
        for line in term.lines(program, known):
            program.at_most_zero(line)

    return Condition(text, lambda d: max(float(term.value(d).max()), 0.0), rows)


def _one_of(text: str, left: Term, right: Term) -> Condition:
    """Return: the first entry of one of two terms is at most zero."""

    def rows(program: Program, known: Lines) -> None:
        first, second = left.lines(program, known)[0], right.lines(program, known)[0]
        pick = program.binary()
        program.at_most_zero(first - pick * max(first.upper, 0.0))
        program.at_most_zero(second - (fixed(1.0) - pick) * max(second.upper, 0.0))

    def violation(design: Design) -> float:
        return max(min(float(left.value(design)[0]), float(right.value(design)[0])), 0.0)

    return Condition(text, violation, rows)
