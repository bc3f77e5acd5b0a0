"""The published tasks as the shared table gives them: supports, loads and masks."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from preimage.structures import Task
from preimage.structures.task import VolumeOf


def read(data: Path) -> dict[str, dict[str, Any]]:
    """All rows of the table by name."""
    table = json.loads((data / "structures" / "tasks.json").read_text())
    return {row["name"]: row for row in table["tasks"]}


def task(row: dict[str, Any], volume_of: VolumeOf = "filtered") -> Task:
    """One row as a task."""
    width, height = row["width"], row["height"]
    fixed = np.zeros((height + 1, width + 1, 2), dtype=np.bool_)
    for x, y, component in row["fixed"]:
        fixed[y, x, component] = True
    loads = np.zeros((1, height + 1, width + 1, 2))
    for x, y, component, value in row["loads"]:
        loads[0, y, x, component] += value
    rectangles = row["mask_rects_y0_y1_x0_x1"]
    mask = np.full((height, width), rectangles is None)
    for top, bottom, left, right in rectangles or []:
        mask[top:bottom, left:right] = True
    return Task(
        name=row["name"],
        width=width,
        height=height,
        fixed=fixed,
        loads=loads,
        weights=np.ones(1),
        volume=row["density"],
        mask=mask,
        solid=np.zeros_like(mask),
        filter_radius=row["filter_width"],
        volume_of=volume_of,
    )
