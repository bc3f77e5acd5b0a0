"""How the time to a proof grows with the inputs, the width and the depth of a network, and with how far targets lie.

    python benchmarks/growth.py [--quick]

Draws four figures into ``docs/images/growth``. Every point is a network of its own, trained on prints in so many inks
(`cases.deep`), and three noisy spectra. From 4 inputs, 4 hidden layers of 50 and noise of 0.02, one thing is varied.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from cases import deep
from cases.case import REPOSITORY, Case
from measure import Answer, solve

FOLDER = REPOSITORY / "docs" / "images" / "growth"
LIMIT, QUICK_LIMIT = 30.0, 3.0
INPUTS, DEPTH, WIDTH, NOISE = 4, 4, 50, 0.02
INK, GREY = "#2b5c8a", "#9a9a9a"


@dataclass(frozen=True, slots=True)
class Axis:
    """What one figure varies.

    Attributes
    ----------
    name
        Of the figure's file.
    label
        Of the horizontal axis.
    values
        What is tried.
    """

    name: str
    label: str
    values: tuple[float, ...]

    def case(self, value: float) -> Case:
        """Return the problem with one value of what varies."""
        inputs = int(value) if self.name == "inputs" else INPUTS
        width = int(value) if self.name == "width" else WIDTH
        depth = int(value) if self.name == "depth" else DEPTH
        noise = value if self.name == "difficulty" else NOISE
        name = f"growth-{inputs}-{width}x{depth}-{noise:g}"
        write = partial(deep.write, inks=inputs, hidden=(width,) * depth, noise=noise)
        return Case(name, f"{self.label} {value:g}", "", LIMIT, write)


AXES = (
    Axis("inputs", "inputs", (2, 3, 4, 5, 6, 8, 10, 12)),
    Axis("width", "neurons a hidden layer", (25, 50, 100, 150, 200)),
    Axis("depth", "hidden layers", (1, 2, 4, 6, 8, 10, 12)),
    Axis("difficulty", "noise of the target", (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)),
)


def draw(axis: Axis, values: Sequence[float], found: list[list[Answer]], limit: float) -> None:
    """Draw one figure: a dot a target, hollow at the limit where its gap stayed open, and the medians as a line."""
    figure, axes = plt.subplots(figsize=(3.4, 2.6), layout="constrained")
    places = np.arange(len(values))
    for place, answers in zip(places, found, strict=True):
        for answer in answers:
            closed = answer.to[-1][0]
            done = np.isfinite(closed)
            axes.plot(place, closed if done else limit, "o", ms=4, mec=INK, mfc=INK if done else "white", zorder=2)
    medians = [np.median([min(answer.to[-1][0], limit) for answer in answers]) for answers in found]
    axes.plot(places, medians, color=INK, lw=1, zorder=1)
    axes.axhline(limit, color=GREY, lw=0.8, ls="--", zorder=0)
    axes.set_yscale("log")
    axes.set_xticks(places, [f"{value:g}" for value in values])
    axes.set(xlabel=axis.label, ylabel="seconds to 0.01 %")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(FOLDER / f"{axis.name}.svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Measure, draw, and print what was drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"every other value, {QUICK_LIMIT:g} s a target")
    arguments = parser.parse_args()
    plt.rcParams.update({"font.size": 8, "svg.hashsalt": "growth", "svg.fonttype": "path"})
    FOLDER.mkdir(parents=True, exist_ok=True)
    limit = QUICK_LIMIT if arguments.quick else LIMIT
    print("| varied | seconds to 0.01 % of each target (gap where open) | nodes | load |\n|---|---|---|---|")
    for axis in AXES:
        values = axis.values[::2] if arguments.quick else axis.values
        found = []
        for value in values:
            case = axis.case(value)
            found.append(solve(case, limit))
            print(f"| {case.title} | {shown(found[-1])} | {os.getloadavg()[0]:.1f} |", flush=True)
        draw(axis, values, found, limit)


def shown(answers: list[Answer]) -> str:
    """Return seconds or gaps of targets, and their nodes."""
    times = [f"{a.to[-1][0]:.3g}" if np.isfinite(a.to[-1][0]) else f"({100 * a.gap:.3g} %)" for a in answers]
    return f"{', '.join(times)} | {', '.join(f'{a.nodes:,.0f}' for a in answers)}"


if __name__ == "__main__":
    main()
