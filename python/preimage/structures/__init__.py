"""Structures: the stiffest design for given supports, loads and volume, with a proved lower bound."""

from preimage.structures.task import Task

__all__ = ["Task"]
