"""Write a tree as text, in the one canonical form: ASCII signs, no bracket that is not needed.

A statement comes as pieces: words, and brackets whose items can be set on lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from preimage.language import tree
from preimage.language.span import Span


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a bracket, without its comma, and where it stood."""

    pieces: Pieces
    span: Span


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket around items with commas between them, and where it stood.

    ``vector``: one item alone needs a comma too, `(a,)`.
    """

    opener: str
    items: tuple[Item, ...]
    closer: str
    span: Span
    vector: bool = False


Pieces: TypeAlias = "list[str | Bracket]"

# How tightly nodes bind, from a condition to an atom.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _FACTOR, _ATOM = range(1, 9)

_Printable: TypeAlias = tree.Expression | tree.Condition


def print_tree(program: tree.Program) -> str:
    """Return a problem as text, one statement a line; comments are no part of a tree."""
    return "".join(f"{flat(pieces(statement))}\n" for statement in program.statements)


def flat(parts: Sequence[str | Bracket]) -> str:
    """Return pieces as one line."""
    return "".join(part if isinstance(part, str) else _flat_bracket(part) for part in parts)


def _flat_bracket(bracket: Bracket) -> str:
    items = ", ".join(flat(item.pieces) for item in bracket.items)
    comma = "," if bracket.vector and len(bracket.items) == 1 else ""
    return f"{bracket.opener}{items}{comma}{bracket.closer}"


def pieces(statement: tree.Statement) -> Pieces:
    """Return the pieces of a statement."""
    match statement:
        case tree.NetworkDeclaration(name, source):
            return [f"network {name.text}", *_value(source)]
        case tree.ParamDeclaration(name, value):
            return [f"param {name.text}", *_value(value)]
        case tree.TargetDeclaration(name, joint, value):
            return [f"{'targets' if joint else 'target'} {name.text}", *_value(value)]
        case tree.InputDeclaration():
            return _input(statement)
        case tree.NamesDeclaration():
            return _names(statement)
        case tree.Let(name, value):
            return [f"let {name.text}", *_value(value)]
        case tree.Require(condition, quantifiers):
            return ["require ", *_print(condition), *_quantifiers(quantifiers)]
        case tree.Select():
            return _select(statement)
        case tree.Smooth(source, limit, quantifiers):
            return ["smooth ", *_print(source), " within ", *_print(limit), *_quantifiers(quantifiers)]
        case tree.Avoid(condition, quantifiers):
            return ["avoid ", *_print(condition), *_quantifiers(quantifiers)]
        case tree.If(condition, consequence, quantifiers):
            return ["if ", *_print(condition), " then ", *_print(consequence), *_quantifiers(quantifiers)]
        case tree.Either(alternatives, quantifiers):
            parts = _joined(" or ", (_print(part, _AND) for part in alternatives))
            return ["either ", *parts, *_quantifiers(quantifiers)]
        case tree.Objective(sense, value):
            return [f"{sense} ", *_print(value)]
        case tree.Robust():
            return _robust(statement)
        case tree.Solve():
            return [_solve(statement)]
        case _:
            return _structural(statement)


def _value(value: tree.Expression | tree.Source | None) -> Pieces:
    """Return what follows on a declared name."""
    match value:
        case None:
            return []
        case tree.File():
            return [f" from {_file(value)}"]
        case tree.Bound(name):
            return [f" from {name.text}"]
        case _:
            return [" = ", *_print(value)]


def _file(file: tree.File) -> str:
    return _text(file.path) + (f"[{_text(file.key)}]" if file.key else "")


def _text(text: tree.Text) -> str:
    return f'"{text.value}"'


def _names(statement: tree.NamesDeclaration) -> Pieces:
    head, value = f"names {statement.name.text}", statement.value
    if isinstance(value, tree.File):
        return [f"{head} = {_file(value)}"]
    if isinstance(value, tree.Bound):
        return [head, *_value(value)]
    labels = tuple(Item([_text(label)], label.span) for label in value)
    return [f"{head} = ", Bracket("(", labels, ")", statement.span, vector=True)]


def _input(statement: tree.InputDeclaration) -> Pieces:
    shape = ", ".join(flat(_print(size, compact=True)) for size in statement.shape)
    parts: Pieces = [f"{statement.kind} {statement.name.text}" + (f"[{shape}]" if shape else "")]
    if isinstance(statement.domain, tree.Range):
        parts += [" in ", *_range(statement.domain, compact=False)]
    elif statement.domain is not None:
        parts += [" in ", Bracket("{", _items(statement.domain.values), "}", statement.domain.span)]
    return [*parts, " per target"] if statement.per_target else parts


def _select(statement: tree.Select) -> Pieces:
    limit = "" if statement.limit == "at most" else f"{statement.limit} "
    count = _print(statement.count)
    if not limit and re.match(r"(?:at|exactly)(?!\w)", flat(count)):
        count = ["(", *count, ")"]
    per_target = [" per target"] if statement.per_target else []
    source = _print(statement.source)
    return [f"select {limit}", *count, " of ", *source, *per_target, *_quantifiers(statement.quantifiers)]


def _robust(statement: tree.Robust) -> Pieces:
    drift = [] if statement.drift is None else [" drift of ", *_print(statement.drift)]
    manner = {"each": "", "L1": " in L1", "together": " together"}[statement.manner]
    sources = _joined(", ", (_print(source) for source in statement.sources))
    named = [" for ", *sources] if sources else []
    design = [" design"] if statement.design else []
    return ["robust", *design, *drift, " within ", *_print(statement.limit), manner, *named]


def _solve(statement: tree.Solve) -> str:
    parts = ["solve"]
    if statement.designs:
        percent = "%" if statement.designs.percent else ""
        share = f"{_number(statement.designs.share)}{percent}"
        parts.append(f"for {_number(statement.designs.count)} designs within {share}")
    if statement.steps:
        parts.append(f"for {_number(statement.steps.count)} steps")
    if statement.time_limit:
        parts.append(f"for {_number(statement.time_limit.value)} {statement.time_limit.unit}")
    if statement.gap:
        parts.append(f"to gap {_number(statement.gap.value)}" + ("%" if statement.gap.percent else ""))
    if statement.engines:
        parts.append("using " + ", ".join(engine.text for engine in statement.engines))
    if statement.ways:
        parts.append("with " + " and ".join(way.text for way in statement.ways))
    if statement.seed:
        parts.append(f"with seed {_number(statement.seed)}")
    return " ".join(parts)


def _structural(statement: tree.StructureStatement) -> Pieces:
    match statement:
        case tree.StructureDeclaration(name, width, height):
            return [f"structure {name.text} on ", *_print(width), " x ", *_print(height)]
        case tree.Support(place, directions, quantifiers):
            return ["support ", *_place(place), f" in {' and '.join(directions)}", *_quantifiers(quantifiers)]
        case tree.Load(place, force, total, quantifiers):
            whole = " total" if total else ""
            return ["load ", *_place(place), " by ", *_print(force), whole, *_quantifiers(quantifiers)]
        case tree.LoadCase(name, weight):
            return [f"load case {name.text}", *([] if weight is None else [" weight ", *_print(weight)])]
        case tree.Region(kind, region, quantifiers):
            return [f"{kind} ", *_region(region), *_quantifiers(quantifiers)]
        case tree.Symmetric(across, at):
            return [f"symmetric across {across} = ", *_print(at)]
        case tree.Volume(share, percent, moment):
            return ["volume ", *_print(share), "%" if percent else "", f" {moment} filter" if moment else ""]
        case tree.Filter(radius, projected):
            return ["filter radius ", *_print(radius), " with projection" if projected else ""]
        case tree.Members(width):
            return ["members at least ", *_print(width), " wide"]
        case tree.Reparameterise(way):
            return [f"reparameterise by {way.text}"]


def _place(place: tree.Place) -> Pieces:
    match place:
        case tree.GridNode(point):
            return ["node ", *_print(point)]
        case tree.Line(points):
            return ["line ", *_joined(" to ", (_print(point) for point in points))]
        case tree.Edge(side, start, end):
            part = [] if start is None or end is None else [" from ", *_print(start), " to ", *_print(end)]
            return [f"{side} edge", *part]


def _region(region: tree.Rectangle | tree.Disc) -> Pieces:
    if isinstance(region, tree.Disc):
        return ["disc ", *_print(region.centre), " radius ", *_print(region.radius)]
    return ["rectangle ", *_print(region.corner), " to ", *_print(region.opposite)]


def _quantifiers(quantifiers: Iterable[tree.Quantifier]) -> Pieces:
    parts: Pieces = []
    for quantifier in quantifiers:
        domain = quantifier.domain
        inside = _range(domain, compact=True) if isinstance(domain, tree.Range) else _print(domain)
        parts += [f" for {quantifier.variable.text} in ", *inside]
    return parts


def _range(node: tree.Range, *, compact: bool) -> Pieces:
    lower, upper = (_print(side, compact=compact) for side in (node.lower, node.upper))
    spaced = " " in flat(lower) + flat(upper)
    return [*lower, " .. " if spaced else "..", *upper]


def _print(node: _Printable, level: int = _OR, *, compact: bool = False) -> Pieces:
    """Return a value or a condition, in brackets if it binds less tightly than ``level``.

    ``compact`` leaves out the blanks around ``+`` and ``-``, as suits an index.
    """
    own, parts = _unwrapped(node, compact)
    return parts if own >= level else ["(", *parts, ")"]


def _unwrapped(node: _Printable, compact: bool) -> tuple[int, Pieces]:
    """Return how tightly a node binds, and its pieces without brackets around them."""
    match node:
        case tree.Number():
            return _ATOM, [_number(node)]
        case tree.Name(text):
            return _ATOM, [text]
        case tree.Tuple(items):
            return _ATOM, [Bracket("(", _items(items), ")", node.span, vector=True)]
        case tree.Call(function, arguments, keywords):
            named = tuple(Item([f"{keyword.name.text}=", *_print(keyword.value)], keyword.span) for keyword in keywords)
            return _ATOM, [function.text, Bracket("(", _items(arguments) + named, ")", node.span)]
        case tree.Uses(argument):
            return _ATOM, ["uses(", *_print(argument), ")"]
        case tree.Index(source, subscripts):
            inside = _joined(", ", (_subscript(subscript) for subscript in subscripts))
            return _ATOM, [*_print(source, _ATOM, compact=compact), "[", *inside, "]"]
        case tree.Power(base, exponent):
            signed = isinstance(exponent, tree.Unary) and not isinstance(exponent.operand, tree.Power)
            above = _print(exponent, _FACTOR if signed else _ATOM, compact=compact)
            return _FACTOR, [*_print(base, _ATOM, compact=compact), "**", *above]
        case tree.Unary(operator, operand):
            inner = _FACTOR if isinstance(operand, tree.Power) else _ATOM
            return _FACTOR, [operator, *_print(operand, inner, compact=compact)]
        case tree.Arithmetic():
            return _arithmetic(node, compact)
        case tree.Comparison(operands, operators):
            parts = _print(operands[0], _SUM)
            for sign, right in zip(operators, operands[1:], strict=True):
                parts += [f" {sign} ", *_print(right, _SUM)]
            return _COMPARISON, parts
        case tree.Not(condition):
            return _NOT, ["not ", *_print(condition, _COMPARISON)]
        case tree.And(conditions):
            return _AND, _joined(" and ", (_print(condition, _NOT) for condition in conditions))
        case tree.Or(conditions):
            return _OR, _joined(" or ", (_print(condition, _AND) for condition in conditions))


def _arithmetic(node: tree.Arithmetic, compact: bool) -> tuple[int, Pieces]:
    additive = node.operators[0] in "+-"
    own = _SUM if additive else _PRODUCT
    parts = _print(node.operands[0], own + 1, compact=compact)
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        right = _print(operand, own + 1, compact=compact)
        tight = compact and flat(right)[0] not in "+-" if additive else "@" not in node.operators
        parts += [operator if tight else f" {operator} ", *right]
    return own, parts


def _subscript(node: tree.Expression | tree.Slice) -> Pieces:
    if not isinstance(node, tree.Slice):
        return _print(node, compact=True)
    start, stop, step = (
        [] if part is None else _print(part, compact=True) for part in (node.start, node.stop, node.step)
    )
    return [*start, ":", *stop, *([":", *step] if step else [])]


def _items(nodes: Iterable[tree.Expression]) -> tuple[Item, ...]:
    return tuple(Item(_print(node), node.span) for node in nodes)


def _joined(sign: str, parts: Iterable[Pieces]) -> Pieces:
    joined: Pieces = []
    for part in parts:
        joined += [sign, *part] if joined else part
    return joined


def _number(number: tree.Number) -> str:
    if not number.text:
        return str(int(number.value)) if number.value.is_integer() and number.value < 1e15 else repr(number.value)
    mantissa, exponent, power = number.text.lower().partition("e")
    whole, point, decimals = mantissa.partition(".")
    return (whole or "0") + (f".{decimals or '0'}" if point else "") + exponent + power
