"""Structures: the stiffest design for given supports, loads and volume, with a proved lower bound."""

from preimage.structures.parts import Load, LoadCase, Solid, Support, Symmetric, Void
from preimage.structures.places import Edge, Line, Node
from preimage.structures.regions import Disc, Rectangle
from preimage.structures.suite import PUBLISHED, published
from preimage.structures.task import Task

__all__ = [
    "PUBLISHED",
    "Disc",
    "Edge",
    "Line",
    "Load",
    "LoadCase",
    "Node",
    "Rectangle",
    "Solid",
    "Support",
    "Symmetric",
    "Task",
    "Void",
    "published",
]
