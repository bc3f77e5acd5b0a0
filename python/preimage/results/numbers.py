"""How numbers are written: enough digits to tell two values apart, and never rounded to the flattering side."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Literal

Rounding = Literal["nearest", "down", "up"]

NOISE = 1e-9
"""A bound that differs from its printed digits by less than this, relatively, differs by the rounding of sums."""

_MODES = {"nearest": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}


def number(value: float | None, digits: int = 5, rounding: Rounding = "nearest") -> str:
    """Return ``value`` with ``digits`` significant digits; a dash where there is none.

    Parameters
    ----------
    value
        The number to write.
    digits
        Significant digits.
    rounding
        ``down`` and ``up`` keep a bound true in print: a lower bound is rounded down, an upper bound up.

    Examples
    --------
    >>> number(0.742698), number(0.742698, rounding="down"), number(0.0), number(12345.678), number(3.2e-9)
    ('0.74270', '0.74269', '0.0000', '12346', '3.2000e-09')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0.0:
        return f"{0.0:.{digits - 1}f}"
    exact = Decimal(repr(float(value)))
    last = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    rounded = exact.quantize(last, rounding=ROUND_HALF_EVEN)
    if abs(rounded - exact) > abs(exact) * Decimal(NOISE):
        rounded = exact.quantize(last, rounding=_MODES[rounding])
    exponent = rounded.adjusted()
    if -5 < exponent < 9:
        return f"{rounded:.{max(digits - 1 - exponent, 0)}f}"
    return f"{rounded:.{digits - 1}e}"


def percent(gap: float | None) -> str:
    """Return a relative gap in percent with two significant digits, rounded up so that it is never understated.

    Examples
    --------
    >>> percent(1.0), percent(0.176), percent(9.8e-5), percent(0.0), percent(37.0), percent(None)
    ('100 %', '18 %', '0.0098 %', '0 %', '> 999 %', '–')
    """
    if gap is None or not math.isfinite(gap):
        return "–"
    if gap == 0.0:
        return "0 %"
    if gap > 9.99:
        return "> 999 %"
    hundredths = Decimal(repr(gap)) * 100
    if hundredths < Decimal("0.0001"):
        return "< 0.0001 %"
    digit = hundredths.adjusted()
    rounded = hundredths.quantize(Decimal(1).scaleb(min(digit - 1, 0)), rounding=ROUND_CEILING).normalize()
    return f"{rounded:f} %"


def duration(seconds: float) -> str:
    """Return a time span as a reader says it: ``0.3 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def size(byte_count: int) -> str:
    """Return a file size: ``812 bytes``, ``12 kB``, ``3.4 MB``."""
    if byte_count < 1000:
        return f"{byte_count} bytes"
    if byte_count < 100_000:
        return f"{byte_count / 1000:.0f} kB"
    return f"{byte_count / 1e6:.1f} MB"
