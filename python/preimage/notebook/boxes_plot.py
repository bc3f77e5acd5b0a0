"""The tree of boxes over two values: what is open, and what became of the rest of the plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from preimage.engines.boxes import Boxes
from preimage.notebook.frame import Frame
from preimage.notebook.gap_plot import mark
from preimage.notebook.markup import drawing, label, tag
from preimage.notebook.scale import Scale
from preimage.results.boxes import DEPTH, counts, layers, legend


def boxes_plot(frame: Frame) -> str:
    """Return the picture of the boxes with its legend; empty unless two values are chosen in one tree."""
    boxes = frame.boxes
    if boxes is None:
        return ""
    left, low, right, high = (float(edge) for edge in boxes.entered[0])
    across, up = Scale(left, right), Scale(low, high)
    texts = [label(f"{value:.4g}", "tick time", left=across.percent(value)) for value in across.ticks(4)]
    texts += [label(f"{value:.4g}", "tick value", top=100 - up.percent(value)) for value in up.ticks(4)]
    texts += [tag("b", class_="axis across", data_t=boxes.names[0]), tag("b", class_="axis up", data_t=boxes.names[1])]
    keys = [tag("b", class_=f"key {kind}", data_t=words) for kind, words in legend(boxes).items()]
    if frame.point is not None:
        source = frame.incumbents[-1][2] if frame.incumbents else ""
        texts.append(mark(source, left=across.percent(frame.point[0]), top=100 - up.percent(frame.point[1])))
        keys.append(tag("b", mark(source), tag("b", data_t="best design"), class_="key best"))
    keys.append(tag("b", class_="note", data_t=DEPTH))
    said = counts(boxes)
    picture = tag("div", drawing(*_paths(boxes)), *texts, class_="map", role="img", aria_label=said)
    caption = tag("b", class_="text", data_t="boxes") + tag("b", class_="note", data_t=said)
    return tag("figure", tag("figcaption", caption), picture, tag("div", *keys, class_="keys"))


def _paths(boxes: Boxes) -> list[str]:
    """Return a path for each layer."""
    entered, kept = _places(boxes, boxes.entered), _places(boxes, boxes.kept)
    paths = []
    for layer in layers(boxes):
        inside = kept if layer.kind == "cut" else None
        outlines = [_outline(entered[k], None if inside is None else inside[k]) for k in layer.members]
        paths.append(tag("path", class_=f"box {layer.kind}", style=f"--shade:{layer.shade}", d="".join(outlines)))
    return paths


def _places(boxes: Boxes, rectangles: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return left, top, right, bottom in thousandths of the plane: edges that meet stay together."""
    left, low, right, high = boxes.entered[0]
    lower = (rectangles - [left, low, left, low]) / ([right - left, high - low] * 2)
    places: NDArray[np.int64] = np.rint(1000 * lower[:, [0, 3, 2, 1]]).astype(np.int64)
    places[:, [1, 3]] = 1000 - places[:, [1, 3]]
    return places


def _outline(outer: NDArray[np.int64], inner: NDArray[np.int64] | None) -> str:
    """Return a rectangle, or what is left of it without one inside: that one runs the other way round."""
    left, top, right, bottom = outer
    path = f"M{left} {top}h{right - left}v{bottom - top}h{left - right}z"
    if inner is None:
        return path
    left, top, right, bottom = inner
    return f"{path}M{left} {top}v{bottom - top}h{right - left}v{top - bottom}z"
