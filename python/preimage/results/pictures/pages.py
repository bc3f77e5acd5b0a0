"""Whole pictures: one result, or a sweep."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from preimage.results.errors import ResultFileError
from preimage.results.pictures.answer import Comparison, choose, comparisons, draw_comparison
from preimage.results.pictures.boxes import draw_boxes
from preimage.results.pictures.design import draw_input
from preimage.results.pictures.gap import WIDE_VALUES, draw_gap
from preimage.results.pictures.style import BEST, INK, MUTED, PROVED, as_typed, picture, save, say, tidy

if TYPE_CHECKING:
    from preimage.results.result import Result
    from preimage.results.sweep import Sweep

MOST_PANELS = 6
MOST_INPUTS = 3


def write(figure: Figure, path: str | Path) -> Path:
    """Write a picture; the suffix tells the format.

    Raises
    ------
    ResultFileError
        If the file cannot be written, or matplotlib does not know the format (PRE705).
    """
    path = Path(path)
    try:
        save(figure, path)
    except OSError as error:
        raise ResultFileError.not_written(path, error) from error
    except ValueError as error:  # a format that matplotlib does not know
        advice = "a path that ends in .png, .svg or .pdf"
        raise ResultFileError("PRE705", path, advice, done="written", reason=str(error)) from error
    return path


def plot_result(result: Result) -> Figure:
    """Draw the search on the left, the boxes (if two values were chosen in one tree) and the answer on the right."""
    shown = choose(comparisons(result), MOST_PANELS)
    inputs = sorted(result.design, key=lambda name: result.design[name].size, reverse=True)[:MOST_INPUTS]
    if not result.design:
        return _plot_without_design(result)
    rows = 1 if len(shown) <= 1 else 2
    width, ratios = (11.0, (1.0, 1.15)) if result.boxes is None else (14.0, (1.0, 1.0, 0.8))
    figure = picture(width, 4.6 + 0.9 * (rows - 1) + 0.7 * (len(inputs) - 1))
    figure.suptitle(_wrapped(result.message, 120), fontsize=11, x=0.012, ha="left", color=INK)
    left, *middle, right = _side_by_side(figure, ratios)
    _draw_search(left.subplots(), result)
    if result.boxes is not None:
        draw_boxes(middle[0].subplots(), result.boxes, result.boxes.point(result.design))
    if not shown:
        _draw_inputs(right, result, inputs)
        return figure
    grid = right.add_gridspec(2, 1, height_ratios=[1.2 + 0.5 * (rows - 1), 0.9 * len(inputs)])
    _draw_panels(right.add_subfigure(grid[0]), shown, rows)
    _draw_inputs(right.add_subfigure(grid[1]), result, inputs)
    return figure


def plot_sweep(sweep: Sweep) -> Figure:
    """Draw objective and proved bound of every row on the left; best, median and worst row on the right."""
    figure = picture(11.0, 5.2)
    figure.suptitle(_wrapped(sweep.message, 120), fontsize=11, x=0.012, ha="left", color=INK)
    left, right = _side_by_side(figure, (1.0, 1.15))
    _draw_targets(left.subplots(), sweep)
    rows = _exemplars(sweep)
    if not rows:
        say(right.subplots(), "no design to show")
        return figure
    panels = np.atleast_1d(right.subplots(len(rows), 1))
    for axes, (title, comparison) in zip(panels, rows, strict=True):
        draw_comparison(axes, comparison, legend=axes is panels[0], title=f"{title}: {comparison.title}")
    return figure


def _side_by_side(figure: Figure, ratios: tuple[float, ...]) -> list[SubFigure]:
    grid = figure.add_gridspec(1, len(ratios), width_ratios=list(ratios))
    return [figure.add_subfigure(grid[k]) for k in range(len(ratios))]


def _wrapped(text: str, width: int) -> str:
    return as_typed("\n".join(textwrap.wrap(text, width)))


def _plot_without_design(result: Result) -> Figure:
    figure = picture(11.0, 1.2 + 0.3 * len(result.clashes) if result.clashes else 3.4)
    figure.suptitle(_wrapped(result.message, 120), fontsize=11, x=0.012, ha="left", color=INK)
    axes = figure.subplots()
    if not result.clashes:
        _draw_search(axes, result)
        return figure
    axes.set_axis_off()
    lines = [f"line {line:<4} {textwrap.shorten(statement, 100)}" for line, statement in result.clashes]
    axes.text(
        0.0, 0.9, as_typed("\n".join(lines)), va="top", fontsize=10, color=PROVED, family="monospace", linespacing=1.8
    )
    return figure


def _draw_search(axes: Axes, result: Result) -> None:
    if result.objective is None and result.design:
        say(axes, "no objective: any design that holds is an answer")
    else:
        draw_gap(axes, result.trace, result.sense, result.seconds)


def _draw_panels(area: SubFigure, shown: list[tuple[str, Comparison]], rows: int) -> None:
    columns = -(-len(shown) // rows)
    panels = np.atleast_1d(area.subplots(rows, columns)).ravel()
    for axes, (word, comparison) in zip(panels, shown, strict=False):
        draw_comparison(axes, comparison, legend=axes is panels[0], title=f"{word}{comparison.title}")
    for axes in panels[len(shown) :]:
        axes.set_axis_off()


def _draw_inputs(area: SubFigure, result: Result, inputs: list[str]) -> None:
    for axes, name in zip(np.atleast_1d(area.subplots(len(inputs), 1)), inputs, strict=True):
        draw_input(axes, result, name)
    left = len(result.design) - len(inputs)
    if left:
        area.supxlabel(f"and {left} more input{'s' if left > 1 else ''}", fontsize=8, color=MUTED)


def _exemplars(sweep: Sweep) -> list[tuple[str, Comparison]]:
    """Return the rows that came out best, in the middle and worst."""
    shown = {k: found[0] for k, result in enumerate(sweep) if result.design and (found := comparisons(result))}
    order = sorted(shown, key=lambda k: _badness(sweep[k]))
    if not order:
        return []
    picks = {order[len(order) // 2]: "median"} if len(order) > 2 else {}
    picks = {order[0]: "best", **picks, order[-1]: "worst" if len(order) > 1 else "best"}
    return [(f"target {sweep.names[k]} ({word})", shown[k]) for k, word in picks.items()]


def _badness(result: Result) -> float:
    if result.objective is None:
        return 0.0
    return result.objective if result.sense == "minimise" else -result.objective


def _draw_targets(axes: Axes, sweep: Sweep) -> None:
    values = [result.objective for result in sweep if result.objective is not None]
    if not values:
        say(axes, sweep.summary)
        return
    for k, result in enumerate(sweep):
        if result.objective is not None and result.bound is not None:
            axes.plot([k, k], [result.bound, result.objective], color=PROVED, linewidth=2.2, alpha=0.5, zorder=2)
    bounds = {k: result.bound for k, result in enumerate(sweep) if result.bound is not None}
    axes.plot(list(bounds), list(bounds.values()), "_", color=PROVED, markersize=9, markeredgewidth=2, label="proved")
    for label, face in (("optimal", BEST), ("still open", "white")):
        optimal = label == "optimal"
        shown = {
            k: result.objective
            for k, result in enumerate(sweep)
            if result.objective is not None and (result.status == "optimal") == optimal
        }
        if shown:
            (points,) = axes.plot(list(shown), list(shown.values()), "o", label=label, zorder=3)
            points.set(color=BEST, markerfacecolor=face, markersize=5)
    without = [k for k, result in enumerate(sweep) if not result.design]
    if without:
        edge = axes.get_xaxis_transform()
        axes.plot(without, [0.02] * len(without), "x", color=MUTED, transform=edge, label="no design")
    if min(values) > 0 and max(values) > WIDE_VALUES * min(values):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(-0.7, len(sweep) - 0.3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(axes, x="target", y="objective")
    axes.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.2)
