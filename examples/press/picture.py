"""Draw a solved `colorchecker.inv` as a colour chart: what was wanted, what the press prints, and with which inks.

preimage solve colorchecker.inv
python picture.py colorchecker.result colorchecker-chart.png
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

import preimage
from preimage.applications.press import colour_difference

INKS = ("#009ee0", "#e2007a", "#ffed00", "#1d1d1b")
WHITE = np.array([0.9642, 1.0, 0.8251])  # XYZ of illuminant D50
TO_RGB = np.array(  # XYZ (D50) to linear sRGB (D65), Bradford adaptation included
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)


def display(lab: np.ndarray) -> np.ndarray:
    """Return the sRGB colour, clipped to what a screen shows, of a colour in Lab (D50)."""
    y = (lab[0] + 16) / 116
    root = np.array([y + lab[1] / 500, y, y - lab[2] / 200])
    xyz = WHITE * np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    linear = np.clip(TO_RGB @ xyz, 0, 1)
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def patch(axes: Axes, name: str, result: preimage.Result) -> None:
    """Draw one colour: wanted above, printed below, and a bar for each ink."""
    wanted, printed = result.targets["colour"], result.predictions["press(inks)"]
    for lab, top in ((wanted, 0.62), (printed, 0.24)):
        axes.add_patch(Rectangle((0, top), 1, 0.38, color=tuple(display(np.asarray(lab))), linewidth=0))
    for i, (coverage, ink) in enumerate(zip(result["inks"], INKS, strict=True)):
        axes.add_patch(Rectangle((i / 4 + 0.02, 0), 0.21, 0.2, color="#00000012", linewidth=0))
        axes.add_patch(Rectangle((i / 4 + 0.02, 0), 0.21, 0.2 * coverage, color=ink, linewidth=0))
    difference = float(colour_difference(np.asarray(wanted), np.asarray(printed)))
    axes.set_title(name, fontsize=8, loc="left", pad=2)
    if difference > 0.05:
        axes.set_title(f"ΔE {difference:.1f}", fontsize=8, loc="right", pad=2, weight="bold")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")


def main(source: Path, picture: Path) -> None:
    """Read a result and write the picture."""
    sweep = preimage.Sweep.load(source)
    names = Path(__file__).with_name("colorchecker-names.csv").read_text(encoding="utf-8").splitlines()[1:]
    figure, axes = plt.subplots(4, 6, figsize=(9, 6.2), layout="constrained")
    for cell, name, result in zip(axes.flat, names, sweep, strict=True):
        patch(cell, name, result)
    proved = sum(result.success for result in sweep)
    title = "Wanted (above), printed (below), with these parts of cyan, magenta, yellow and black"
    figure.suptitle(f"{title}: {proved} of {len(sweep)} proved, {sweep.seconds:.1f} s", fontsize=9, x=0.01, ha="left")
    figure.savefig(picture, dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
