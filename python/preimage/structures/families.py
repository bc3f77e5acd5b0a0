"""The families of the published tasks: what holds each structure, what loads it, and where it may be.

From Hoyer, Sohl-Dickstein and Greydanus, "Neural reparameterization improves structural optimization" (2019), whose
conventions are kept: a load along an edge is 1/width on each of its width + 1 nodes, and positions are rounded from the
upper left corner. Loads point down here; there they carry a minus in arrays whose rows count down, which turns each of
them around as a whole and changes no compliance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from preimage.structures.parts import Load, Part, Support, Void
from preimage.structures.places import Edge, Line, Node
from preimage.structures.regions import Rectangle

Parts: TypeAlias = list[Part]
Family: TypeAlias = Callable[[int, int], Parts]

DOWN = (0.0, -1.0)


def _deck(width: int, height: int, row: int = 0) -> Load:
    """Return a load along a row of nodes, counted from the top."""
    return Load(Line((0, height - row), (width, height - row)), (0.0, -1 / width))


def mbb_beam(width: int, height: int) -> Parts:
    """Return half of a beam on two supports, loaded in its middle."""
    return [Support(Edge("left"), "x"), Support(Node(width, 0), "y"), Load(Node(0, height), DOWN)]


def cantilever_beam_full(width: int, height: int) -> Parts:
    """Return a beam that is held all along its left edge, and loaded at its lower right corner."""
    return [Support(Edge("left")), Load(Node(width, 0), DOWN)]


def cantilever_beam_two_point(width: int, height: int) -> Parts:
    """Return a beam that is held in two points on the left, and loaded in the middle of its right edge."""
    held = [Support(Node(0, height - round(height * share))) for share in (0.75, 0.25)]
    return [*held, Load(Node(width, height - round(0.5 * height)), DOWN)]


def pure_bending_moment(width: int, height: int) -> Parts:
    """Return half of a beam that is bent by a pair of forces."""
    upper, lower = (Node(0, height - round(height * share)) for share in (0.45, 1 - 0.45))
    held = [Support(Edge("right"), "x"), Support(upper, "y"), Support(lower, "y")]
    return [*held, Load(lower, (1.0, 0.0)), Load(upper, (-1.0, 0.0))]


def michell_centered_both(width: int, height: int) -> Parts:
    """Return half of a Michell structure: a force in the middle, held from the side at its height."""
    middle = height - round(height / 2)
    held = [Support(Node(round(0.05 * width), middle), "y"), Support(Edge("right"), "x")]
    return [*held, Load(Node(width, middle), DOWN)]


def michell_centered_below(width: int, height: int) -> Parts:
    """Return half of a Michell structure that lies on one side of its support and its force."""
    held = [Support(Node(round(0.25 * width), height), "y"), Support(Edge("right"), "x")]
    return [*held, Load(Node(width, height), DOWN)]


def ground_structure(width: int, height: int) -> Parts:
    """Return half of an overhanging bridge with two weights."""
    held = [Support(Edge("right"), "x"), Support(Node(0, 0))]
    return [*held, Load(Node(round(0.5 * height), 0), DOWN)]


def l_shape(aspect: float) -> Family:
    """Return the family of L-shaped structures that hang from above, with arms of this share of the sides."""

    def parts(width: int, height: int) -> Parts:
        arm, foot = round(aspect * width), height - round(height * (1 - aspect))
        void = Void(Rectangle((arm, foot), (width, height)))
        load = Load(Node(width, height - round((1 - aspect * 0.5) * height)), DOWN)
        return [Support(Edge("top", 0, arm - 1)), load, void]

    return parts


def crane(width: int, height: int) -> Parts:
    """Return a crane: its arm is two rows deeper than half of the grid, and carries a force at its lower side."""
    tower, under = round(0.5 * width), height - round(height * 0.5) - 2
    void = Void(Rectangle((tower, 0), (width, under)))
    return [Support(Edge("bottom")), Load(Node(round(0.9 * width), under), DOWN), void]


def center_support(width: int, height: int) -> Parts:
    """Return half of a structure that carries a deck from a single point."""
    return [Support(Node(width, 0), "y"), Support(Edge("right"), "x"), _deck(width, height)]


def column(width: int, height: int) -> Parts:
    """Return half of a column that carries a deck from the ground."""
    return [Support(Edge("bottom"), "y"), Support(Edge("right"), "x"), _deck(width, height)]


def roof(width: int, height: int) -> Parts:
    """Return one of many columns that carry a deck from the ground, side by side."""
    return [*_between_walls(), _deck(width, height)]


def causeway_bridge(level: float) -> Family:
    """Return the family of bridges on columns at regular intervals, with the deck at this share of the height."""

    def parts(width: int, height: int) -> Parts:
        held = [Support(Edge("left"), "x"), Support(Edge("right"), "x"), Support(Node(width, 0), "y")]
        return [*held, _deck(width, height, round(height * (1 - level)))]

    return parts


def two_level_bridge(width: int, height: int) -> Parts:
    """Return a bridge with two decks, each of which is pushed along as well as down."""
    rows = (round(height * (1 - 0.2) / 2), round(height * (1 + 0.2) / 2))
    held = [Support(Node(0, 0)), Support(Edge("left"), "x"), Support(Edge("right"), "x")]
    force = (1 / (2 * width), -1 / (2 * width))
    return [*held, *(Load(Line((0, height - row), (width, height - row)), force) for row in rows)]


def free_suspended_bridge(width: int, height: int) -> Parts:
    """Return half of a bridge above its deck, on a slippery bank."""
    bank = Edge("bottom", 0, round(0.2 * width) - 1)
    return [Support(Edge("right"), "x"), Support(bank, "y"), _deck(width, height, height)]


def anchored_suspended_bridge(width: int, height: int) -> Parts:
    """Return half of a bridge above its deck, anchored in the bank."""
    bank = Edge("bottom", 0, round(0.1 * width) - 1)
    return [Support(Edge("right"), "x"), Support(bank), _deck(width, height, height)]


def canyon_bridge(width: int, height: int) -> Parts:
    """Return half of a bridge in a canyon, held by the wall."""
    return [Support(Edge("right")), Support(Edge("left"), "x"), _deck(width, height)]


def thin_support_bridge(width: int, height: int) -> Parts:
    """Return a bridge on a support of a quarter of its width, under a deck of a quarter of its height."""
    deck, free = round(height * 0.25), round(width * 0.75)
    return [*roof(width, height), Void(Rectangle((0, 0), (free, height - deck)))]


def drawbridge(width: int, height: int) -> Parts:
    """Return a bridge that is held from above on the left."""
    return [Support(Edge("left")), _deck(width, height, height)]


def hoop(width: int, height: int) -> Parts:
    """Return half of a circle that is pulled down all along, on the ground."""
    shares = _smooth_circle(width)
    loads = [
        Load(Node(width - x, height - width - y), (0.0, -share / (2 * math.pi * width)))
        for (x, y), share in shares.items()
        if x >= 0
    ]
    return [Support(Edge("right"), "x"), Support(Edge("bottom"), "y"), *loads]


def dam(width: int, height: int) -> Parts:
    """Return a dam: pushed from the left, the more the deeper."""
    pressure = [Load(Node(0, height - row), (2 * (row + 1) / height**2, 0.0)) for row in range(height + 1)]
    return [Support(Edge("bottom")), *pressure]


def staircase(flights: int) -> Family:
    """Return the family of ramps that go back and forth in so many flights; one is a plain ramp."""

    def parts(width: int, height: int) -> Parts:
        turns = [(turn % 2 * width, height - turn * height // flights) for turn in range(flights + 1)]
        return [Support(Edge("bottom")), Load(Line(*turns), (0.0, -1 / (width * flights)))]

    return parts


def staggered_points(interval: int) -> Family:
    """Return the family of points in a staggered grid, so far from one another, each of which is pulled down."""

    def parts(width: int, height: int) -> Parts:
        force, half = (0.0, -(interval**2) / (width * height)), interval // 2
        starts = ((half, 0), (0, half))
        points = [
            Node(x, height - row)
            for first, top in starts
            for x in range(first, width + 1, interval)
            for row in range(top, height + 1, interval)
        ]
        return [*_between_walls(), *(Load(point, force) for point in points)]

    return parts


def multistory_building(interval: int) -> Family:
    """Return the family of halves of buildings with a floor after each interval."""

    def parts(width: int, height: int) -> Parts:
        floors = [_deck(width, height, row) for row in range(0, height + 1, interval)]
        return [Support(Edge("bottom"), "y"), Support(Edge("right"), "x"), *floors]

    return parts


def _between_walls() -> Parts:
    """Return what holds one of many like it, side by side on the ground."""
    return [Support(Edge("bottom"), "y"), Support(Edge("left"), "x"), Support(Edge("right"), "x")]


def _smooth_circle(radius: int) -> dict[tuple[int, int], float]:
    """Return the nodes of a circle around (0, 0), drawn smoothly after Wu, and the weight of each."""
    weights: dict[tuple[int, int], float] = {}
    across, height = 0, radius
    weights |= _eight_times(0, radius, 1.0)
    last = 0.0
    while height > across + 1:
        across += 1
        exact = math.sqrt(radius**2 - across**2)
        missing = math.ceil(exact) - exact
        height -= missing < last
        weights |= _eight_times(across, height, 1.0 - missing)
        weights |= _eight_times(across, height - 1, missing)
        last = missing
    return weights


def _eight_times(a: int, b: int, weight: float) -> dict[tuple[int, int], float]:
    """Return one weight at a point and at its mirror images."""
    return {(i * x, j * y): weight for x, y in ((a, b), (b, a)) for i in (1, -1) for j in (1, -1)}
