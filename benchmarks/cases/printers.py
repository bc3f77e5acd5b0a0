"""Two published printers: the areas of four or eight inks that print a flat grey."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np

from .case import PER_TARGET, Case, published_network, write_problem

BANDS = 31
RAMP = np.arange(50, 951) / 1000
PROBLEM = """\
network print from "{network}"
target  grey  from "grey.csv"
input   inks[{inks}] in 0..1
minimise L1(print(inks), grey)
"""


def write(folder: Path, inks: int, greys: list[float]) -> None:
    """Write the problem of printing flat greys."""
    network = published_network(f"ink{inks}-printer.npz")
    shutil.copy(network, folder)
    grey = np.repeat(np.array(greys)[:, None], BANDS, axis=1)
    write_problem(folder, PROBLEM.format(network=network.name, inks=inks), grey=grey)
    np.savez(folder / PER_TARGET, grey=grey)


def eight_inks(percent: int, seconds: float, floor: str) -> Case:
    """Return the case of one grey on the printer of eight inks."""
    title = f"8 inks, 600 neurons, grey 0.{percent}"
    return Case(f"ink8-grey-{percent}", title, floor, seconds, partial(write, inks=8, greys=[percent / 100]))


CASES = (
    Case(
        "ink4-ramp",
        "4 inks, 400 neurons, the greys 0.05:0.001:0.95",
        "each 0.01 % in ≤ 1 s, median ≤ 0.15 s, all in ≤ 3 min",
        10.0,
        partial(write, inks=4, greys=[float(grey) for grey in RAMP]),
        sweep=True,
    ),
    eight_inks(45, 120.0, "0.01 % in ≤ 8 s (published: 6.4 % after 78 min)"),
    eight_inks(35, 180.0, "0.01 % in ≤ 120 s (published: 63 % after 70 min)"),
    eight_inks(25, 90.0, "≤ 8 % in 90 s (published: 88 % after 49 min)"),
    eight_inks(15, 90.0, "≤ 5 % in 90 s (published: 79 % after 34 min)"),
)
