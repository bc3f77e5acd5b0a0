"""What is typed after the flags of ``%%invert``."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def typed(read: Callable[[str], Value]) -> Callable[[str], Value]:
    """Let a reader of options say in the notebook what it does not understand."""

    @functools.wraps(read)
    def reader(text: str) -> Value:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reader


def count(text: str) -> int:
    """Read a positive whole number."""
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"{text!r} is not a positive whole number")
    return int(text)
