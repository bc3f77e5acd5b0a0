"""A structure in a card: its density with supports and loads, and below it a player of how it formed."""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.engines.search import Snapshot
from preimage.notebook.markup import position, tag
from preimage.structures.film import LEVELS
from preimage.structures.result import StructureResult
from preimage.structures.symbols import Arrow, Held, Symbols, symbols
from preimage.structures.task import Task

Density = NDArray[np.float64]

SHADES = 16
"""So many densities are told apart: a picture of them is small, as it is sent ten times a second."""

MOST_FRAMES = 30
"""Pictures of the search that a card keeps."""

CASES = 3
"""Load cases are drawn in so many colours, in turn."""

SHOW = "this.closest('figure').style.setProperty('--at',100*this.value/this.max+'%')"
"""What the slider does: the pictures lie one above another, and one of them is in view."""

PLAY = (
    "const r=this.nextElementSibling;clearInterval(r.timer);if(r.value===r.max)r.value=0;"
    "r.timer=setInterval(()=>{r.value++;r.oninput();if(r.value===r.max)clearInterval(r.timer)},80)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """What a card shows of a structure.

    Attributes
    ----------
    frames
        Densities of the search so far as far as they are kept, of any grid; the last one is shown first.
    note
        What is shown, in a few words.
    """

    task: Task
    frames: tuple[Density, ...]
    note: str


def structure_seen(task: Task, snapshot: Snapshot) -> Structure | None:
    """Return what a running search tries just now; None before its first step."""
    return None if snapshot.picture is None else Structure(task, (snapshot.picture,), "tried now")


def structure_of(result: StructureResult) -> Structure:
    """Return the design of a result, and how it formed."""
    kept = result.arrays.get("frames", np.empty(0))
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(len(kept), MOST_FRAMES)).round().astype(int))
    frames = (*(kept[k] / LEVELS for k in chosen), np.asarray(result.predictions["density"], dtype=np.float64))
    return Structure(result.task, frames, f"{result.task.width} × {result.task.height} elements")


def structure_figure(shown: Structure) -> str:
    """Return the picture; black, or white in a dark theme, is full."""
    marks = symbols(shown.task)
    margin = 1.3 * marks.spacing
    width, height = shown.task.width + 2 * margin, shown.task.height + 2 * margin
    inside = position(
        left=100 * margin / width,
        top=100 * margin / height,
        width=100 * shown.task.width / width,
        height=100 * shown.task.height / height,
    )
    strip = f"--frames:{len(shown.frames)};mask-image:url(data:image/png;base64,{_png(shown.frames)})"
    picture = tag(
        "div",
        tag("i", class_="material", style=f"{inside};{strip}"),
        _surroundings(shown.task),
        class_="ground",
        style=f"--aspect:{width / height:.4f}",
        role="img",
        aria_label="density of the structure",
    )
    caption = tag("b", class_="text", data_t="density") + tag("b", class_="note", data_t=shown.note)
    player = _player(len(shown.frames)) if len(shown.frames) > 1 else ""
    return tag("figure", tag("figcaption", caption), picture, player, class_="structure")


def _player(frames: int) -> str:
    button = tag("button", "▶", type="button", title="how it formed", onclick=PLAY)
    last = str(frames - 1)
    slider = tag("input", type="range", min="0", max=last, value=last, oninput=SHOW, aria_label="step of the search")
    return tag("div", button, slider, class_="player")


def _png(frames: Sequence[Density]) -> str:
    """Return the pictures one above another, each as large as the largest, as a PNG that is opaque where full."""
    from PIL import Image  # comes with matplotlib

    shape = np.max([frame.shape for frame in frames], axis=0)
    strip = np.concatenate([_enlarged(frame, shape) for frame in frames])
    levels = np.rint((SHADES - 1) * np.clip(strip, 0.0, 1.0)).astype(np.uint8)
    image = Image.frombytes("P", levels.shape[::-1], levels.tobytes())
    image.putpalette([0] * (3 * SHADES))
    alpha = bytes(range(0, 256, 255 // (SHADES - 1)))
    file = io.BytesIO()
    image.save(file, "PNG", bits=4, transparency=alpha)
    return base64.b64encode(file.getvalue()).decode()


def _enlarged(frame: Density, shape: NDArray[np.int64]) -> Density:
    rows, columns = (np.arange(size) * coarse // size for size, coarse in zip(shape, frame.shape, strict=True))
    return np.asarray(frame[np.ix_(rows, columns)])


@functools.lru_cache(maxsize=4)
def _surroundings(task: Task) -> str:
    """Return what does not move: the edge of the grid, voids, supports and loads; in elements, y from the top."""
    marks = symbols(task)
    margin = 1.3 * marks.spacing
    shapes = [tag("path", class_="void", d=_void(task))] if not task.mask.all() else []
    shapes += [tag("path", class_="edge", d=f"M0 0h{task.width}v{task.height}h-{task.width}z")]
    shapes += [_support(held, marks) for held in marks.held]
    shapes += [tag("path", class_=f"load case-{arrow.case % CASES}", d=_arrow(arrow, marks)) for arrow in marks.arrows]
    box = f"{-margin:g} {-margin:g} {task.width + 2 * margin:g} {task.height + 2 * margin:g}"
    return tag("svg", *shapes, viewBox=box)


def _void(task: Task) -> str:
    """Return the rows of elements that stay empty."""
    parts = []
    for y, row in enumerate(task.mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[True], row, [True]]).astype(np.int8)))
        parts += [f"M{x} {y}h{end - x}v1h{x - end}z" for x, end in edges.reshape(-1, 2).tolist()]
    return "".join(parts)


def _support(held: Held, marks: Symbols) -> str:
    size = 0.42 * marks.spacing
    (across, down), (x, y) = held.away, (held.x, held.y)
    if held.directions != "xy":
        x, y = x + 0.5 * size * across, y + 0.5 * size * down
        return tag("circle", class_="roller", cx=f"{x:g}", cy=f"{y:g}", r=f"{0.42 * size:.4g}")
    base = x + size * across, y + size * down
    side = 0.55 * size * down, 0.55 * size * across
    corners = [(x, y), (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1])]
    return tag("path", class_="firm", d=f"M{'L'.join(f'{x:.5g} {y:.5g}' for x, y in corners)}z")


def _arrow(arrow: Arrow, marks: Symbols) -> str:
    (x, y), (tail_x, tail_y) = arrow.tip, arrow.tail
    length = float(np.hypot(x - tail_x, y - tail_y))
    head = min(0.3 * marks.spacing, 0.6 * length)
    back, side = (head * (tail_x - x) / length, head * (tail_y - y) / length), 0.5
    wings = [(x + back[0] + sign * side * back[1], y + back[1] - sign * side * back[0]) for sign in (1, -1)]
    first, second = (f"{x:.5g} {y:.5g}" for x, y in wings)
    return f"M{tail_x:.5g} {tail_y:.5g}L{x:.5g} {y:.5g}M{first}L{x:.5g} {y:.5g}L{second}"
