"""The answer as the domain sees it: what was wanted against what the design gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from preimage.results.numbers import number
from preimage.results.pictures.style import MUTED, PREDICTION, TARGET, tidy
from preimage.results.plain import Array

if TYPE_CHECKING:
    from preimage.results.result import Result

LONG = 8
"""Outputs of at least this many entries are curves, shorter ones bars."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One row of a target, and what the design gives in its place.

    Attributes
    ----------
    title
        What is compared.
    prediction
        Shape ``(entries,)``, or ``(points, 2)`` for points of a plane.
    target
        Of the same shape, or ``(2,)`` for one point that is wanted in the plane; None if nothing is wanted.
    """

    title: str
    prediction: Array
    target: Array | None

    @property
    def miss(self) -> float:
        """The sum of absolute differences."""
        if self.target is None or self.target.shape != self.prediction.shape:
            return 0.0
        return float(np.abs(self.prediction - self.target).sum())


def comparisons(result: Result) -> list[Comparison]:
    """Return what a result has to show: a comparison a row of the target, or the predictions as they are."""
    found: list[Comparison] = []
    for name, target in result.targets.items():
        match = _counterpart(result, target)
        if match is not None:
            found += _rows(match, name, np.asarray(result.predictions[match]), np.asarray(target))
    if found:
        return found
    for name, prediction in result.predictions.items():
        if prediction.ndim == 2 and prediction.shape[1] == 2 and len(prediction) >= LONG:
            point = next((np.asarray(t) for t in result.targets.values() if t.shape == (2,)), None)
            return [Comparison(name, prediction, point)]
    return [Comparison(name, np.ravel(p), None) for name, p in result.predictions.items() if 1 < p.size <= 2000]


def draw_comparison(axes: Axes, comparison: Comparison, *, legend: bool = True, title: str | None = None) -> None:
    """Draw one comparison: points of the plane, curves, or bars."""
    prediction, target = comparison.prediction, comparison.target
    if prediction.ndim == 2:
        _points(axes, prediction, target)
    elif prediction.size >= LONG:
        _curves(axes, prediction, target)
    else:
        _bars(axes, prediction, target)
    tidy(axes, comparison.title if title is None else title)
    if legend and target is not None:
        axes.legend(fontsize=8, frameon=False, loc="best")


def choose(rows: Sequence[Comparison], most: int) -> list[tuple[str, Comparison]]:
    """Return every row if there are few; otherwise the ones that came out best, in the middle and worst."""
    if len(rows) <= most:
        return [("", row) for row in rows]
    order = sorted(range(len(rows)), key=lambda k: rows[k].miss)
    picks = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    return [(f"{word}: ", rows[k]) for word, k in picks.items()]


def _counterpart(result: Result, target: Array) -> str | None:
    """Return the prediction that a target is compared with: of its shape, and the nearest if there are several."""
    fitting = [
        name
        for name, prediction in result.predictions.items()
        if prediction.shape == target.shape or prediction.shape == target.shape[1:]
    ]
    return min(fitting, key=lambda name: float(np.abs(result.predictions[name] - target).sum()), default=None)


def _rows(name: str, target_name: str, prediction: Array, target: Array) -> list[Comparison]:
    title = f"{name} against {target_name}"
    if target.ndim < 2:
        return [Comparison(title, np.atleast_1d(prediction), np.atleast_1d(target))]
    prediction = np.broadcast_to(prediction, target.shape)
    return [Comparison(f"{target_name} {k}", np.ravel(prediction[k]), np.ravel(target[k])) for k in range(len(target))]


def _curves(axes: Axes, prediction: Array, target: Array | None) -> None:
    entries = np.arange(prediction.size)
    if target is not None:
        axes.fill_between(entries, target, prediction, color=PREDICTION, alpha=0.18, linewidth=0)
        axes.plot(entries, target, color=TARGET, linewidth=2.2, alpha=0.85, label="target")
    dashes = "-" if target is None else (0, (4, 1.5))
    axes.plot(entries, prediction, color=PREDICTION, linewidth=1.6, linestyle=dashes, label="design")
    axes.margins(x=0.02)


def _bars(axes: Axes, prediction: Array, target: Array | None) -> None:
    entries = np.arange(prediction.size)
    width = 0.38 if target is not None else 0.6
    if target is not None:
        bars = axes.bar(entries - width / 2, target, width, color=TARGET, alpha=0.85, label="target")
        axes.bar_label(bars, [number(v, 3) for v in target], fontsize=7, color=MUTED, padding=1)
    bars = axes.bar(
        entries + (width / 2 if target is not None else 0.0), prediction, width, color=PREDICTION, label="design"
    )
    axes.bar_label(bars, [number(v, 3) for v in prediction], fontsize=7, color=MUTED, padding=1)
    axes.axhline(0.0, color=MUTED, linewidth=0.8)
    axes.set_xticks(entries, [str(k) for k in entries])
    axes.margins(y=0.18)


def _points(axes: Axes, prediction: Array, target: Array | None) -> None:
    axes.plot(prediction[:, 0], prediction[:, 1], ".", color=PREDICTION, markersize=4, label="design")
    if target is not None:
        points = np.atleast_2d(target)
        axes.plot(points[:, 0], points[:, 1], "*", color=TARGET, markersize=11, label="target")
    axes.set_aspect("equal", adjustable="datalim")
