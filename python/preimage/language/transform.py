"""Make the nodes of the tree from what the grammar recognises."""

# ruff: noqa: D102 (each rule is described in the grammar)

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from lark import Token

from preimage.language import tree
from preimage.language.diagnostic import Label, diagnose
from preimage.language.layout import MAXIMUM_NESTING
from preimage.language.messages import near, shown
from preimage.language.reading import (
    Children,
    Mistake,
    condition_of,
    flattened,
    listed,
    name_of,
    number_of,
    place,
    span_of,
    text_of,
    value_of,
    values_of,
)
from preimage.language.structure_transform import StructureBuilder
from preimage.language.words import CLASHING_WAYS, ENGINES, METHODS, WAYS, milp_with

_ASCII = {"≤": "<=", "≥": ">=", "×": "*"}


class TreeBuilder(StructureBuilder):
    """One method for each rule of the grammar, called with what the rule holds, from the innermost rule outwards."""

    def start(self, children: Children) -> tree.Statement:
        statement: tree.Statement = children[0]
        return statement

    # Data

    def network(self, children: Children) -> tree.NetworkDeclaration:
        _, name, source = children
        return tree.NetworkDeclaration(name_of(name), source, span=span_of(children))

    def param(self, children: Children) -> tree.ParamDeclaration:
        _, name, value = children
        return tree.ParamDeclaration(name_of(name), value, span=span_of(children))

    def target(self, children: Children) -> tree.TargetDeclaration:
        word, name, value = children
        return tree.TargetDeclaration(name_of(name), word == "targets", value, span=span_of(children))

    def names(self, children: Children) -> tree.NamesDeclaration:
        _, name, value = children
        end = value[1] if isinstance(value, tuple) else value
        value = value[0] if isinstance(value, tuple) else value
        return tree.NamesDeclaration(name_of(name), value, span=span_of([children[0], end]))

    def given(self, children: Children) -> tree.Expression:
        return value_of(children[0])

    def loaded(self, children: Children) -> tree.Source:
        source = children[0]
        return tree.Bound(name_of(source), span=span_of(children)) if isinstance(source, Token) else source

    def labelled(self, children: Children) -> Any:
        return children[0]

    def labels(self, children: Children) -> tuple[tuple[tree.Text, ...], Token]:
        return tuple(text_of(token) for token in children[:-1] if token is not None), children[-1]

    def file(self, children: Children) -> tree.File:
        path, key, _ = children
        return tree.File(text_of(path), key and text_of(key), span=span_of(children))

    # What may be chosen

    def input(self, children: Children) -> tree.InputDeclaration:
        word, name, shape, domain, per_target = children
        sizes, end = shape or ((), None)
        span = span_of([word, name, end, domain, per_target])
        return tree.InputDeclaration(name_of(name), word.value, sizes, domain, per_target is not None, span=span)

    def shape(self, children: Children) -> tuple[tuple[tree.Expression, ...], Token]:
        return tuple(value_of(size) for size in children[:-1]), children[-1]

    def range(self, children: Children) -> tree.Range:
        lower, upper = children
        return tree.Range(value_of(lower), value_of(upper), span=span_of(children))

    def catalogue(self, children: Children) -> tree.Catalogue:
        return tree.Catalogue(values_of(children[1:-1]), span=span_of(children))

    def per_target(self, children: Children) -> Token:
        word: Token = children[0]
        return word

    # What must hold

    def let(self, children: Children) -> tree.Let:
        _, name, value = children
        return tree.Let(name_of(name), value_of(value), span=span_of(children))

    def require(self, children: Children) -> tree.Require:
        _, condition, *quantifiers = children
        return tree.Require(condition_of(condition), tuple(quantifiers), span=span_of(children))

    def select(self, children: Children) -> tree.Select:
        _, limit, count, source, per_target, *quantifiers = children
        return tree.Select(
            limit or "at most",
            value_of(count),
            value_of(source),
            per_target is not None,
            tuple(quantifiers),
            span=span_of(children),
        )

    def limit(self, children: Children) -> str:
        word = children[0]
        return "exactly" if word == "exactly" else f"at {word}"

    def smooth(self, children: Children) -> tree.Smooth:
        _, source, limit, *quantifiers = children
        return tree.Smooth(value_of(source), value_of(limit), tuple(quantifiers), span=span_of(children))

    def avoid(self, children: Children) -> tree.Avoid:
        _, condition, *quantifiers = children
        return tree.Avoid(condition_of(condition), tuple(quantifiers), span=span_of(children))

    def implication(self, children: Children) -> tree.If:
        _, condition, consequence, *quantifiers = children
        return tree.If(condition_of(condition), condition_of(consequence), tuple(quantifiers), span=span_of(children))

    def either(self, children: Children) -> tree.Either:
        parts = [part for part in children[1:] if not isinstance(part, tree.Quantifier)]
        quantifiers = tuple(children[1 + len(parts) :])
        return tree.Either(flattened(parts, tree.Or), quantifiers, span=span_of(children))

    def quantifier(self, children: Children) -> tree.Quantifier:
        _, variable, domain = children
        domain = domain if isinstance(domain, tree.Range) else value_of(domain)
        return tree.Quantifier(name_of(variable), domain, span=span_of(children))

    # What is best, and how to solve

    def objective(self, children: Children) -> tree.Objective:
        word, value = children
        sense: Literal["minimise", "maximise"] = "minimise" if word.startswith("min") else "maximise"
        return tree.Objective(sense, value_of(value), span=span_of(children))

    def robust(self, children: Children) -> tree.Robust:
        _, subject, limit, manner, _, *sources = children
        design = isinstance(subject, Token)
        drift = None if design else subject
        parts = values_of(source for source in sources if source is not None)
        meant: Literal["each", "L1", "together"] = "each" if manner is None else manner.value
        return tree.Robust(drift, value_of(limit), meant, parts, design, span=span_of(children))

    def drift(self, children: Children) -> tree.Expression:
        return value_of(children[0])

    def ball(self, children: Children) -> Token:
        token: Token = children[0]
        if token != "L1":
            advice = "try: `within 0.01 in L1`, or leave it out: each value may then be off by itself"
            raise Mistake(diagnose("PRE126", place(token), "not `L1`", advice=advice, norm=shown(token)))
        return token

    def solve(self, children: Children) -> tree.Solve:
        _word, *parts = children
        found: dict[str, _Part] = {}
        for part in parts:
            first = found.setdefault(type(part).__name__, part)
            if first is not part:
                others = [Label(first.span, "first said here")]
                raise Mistake(
                    diagnose("PRE118", part.span, "said again", others=others, advice="try: keep one of them")
                )
        engines = next((part.names for part in parts if isinstance(part, _Engines)), ())
        ways = next((part.names for part in parts if isinstance(part, _Ways)), ())
        if ways and all(engine.text != "milp" for engine in engines):
            advice = f"try: `using {milp_with(way.text for way in ways)}`"
            raise Mistake(diagnose("PRE130", ways[0].span, "of no engine here", advice=advice, way=ways[0].text))
        return tree.Solve(
            next((part for part in parts if isinstance(part, tree.Designs)), None),
            next((part for part in parts if isinstance(part, tree.TimeLimit)), None),
            next((part for part in parts if isinstance(part, tree.Gap)), None),
            engines,
            ways,
            next((part.value for part in parts if isinstance(part, _Seed)), None),
            next((part for part in parts if isinstance(part, tree.Steps)), None),
            span=span_of(children),
        )

    def time_limit(self, children: Children) -> tree.TimeLimit:
        _, number, unit = children
        return tree.TimeLimit(number_of(number), unit.value, span=span_of(children))

    def steps(self, children: Children) -> tree.Steps:
        _, count, _ = children
        if not count.isdecimal():
            advice = "try: `solve for 100 steps`"
            raise Mistake(diagnose("PRE131", place(count), "not a whole number", advice=advice))
        return tree.Steps(number_of(count), span=span_of(children))

    def designs(self, children: Children) -> tree.Designs:
        _, count, _, share, percent = children
        if not count.isdecimal():
            advice = "try: `solve for 5 designs within 1%`"
            raise Mistake(diagnose("PRE127", place(count), "not a whole number", advice=advice))
        return tree.Designs(number_of(count), number_of(share), percent is not None, span=span_of(children))

    def gap(self, children: Children) -> tree.Gap:
        _, _, number, percent = children
        return tree.Gap(number_of(number), percent is not None, span=span_of(children))

    def engines(self, children: Children) -> _Engines:
        for engine in children[1:]:
            if engine not in (*ENGINES, *METHODS):
                meant = near(engine, (*ENGINES, *METHODS))
                advice = f"there are {listed(ENGINES)}; for a structure, {listed(METHODS)}"
                advice = f"try: `{meant}`" if meant else advice
                raise Mistake(diagnose("PRE117", place(engine), "not known", advice=advice, engine=engine))
        return _Engines(tuple(name_of(engine) for engine in children[1:]), span=span_of(children))

    def ways(self, children: Children) -> _Ways:
        for way in children[1:]:
            if way not in WAYS:
                meant = near(way, (*WAYS, "seed"))
                advice = f"try: `{meant}`" if meant else f"there are {listed(WAYS)}, and `with seed 3`"
                raise Mistake(diagnose("PRE128", place(way), "not known", advice=advice, way=way))
        for k, way in enumerate(children[1:]):
            for earlier in children[1 : k + 1]:
                if reason := CLASHING_WAYS.get(frozenset({earlier.value, way.value})):
                    both = {"first": earlier.value, "second": way.value, "reason": reason}
                    others = [Label(place(earlier), "not with this")]
                    advice = "try: one of them"
                    raise Mistake(diagnose("PRE129", place(way), "not both", others=others, advice=advice, **both))
        return _Ways(tuple(name_of(way) for way in children[1:]), span=span_of(children))

    def seed(self, children: Children) -> _Seed:
        token = children[1]
        if not token.isdecimal():
            raise Mistake(diagnose("PRE119", place(token), "not a whole number", advice="try: `with seed 3`"))
        return _Seed(number_of(token), span=span_of(children))

    # Values and conditions

    def either_of(self, children: Children) -> tree.Or:
        return tree.Or(flattened(children, tree.Or), span=span_of(children))

    def all_of(self, children: Children) -> tree.And:
        return tree.And(flattened(children, tree.And), span=span_of(children))

    def negation(self, children: Children) -> tree.Not:
        return tree.Not(condition_of(children[1]), span=span_of(children))

    def comparison(self, children: Children) -> tree.Comparison:
        operators = tuple(_ASCII.get(token, token.value) for token in children[1::2])
        return tree.Comparison(values_of(children[::2]), operators, span=span_of(children))

    def arithmetic(self, children: Children) -> tree.Arithmetic:
        operands = values_of(children[::2])
        operators = tuple(_ASCII.get(token, token.value) for token in children[1::2])
        first = operands[0]
        if isinstance(first, tree.Arithmetic) and (first.operators[0] in "+-") == (operators[0] in "+-"):
            operands, operators = first.operands + operands[1:], first.operators + operators
        return tree.Arithmetic(operands, operators, span=span_of(children))

    def signed(self, children: Children) -> tree.Unary:
        sign, operand = children
        return tree.Unary(sign.value, value_of(operand), span=span_of(children))

    def power(self, children: Children) -> tree.Power:
        base, exponent = children
        return tree.Power(value_of(base), value_of(exponent), span=span_of(children))

    def signed_power(self, children: Children) -> tree.Unary:
        sign, base, exponent = children
        power = tree.Power(value_of(base), value_of(exponent), span=span_of([base, exponent]))
        return tree.Unary(sign.value, power, span=span_of(children))

    def number(self, children: Children) -> tree.Number:
        return number_of(children[0])

    def name(self, children: Children) -> tree.Name:
        return name_of(children[0])

    def call(self, children: Children) -> tree.Call | tree.Uses:
        function, _, arguments, _ = children
        positional = tuple(value_of(argument) for argument in arguments if not isinstance(argument, tree.Keyword))
        keywords = tuple(argument for argument in arguments if isinstance(argument, tree.Keyword))
        if late := next((a for a in arguments[: len(positional)] if isinstance(a, tree.Keyword)), None):
            raise Mistake(diagnose("PRE122", late.span, "this one", advice="try: move it to the end"))
        if function == "uses":
            if len(positional) != 1 or keywords:
                raise Mistake(diagnose("PRE123", span_of(children), "", advice="try: `uses(inks[3])`"))
            return tree.Uses(positional[0], span=span_of(children))
        return tree.Call(name_of(function), positional, keywords, span=span_of(children))

    def arguments(self, children: Children) -> Children:
        return [child for child in children if child is not None]

    def keyword(self, children: Children) -> tree.Keyword:
        name, value = children
        return tree.Keyword(name_of(name), value_of(value), span=span_of(children))

    def index(self, children: Children) -> tree.Index:
        source, items, _ = children
        depth, inner = 1, source
        while isinstance(inner, tree.Index):
            depth, inner = depth + 1, inner.source
        if depth > MAXIMUM_NESTING:
            advice = "try: give the inner parts names with `let`"
            raise Mistake(diagnose("PRE108", span_of(children), "one too many", advice=advice, limit=MAXIMUM_NESTING))
        return tree.Index(value_of(source), items, span=span_of(children))

    def subscripts(self, children: Children) -> tuple[tree.Expression | tree.Slice, ...]:
        items = (child for child in children if child is not None)
        return tuple(item if isinstance(item, tree.Slice) else value_of(item) for item in items)

    def section(self, children: Children) -> tree.Slice:
        start, _, stop, _, step = children
        parts = (None if part is None else value_of(part) for part in (start, stop, step))
        return tree.Slice(*parts, span=span_of(children))

    def group(self, children: Children) -> tree.Expression | tree.Condition:
        inner: tree.Expression | tree.Condition = children[1]
        return replace(inner, span=span_of(children))

    def vector(self, children: Children) -> tree.Tuple:
        return tree.Tuple(values_of(child for child in children[1:-1] if child is not None), span=span_of(children))


@dataclass(frozen=True, slots=True)
class _Engines(tree.Node):
    names: tuple[tree.Name, ...]


@dataclass(frozen=True, slots=True)
class _Ways(tree.Node):
    names: tuple[tree.Name, ...]


@dataclass(frozen=True, slots=True)
class _Seed(tree.Node):
    value: tree.Number


_Part: TypeAlias = tree.Designs | tree.TimeLimit | tree.Steps | tree.Gap | _Engines | _Ways | _Seed
