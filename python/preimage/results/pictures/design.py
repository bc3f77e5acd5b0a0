"""The design: bars within their bounds, by their names; what is left out is grey."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from preimage.results.numbers import number
from preimage.results.pictures.style import (
    BLUE,
    FAINT,
    GREEN,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    USED,
    VERMILLION,
    as_typed,
    tidy,
)
from preimage.results.plain import Array

if TYPE_CHECKING:
    from preimage.results.result import Result

NARROW = 0.05
"""Values between bounds narrower than this share of them are drawn as places: bars would all look alike."""

MOST_GROUPS = 12
MOST_NAMED = 24
MOST_WRITTEN = 12
MOST_BARS = 200


def draw_input(axes: Axes, result: Result, name: str) -> None:
    """Draw one input of the design."""
    values = np.asarray(result.design[name], dtype=np.float64)
    labels = result.labels.get(name, ())
    if values.ndim == 2 and len(values) > 1:
        _draw_rows(axes, name, values, labels)
        return
    flat = values.ravel()
    labels = labels if len(labels) == len(flat) else ()
    limits = result.limits.get(name)
    if limits is not None:
        lower, upper = (np.broadcast_to(limit, values.shape).ravel().astype(np.float64) for limit in limits)
        if _narrow(flat, lower, upper):
            _draw_places(axes, name, (flat - lower) / np.where(upper > lower, upper - lower, 1.0), labels)
            return
        axes.bar(np.arange(len(flat)), upper - lower, 0.8, bottom=lower, color=FAINT, linewidth=0, zorder=1)
    used = flat != 0.0
    tidy(axes, name + _left_out(used))
    _draw_bars(axes, flat, used)
    _name_entries(axes, labels, used)


def _narrow(values: Array, lower: Array, upper: Array) -> bool:
    largest = float(np.abs(values).max(initial=0.0))
    return largest > 0.0 and float((upper - lower).max(initial=0.0)) < NARROW * largest


def _left_out(used: NDArray[np.bool_]) -> str:
    zeros = int((~used).sum())
    return f": {zeros} of {used.size} {'is' if zeros == 1 else 'are'} 0" if zeros and used.size > 1 else ""


def _draw_bars(axes: Axes, values: Array, used: NDArray[np.bool_]) -> None:
    entries = np.arange(len(values))
    if len(values) > MOST_BARS:
        axes.fill_between(entries, values, step="mid", color=USED, zorder=2)
    else:
        bars = axes.bar(entries, values, 0.8 if len(values) > MOST_NAMED else 0.56, color=USED, zorder=2)
        axes.plot(entries[~used], np.zeros(int((~used).sum())), "_", color=MUTED, markersize=4, zorder=4)
        if len(values) <= MOST_WRITTEN:
            axes.bar_label(bars, [short(float(value)) for value in values], fontsize=7, padding=1)
            axes.margins(y=0.14)
    axes.axhline(0.0, color=MUTED, linewidth=0.8, zorder=3)
    axes.set_xlim(-0.7, len(values) - 0.3)


def short(value: float) -> str:
    """Return a value in three digits, integers as such."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e4 else number(value, 3)


def _draw_places(axes: Axes, name: str, places: Array, labels: tuple[str, ...]) -> None:
    """Draw where values stand between bounds that lie close together."""
    tidy(axes, f"{name}: place between its bounds")
    entries = np.arange(len(places))
    axes.vlines(entries, 0.0, 1.0, color=FAINT, linewidth=6, zorder=1)
    axes.plot(entries, places, "o", color=USED, markersize=6, zorder=2)
    axes.set_yticks([0, 1], ["lower", "upper"])
    axes.set_ylim(-0.15, 1.15)
    axes.set_xlim(-0.7, len(places) - 0.3)
    _name_entries(axes, labels, np.ones(len(places), dtype=bool))


def _name_entries(axes: Axes, labels: tuple[str, ...], used: NDArray[np.bool_]) -> None:
    count = used.size
    named = np.arange(count)
    if count > MOST_NAMED:
        named = np.flatnonzero(used)
        if len(named) > MOST_NAMED:
            return
    texts = [labels[k] if labels else str(k) for k in named]
    _set_names(axes, named.tolist(), texts, span=count)
    for tick, k in zip(axes.get_xticklabels(), named, strict=False):
        if not used[k]:
            tick.set_color(MUTED)


def _set_names(axes: Axes, places: list[int], texts: list[str], span: int) -> None:
    longest = max(map(len, texts), default=0)
    near = min((b - a for a, b in itertools.pairwise(places)), default=span)
    crowded = longest * span > 60 * near
    axes.set_xticks(places, [as_typed(text) for text in texts])
    if crowded:
        axes.tick_params(axis="x", rotation=45)
        for tick in axes.get_xticklabels():
            tick.set_horizontalalignment("right")
            tick.set_rotation_mode("anchor")


def _draw_rows(axes: Axes, name: str, values: Array, labels: tuple[str, ...]) -> None:
    """Draw an input with a row a target: grouped bars if few entries are used, else a map."""
    rows, count = values.shape
    used = np.flatnonzero(np.any(values != 0.0, axis=0))
    if not 0 < len(used) <= MOST_GROUPS or rows > MOST_GROUPS:
        from matplotlib import colormaps

        colours = colormaps["cividis"].with_extremes(bad=FAINT)
        image = axes.imshow(np.ma.masked_equal(values, 0.0), aspect="auto", cmap=colours, interpolation="nearest")
        axes.figure.colorbar(image, ax=axes, pad=0.01).ax.tick_params(labelsize=7)
        tidy(axes, f"{name} (grey: 0)", x="entry", y="target")
        axes.set_yticks(range(rows) if rows <= MOST_GROUPS else [0, rows - 1])
        return
    palette = [BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY]
    width = 0.8 / rows
    for row in range(rows):
        shift = (row - (rows - 1) / 2) * width
        axes.bar(np.arange(len(used)) + shift, values[row, used], width * 0.9, color=palette[row % 6], label=str(row))
    texts = [labels[k] if labels else f"{name}[{k}]" for k in used]
    _set_names(axes, list(range(len(used))), texts, span=len(used))
    axes.axhline(0.0, color=MUTED, linewidth=0.8)
    axes.set_xlim(-0.6, len(used) - 0.4)
    axes.margins(y=0.2)
    left_out = count - len(used)
    tidy(axes, f"{name}, a bar a target" + (f": {left_out} of {count} are 0" if left_out else ""))
