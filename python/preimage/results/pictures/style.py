"""How pictures look: colours that the colour-blind can tell apart, one marker an engine, few lines."""

from __future__ import annotations

import io
import unicodedata
import warnings
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito, Color Universal Design (2008): safe for the colour-blind.
BLUE, VERMILLION, GREEN, ORANGE, PURPLE = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7"
SKY = "#56B4E9"
INK, MUTED, FAINT = "#222222", "#767676", "#E4E4E4"

BEST, PROVED, TARGET, PREDICTION, USED = BLUE, VERMILLION, INK, ORANGE, GREEN

ENGINE_MARKERS = {"adjoint": "o", "branch": "s", "milp": "^"}
OTHER_MARKERS = ("D", "v", "P", "X")


class Picture(Figure):
    """A figure that a notebook shows although pyplot, and its global state, are left alone."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        save(self, buffer, format="png")
        return buffer.getvalue()


def save(figure: Figure, target: Path | io.BytesIO, **options: Any) -> None:
    """Save a figure; a name in a script that the font lacks shows boxes, which is nothing to warn of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(target, **options)


def as_typed(text: str) -> str:
    """Return a user's words so that they are shown as they are: no formulas, no control characters."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown.replace("$", r"\$")


def picture(width: float, height: float) -> Picture:
    """Return an empty picture, sizes in inches."""
    return Picture(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")


def engine(source: str) -> str:
    """Return the engine of a trace's source: ``adjoint, polished`` is the work of ``adjoint``."""
    return source.split(",")[0].strip() or "?"


def markers(sources: list[str]) -> dict[str, str]:
    """Return one marker shape an engine, the same in every picture."""
    result = {}
    spare = iter(OTHER_MARKERS * (1 + len(sources)))
    for name in dict.fromkeys(map(engine, sources)):
        result[name] = ENGINE_MARKERS.get(name) or next(spare)
    return result


def tidy(axes: Axes, title: str = "", **labels: Any) -> None:
    """Take away what carries no information."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    axes.tick_params(which="both", labelsize=8, color=MUTED, labelcolor=INK)
    axes.set_axisbelow(True)
    if title:
        axes.set_title(as_typed(title), fontsize=9, loc="left", color=INK)
    if "x" in labels:
        axes.set_xlabel(labels["x"], fontsize=8, color=INK)
    if "y" in labels:
        axes.set_ylabel(labels["y"], fontsize=8, color=INK)


def say(axes: Axes, text: str) -> None:
    """Fill an empty panel with words."""
    axes.set_axis_off()
    axes.text(
        0.5, 0.5, as_typed(text), transform=axes.transAxes, ha="center", va="center", fontsize=9, color=MUTED, wrap=True
    )
