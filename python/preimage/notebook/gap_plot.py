"""The gap: the best design falls, the proved bound rises, and what lies between is still open."""

from __future__ import annotations

from collections.abc import Sequence

from preimage.engines.search import relative_gap
from preimage.notebook.frame import Frame, Point, engine
from preimage.notebook.markup import drawing, label, position, tag
from preimage.notebook.scale import Scale, spread_scale, value_scale
from preimage.results import Sweep
from preimage.results.numbers import number, percent
from preimage.results.words import proved

SHAPES = {
    "adjoint": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z",
    "branch": "M-3.6-3.6h7.2v7.2h-7.2Z",
    "milp": "M0-4.6L4.6 3.4h-9.2Z",
}
"""One outline an engine, so that they can be told apart without colours; every other source is a diamond."""

DIAMOND = "M0-5L5 0L0 5L-5 0Z"

MOST_MARKS = 60
LABEL_HEIGHT = 17.0
"""The height of an end label, in percent of the plot's."""


def gap_plot(frame: Frame, moments: bool = False) -> str:
    """Return the plot of a search over time; with ``moments``, the browser itself says what stood when."""
    best, limit = [value for _, value, _ in frame.incumbents], [value for _, value, _ in frame.bounds]
    values = value_scale(best, limit)
    minutes = frame.seconds > 180
    times = Scale(0.0, max(frame.seconds, 1e-3))
    parts = [_grid(values)] if best or limit else []
    if best and limit:
        parts.append(tag("path", class_="band", d=_band(frame.incumbents, frame.bounds, times, values)))
    parts += [
        tag("path", class_=f"line {name}", d=f"{_steps(points, times, values)}H1000")
        for name, points in (("proved", frame.bounds), ("best", frame.incumbents))
        if points
    ]
    texts = [
        label(
            f"{moment:g} {'min' if minutes else 's'}",
            "tick time",
            left=times.percent(60 * moment if minutes else moment),
        )
        for moment in Scale(0.0, times.high / 60 if minutes else times.high).ticks(5 if frame.boxes is None else 3)
    ]
    texts += _value_ticks(values) if best or limit else [label("no design and no bound yet", "hint", left=50, top=50)]
    marks = [
        mark(source, left=times.percent(seconds), top=100 - values.percent(value))
        for seconds, value, source in frame.incumbents[-MOST_MARKS:]
    ]
    said = f"best {number(best[-1]) if best else '–'}, proved {proved(limit[-1], frame.sense) if limit else '–'}"
    ends = [("best", values.percent(best[-1]), number(best[-1]))] if best else []
    ends += [("proved", values.percent(limit[-1]), proved(limit[-1], frame.sense))] if limit else []
    over = _moments(frame, times) if moments else ""
    return _plot(drawing(*parts) + "".join(texts) + "".join(marks) + _ends(ends) + over, said)


def sweep_plot(sweep: Sweep) -> str:
    """Return the plot of all targets of a sweep: what was found, down to what was proved."""
    found = [(k, r.objective, r.bound) for k, r in enumerate(sweep) if r.objective is not None]
    values = spread_scale([value for _, value, _ in found])
    across = Scale(-0.5, max(len(sweep) - 0.5, 0.5))
    parts, marks = [_grid(values)], []
    for k, objective, bound in found:
        left, top = across.percent(k), 100 - values.percent(objective)
        if bound is not None:
            parts.append(
                tag(
                    "path", class_="reach", d=f"M{10 * left:.1f} {10 * top:.1f}V{1000 - 10 * values.percent(bound):.1f}"
                )
            )
        said = (
            f"target {sweep.names[k]}: {number(objective)}, proved {proved(bound, sweep[k].sense)}, {sweep[k].status}"
        )
        kind = "best" if sweep[k].status == "optimal" else "open"
        marks.append(tag("i", class_=f"dot {kind}", style=position(left=left, top=top), title=said))
    ticks = [
        label(f"{k:g}", "tick time", left=across.percent(k))
        for k in across.ticks(6)
        if k == int(k) and 0 <= k < len(sweep)
    ]
    texts = [*_value_ticks(values), *ticks, label("target", "axis-name", left=100)]
    return _plot(drawing(*parts) + "".join(texts) + "".join(marks), sweep.summary)


def mark(source: str, **place: float) -> str:
    """Return the mark of an engine at a place of a plot."""
    outline = tag("path", d=SHAPES.get(engine(source), DIAMOND))
    return tag("svg", outline, class_="mark", viewBox="-6 -6 12 12", style=position(**place) or None)


def _plot(content: str, said: str) -> str:
    return tag("div", tag("div", content, class_="area"), class_="plot", role="img", aria_label=said)


def _grid(values: Scale) -> str:
    lines = "".join(f"M0 {1000 - 10 * values.percent(value):.1f}H1000" for value in values.ticks(4))
    return tag("path", class_="grid", d=lines)


def _value_ticks(values: Scale) -> list[str]:
    return [label(f"{value:.4g}", "tick value", top=100 - values.percent(value)) for value in values.ticks(4)]


def _steps(points: Sequence[Point], times: Scale, values: Scale) -> str:
    corners = [(10 * times.percent(seconds), 1000 - 10 * values.percent(value)) for seconds, value, _ in points]
    (x, y), rest = corners[0], corners[1:]
    return f"M{x:.1f} {y:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in rest)


def _band(upper: Sequence[Point], lower: Sequence[Point], times: Scale, values: Scale) -> str:
    """Return the outline of what is open, from the moment when there is both a design and a bound."""
    start = max(upper[0][0], lower[0][0])

    def edge(points: Sequence[Point]) -> list[tuple[float, float]]:
        value = [value for seconds, value, _ in points if seconds <= start][-1]
        corners = [(start, value)]
        for seconds, new, _ in points:
            if seconds > start:
                corners += [(seconds, value), (seconds, new)]
                value = new
        return [*corners, (times.high, value)]

    outline = [*edge(upper), *reversed(edge(lower))]
    places = [
        f"{10 * times.percent(seconds):.1f} {1000 - 10 * values.percent(value):.1f}" for seconds, value in outline
    ]
    return f"M{'L'.join(places)}Z"


def _moments(frame: Frame, times: Scale) -> str:
    """Return a strip for the time from each improvement to the next, which says what stood then."""
    events = sorted({seconds for points in (frame.incumbents, frame.bounds) for seconds, _, _ in points})
    events = events[:: 1 + len(events) // MOST_MARKS]
    strips = []
    for start, end in zip(events, [*events[1:], times.high], strict=True):
        best, limit = (
            next((point for point in reversed(points) if point[0] <= start), None)
            for points in (frame.incumbents, frame.bounds)
        )
        said = [f"{start:.2f} s"]
        said += [f"best {number(best[1])} ({best[2]})"] if best else []
        said += [f"proved {proved(limit[1], frame.sense)} ({limit[2]})"] if limit else []
        if best and limit:
            said.append(f"gap {percent(relative_gap(best[1], limit[1]))}")
        place = position(left=times.percent(start), width=times.percent(end) - times.percent(start))
        strips.append(tag("i", class_="moment", style=place, title=" · ".join(said)))
    return "".join(strips)


def _ends(ends: list[tuple[str, float, str]]) -> str:
    """Return the labels at the right end of the curves, moved apart where they would overlap."""
    places = [min(max(100 - height, LABEL_HEIGHT / 2), 100 - LABEL_HEIGHT / 2) for _, height, _ in ends]
    if len(places) == 2 and abs(places[0] - places[1]) < LABEL_HEIGHT:
        middle = min(max(sum(places) / 2, LABEL_HEIGHT), 100 - LABEL_HEIGHT)
        upper = 0 if ends[0][1] > ends[1][1] or (ends[0][1] == ends[1][1]) else 1
        places = [middle + LABEL_HEIGHT / 2 * (-1 if k == upper else 1) for k in range(2)]
    return "".join(
        tag("b", tag("b", class_="text", data_t=text), class_=f"end {name}", style=position(top=top), data_t=name)
        for (name, _, text), top in zip(ends, places, strict=True)
    )
