"""Make the nodes of what is said of structures."""

# ruff: noqa: D102 (each rule is described in the grammar)

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lark import Token, Transformer

from preimage.language import tree
from preimage.language.diagnostic import diagnose
from preimage.language.messages import near
from preimage.language.reading import Children, Mistake, listed, name_of, place, span_of, value_of, values_of
from preimage.language.words import REPARAMETERISATIONS


class StructureBuilder(Transformer[Token, tree.Statement]):
    """The rules of the grammar about structures."""

    def structure(self, children: Children) -> tree.StructureDeclaration:
        _, name, width, _, height = children
        if height is None:  # 192 × 64 was read as a product
            if not isinstance(width, tree.Arithmetic) or width.operators != ("*",):
                raise Mistake(diagnose("PRE132", width.span, "one size", advice="try: `192 x 64`"))
            width, height = width.operands
        return tree.StructureDeclaration(name_of(name), value_of(width), value_of(height), span=span_of(children))

    def support(self, children: Children) -> tree.Support:
        _, held, first, second, *quantifiers = children
        directions: Literal["x", "y", "xy"] = first.value
        if second is not None:
            if second == first:
                advice = f"try: `in {first}`, or `in x and y`"
                raise Mistake(diagnose("PRE133", place(second), "said again", advice=advice, direction=first))
            directions = "xy"
        return tree.Support(held, directions, tuple(quantifiers), span=span_of(children))

    def direction(self, children: Children) -> Token:
        token: Token = children[0]
        return token

    def load(self, children: Children) -> tree.Load:
        _, loaded, force, total, *quantifiers = children
        return tree.Load(loaded, value_of(force), total is not None, tuple(quantifiers), span=span_of(children))

    def load_case(self, children: Children) -> tree.LoadCase:
        _, _, name, _, weight = children
        return tree.LoadCase(name_of(name), weight and value_of(weight), span=span_of(children))

    def region(self, children: Children) -> tree.Region:
        kind, region, *quantifiers = children
        return tree.Region(kind.value, region, tuple(quantifiers), span=span_of(children))

    def symmetric(self, children: Children) -> tree.Symmetric:
        _, across, at = children
        return tree.Symmetric(across.value, value_of(at), span=span_of(children))

    def volume(self, children: Children) -> tree.Volume:
        _, share, percent, moment = children
        when = None if moment is None else moment.word
        return tree.Volume(value_of(share), percent is not None, when, span=span_of(children))

    def moment(self, children: Children) -> _Moment:
        return _Moment(children[0].value, span=span_of(children))

    def filter(self, children: Children) -> tree.Filter:
        _, _, radius, _, projection = children
        return tree.Filter(value_of(radius), projection is not None, span=span_of(children))

    def members(self, children: Children) -> tree.Members:
        return tree.Members(value_of(children[2]), span=span_of(children))

    def reparameterise(self, children: Children) -> tree.Reparameterise:
        way = children[1]
        if way not in REPARAMETERISATIONS:
            meant = near(way, REPARAMETERISATIONS)
            advice = f"try: `{meant}`" if meant else f"there are {listed(REPARAMETERISATIONS)}"
            raise Mistake(diagnose("PRE134", place(way), "not known", advice=advice, way=way))
        return tree.Reparameterise(name_of(way), span=span_of(children))

    # Places and regions

    def node(self, children: Children) -> tree.GridNode:
        return tree.GridNode(value_of(children[1]), span=span_of(children))

    def edge(self, children: Children) -> tree.Edge:
        side, _, start, _, end = children
        return tree.Edge(side.value, start and value_of(start), end and value_of(end), span=span_of(children))

    def line(self, children: Children) -> tree.Line:
        return tree.Line(values_of(children[1::2]), span=span_of(children))

    def rectangle(self, children: Children) -> tree.Rectangle:
        _, corner, _, opposite = children
        return tree.Rectangle(value_of(corner), value_of(opposite), span=span_of(children))

    def disc(self, children: Children) -> tree.Disc:
        _, centre, _, radius = children
        return tree.Disc(value_of(centre), value_of(radius), span=span_of(children))


@dataclass(frozen=True, slots=True)
class _Moment(tree.Node):
    word: Literal["before", "after"]
