"""What is said of a structure: from its statements to a task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from preimage.language import tree
from preimage.language.context import Context, entries
from preimage.language.diagnostic import Diagnostic, Label, diagnose
from preimage.language.expressions import Expressions
from preimage.language.problem import Binding, Problem, SolveLine
from preimage.language.quantifiers import instances
from preimage.language.scope import Poisoned
from preimage.language.span import Span
from preimage.language.words import METHODS
from preimage.structures.draft import Draft
from preimage.structures.fault import Fault
from preimage.structures.parts import Load, LoadCase, Part, Solid, Support, Symmetric, Void
from preimage.structures.places import Edge, Line, Node, Place, Point
from preimage.structures.regions import Disc, Rectangle, Region
from preimage.structures.soundness import faults_of_size
from preimage.structures.task import FILTER_RADIUS, Task, VolumeOf

Once: TypeAlias = (
    tree.StructureDeclaration
    | tree.Volume
    | tree.Filter
    | tree.Members
    | tree.Reparameterise
    | tree.Symmetric
    | tree.Objective
    | tree.Solve
)

_STATEMENTS_OF_FAULTS = {
    "PRE809": "volume",
    "PRE810": "volume",
    "PRE816": "filter",
    "PRE828": "volume",
    "PRE830": "members",
}
"""Which statement a mistake of the whole belongs to."""


class Structures:
    """Checks statements about a structure.

    Parameters
    ----------
    context
        The state of the check.
    expressions
        Makes values.
    """

    def __init__(self, context: Context, expressions: Expressions) -> None:
        self._context = context
        self._expressions = expressions
        self._reporter = context.reporter
        self._first: dict[str, tree.Statement] = {}
        self._declared: tree.StructureDeclaration | None = None
        self._size = (0.0, 0.0)
        self._volume: tuple[float, VolumeOf] | None = None
        self._radius = FILTER_RADIUS
        self._projected = False
        self._member_width = 0.0
        self._way: tree.Reparameterise | None = None
        self._line: tree.Solve | None = None
        self._parts: list[Part] = []
        self._cases: list[tuple[tree.LoadCase, float, list[Load]]] = []
        self._said: dict[int, tuple[Span, str]] = {}  # where a part is said, and for which values of variables
        self._sound = True
        self._task: Task | None = None

    def check(self, statement: tree.Statement) -> None:
        """Check a statement; what it says of the structure is kept."""
        try:
            self._check(statement)
        except Poisoned:
            self._sound = False
            raise

    def finish(self, place: Span) -> None:
        """Check what all statements say together; ``place`` is that of the first one."""
        if self._declared is None:
            advice = "begin with: structure bridge on 192 x 64"
            self._reporter.fail("PRE801", place, "of no structure", advice=advice, word=self._word(place))
        if "volume" not in self._first:
            advice = "say how much of the grid is filled: volume 0.4"
            self._reporter.fail("PRE809", self._declared.span, advice=advice, what="is not given")
        self._check_filter()
        self._check_method()
        if self._sound and self._volume is not None:
            self._draw(self._declared, *self._volume)

    def problem(self, text: str, path: Path | None, bindings: tuple[Binding, ...]) -> Problem:
        """Return the checked problem."""
        line = self._line
        solve = SolveLine(
            time_limit=line.time_limit.seconds if line and line.time_limit else None,
            gap=line.gap.fraction if line and line.gap else None,
            engines=self._engines(),
            place=line.engines[0].span if line and line.engines else None,
            seed=int(line.seed.value) if line and line.seed else None,
            steps=int(line.steps.count.value) if line and line.steps else None,
        )
        return Problem(text, path, solve=solve, bindings=bindings, structure=self._task)

    # Statements

    def _check(self, statement: tree.Statement) -> None:
        match statement:
            case tree.StructureDeclaration():
                self._once("grid", "the grid", statement)
                self._declared = statement
                self._grid(statement)
            case tree.Support():
                self._add_each(statement, lambda: Support(self._place(statement.place), statement.directions))
            case tree.Load():
                self._add_each(statement, lambda: self._load(statement))
            case tree.LoadCase():
                self._case(statement)
            case tree.Region():
                kind = Solid if statement.kind == "solid" else Void
                self._add_each(statement, lambda: kind(self._region(statement.region)))
            case tree.Symmetric():
                self._once(statement.across, f"the symmetry across {statement.across}", statement)
                self._add(Symmetric(statement.across, self._number(statement.at)), statement.span)
            case tree.Volume():
                self._once("volume", "the volume", statement)
                share = self._number(statement.share) / (100 if statement.percent else 1)
                self._volume = (share, "design" if statement.moment == "before" else "filtered")
            case tree.Filter():
                self._once("filter", "the filter", statement)
                self._radius, self._projected = self._number(statement.radius), statement.projected
            case tree.Members():
                self._once("members", "the width of members", statement)
                self._member_width = self._number(statement.width)
            case tree.Reparameterise():
                self._once("way", "what draws the structure", statement)
                self._way = statement
            case tree.Objective():
                self._objective(statement)
            case tree.Solve():
                self._limit(statement)
            case _:
                advice = "leave it out, or write a problem of its own about the network"
                what = f"`{self._word(statement.span)}`"
                self._reporter.fail("PRE802", statement.span, "about networks", advice=advice, what=what)

    def _grid(self, statement: tree.StructureDeclaration) -> None:
        self._size = (self._number(statement.width), self._number(statement.height))
        for fault in faults_of_size(*self._size):
            self._reporter.add(self._placed(fault, statement))
            raise Poisoned

    def _objective(self, statement: tree.Objective) -> None:
        self._once("objective", "what is best", statement)
        compliance = isinstance(statement.value, tree.Name) and statement.value.text == "compliance"
        if not compliance or statement.sense != "minimise":
            advice = "try: minimise compliance"
            self._reporter.fail("PRE822", statement.span, "not what is searched for", advice=advice)

    def _limit(self, statement: tree.Solve) -> None:
        self._once("solve", "how to solve", statement)
        for part, what in ((statement.time_limit, "the time limit"), (statement.steps, "the number of steps")):
            if part is not None and (part.count if isinstance(part, tree.Steps) else part.value).value <= 0:
                self._reporter.fail("PRE505", part.span, what=what, advice="try: solve for 100 steps for 60 s")
        if statement.gap is not None and statement.gap.value.value <= 0:
            self._reporter.fail("PRE505", statement.gap.span, what="the gap", advice="try: solve to gap 30%")
        if statement.designs is not None:
            advice = "a structure has one design: solve for 100 steps"
            self._reporter.fail("PRE802", statement.designs.span, advice=advice, what="a number of designs")
        for engine in statement.engines:
            if engine.text not in METHODS:
                advice = f"methods for structures are {', '.join(METHODS)}; without `using`, the best of them is taken"
                reason = "it is an engine for networks"
                self._reporter.fail("PRE507", engine.span, advice=advice, engine=engine.text, reason=reason)
        self._line = statement

    def _case(self, statement: tree.LoadCase) -> None:
        earlier = next((case for case, _, _ in self._cases if case.name.text == statement.name.text), None)
        if earlier is not None:
            others = [Label(earlier.name.span, "first declared here")]
            advice = "give the second one another name"
            name = statement.name.text
            self._reporter.fail("PRE201", statement.name.span, "again", others=others, advice=advice, name=name)
        weight = 1.0 if statement.weight is None else self._number(statement.weight)
        self._cases.append((statement, weight, []))

    # All of them together

    def _draw(self, declared: tree.StructureDeclaration, volume: float, volume_of: VolumeOf) -> None:
        """Make the task, or report what keeps it from being made."""
        for statement, weight, loads in self._cases:
            self._add(LoadCase(statement.name.text, tuple(loads), weight), statement.span)
        draft = Draft(
            name=declared.name.text,
            width=self._size[0],
            height=self._size[1],
            parts=tuple(self._parts),
            volume=volume,
            volume_of=volume_of,
            filter_radius=self._radius,
            projected=self._projected,
            member_width=self._member_width,
        )
        self._task, faults = draft.task()
        for fault in faults:
            self._reporter.add(self._placed(fault, declared))

    def _placed(self, fault: Fault, declared: tree.StructureDeclaration) -> Diagnostic:
        """Return a mistake with its place: that of its part, or of the statement that it belongs to."""
        statement = self._first.get(_STATEMENTS_OF_FAULTS.get(fault.code, ""), declared)
        span, instance = self._said[id(fault.part)] if fault.part is not None else (statement.span, "")
        label = f"{fault.label} for {instance}" if instance else fault.label
        others = [Label(self._said[id(part)][0], text) for part, text in fault.others]
        file = self._reporter.file
        return diagnose(fault.code, span, label, others=others, advice=fault.advice, file=file, **fault.values)

    def _check_filter(self) -> None:
        """Refuse a filter beside members that bring their own."""
        said, members = self._first.get("filter"), self._first.get("members")
        if said is not None and members is not None:
            others = [Label(members.span, "sets the filter too")]
            width = f"{self._member_width:g}"
            advice = "leave out the filter, or the width of members"
            self._reporter.fail("PRE829", said.span, "a second filter", others=others, advice=advice, width=width)

    def _check_method(self) -> None:
        """Refuse methods that do not go together."""
        engines = () if self._line is None else self._line.engines
        if len({engine.text for engine in engines}) > 1:
            reason = "one method works at a time"
            self._reporter.fail("PRE823", engines[1].span, advice=f"try: using {engines[0].text}", reason=reason)
        if self._drawn_by == "cnn" and self._way is not None and engines and engines[0].text != "lbfgs":
            others = [Label(self._way.span, "drawn by a network")]
            reason = f"`{engines[0].text}` moves pixels, and not the weights of a network"
            advice = "try: using lbfgs, or reparameterise by pixels"
            self._reporter.fail("PRE823", engines[0].span, others=others, advice=advice, reason=reason)

    @property
    def _drawn_by(self) -> str:
        return "pixels" if self._way is None else self._way.way.text

    def _engines(self) -> tuple[str, ...]:
        if self._drawn_by == "cnn":
            return ("cnn",)
        return () if self._line is None else tuple(engine.text for engine in self._line.engines[:1])

    # Parts

    def _add_each(self, statement: tree.Support | tree.Load | tree.Region, make: Callable[[], Part]) -> None:
        """Add a part for each instance of a statement."""
        for instance in instances(self._context, self._expressions, statement.quantifiers):
            self._add(make(), statement.span, instance)

    def _add(self, part: Part, span: Span, instance: str = "") -> None:
        self._said[id(part)] = (span, instance)
        if isinstance(part, Load) and self._cases:
            self._cases[-1][2].append(part)
        else:
            self._parts.append(part)

    def _place(self, place: tree.Place) -> Place:
        match place:
            case tree.GridNode(point):
                return Node(*self._point(point))
            case tree.Line(points):
                return Line(*(self._point(point) for point in points))
            case tree.Edge(side, start, end):
                ends = (None if given is None else self._number(given) for given in (start, end))
                return Edge(side, *ends)

    def _load(self, statement: tree.Load) -> Load:
        return Load(self._place(statement.place), self._pair(statement.force, "PRE817"), statement.total)

    def _region(self, region: tree.Rectangle | tree.Disc) -> Region:
        if isinstance(region, tree.Disc):
            return Disc(self._point(region.centre), self._number(region.radius))
        return Rectangle(self._point(region.corner), self._point(region.opposite))

    # Values

    def _number(self, node: tree.Expression) -> float:
        return self._expressions.number(node, f"`{self._context.quote(node)}`")

    def _point(self, node: tree.Expression) -> Point:
        return self._pair(node, "PRE824")

    def _pair(self, node: tree.Expression, code: str) -> Point:
        value = self._expressions.known(node, f"`{self._context.quote(node)}`")
        if value.shape != (2,):
            shape = entries(value.shape)
            advice = "try: by (0, -1)" if code == "PRE817" else "write both coordinates: (0, 64)"
            self._reporter.fail(code, node.span, shape, advice=advice, force=shape, point=shape)
        return (float(value[0]), float(value[1]))

    def _once(self, kind: str, what: str, statement: Once) -> None:
        first = self._first.setdefault(kind, statement)
        if first is not statement:
            others = [Label(first.span, "the first")]
            advice = "keep one of the two lines"
            self._reporter.fail("PRE803", statement.span, "the second", others=others, advice=advice, what=what)

    def _word(self, span: Span) -> str:
        return self._reporter.quote(span).split()[0]
