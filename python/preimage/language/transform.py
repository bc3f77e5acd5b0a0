"""Make the nodes of the tree from what the grammar recognises."""

# ruff: noqa: D102 (each rule is described in the grammar)

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from lark import Token, Transformer

from preimage.language import tree
from preimage.language.diagnostic import Diagnostic, Label, diagnose
from preimage.language.layout import MAXIMUM_NESTING
from preimage.language.messages import near, shown
from preimage.language.span import Span
from preimage.language.words import CLASHING_WAYS, ENGINES, RESERVED, SIGN_ADVICE, WAYS, milp_with

Children: TypeAlias = list[Any]

_VALUES = (tree.Number, tree.Name, tree.Unary, tree.Arithmetic, tree.Power, tree.Call, tree.Index, tree.Tuple)
_ASCII = {"≤": "<=", "≥": ">=", "×": "*"}


class Mistake(Exception):
    """Something that the grammar lets through but that says nothing; ends the reading of its statement."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


class TreeBuilder(Transformer[Token, tree.Statement]):
    """One method for each rule of the grammar, called with what the rule holds, from the innermost rule outwards."""

    def start(self, children: Children) -> tree.Statement:
        statement: tree.Statement = children[0]
        return statement

    # Data

    def network(self, children: Children) -> tree.NetworkDeclaration:
        _, name, source = children
        return tree.NetworkDeclaration(_name(name), source, span=_span(children))

    def param(self, children: Children) -> tree.ParamDeclaration:
        _, name, value = children
        return tree.ParamDeclaration(_name(name), value, span=_span(children))

    def target(self, children: Children) -> tree.TargetDeclaration:
        word, name, value = children
        return tree.TargetDeclaration(_name(name), word == "targets", value, span=_span(children))

    def names(self, children: Children) -> tree.NamesDeclaration:
        _, name, value = children
        end = value[1] if isinstance(value, tuple) else value
        value = value[0] if isinstance(value, tuple) else value
        return tree.NamesDeclaration(_name(name), value, span=_span([children[0], end]))

    def given(self, children: Children) -> tree.Expression:
        return _value(children[0])

    def loaded(self, children: Children) -> tree.Source:
        source = children[0]
        return tree.Bound(_name(source), span=_span(children)) if isinstance(source, Token) else source

    def labelled(self, children: Children) -> Any:
        return children[0]

    def labels(self, children: Children) -> tuple[tuple[tree.Text, ...], Token]:
        return tuple(_text(token) for token in children[:-1] if token is not None), children[-1]

    def file(self, children: Children) -> tree.File:
        path, key, _ = children
        return tree.File(_text(path), key and _text(key), span=_span(children))

    # What may be chosen

    def input(self, children: Children) -> tree.InputDeclaration:
        word, name, shape, domain, per_target = children
        sizes, end = shape or ((), None)
        span = _span([word, name, end, domain, per_target])
        return tree.InputDeclaration(_name(name), word.value, sizes, domain, per_target is not None, span=span)

    def shape(self, children: Children) -> tuple[tuple[tree.Expression, ...], Token]:
        return tuple(_value(size) for size in children[:-1]), children[-1]

    def range(self, children: Children) -> tree.Range:
        lower, upper = children
        return tree.Range(_value(lower), _value(upper), span=_span(children))

    def catalogue(self, children: Children) -> tree.Catalogue:
        return tree.Catalogue(_values(children[1:-1]), span=_span(children))

    def per_target(self, children: Children) -> Token:
        word: Token = children[0]
        return word

    # What must hold

    def let(self, children: Children) -> tree.Let:
        _, name, value = children
        return tree.Let(_name(name), _value(value), span=_span(children))

    def require(self, children: Children) -> tree.Require:
        _, condition, *quantifiers = children
        return tree.Require(_condition(condition), tuple(quantifiers), span=_span(children))

    def select(self, children: Children) -> tree.Select:
        _, limit, count, source, per_target, *quantifiers = children
        return tree.Select(
            limit or "at most",
            _value(count),
            _value(source),
            per_target is not None,
            tuple(quantifiers),
            span=_span(children),
        )

    def limit(self, children: Children) -> str:
        word = children[0]
        return "exactly" if word == "exactly" else f"at {word}"

    def smooth(self, children: Children) -> tree.Smooth:
        _, source, limit, *quantifiers = children
        return tree.Smooth(_value(source), _value(limit), tuple(quantifiers), span=_span(children))

    def avoid(self, children: Children) -> tree.Avoid:
        _, condition, *quantifiers = children
        return tree.Avoid(_condition(condition), tuple(quantifiers), span=_span(children))

    def implication(self, children: Children) -> tree.If:
        _, condition, consequence, *quantifiers = children
        return tree.If(_condition(condition), _condition(consequence), tuple(quantifiers), span=_span(children))

    def either(self, children: Children) -> tree.Either:
        parts = [part for part in children[1:] if not isinstance(part, tree.Quantifier)]
        quantifiers = tuple(children[1 + len(parts) :])
        return tree.Either(_flat(parts, tree.Or), quantifiers, span=_span(children))

    def quantifier(self, children: Children) -> tree.Quantifier:
        _, variable, domain = children
        domain = domain if isinstance(domain, tree.Range) else _value(domain)
        return tree.Quantifier(_name(variable), domain, span=_span(children))

    # What is best, and how to solve

    def objective(self, children: Children) -> tree.Objective:
        word, value = children
        sense: Literal["minimise", "maximise"] = "minimise" if word.startswith("min") else "maximise"
        return tree.Objective(sense, _value(value), span=_span(children))

    def robust(self, children: Children) -> tree.Robust:
        _, subject, limit, manner, _, *sources = children
        design = isinstance(subject, Token)
        drift = None if design else subject
        parts = _values(source for source in sources if source is not None)
        meant: Literal["each", "L1", "together"] = "each" if manner is None else manner.value
        return tree.Robust(drift, _value(limit), meant, parts, design, span=_span(children))

    def drift(self, children: Children) -> tree.Expression:
        return _value(children[0])

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
            span=_span(children),
        )

    def time_limit(self, children: Children) -> tree.TimeLimit:
        _, number, unit = children
        return tree.TimeLimit(_number(number), unit.value, span=_span(children))

    def designs(self, children: Children) -> tree.Designs:
        _, count, _, share, percent = children
        if not count.isdecimal():
            advice = "try: `solve for 5 designs within 1%`"
            raise Mistake(diagnose("PRE127", place(count), "not a whole number", advice=advice))
        return tree.Designs(_number(count), _number(share), percent is not None, span=_span(children))

    def gap(self, children: Children) -> tree.Gap:
        _, _, number, percent = children
        return tree.Gap(_number(number), percent is not None, span=_span(children))

    def engines(self, children: Children) -> _Engines:
        for engine in children[1:]:
            if engine not in ENGINES:
                meant = near(engine, ENGINES)
                advice = f"try: `{meant}`" if meant else f"there are {_listed(ENGINES)}"
                raise Mistake(diagnose("PRE117", place(engine), "not known", advice=advice, engine=engine))
        return _Engines(tuple(_name(engine) for engine in children[1:]), span=_span(children))

    def ways(self, children: Children) -> _Ways:
        for way in children[1:]:
            if way not in WAYS:
                meant = near(way, (*WAYS, "seed"))
                advice = f"try: `{meant}`" if meant else f"there are {_listed(WAYS)}, and `with seed 3`"
                raise Mistake(diagnose("PRE128", place(way), "not known", advice=advice, way=way))
        for k, way in enumerate(children[1:]):
            for earlier in children[1 : k + 1]:
                if reason := CLASHING_WAYS.get(frozenset({earlier.value, way.value})):
                    both = {"first": earlier.value, "second": way.value, "reason": reason}
                    others = [Label(place(earlier), "not with this")]
                    advice = "try: one of them"
                    raise Mistake(diagnose("PRE129", place(way), "not both", others=others, advice=advice, **both))
        return _Ways(tuple(_name(way) for way in children[1:]), span=_span(children))

    def seed(self, children: Children) -> _Seed:
        token = children[1]
        if not token.isdecimal():
            raise Mistake(diagnose("PRE119", place(token), "not a whole number", advice="try: `with seed 3`"))
        return _Seed(_number(token), span=_span(children))

    # Values and conditions

    def either_of(self, children: Children) -> tree.Or:
        return tree.Or(_flat(children, tree.Or), span=_span(children))

    def all_of(self, children: Children) -> tree.And:
        return tree.And(_flat(children, tree.And), span=_span(children))

    def negation(self, children: Children) -> tree.Not:
        return tree.Not(_condition(children[1]), span=_span(children))

    def comparison(self, children: Children) -> tree.Comparison:
        operators = tuple(_ASCII.get(token, token.value) for token in children[1::2])
        return tree.Comparison(_values(children[::2]), operators, span=_span(children))

    def arithmetic(self, children: Children) -> tree.Arithmetic:
        operands = _values(children[::2])
        operators = tuple(_ASCII.get(token, token.value) for token in children[1::2])
        first = operands[0]
        if isinstance(first, tree.Arithmetic) and (first.operators[0] in "+-") == (operators[0] in "+-"):
            operands, operators = first.operands + operands[1:], first.operators + operators
        return tree.Arithmetic(operands, operators, span=_span(children))

    def signed(self, children: Children) -> tree.Unary:
        sign, operand = children
        return tree.Unary(sign.value, _value(operand), span=_span(children))

    def power(self, children: Children) -> tree.Power:
        base, exponent = children
        return tree.Power(_value(base), _value(exponent), span=_span(children))

    def signed_power(self, children: Children) -> tree.Unary:
        sign, base, exponent = children
        power = tree.Power(_value(base), _value(exponent), span=_span([base, exponent]))
        return tree.Unary(sign.value, power, span=_span(children))

    def number(self, children: Children) -> tree.Number:
        return _number(children[0])

    def name(self, children: Children) -> tree.Name:
        return _name(children[0])

    def call(self, children: Children) -> tree.Call | tree.Uses:
        function, _, arguments, _ = children
        positional = tuple(_value(argument) for argument in arguments if not isinstance(argument, tree.Keyword))
        keywords = tuple(argument for argument in arguments if isinstance(argument, tree.Keyword))
        if late := next((a for a in arguments[: len(positional)] if isinstance(a, tree.Keyword)), None):
            raise Mistake(diagnose("PRE122", late.span, "this one", advice="try: move it to the end"))
        if function == "uses":
            if len(positional) != 1 or keywords:
                raise Mistake(diagnose("PRE123", _span(children), "", advice="try: `uses(inks[3])`"))
            return tree.Uses(positional[0], span=_span(children))
        return tree.Call(_name(function), positional, keywords, span=_span(children))

    def arguments(self, children: Children) -> Children:
        return [child for child in children if child is not None]

    def keyword(self, children: Children) -> tree.Keyword:
        name, value = children
        return tree.Keyword(_name(name), _value(value), span=_span(children))

    def index(self, children: Children) -> tree.Index:
        source, items, _ = children
        depth, inner = 1, source
        while isinstance(inner, tree.Index):
            depth, inner = depth + 1, inner.source
        if depth > MAXIMUM_NESTING:
            advice = "try: give the inner parts names with `let`"
            raise Mistake(diagnose("PRE108", _span(children), "one too many", advice=advice, limit=MAXIMUM_NESTING))
        return tree.Index(_value(source), items, span=_span(children))

    def subscripts(self, children: Children) -> tuple[tree.Expression | tree.Slice, ...]:
        items = (child for child in children if child is not None)
        return tuple(item if isinstance(item, tree.Slice) else _value(item) for item in items)

    def section(self, children: Children) -> tree.Slice:
        start, _, stop, _, step = children
        parts = (None if part is None else _value(part) for part in (start, stop, step))
        return tree.Slice(*parts, span=_span(children))

    def group(self, children: Children) -> tree.Expression | tree.Condition:
        inner: tree.Expression | tree.Condition = children[1]
        return replace(inner, span=_span(children))

    def vector(self, children: Children) -> tree.Tuple:
        return tree.Tuple(_values(child for child in children[1:-1] if child is not None), span=_span(children))


@dataclass(frozen=True, slots=True)
class _Engines(tree.Node):
    names: tuple[tree.Name, ...]


@dataclass(frozen=True, slots=True)
class _Ways(tree.Node):
    names: tuple[tree.Name, ...]


@dataclass(frozen=True, slots=True)
class _Seed(tree.Node):
    value: tree.Number


_Part: TypeAlias = tree.Designs | tree.TimeLimit | tree.Gap | _Engines | _Ways | _Seed


def place(token: Token) -> Span:
    """Return where a token stands; lark always knows, though its types say otherwise."""
    return Span(token.start_pos or 0, token.end_pos or 0)


def _span(children: Iterable[Any]) -> Span:
    """Return the span from the first child that is there to the last one."""
    there = [child for child in children if child is not None]
    first, last = there[0], there[-1]
    start = first.start_pos or 0 if isinstance(first, Token) else first.span.start
    return Span(start, last.end_pos or 0 if isinstance(last, Token) else last.span.end)


def _number(token: Token) -> tree.Number:
    value = float(token)
    if math.isinf(value):
        raise Mistake(diagnose("PRE120", place(token), "over 1.8e308", advice="try: a number that fits into 64 bits"))
    return tree.Number(value, token.value, span=place(token))


def _name(token: Token) -> tree.Name:
    text = str(token)
    if not text.isascii():
        for i, sign in enumerate(text):
            if sign in SIGN_ADVICE or not f"{'a' if i else ''}{sign}".isidentifier():
                span = Span(place(token).start + i, place(token).start + i + 1)
                advice = "names are made of letters, digits and `_`" if sign.isprintable() else "try: leave it out"
                raise Mistake(
                    diagnose("PRE106", span, "not understood", advice=SIGN_ADVICE.get(sign, advice), sign=shown(sign))
                )
        text = unicodedata.normalize("NFKC", text)
    if text in RESERVED:
        raise Mistake(diagnose("PRE110", place(token), "read as this word", advice="try: another name", word=text))
    return tree.Name(text, span=place(token))


def _text(token: Token) -> tree.Text:
    return tree.Text(token[1:-1], span=place(token))


def _values(nodes: Iterable[Any]) -> tuple[tree.Expression, ...]:
    return tuple(_value(node) for node in nodes)


def _value(node: tree.Expression | tree.Condition) -> tree.Expression:
    if isinstance(node, _VALUES):
        return node
    advice = "a condition stands by itself, in `require`, `avoid`, `if` or `either`"
    raise Mistake(diagnose("PRE113", node.span, "holds or does not", advice=advice))


def _condition(node: tree.Expression | tree.Condition) -> tree.Condition:
    if isinstance(node, _VALUES):
        advice = "try: compare it, as in `x >= 1` or `open == 1`, or ask `uses(x)`"
        raise Mistake(diagnose("PRE114", node.span, "a value", advice=advice))
    return node


def _flat(nodes: Iterable[Any], joined: type[tree.And] | type[tree.Or]) -> tuple[tree.Condition, ...]:
    """Return conditions, with the parts of each one that is itself joined in the same way in its place."""
    conditions = (_condition(node) for node in nodes)
    return tuple(
        part
        for condition in conditions
        for part in (condition.parts if isinstance(condition, joined) else (condition,))
    )


def _listed(words: Sequence[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return ", ".join(quoted[:-1]) + " and " + quoted[-1]
