"""Random problems that use more of the language: targets, selections, products, logic, quantifiers, layers of torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from inversion.logic import All, Any, Formula, Leaf, Stated, joined, rows, violation
from inversion.oracle import (
    Design,
    Program,
    Term,
    Vector,
    affine,
    clip,
    elementwise,
    euclidean,
    fixed,
    largest,
    plus,
    stacked,
    switched,
    taken,
    variable,
)
from inversion.random_problems import Condition, Lines, Twin

Family = list[Term]
"""One expression as each joint target sees it: a single term where all see the same."""


def each(text: str, function: Callable[..., Term], *families: Family) -> Family:
    """Apply a function target by target."""
    count = max(map(len, families))
    full = [family * count if len(family) == 1 else family for family in families]
    made = [function(*members) for members in zip(*full, strict=True)]
    return [Term(text, term.size, term.value, term.lines) for term in made]


class RichMaker:
    """Draws problems.

    Parameters
    ----------
    modules
        Names of modules of `torch_pool` to draw networks from; without any, networks are arrays.
    sweep_row
        The row of the `target` the twin is for; every row gives the same text.
    """

    def __init__(self, seed: int, modules: Sequence[str] = (), sweep_row: int = 0) -> None:
        self.random = np.random.default_rng([seed, 1])
        self.modules = modules
        self.sweep_row = sweep_row
        self.twin = Twin()
        self.head: list[str] = []
        self.body: list[str] = []
        self.targets = int(self.random.integers(2, 4)) if self.random.random() < 0.25 else 1
        self.sizes: dict[str, int] = {}
        self.per_target: set[str] = set()

    # The parts of a problem

    def problem(self) -> Twin:
        """Return a random problem."""
        random, twin = self.random, self.twin
        x = self.declare("x", int(random.integers(2, 4)), per_target=self.targets > 1 and random.random() < 0.7)
        n = self.declare("n", 2, "integer") if random.random() < 0.4 else None
        b = self.declare("b", x[0].size, "binary") if random.random() < 0.3 else None
        sources = [x, *([n] if n else [])]
        if b is not None:
            sources[0] = each(f"b*{x[0].text}", lambda s, z: switched("", s, z), b, x)
        if len(sources) > 1:
            source = each(
                f"concat({', '.join(s[0].text for s in sources)})", lambda *parts: stacked("", *parts), *sources
            )
        else:
            source = sources[0]
        y = self.expression(source)
        self.body.append(f"let y = {y[0].text}")
        y = each("y", lambda term: term, y)
        for _ in range(int(random.integers(0, 4))):
            self.condition(x, n, y)
        self.objective(x, y)
        twin.text = "\n".join([*self.head, *self.body]) + "\n"
        return twin

    def declare(self, name: str, size: int, kind: str | None = None, *, per_target: bool = False) -> Family:
        """Declare an input."""
        random = self.random
        kind = kind or str(random.choice(["continuous", "continuous", "integer", "catalogue"]))
        copies = self.targets if per_target else 1
        low, high = np.zeros(size), np.ones(size)
        values: tuple[float, ...] = ()
        suffix = " per target" if per_target else ""
        if kind == "continuous":
            if random.random() < 0.4:
                low = random.uniform(-1.0, 0.0, size).round(2)
                high = np.where(random.random(size) < 0.2, low, low + random.uniform(0.5, 1.5, size).round(2))
                self.twin.bindings[f"low_{name}"], self.twin.bindings[f"high_{name}"] = low, high
                self.head += [f"param low_{name}", f"param high_{name}"]
                self.head.append(f"input {name}[{size}] in low_{name} .. high_{name}{suffix}")
            else:
                low = np.full(size, float(random.integers(-1, 1)))
                self.head.append(f"input {name}[{size}] in {low[0]:g}..1{suffix}")
        elif kind == "integer":
            low, high = np.full(size, float(random.integers(-2, 1))), np.full(size, float(random.integers(1, 3)))
            self.head.append(f"integer {name}[{size}] in {low[0]:g}..{high[0]:g}{suffix}")
        elif kind == "catalogue":
            values = (0.0, 0.3, 1.1) if random.random() < 0.5 else (-0.5, 0.25, 0.75)
            low, high = np.full(size, values[0]), np.full(size, values[-1])
            self.head.append(f"input {name}[{size}] in {{{', '.join(map(str, values))}}}{suffix}")
        else:
            self.head.append(f"binary {name}[{size}]{suffix}")
        self.twin.inputs[name] = (kind, np.tile(low, copies), np.tile(high, copies), values)
        self.sizes[name] = size
        if per_target:
            self.per_target.add(name)
        whole = variable(name, size * copies)
        return [taken(name, whole, range(size * k, size * (k + 1))) for k in range(copies)]

    def constant(self, label: str, shape: tuple[int, ...], scale: float = 1.0) -> Vector:
        """Draw numbers that the text knows as a param."""
        value = (scale * self.random.normal(size=shape)).round(3)
        self.twin.bindings[label] = value
        self.head.append(f"param {label}")
        return value

    def network(self, label: str, source: Family, width: int | None = None) -> Family:
        """Apply a network."""
        if self.modules:
            from inversion.torch_pool import network_term, pooled

            name = str(self.random.choice(self.modules))
            module, shape, network = pooled(name)
            del module
            self.twin.bindings[label] = network
            self.head.append(f"network {label}")
            argument = self.fitted(f"A_{label}", source, int(np.prod(shape)))
            return each(f"{label}({argument[0].text})", lambda term: network_term(name, label, term), argument)
        random = self.random
        inner, outer = int(random.integers(2, 5)), width or int(random.integers(1, 4))
        arrays = {
            "W1": random.normal(size=(inner, source[0].size)).round(3),
            "b1": random.normal(size=inner).round(3),
            "W2": random.normal(size=(outer, inner)).round(3),
            "b2": random.normal(size=outer).round(3),
        }
        self.twin.bindings[label] = arrays
        self.head.append(f"network {label}")

        def apply(term: Term) -> Term:
            hidden = elementwise("", affine("", arrays["W1"], arrays["b1"], term), 0.0)
            return affine("", arrays["W2"], arrays["b2"], hidden)

        return each(f"{label}({source[0].text})", apply, source)

    def fitted(self, label: str, source: Family, size: int) -> Family:
        """Bring a value to a size by a matrix and an offset."""
        matrix, offset = self.constant(label, (size, source[0].size), 0.8), self.constant(f"{label}_0", (size,), 0.5)
        text = f"{label} @ {source[0].text} + {label}_0"
        if "*" in source[0].text:
            text = f"{label} @ ({source[0].text}) + {label}_0"
        return each(text, lambda term: affine("", matrix, offset, term), source)

    def expression(self, source: Family) -> Family:
        """Build an output out of networks and functions of the language."""
        random = self.random
        y = self.network("f", source)
        match int(random.integers(0, 6)):
            case 0 if not self.modules:
                other = each(f"1 - {source[0].text}", lambda z: affine("", -np.eye(z.size), np.ones(z.size), z), source)
                again = self._again("f", other)
                y = each(f"{y[0].text} - 0.5*{again[0].text}", lambda a, c: plus("", a, c, -0.5), y, again)
            case 1 if not self.modules:
                y = self.network("g", y)
            case 2:
                y = each(f"clip({y[0].text}, -0.5, 0.75)", lambda z: clip("", z, -0.5, 0.75), y)
            case 3:
                y = each(f"abs({y[0].text})", lambda z: elementwise("", z, -1.0), y)
            case 4:
                y = each(f"max({y[0].text}, 0.1)", _at_least_a_tenth, y)
            case _:
                pass
        return y

    def _again(self, label: str, source: Family) -> Family:
        arrays = self.twin.bindings[label]

        def apply(term: Term) -> Term:
            hidden = elementwise("", affine("", arrays["W1"], arrays["b1"], term), 0.0)
            return affine("", arrays["W2"], arrays["b2"], hidden)

        return each(f"{label}({source[0].text})", apply, source)

    def objective(self, x: Family, y: Family) -> None:
        """State what is best."""
        random, twin = self.random, self.twin
        kind = int(random.integers(0, 6))
        size = y[0].size
        rows_of_aim = random.normal(size=(max(self.targets, 2), size)).round(2)
        if self.targets > 1:
            self.head.insert(0, "targets aim")
            twin.bindings["aim"] = rows_of_aim
            offsets = list(rows_of_aim)
        elif random.random() < 0.25:
            self.head.insert(0, "target aim")
            twin.bindings["aim"] = rows_of_aim
            offsets = [rows_of_aim[self.sweep_row]]
        else:
            self.head.insert(0, "param aim")
            twin.bindings["aim"] = rows_of_aim[0]
            offsets = [rows_of_aim[0]]
        if len(offsets) > len(y):
            y = y * len(offsets)
        away = [affine("", np.eye(size), -offset, term) for term, offset in zip(y, offsets, strict=True)]
        twin.maximise = bool(random.random() < 0.35)
        weights, weight_text = np.ones(size), ""
        if random.random() < 0.4:
            weights = np.abs(self.constant("w", (size,))) + 0.1
            self.twin.bindings["w"] = weights
            weight_text = ", weights=w"
        scaled = [affine("", np.diag(weights), np.zeros(size), term) for term in away]
        sizes = [elementwise("", term, -1.0) for term in scaled]
        if kind <= 1:
            goal, text = [_total(t) for t in sizes], f"L1(y, aim{weight_text})"
        elif kind == 2:
            goal, text = [largest("", t, [range(size)]) for t in sizes], f"Linf(y, aim{weight_text})"
        elif kind == 3 and self.twin.enumerable() and not twin.maximise:
            goal, text = [euclidean("", t) for t in scaled], f"L2(y, aim{weight_text})"
        elif kind == 4:
            extra = [_total(affine("", 0.1 * np.eye(t.size), np.zeros(t.size), t)) for t in x]
            goal = each("", lambda a, c: plus("", a, c), [_total(t) for t in sizes], extra)
            text = f"L1(y, aim{weight_text}) + 0.1*sum(x)"
        else:
            goal, text = [_total(term) for term in away], "sum(y - aim)"
        total = _total(stacked("", *goal))
        twin.objective = Term(text, 1, total.value, total.lines)
        self.body.append(f"{'maximise' if twin.maximise else 'minimise'} {text}")

    # What must hold

    def condition(self, x: Family, n: Family | None, y: Family) -> None:
        """State something that must hold."""
        kinds: list[Callable[[], None]] = [
            lambda: self.logic(x, n, y),
            lambda: self.logic(x, n, y),
            lambda: self.select("n" if n and self.random.random() < 0.5 else "x"),
            lambda: self.select("x"),
            lambda: self.ordered(x),
            lambda: self.bounded_entries(x),
            lambda: self.near(y),
        ]
        if n:
            kinds.append(lambda: self.fixed_sum(n))
        if x[0].size >= 3:
            kinds.append(lambda: self.smooth(x))
        kinds[int(self.random.integers(0, len(kinds)))]()

    def state(self, line: str, formulas: Sequence[Formula]) -> None:
        """Add a statement that holds for every target."""
        self.body.append(line)
        whole = All(tuple(formulas))
        condition = Condition(line, lambda d: violation(whole, d), lambda program, known: rows(whole, program, known))
        self.twin.conditions.append(condition)

    def logic(self, x: Family, n: Family | None, y: Family) -> None:
        """Join comparisons by and, or, not, if."""
        random = self.random
        state = random.bit_generator.state
        made: list[Stated] = []
        for k in range(max(len(x), len(y))):
            random.bit_generator.state = state  # the same draw for each target
            made.append(self._stated(x[k % len(x)], n[0] if n else None, y[k % len(y)]))
        self.state(made[0].text, [stated.holds for stated in made])

    def _stated(self, x: Term, n: Term | None, y: Term) -> Stated:
        random = self.random
        form = int(random.integers(0, 4))
        if form == 0:
            stated = self._formula(x, n, y, 2)
            return Stated(f"require {stated.text}", stated.holds, stated.fails)
        if form == 1:
            first, second = self._formula(x, n, y, 1), self._formula(x, n, y, 1)
            text = f"if {first.text} then {second.text}"
            return Stated(text, Any((first.fails, second.holds)), All((first.holds, second.fails)))
        if form == 2:
            either = joined("or", [self._formula(x, n, y, 1), self._formula(x, n, y, 1)])
            return Stated(f"either {either.text}", either.holds, either.fails)
        zero, then = _equal_zero(x, 0), self._formula(x, n, y, 0)
        # If an entry is used, something holds: the entry is zero or it does.
        return Stated(f"if uses(x[0]) then {then.text}", Any((zero, then.holds)), zero)

    def _formula(self, x: Term, n: Term | None, y: Term, depth: int) -> Stated:
        random = self.random
        if depth == 0 or random.random() < 0.3:
            stated = self._comparison(x, n, y)
        else:
            parts = [self._formula(x, n, y, depth - 1) for _ in range(2)]
            stated = joined("and" if random.random() < 0.5 else "or", parts)
        return stated.negated() if random.random() < 0.25 else stated

    def _comparison(self, x: Term, n: Term | None, y: Term) -> Stated:
        random = self.random
        if n is not None and random.random() < 0.6:
            at, value = int(random.integers(0, n.size)), int(random.integers(-1, 3))
            entry = taken("", n, [at])
            sides: dict[str, Formula] = {
                "<=": _leaf(entry, 1.0, -value),
                ">=": _leaf(entry, -1.0, value),
                "<": _leaf(entry, 1.0, 1 - value),
                ">": _leaf(entry, -1.0, value + 1),
            }
            sides["=="] = All((sides["<="], sides[">="]))
            sides["!="] = Any((sides["<"], sides[">"]))
            opposite = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "==": "!=", "!=": "=="}
            operator = str(random.choice(list(sides)))
            return Stated(f"n[{at}] {operator} {value}", sides[operator], sides[opposite[operator]])
        limit = round(float(random.normal()) / 2, 2)
        if random.random() < 0.5:
            at = int(random.integers(0, x.size))
            entry, text = taken("", x, [at]), f"x[{at}]"
        else:
            entry, text = _total(y), "sum(y)"
        if random.random() < 0.5:
            return Stated(f"{text} <= {limit:g}", _leaf(entry, 1.0, -limit), _leaf(entry, -1.0, limit))
        return Stated(f"{text} >= {limit:g}", _leaf(entry, -1.0, limit), _leaf(entry, 1.0, -limit))

    def select(self, name: str) -> None:
        """Select entries of an input, for each target or for all of them."""
        random, size = self.random, self.sizes[name]
        kind, low, _, _ = self.twin.inputs[name]
        copies = len(low) // size
        own = name in self.per_target and random.random() < 0.5
        count = int(random.integers(1, size + 1))
        word = str(random.choice(["", "exactly ", "at least ", "at most "]))
        if kind == "continuous" and word in ("exactly ", "at least "):
            word = "at most "  # an open set: its designs have tests of their own
        line = f"select {word}{count} of {name}{' per target' if own else ''}"
        grid = np.arange(size * copies).reshape(copies, size)
        choices = [[[int(k)] for k in row] for row in grid] if own else [[list(map(int, column)) for column in grid.T]]

        def excess(design: Design) -> float:
            value = np.asarray(design[name]).ravel()
            for groups in choices:
                used = sum(bool(np.any(value[group] != 0.0)) for group in groups)
                if (word != "at least " and used > count) or (word in ("exactly ", "at least ") and used < count):
                    return 1.0
            return 0.0

        def add_rows(program: Program, known: Lines) -> None:
            for groups in choices:
                total = fixed(-float(count))
                for group in groups:
                    pick = program.binary()
                    total = total + pick
                    for k in group:
                        line = known[name][k]
                        program.at_most_zero(line - pick * max(line.upper, 0.0))
                        program.at_most_zero(line * -1.0 + pick * min(line.lower, 0.0))
                    if word in ("exactly ", "at least "):
                        # A pick that counts has an entry off zero: all values are whole or of a catalogue.
                        gates = []
                        for k in group:
                            line = known[name][k]
                            for sign in (1.0, -1.0):
                                gate = program.binary()
                                gates.append(gate)
                                room = fixed(0.25) - line * sign
                                program.at_most_zero(room - (fixed(1.0) - gate) * max(room.upper, 0.0))
                        some = pick
                        for gate in gates:
                            some = some - gate
                        program.at_most_zero(some)
                if word != "at least ":
                    program.at_most_zero(total)
                if word in ("exactly ", "at least "):
                    program.at_most_zero(total * -1.0)

        self.body.append(line)
        self.twin.conditions.append(Condition(line, excess, add_rows))

    def ordered(self, x: Family) -> None:
        """Order entries, but for a margin, by a quantifier."""
        size = x[0].size
        matrix = np.eye(size)[:-1] - np.eye(size)[1:]
        line = f"require x[i] <= x[i+1] + 0.25 for i in 0..{size - 2}"
        self.state(line, [Leaf(affine("", matrix, np.full(size - 1, -0.25), term)) for term in x])

    def bounded_entries(self, x: Family) -> None:
        """Bound entries by a quantifier over values."""
        size = x[0].size
        line = "require -0.4 <= v <= 0.9 for v in x[1:]"
        both = np.vstack([np.eye(size)[1:], -np.eye(size)[1:]])
        offset = np.concatenate([np.full(size - 1, -0.9), np.full(size - 1, -0.4)])
        self.state(line, [Leaf(affine("", both, offset, term)) for term in x])

    def near(self, y: Family) -> None:
        """Keep the output near or away from zero, in some norm."""
        random, radius = self.random, round(float(self.random.uniform(0.8, 2.0)), 2)
        size = y[0].size
        if self.twin.enumerable() and random.random() < 0.5:
            limits = [affine("", np.eye(1), -np.array([radius]), euclidean("", term)) for term in y]
            self.state(f"require L2(y) <= {radius:g}", [Leaf(term) for term in limits])
            return
        sizes = [elementwise("", term, -1.0) for term in y]
        if random.random() < 0.5:
            peaks = [largest("", term, [range(size)]) for term in sizes]
            self.state(
                f"require Linf(y) <= {radius:g}",
                [Leaf(affine("", np.eye(1), -np.array([radius]), term)) for term in peaks],
            )
            return
        self.state(
            f"avoid L1(y) >= {radius / 4:g}",
            [Leaf(affine("", -np.ones((1, size)), np.array([radius / 4]), term)) for term in sizes],
        )

    def fixed_sum(self, n: Family) -> None:
        """Fix the sum of whole numbers."""
        total = int(self.random.integers(0, 4))
        self.state(
            f"require sum(n) == {total}", [All((_leaf(_total(t), 1, -total), _leaf(_total(t), -1, total))) for t in n]
        )

    def smooth(self, x: Family) -> None:
        """Bound second differences."""
        size = x[0].size
        bend = np.array(
            [[1.0 if k in (i, i + 2) else -2.0 if k == i + 1 else 0.0 for k in range(size)] for i in range(size - 2)]
        )
        both = np.vstack([bend, -bend])
        self.state("smooth x within 0.3", [Leaf(affine("", both, np.full(len(both), -0.3), term)) for term in x])


def _total(term: Term) -> Term:
    return affine("", np.ones((1, term.size)), np.zeros(1), term)


def _leaf(term: Term, factor: float, offset: float) -> Leaf:
    return Leaf(affine("", factor * np.eye(term.size), np.full(term.size, float(offset)), term))


def _equal_zero(term: Term, position: int) -> Formula:
    entry = taken("", term, [position])
    return All((_leaf(entry, 1.0, 0.0), _leaf(entry, -1.0, 0.0)))


def _at_least_a_tenth(term: Term) -> Term:
    raised = elementwise("", affine("", np.eye(term.size), np.full(term.size, -0.1), term), 0.0)
    return affine("", np.eye(term.size), np.full(term.size, 0.1), raised)
