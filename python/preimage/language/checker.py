"""From a text to a checked problem."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from preimage.language import tree
from preimage.language.bindings import Bindings
from preimage.language.choices import Choices
from preimage.language.context import Context
from preimage.language.data import read_bytes
from preimage.language.declarations import Declarations
from preimage.language.diagnostic import diagnose
from preimage.language.expressions import Expressions
from preimage.language.functions import FOREIGN, FUNCTIONS
from preimage.language.messages import MAXIMUM_ERRORS, ProblemErrors
from preimage.language.parse import read
from preimage.language.problem import Problem, SolveLine
from preimage.language.scope import Enough, Entry, Poisoned, Reporter, Scope
from preimage.language.span import Span
from preimage.language.statements import Statements
from preimage.language.structures import Structures
from preimage.language.values import DataRefused

LARGEST_PROBLEM = 8 * 2**20
"""Bytes of a problem's text."""

_DECLARING = re.compile(r"[^\S\n]*(?:network|param|targets?|input|integer|binary|let)[^\S\n]+([^\W\d]\w*)")
_STRUCTURAL = set(get_args(tree.StructureStatement))
_Declaration = (
    tree.NetworkDeclaration | tree.ParamDeclaration | tree.TargetDeclaration | tree.InputDeclaration | tree.Let
)


def check(
    problem: str | Path, bindings: Mapping[str, object] | None = None, base: Path | None = None, *, strict: bool = True
) -> Problem:
    """Read a problem, look up its data, and make sure of everything that can be known before the search.

    Parameters
    ----------
    problem
        A text, or the path of a file: a `Path`, or a string of one line that ends in ``.inv``.
    bindings
        Values for ``from NAME`` and for declarations without data: numbers, arrays, tensors, networks, paths.
    base
        Where relative paths in a text begin; by default the working directory. A file's paths begin at its folder.
    strict
        Whether the bindings were given for this problem: they then overrule the data that the text gives to the same
        name, and one that nothing uses is an error. Pass False for a notebook's variables.

    Returns
    -------
    Problem
        With every name resolved and every shape known.

    Raises
    ------
    ProblemErrors
        With the first ten mistakes, in the order of the text.
    """
    text, path = _text(problem)
    folder = path.parent if path is not None else base
    program, mistakes = read(text, str(path) if path is not None else None)
    reporter = Reporter(program.text, program.file)
    reporter.diagnostics.extend(mistakes)
    checker = _Checker(program, reporter, bindings or {}, folder, strict)
    if len(mistakes) < MAXIMUM_ERRORS:
        with contextlib.suppress(Enough):
            checker.run(complete=not mistakes)
    if reporter.diagnostics:
        end = len(program.text)
        ordered = sorted(reporter.diagnostics, key=lambda d: d.span.start if d.span is not None else end)
        raise ProblemErrors(ordered, program.text)
    return checker.problem(path)


def _text(problem: str | Path) -> tuple[str | bytes, Path | None]:
    if isinstance(problem, str) and ("\n" in problem or not problem.endswith(".inv")):
        if len(problem) > LARGEST_PROBLEM:
            size, limit = f"{len(problem):,} characters", f"{LARGEST_PROBLEM:,}"
            advice = "keep numbers in files of their own"
            raise ProblemErrors([diagnose("PRE243", None, advice=advice, name="the text", size=size, limit=limit)])
        return problem, None
    path = Path(problem)
    try:
        return read_bytes(path, str(path), LARGEST_PROBLEM), path
    except DataRefused as refused:
        raise ProblemErrors([refused.diagnostic()]) from None


class _Checker:
    """Checks one tree, statement by statement; what a wrong declaration declares is left alone afterwards."""

    def __init__(
        self, program: tree.Program, reporter: Reporter, values: Mapping[str, object], folder: Path | None, strict: bool
    ) -> None:
        self._program = program
        self._reporter = reporter
        declared = _declared(program)
        self._scope = Scope(reporter, declared, (*FUNCTIONS, "uses"), FOREIGN)
        self._bindings = Bindings(reporter, values, strict=strict, folder=folder)
        self._context = Context(reporter, self._scope)
        expressions = Expressions(self._context)
        joint = any(isinstance(s, tree.TargetDeclaration) and s.joint for s in program.statements)
        self._declarations = Declarations(self._context, expressions, self._bindings)
        self._structures = Structures(self._context, expressions) if _is_structure(program) else None
        self._choices = Choices(self._context, expressions, self._bindings, joint=joint)
        self._statements = Statements(self._context, expressions)

    def run(self, *, complete: bool) -> None:
        """Check every statement; ``complete`` says that all of the text could be read."""
        if not complete:
            for name, span in _unread(self._program).items():
                self._scope.declare(Entry(name, "let", span, poisoned=True))
        # What is certified of designs is said last, wherever it stands: it speaks of the objective.
        for statement in sorted(self._program.statements, key=lambda statement: isinstance(statement, tree.Robust)):
            try:
                self._check(statement)
            except Poisoned:
                pass
            finally:
                self._scope.forget_variables()
        if self._structures is not None:
            with contextlib.suppress(Poisoned):
                if complete:
                    self._structures.finish(self._program.statements[0].span)
        elif complete and not any(isinstance(s, tree.InputDeclaration) for s in self._program.statements):
            advice = "declare what may be chosen: input x[4] in 0..1"
            self._reporter.add(diagnose("PRE506", None, advice=advice, file=self._reporter.file))
        if complete:
            self._bindings.report_unused(self._scope)

    def problem(self, path: Path | None) -> Problem:
        """Return the checked problem."""
        if self._structures is not None:
            return self._structures.problem(self._program.text, path, tuple(self._bindings.provenance))
        found = self._statements
        return Problem(
            text=self._program.text,
            path=path,
            networks=self._context.networks,
            inputs=tuple(self._context.inputs.values()),
            targets=tuple(self._context.targets.values()),
            lets={e.name: e.value for e in self._scope.entries() if e.kind == "let" and e.value is not None},
            requirements=tuple(found.requirements),
            selections=tuple(found.selections),
            objective=found.objective,
            solve=found.solve or SolveLine(),
            bindings=tuple(self._bindings.provenance),
            robustness=tuple(found.robustness),
        )

    def _check(self, statement: tree.Statement) -> None:
        if self._structures is not None and not isinstance(statement, tree.ParamDeclaration | tree.Let):
            self._structures.check(statement)
            return
        match statement:
            case tree.InputDeclaration():
                self._choices.declare(statement)
            case tree.NamesDeclaration():
                self._choices.label(statement)
            case tree.NetworkDeclaration() | tree.ParamDeclaration() | tree.TargetDeclaration() | tree.Let():
                self._declarations.declare(statement)
            case tree.Require() | tree.Smooth() | tree.Avoid() | tree.If() | tree.Either():
                self._statements.require(statement)
            case tree.Select():
                self._statements.select(statement)
            case tree.Objective():
                self._statements.optimise(statement)
            case tree.Robust():
                self._statements.certify(statement)
            case tree.Solve():
                self._statements.limit(statement)
            case _:
                word = self._reporter.quote(statement.span).split()[0]
                advice = "leave it out, or begin a problem of its own: structure bridge on 192 x 64"
                self._reporter.fail("PRE801", statement.span, "of no structure", advice=advice, word=word)


def _is_structure(program: tree.Program) -> bool:
    """Tell whether a problem is about a structure: if it declares one, or speaks of one and of no network."""
    kinds = {type(statement) for statement in program.statements}
    about_networks = kinds & {tree.NetworkDeclaration, tree.TargetDeclaration, tree.InputDeclaration}
    return tree.StructureDeclaration in kinds or (bool(kinds & _STRUCTURAL) and not about_networks)


def _declared(program: tree.Program) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for statement in program.statements:
        if isinstance(statement, _Declaration):
            found.setdefault(statement.name.text, statement.name.span)
    return found


def _unread(program: tree.Program) -> dict[str, Span]:
    """Return the names that lines declare which could not be read."""
    read_names = _declared(program)
    found: dict[str, Span] = {}
    start = 0
    for line in program.text.split("\n"):
        match = _DECLARING.match(line)
        if match and match[1] not in read_names:
            found.setdefault(match[1], Span(start + match.start(1), start + match.end(1)))
        start += len(line) + 1
    return found
