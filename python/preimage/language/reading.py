"""From tokens to the leaves of the tree, and the mistakes that the grammar lets through."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from lark import Token

from preimage.language import tree
from preimage.language.diagnostic import Diagnostic, diagnose
from preimage.language.messages import shown
from preimage.language.span import Span
from preimage.language.words import RESERVED, SIGN_ADVICE

Children = list[Any]

_VALUES = (tree.Number, tree.Name, tree.Unary, tree.Arithmetic, tree.Power, tree.Call, tree.Index, tree.Tuple)


class Mistake(Exception):
    """Something that the grammar lets through but that says nothing; ends the reading of its statement."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


def place(token: Token) -> Span:
    """Return where a token stands; lark always knows, though its types say otherwise."""
    return Span(token.start_pos or 0, token.end_pos or 0)


def span_of(children: Iterable[Any]) -> Span:
    """Return the span from the first child that is there to the last one."""
    there = [child for child in children if child is not None]
    first, last = there[0], there[-1]
    start = first.start_pos or 0 if isinstance(first, Token) else first.span.start
    return Span(start, last.end_pos or 0 if isinstance(last, Token) else last.span.end)


def number_of(token: Token) -> tree.Number:
    """Return a number as a node; `Mistake` if it is too large for a float."""
    value = float(token)
    if math.isinf(value):
        raise Mistake(diagnose("PRE120", place(token), "over 1.8e308", advice="try: a number that fits into 64 bits"))
    return tree.Number(value, token.value, span=place(token))


def name_of(token: Token) -> tree.Name:
    """Return a name as a node, in normal form; `Mistake` if it holds a sign that is no letter, or is reserved."""
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


def text_of(token: Token) -> tree.Text:
    """Return a text as a node, without its quotes."""
    return tree.Text(token[1:-1], span=place(token))


def values_of(nodes: Iterable[Any]) -> tuple[tree.Expression, ...]:
    """Return nodes that are values."""
    return tuple(value_of(node) for node in nodes)


def value_of(node: tree.Expression | tree.Condition) -> tree.Expression:
    """Return a node that is a value; `Mistake` if it is a condition."""
    if isinstance(node, _VALUES):
        return node
    advice = "a condition stands by itself, in `require`, `avoid`, `if` or `either`"
    raise Mistake(diagnose("PRE113", node.span, "holds or does not", advice=advice))


def condition_of(node: tree.Expression | tree.Condition) -> tree.Condition:
    """Return a node that is a condition; `Mistake` if it is a value."""
    if isinstance(node, _VALUES):
        advice = "try: compare it, as in `x >= 1` or `open == 1`, or ask `uses(x)`"
        raise Mistake(diagnose("PRE114", node.span, "a value", advice=advice))
    return node


def flattened(nodes: Iterable[Any], joined: type[tree.And] | type[tree.Or]) -> tuple[tree.Condition, ...]:
    """Return conditions, with the parts of each one that is itself joined in the same way in its place."""
    conditions = (condition_of(node) for node in nodes)
    return tuple(
        part
        for condition in conditions
        for part in (condition.parts if isinstance(condition, joined) else (condition,))
    )


def listed(words: Sequence[str]) -> str:
    """Return words in backticks, with `and` before the last one."""
    quoted = [f"`{word}`" for word in words]
    return ", ".join(quoted[:-1]) + " and " + quoted[-1]
