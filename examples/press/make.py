"""Make the data of this example anew: the patches, the network trained on them, and the colours that are wanted.

The patches come from Debian's package icc-profiles-free (zlib licence), the colours from colour-science (BSD):

    apt-get download icc-profiles-free && dpkg-deb -x icc-profiles-free_*.deb profiles
    python examples/press/make.py profiles/usr/share/color/icc/FOGRA39L.ti3
"""

import csv
import sys
from pathlib import Path

import colour
import numpy as np

from preimage.applications.press import fit_press, read_characterisation

FOLDER = Path(__file__).parent


def main(characterisation: Path) -> None:
    """Write the files of this example."""
    data = read_characterisation(characterisation)
    write(
        "fogra39.csv",
        ["cyan", "magenta", "yellow", "black", "L", "a", "b"],
        [[f"{v:.6g}" for v in row] for row in np.hstack([data.inks, data.colours])],
    )
    network, errors = fit_press(data)
    network.save(FOLDER / "press.npz")
    print(f"{len(errors)} patches held out: ΔE*ab {errors.mean():.2f}, {np.quantile(errors, 0.95):.2f} for 95 %")

    chart = colour.CCS_COLOURCHECKERS["ColorChecker24 - After November 2014"]
    lab = {name: colour.XYZ_to_Lab(colour.xyY_to_XYZ(xyy), chart.illuminant) for name, xyy in chart.data.items()}
    write("colorchecker.csv", ["L", "a", "b"], [[f"{v:.2f}" for v in value] for value in lab.values()])
    write("colorchecker-names.csv", ["name"], [[name.split(" (")[0]] for name in lab])


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    """Write one table."""
    with (FOLDER / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
