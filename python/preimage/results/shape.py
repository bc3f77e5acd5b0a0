"""A problem in a few lines: what is chosen, what must hold, what is best, and who will work on it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator

import numpy as np

from preimage.language.problem import Choice, Constant, Expression, Gather, Input, Problem, Selection
from preimage.networks import Network
from preimage.results.values import entry
from preimage.structures.describe import described

Row = tuple[str, str]

KINDS = {
    "continuous": ("", ""),
    "integer": ("integer", "integers"),
    "binary": ("binary", "binaries"),
    "catalogue": ("", ""),
}
"""What one input, and several, of a kind are called."""


def shape(problem: Problem) -> list[Row]:
    """Return a row for the problem and one for each of its networks: a name and what there is to say."""
    if problem.structure is not None:
        return [(problem.path.name if problem.path else problem.structure.name, described(problem.structure))]
    rows = [(problem.path.name if problem.path else "problem", " · ".join(_parts(problem)))]
    for name, network in problem.networks.items():
        rows.append((name, f"{network.summary} · imported from {network.origin}, {agreement(network)}"))
    return rows


def agreement(network: Network) -> str:
    """Say how closely a network agrees with the source's own forward pass."""
    return (
        f"agrees with its source to {network.agreement:.0e}" if network.agreement else "agrees with its source exactly"
    )


def aligned(rows: list[Row]) -> str:
    """Return rows as lines, in two columns."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in rows)


def _parts(problem: Problem) -> Iterator[str]:
    for declared in problem.inputs:
        yield _input(declared, problem.joint_rows)
    for selection in problem.selections:
        yield _selection(selection, problem)
    count = len(problem.requirements)
    if count:
        yield f"{count} statement{'s' if count > 1 else ''} to hold"
    if problem.sweep_rows > 1:
        yield f"{problem.sweep_rows} targets, one by one"
    if problem.joint_rows > 1:
        yield f"{problem.joint_rows} targets together"
    if problem.objective is None:
        yield "any design that holds"
    else:
        yield textwrap.shorten(problem.statement(problem.objective.span), 60, placeholder=" …")
    for robustness in problem.robustness:
        yield textwrap.shorten(problem.statement(robustness.span), 60, placeholder=" …")
    if problem.solve.designs is not None:
        yield f"{problem.solve.designs[0]} designs"


def _input(declared: Input, targets: int) -> str:
    count = math.prod(declared.shape) * (targets if declared.per_target else 1)
    one, many = KINDS[declared.kind]
    many_of_kind = f"{count} {many} {declared.name}" if many else f"{count} {declared.name}"
    what = many_of_kind if count > 1 else f"{one} {declared.name}".strip()
    if declared.kind == "binary":
        return what
    if declared.kind == "catalogue":
        values = ", ".join(map(entry, declared.values[:4])) + (", …" if len(declared.values) > 4 else "")
        return f"{what} in {{{values}}}"
    return f"{what} in {_bound(declared.lower, min)}..{_bound(declared.upper, max)}"


def _bound(expression: Expression, extreme: object) -> str:
    if not isinstance(expression, Constant):
        return "…"
    value = np.min(expression.value) if extreme is min else np.max(expression.value)
    return entry(float(value))


def _selection(selection: Selection, problem: Problem) -> str:
    total, name = math.prod(selection.source.shape), _name(selection.source)
    low, high = selection.at_least, selection.at_most
    if low == high:
        limits = f"exactly {low}"
    elif low == 0:
        limits = f"at most {high}"
    elif high >= total:
        limits = f"at least {low}"
    else:
        limits = f"{low} to {high}"
    copies = any(declared.name == name and declared.per_target for declared in problem.inputs)
    shared = f", shared by {problem.joint_rows} targets" if copies and not selection.per_target else ""
    return f"choose {limits} of {total} {name}{shared}"


def _name(source: Expression) -> str:
    """Return the input that is selected from."""
    while isinstance(source, Gather):
        source = source.source
    return source.name if isinstance(source, Choice) else ""
