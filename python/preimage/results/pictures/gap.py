"""The gap picture: the best design falls, the proved bound rises, and what lies between is still open."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogFormatter

from preimage.engines.search import TraceRow, relative_gap
from preimage.language.problem import Sense
from preimage.results.numbers import number
from preimage.results.pictures.style import BEST, INK, MUTED, PROVED, SKY, as_typed, engine, markers, say, tidy
from preimage.results.words import distance, proved

WIDE_VALUES = 30.0
"""Values that span more than this ratio read better on a logarithmic axis."""

FLAT = 0.02
"""Designs that differ by less than this share of their value are one line: the axis shows how the bound came up."""

LATE = 40.0
"""An axis of time is logarithmic if the search went on this many times longer than its first half of improvements."""

Steps = list[tuple[float, float]]


def draw_gap(axes: Axes, trace: Sequence[TraceRow], sense: Sense, seconds: float, wide: float = WIDE_VALUES) -> None:
    """Draw incumbent and bound over time.

    Parameters
    ----------
    axes
        Where to draw.
    trace
        The improvements, in the user's sense.
    sense
        Whether the incumbent falls (``minimise``) or rises.
    seconds
        When the search ended.
    wide
        Values that span more than this ratio are drawn on a logarithmic axis.
    """
    incumbents = _changes([(row.seconds, row.incumbent) for row in trace])
    bounds = _changes([(row.seconds, row.bound) for row in trace])
    if not incumbents and not bounds:
        say(axes, "no design and no bound")
        return
    end = max(seconds, trace[-1].seconds, 1e-3)
    start = _time_axis(axes, [time for time, _ in incumbents + bounds], end)
    _value_axis(axes, incumbents, bounds, wide)
    gap = relative_gap(incumbents[-1][1] if incumbents else None, bounds[-1][1] if bounds else None)
    if incumbents and bounds:
        _shade(axes, incumbents, bounds, start, end)
    if bounds:
        _draw_steps(axes, bounds, start, end, PROVED, "proved bound", width=3.0)  # stays visible where the two meet
    if incumbents:
        _draw_steps(axes, incumbents, start, end, BEST, "best design", width=1.6)
        _mark_engines(axes, trace, incumbents, start)
    _annotate(axes, incumbents, bounds, gap, sense)
    tidy(axes, y="objective")
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(-0.02, -0.12), ncols=3, columnspacing=1.2)


def _changes(values: list[tuple[float, float | None]]) -> Steps:
    changes: Steps = []
    for time, value in values:
        if value is not None and (not changes or changes[-1][1] != value):
            changes.append((time, value))
    return changes


def _time_axis(axes: Axes, times: list[float], end: float) -> float:
    """Choose the axis of time; return where it starts."""
    times = sorted(times)
    middle = times[len(times) // 2]
    if len(times) > 2 and end > LATE * max(middle, 1e-3):
        start = max(times[0] / 1.5, end * 1e-4, 1e-3)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        axes.set_xlim(start, end * (end / start) ** 0.06)
        axes.set_xlabel("seconds (logarithmic)", fontsize=8, color=INK)
        return start
    axes.set_xlim(0.0, end * 1.06)
    axes.set_xlabel("seconds", fontsize=8, color=INK)
    return 0.0


def _value_axis(axes: Axes, incumbents: Steps, bounds: Steps, wide: float) -> None:
    """Choose the axis of values: every design is in view; a bound that starts far off comes in from the edge."""
    designs = [value for _, value in incumbents]
    last = [bounds[-1][1]] if bounds else []
    shown = designs + last or [value for _, value in bounds]
    low, high = min(shown), max(shown)
    if low > 0 and high > wide * low:
        near = [value for _, value in bounds if value > low / wide]
        low, high = min([low, *near]), max(high, *near) if near else high
        axes.set_yscale("log")
        formatter = LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.8))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(formatter)
        axes.set_ylim(low / (high / low) ** 0.12, high * (high / low) ** 0.12)
        return
    span = high - low if high - low > FLAT * abs(high) else abs(high) or 1.0
    near = [value for _, value in bounds if low - 1.5 * span <= value <= high + 1.5 * span]
    low, high = min([low, *near]), max([high, *near])
    span = max(high - low, FLAT * span)
    axes.set_ylim(low - 0.12 * span, high + 0.12 * span)


def _clip(axes: Axes, value: float) -> float:
    low, high = axes.get_ylim()
    margin = 0.0 if axes.get_yscale() == "log" else high - low
    return min(max(value, low - margin if margin else low * 0.5), high + margin if margin else high * 2)


def _draw_steps(axes: Axes, steps: Steps, start: float, end: float, colour: str, label: str, width: float) -> None:
    times = [max(time, start) for time, _ in steps] + [end]
    values = [_clip(axes, value) for _, value in steps]
    axes.step(
        times,
        [*values, values[-1]],
        where="post",
        color=colour,
        linewidth=width,
        label=label,
        zorder=3,
        solid_capstyle="butt",
    )


def _shade(axes: Axes, incumbents: Steps, bounds: Steps, start: float, end: float) -> None:
    first = max(incumbents[0][0], bounds[0][0])
    times = sorted({max(first, start), *(max(t, start) for t, _ in incumbents + bounds if t >= first), end})
    upper = [_clip(axes, _at(incumbents, time, start)) for time in times]
    lower = [_clip(axes, _at(bounds, time, start)) for time in times]
    axes.fill_between(times, lower, upper, step="post", color=SKY, alpha=0.22, linewidth=0, label="open", zorder=1)


def _at(steps: Steps, time: float, start: float) -> float:
    value = steps[0][1]
    for when, then in steps:
        if max(when, start) <= time:
            value = then
    return value


def _mark_engines(axes: Axes, trace: Sequence[TraceRow], incumbents: Steps, start: float) -> None:
    sources = {(row.seconds, row.incumbent): row.source for row in reversed(trace)}
    names = [sources[step] for step in incumbents]
    for name, marker in markers(names).items():
        mine = [step for step, source in zip(incumbents, names, strict=True) if engine(source) == name]
        axes.plot(
            [max(time, start) for time, _ in mine],
            [value for _, value in mine],
            linestyle="none",
            marker=marker,
            markersize=5.5,
            markerfacecolor="white",
            markeredgecolor=BEST,
            markeredgewidth=1.3,
            label=as_typed(f"by {name}"),
            zorder=4,
            clip_on=False,
        )


def _annotate(axes: Axes, incumbents: Steps, bounds: Steps, gap: float | None, sense: Sense) -> None:
    best = incumbents[-1][1] if incumbents else None
    bound = bounds[-1][1] if bounds else None
    if gap is not None:
        text = f"best {number(best)} · proved {proved(bound, sense)} · gap {distance(best, bound)}"
    elif best is not None:
        text = f"best {number(best)} · no bound proved"
    else:
        text = f"proved {proved(bound, sense)} · no design found"
    axes.set_title(text, fontsize=9, loc="left", color=INK if gap is not None else MUTED)
