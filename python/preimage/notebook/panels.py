"""The right half of a card: predictions against targets, and the design within its bounds."""

from __future__ import annotations

from collections.abc import Sequence

from preimage.notebook.answer import Answer, Comparison, InputBars
from preimage.notebook.markup import drawing, position, tag
from preimage.notebook.structure import structure_figure
from preimage.results.numbers import number
from preimage.results.values import entry

MOST_CURVES = 6
MOST_SWATCHES = 48
MOST_BARS = 160
MOST_NAMED = 8
"""Bars get their names and values below, or are grouped by target, if there are at most so many."""

FEW = 8
"""Fewer outputs than this are points, more are curves."""


def answer_panels(answer: Answer | None) -> str:
    """Return comparisons above, inputs below."""
    if answer is None:
        return tag("p", class_="hint", data_t="the design appears here as soon as there is one")
    if answer.structure is not None:
        return structure_figure(answer.structure)
    compared = [swatches(it) if it.colours else comparison_curves(it) for it in answer.comparisons[:2]]
    return "".join([*compared, *(input_bars(it) for it in answer.inputs[:3])])


def comparison_curves(comparison: Comparison) -> str:
    """Return small plots of what is wanted and what the design gives, one a target."""
    pairs = list(zip(comparison.wanted, comparison.given, strict=True))[-MOST_CURVES:]
    values = [value for pair in pairs for row in pair for value in row]
    low, span = min(values), (max(values) - min(values)) or 1.0

    def height(value: float) -> float:
        return 94 - 88 * (value - low) / span

    panes = []
    for wanted, given in pairs:
        count = len(wanted)
        across = [100 * (k + 0.5) / count for k in range(count)]
        if count >= FEW:
            lines = [
                tag(
                    "polyline",
                    class_=kind,
                    points=" ".join(f"{x:.4g},{height(y):.4g}" for x, y in zip(across, row, strict=True)),
                )
                for kind, row in (("wanted", wanted), ("given", given))
            ]
            panes.append(tag("div", drawing(*lines, width=100, height=100), class_="pane"))
        else:
            said = [f"wanted {number(w)}, given {number(g)}" for w, g in zip(wanted, given, strict=True)]
            points = [
                tag("i", class_=kind, style=position(left=x, top=height(y)), title=text)
                for kind, row in (("wanted", wanted), ("given", given))
                for x, y, text in zip(across, row, said, strict=True)
            ]
            panes.append(tag("div", *points, class_="pane"))
    total = len(comparison.wanted)
    note = f"{len(pairs)} of {total} targets" if total > len(pairs) else ""
    return _figure(
        comparison.name, _key("wanted") + _key("given"), note, tag("div", *panes, class_=f"panes-{len(panes)}")
    )


def swatches(comparison: Comparison) -> str:
    """Return the colours wanted, each with what the design gives inside."""
    kind = comparison.colours

    def colour(row: Sequence[float]) -> str:
        if kind == "lab":
            return f"lab({row[0]:.4g}% {row[1]:.4g} {row[2]:.4g})"
        return f"rgb({' '.join(f'{100 * value:.4g}%' for value in row)})"

    pairs = list(zip(comparison.wanted, comparison.given, strict=True))[-MOST_SWATCHES:]
    patches = [
        tag(
            "i",
            tag("i", style=f"background:{colour(given)}"),
            style=f"background:{colour(wanted)}",
            title=f"wanted {', '.join(map(entry, wanted))} (around); given {', '.join(map(entry, given))} (inside)",
        )
        for wanted, given in pairs
    ]
    return _figure(
        comparison.name,
        "",
        "wanted around, given inside",
        tag("div", *patches, class_=f"swatches many-{min(len(pairs), 8)}"),
    )


def input_bars(it: InputBars) -> str:
    """Return the bars of one input: zero is left out and grey."""
    size, rows = len(it.values[0]), len(it.values)
    used = [k for k in range(size) if any(row[k] != 0.0 for row in it.values)]
    note = f"{len(used)} of {size} used" if len(used) < size else ""
    shown = used if size * rows > MOST_BARS or (rows > 1 and len(used) <= MOST_NAMED) else list(range(size))
    if len(shown) * rows > MOST_BARS:
        return _figure(
            it.name,
            "",
            f"{size} values; the first {MOST_BARS // rows} are shown",
            _bars(it, shown[: MOST_BARS // rows], False),
        )
    return _figure(it.name, "", note, _bars(it, shown, named=len(shown) <= MOST_NAMED))


def _bars(it: InputBars, shown: Sequence[int], named: bool) -> str:
    columns = []
    for k in shown:
        bars = [
            _bar(row[k], low[k], high[k], _name(it, k))
            for row, low, high in zip(it.values, it.lower, it.upper, strict=True)
        ]
        content = tag("div", *bars, class_="bars")
        if named:
            value = entry(it.values[0][k]) if len(it.values) == 1 else ""
            content += tag("b", class_="name", data_t=it.labels[k] if it.labels else _name(it, k)) + tag(
                "b", class_="amount", data_t=value
            )
        columns.append(tag("div", content))
    return tag("div", *columns, class_="columns by-target" if len(it.values) > 1 else "columns")


def _bar(value: float, low: float, high: float, name: str) -> str:
    span = high - low or 1.0
    zero = min(max(0.0, low), high)
    bottom, top = sorted((100 * (zero - low) / span, 100 * (value - low) / span))
    said = f"{name} = {entry(value)}, from {entry(low)} to {entry(high)}"
    return tag(
        "i",
        tag("i", style=position(bottom=bottom, height=top - bottom)),
        class_="zero" if value == 0 else None,
        title=said,
    )


def _name(it: InputBars, k: int) -> str:
    index = f"{it.name}[{k}]" if len(it.values[0]) > 1 else it.name
    return f"{it.labels[k]}" if it.labels else index


def _key(kind: str) -> str:
    return tag("b", class_=f"key {kind}", data_t=kind)


def _figure(name: str, keys: str, note: str, body: str) -> str:
    caption = tag("b", class_="text", data_t=name) + keys + tag("b", class_="note", data_t=note)
    return tag("figure", tag("figcaption", caption), body)
