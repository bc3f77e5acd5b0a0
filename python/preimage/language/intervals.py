"""What values an expression can have within the bounds of the inputs: interval arithmetic, rounded outward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from preimage.language.problem import (
    Abs,
    Add,
    Apply,
    Array,
    Choice,
    Clip,
    Concat,
    Constant,
    Divide,
    Expression,
    Gather,
    Input,
    MatMul,
    MaxEntry,
    Maximum,
    Multiply,
    Norm,
    Relu,
    Sum,
    Target,
    TargetRow,
)
from preimage.networks.network import Network

ROUND_OFF = float(np.finfo(np.float64).eps)
"""A sum of n products is off by less than n times this, relative to the sum of their sizes (Higham, section 3.1)."""

WHOLE = 1e-9
"""The end of a range of integers that misses a whole number by no more than this means it."""

LARGEST_FOR_LINEAR_BOUNDS = 2000
"""Networks with more neurons get interval bounds, which are looser and take no time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Proved limits of every entry of an expression."""

    lower: Array
    upper: Array

    @property
    def size(self) -> Array:
        """The largest magnitude within the limits."""
        return np.maximum(np.abs(self.lower), np.abs(self.upper))

    @property
    def whole(self) -> Interval:
        """The first and the last whole number within the limits; crossed where there is none."""
        return Interval(np.ceil(self.lower - WHOLE), np.floor(self.upper + WHOLE))

    def widened(self, terms: int, magnitude: Array) -> Interval:
        """Move both limits outward by the round-off of a sum of ``terms`` products whose sizes sum to ``magnitude``."""
        slack = (terms + 2) * ROUND_OFF * magnitude
        # What is not a number (infinity minus infinity) is not known: fmax and fmin take the other side of it.
        return Interval(np.fmax(self.lower - slack, -np.inf), np.fmin(self.upper + slack, np.inf))


class Intervals:
    """Interval bounds of expressions.

    Parameters
    ----------
    inputs, targets, networks
        What is declared, by name; it may grow while expressions are looked at.
    rows
        The row of each target that is looked at; all rows together where a target is not named.
    """

    def __init__(
        self,
        inputs: Mapping[str, Input],
        targets: Mapping[str, Target],
        networks: Mapping[str, Network],
        rows: Mapping[str, int] | None = None,
    ) -> None:
        self._inputs = inputs
        self._targets = targets
        self._networks = networks
        self._rows = rows or {}
        self._known: dict[Expression, Interval] = {}
        self._applied: dict[tuple[str, bytes, bytes], Interval] = {}

    def of(self, expression: Expression) -> Interval:
        """Return limits of every entry of ``expression``, of its shape."""
        known = self._known.get(expression)
        if known is None:
            with np.errstate(all="ignore"):
                found = self._compute(expression)
            if found.lower.shape != expression.shape or found.upper.shape != expression.shape:
                found = Interval(*(np.broadcast_to(limit, expression.shape) for limit in (found.lower, found.upper)))
            known = self._known[expression] = found
        return known

    def _compute(self, expression: Expression) -> Interval:
        match expression:
            case Constant(value=value):
                return Interval(value, value)
            case TargetRow(name=name):
                rows = self._targets[name].rows
                if name in self._rows:
                    row: Array = rows[self._rows[name]]
                    return Interval(row, row)
                return Interval(rows.min(axis=0), rows.max(axis=0))
            case Choice(name=name):
                declared = self._inputs[name]
                return Interval(self.of(declared.lower).lower, self.of(declared.upper).upper)
            case Add(parts=parts):
                limits = [self.of(part) for part in parts]
                lower = sum((limit.lower for limit in limits), np.zeros(expression.shape))
                upper = sum((limit.upper for limit in limits), np.zeros(expression.shape))
                size = sum((limit.size for limit in limits), np.zeros(expression.shape))
                return Interval(lower, upper).widened(len(parts), size)
            case Multiply(left=left, right=right):
                return self._product(self.of(left), self.of(right))
            case Divide(numerator=numerator, denominator=denominator):
                below = self.of(denominator)
                spans_zero = (below.lower <= 0) & (below.upper >= 0)
                inverse = Interval(
                    np.where(spans_zero, -np.inf, 1 / below.upper), np.where(spans_zero, np.inf, 1 / below.lower)
                )
                return self._product(self.of(numerator), inverse)
            case MatMul(left=left, right=right):
                return self._matmul(self.of(left), self.of(right))
            case Gather(source=source, indices=indices):
                limit = self.of(source)
                return Interval(limit.lower.ravel()[indices], limit.upper.ravel()[indices])
            case Concat(parts=parts):
                limits = [self.of(part) for part in parts]
                return Interval(
                    np.concatenate([limit.lower.ravel() for limit in limits]),
                    np.concatenate([limit.upper.ravel() for limit in limits]),
                )
            case Sum(source=source):
                limit = self.of(source)
                return Interval(limit.lower.sum(), limit.upper.sum()).widened(limit.lower.size, limit.size.sum())
            case Abs(source=source):
                limit = self.of(source)
                return Interval(np.maximum(0, np.maximum(limit.lower, -limit.upper)), limit.size)
            case Relu(source=source):
                limit = self.of(source)
                return Interval(np.maximum(limit.lower, 0), np.maximum(limit.upper, 0))
            case Clip(source=source, lower=low, upper=high):
                limit, low_limit, high_limit = self.of(source), self.of(low), self.of(high)
                return Interval(
                    np.minimum(np.maximum(limit.lower, low_limit.lower), high_limit.lower),
                    np.minimum(np.maximum(limit.upper, low_limit.upper), high_limit.upper),
                )
            case Maximum(parts=parts):
                limits = [self.of(part) for part in parts]
                lowers = [np.broadcast_to(limit.lower, expression.shape) for limit in limits]
                uppers = [np.broadcast_to(limit.upper, expression.shape) for limit in limits]
                return Interval(np.maximum.reduce(lowers), np.maximum.reduce(uppers))
            case MaxEntry(source=source):
                limit = self.of(source)
                return Interval(limit.lower.max(), limit.upper.max())
            case Norm(source=source):
                limit = self.of(source)
                least = np.maximum(0, np.maximum(limit.lower, -limit.upper))
                norms = Interval(np.asarray(np.linalg.norm(least)), np.asarray(np.linalg.norm(limit.size)))
                return norms.widened(limit.lower.size, norms.upper)
            case Apply(network=network, argument=argument):
                return self._apply(network, self.of(argument))
        raise TypeError(f"unknown expression {type(expression).__name__}")

    @staticmethod
    def _product(left: Interval, right: Interval) -> Interval:
        corners = [_finite_times_infinite(a * b) for a in (left.lower, left.upper) for b in (right.lower, right.upper)]
        product = Interval(np.minimum.reduce(corners), np.maximum.reduce(corners))
        return product.widened(1, product.size)

    @staticmethod
    def _matmul(left: Interval, right: Interval) -> Interval:
        # In midpoint and radius form: exact but for rounding where one side is known, and valid for any two.
        centre_left, centre_right = (left.lower + left.upper) / 2, (right.lower + right.upper) / 2
        radius_left, radius_right = (left.upper - left.lower) / 2, (right.upper - right.lower) / 2
        centre = np.asarray(centre_left @ centre_right)
        radius = np.asarray(np.abs(centre_left) @ radius_right + radius_left @ right.size)
        size = np.asarray(left.size @ right.size)
        return Interval(centre - radius, centre + radius).widened(2 * left.lower.shape[-1] + 4, size)

    def _apply(self, name: str, argument: Interval) -> Interval:
        network = self._networks[name]
        lower, upper = (
            np.ascontiguousarray(limit, dtype=np.float64).ravel() for limit in (argument.lower, argument.upper)
        )
        if not (np.isfinite(lower).all() and np.isfinite(upper).all()):
            unknown = np.full(network.output_size, np.inf)
            return Interval(-unknown, unknown)
        key = (name, lower.tobytes(), upper.tobytes())
        known = self._applied.get(key)
        if known is None:
            graph = network.graph
            neurons = sum(graph.size(node) for node in range(graph.node_count))
            bounds = graph.bounds(lower, upper, "crown" if neurons <= LARGEST_FOR_LINEAR_BOUNDS else "interval")
            known = self._applied[key] = Interval(bounds.lower(graph.output), bounds.upper(graph.output))
        return known


def _finite_times_infinite(product: Array) -> Array:
    """Let 0 times infinity be 0, as an end of an interval."""
    return np.where(np.isnan(product), 0.0, product) if np.isnan(product).any() else product
