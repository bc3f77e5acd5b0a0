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
"""Area, in square points, of the circle of the largest loss."""


def plot_designs(result: Result) -> Figure:
    """Draw a panel for each `robust` statement: designs by their objectives, bars up to their proved worst cases.

    The area of a circle is the proved loss, as in figure 9 of Ansari, Seidel and Babaei (2022): the smaller, the more
    robust the design.
    """
    count = max((len(candidate.worst_cases) for candidate in result.designs), default=0)
    width = min(6.0 + 0.12 * len(result.designs), 14.0)
    figure = picture(width, 3.6 * max(count, 1) + 0.4)
    title = "\n".join(textwrap.wrap(designs_in_words(result) or result.message, int(10 * width)))
    figure.suptitle(as_typed(title), fontsize=11, x=0.012, ha="left", color=INK)
    panels = np.atleast_1d(figure.subplots(max(count, 1), 1))
    if not result.designs:
        say(panels[0], "there are no designs to compare")
        return figure
    for k, axes in enumerate(panels):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=20))
        axes.set_xlim(0.4, len(result.designs) + 0.6)
        axes.margins(y=0.15)
        if count:
            _draw_worst_cases(
                axes, [(place, c.worst_cases[k]) for place, c in enumerate(result.designs, 1) if c.worst_cases[k:]]
            )
        else:
            values = [candidate.objective or 0.0 for candidate in result.designs]
            axes.plot(range(1, len(values) + 1), values, "o", color=BEST, ms=4)
            tidy(axes, x="design", y="objective")
    return figure


def _draw_worst_cases(axes: Axes, cases: list[tuple[int, WorstCase]]) -> None:
    """Draw what one statement came to for each design."""
    losses = [0.0 if case.bound is None else abs(case.bound - case.nominal) for _, case in cases]
    largest = max(losses)
    for (place, case), loss in zip(cases, losses, strict=True):
        axes.plot(place, case.nominal, "o", color=BEST, ms=4, zorder=4)
        if case.bound is None:
            continue
        axes.plot([place, place], [case.nominal, case.bound], color=PROVED, lw=1.4, zorder=2)
        axes.plot(place, case.bound, "_", color=PROVED, ms=7, mew=1.6, zorder=3)
        if largest > 0.0:
            area = LARGEST_CIRCLE * loss / largest
            axes.scatter(place, case.nominal, s=area, color=SKY, alpha=0.35, linewidths=0, zorder=1)
    place, case = min(cases, key=lambda item: badness(item[1]))
    title = case.statement
    if len(cases) == 1:
        title = f"{title}: {worst_in_words(case)}"
    elif case.bound is not None:
        axes.annotate(
            f"design {place}",
            (place, case.bound),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=INK,
        )
    stands = "drift" if case.drift else "objective"
    tidy(axes, title, x="design, by objective", y=f"{stands}: as it stands (dot), proved worst (bar)")
    note = "area of a circle: proved loss"
    axes.text(1.0, 1.0, note, transform=axes.transAxes, ha="right", va="bottom", fontsize=7.5, color=MUTED)
