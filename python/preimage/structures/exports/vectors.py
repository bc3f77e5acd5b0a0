"""The outline of a structure as an SVG path, for drawing programs and laser cutters."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from preimage.structures.exports.outline import LEVEL, samples

if TYPE_CHECKING:
    from preimage.structures.result import StructureResult

TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}mm" height="{height}mm">
<title>{title}</title>
<path fill-rule="evenodd" d="{outline}"/>
</svg>
"""


def svg(result: StructureResult) -> bytes:
    """Return the outline of the material: closed loops, of which those within others are holes."""
    task = result.task
    outline = "".join(_path(loop) for loop in loops(result.predictions["density"]))
    text = TEMPLATE.format(width=task.width, height=task.height, title=escape(task.name), outline=outline)
    return text.encode()


def loops(density: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the closed loops around material, as places in elements, y from the top; the first is also the last."""
    from contourpy import contour_generator  # comes with matplotlib

    field = samples(density)
    rows, columns = (np.arange(size) - 0.5 for size in field.shape)
    found = contour_generator(columns, rows, field).lines(LEVEL)
    return [np.asarray(loop, dtype=np.float64) for loop in found]


def _path(loop: NDArray[np.float64]) -> str:
    return f"M{'L'.join(f'{x:.3f} {y:.3f}' for x, y in loop[:-1])}Z"
