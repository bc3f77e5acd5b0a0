"""The designs of a result beside one another: what each gives, and how bad it gets where it is a little off."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from preimage.results.candidates import WorstCase, badness
from preimage.results.designs import designs_in_words, worst_in_words
from preimage.results.pictures.style import BEST, INK, MUTED, PROVED, SKY, as_typed, picture, say, tidy

if TYPE_CHECKING:
    from preimage.results.result import Result

LARGEST_CIRCLE = 900.0
"""Area, in square points, of the circle of the largest loss, where there is room for it."""

ROOMY = 12
"""With more designs side by side, circles are smaller."""


def plot_designs(result: Result) -> Figure:
    """Draw two panels for each `robust` statement: designs by their objectives, and below what each may lose.

    The area of a circle is the proved loss, as in figure 9 of Ansari, Seidel and Babaei (2022): the smaller, the more
    robust the design.
    """
    count = max((len(candidate.worst_cases) for candidate in result.designs), default=0)
    width = min(6.0 + 0.1 * len(result.designs), 12.0)
    figure = picture(width, 4.4 * max(count, 1) + 0.4)
    title = "\n".join(textwrap.wrap(designs_in_words(result) or result.message, int(10 * width)))
    figure.suptitle(as_typed(title), fontsize=11, x=0.012, ha="left", color=INK)
    if not count:
        _draw_objectives(figure.subplots(), result)
        return figure
    panels = figure.subplots(2 * count, 1, sharex=True, height_ratios=[2.4, 1.0] * count)
    for k, (above, below) in enumerate(zip(panels[::2], panels[1::2], strict=True)):
        cases = [(place, c.worst_cases[k]) for place, c in enumerate(result.designs, 1) if c.worst_cases[k:]]
        _draw_worst_cases(above, below, cases)
    panels[0].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=20))
    panels[0].set_xlim(0.4, len(result.designs) + 0.6)
    panels[-1].set_xlabel("design, by objective", fontsize=8, color=INK)
    return figure


def _draw_objectives(axes: Axes, result: Result) -> None:
    if not result.designs:
        say(axes, "there are no designs to compare")
        return
    values = [candidate.objective or 0.0 for candidate in result.designs]
    axes.plot(range(1, len(values) + 1), values, "o", color=BEST, ms=4)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=20))
    tidy(axes, x="design", y="objective")


def _draw_worst_cases(above: Axes, below: Axes, cases: list[tuple[int, WorstCase]]) -> None:
    """Draw what one statement came to for each design."""
    places = np.array([place for place, _ in cases])
    nominal = np.array([case.nominal for _, case in cases])
    bounds = np.array([np.nan if case.bound is None else case.bound for _, case in cases])
    losses = np.abs(bounds - nominal)
    above.vlines(places, nominal, bounds, color=PROVED, lw=1.4, zorder=2)
    above.plot(places, bounds, "_", color=PROVED, ms=7, mew=1.6, zorder=3)
    above.plot(places, nominal, "o", color=BEST, ms=4 if len(cases) <= 2 * ROOMY else 2.5, zorder=4)
    if np.any(losses > 0.0):
        area = LARGEST_CIRCLE * min(1.0, ROOMY / len(cases)) * np.nan_to_num(losses) / np.nanmax(losses)
        above.scatter(places, nominal, s=area, color=SKY, alpha=0.35, linewidths=0, zorder=1)
    below.bar(places, losses, 0.7, color=PROVED, linewidth=0)
    above.margins(y=0.15)
    place, best = min(cases, key=lambda item: badness(item[1]))
    if best.bound is not None and len(cases) > 1:
        at = (float(place), best.bound)
        above.annotate(
            f"design {place}", at, xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8, color=INK
        )
    title = f"{best.statement}: {worst_in_words(best)}" if len(cases) == 1 else best.statement
    tidy(above, title, y="drift" if best.drift else "objective")
    tidy(below, y="proved loss")
    note = "dot: as it stands · bar: proved worst · area of a circle: proved loss"
    above.text(1.0, 1.0, note, transform=above.transAxes, ha="right", va="bottom", fontsize=7.5, color=MUTED)
