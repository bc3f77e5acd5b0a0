"""A result as a small card of HTML: self-contained, in the colours of whatever theme surrounds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from preimage.results.designs import designs_in_words, designs_table, worst_in_words
from preimage.results.numbers import duration, number, percent
from preimage.results.values import describe
from preimage.results.words import distance, headline, proved, warrant

if TYPE_CHECKING:
    from preimage.results.result import Result
    from preimage.results.sweep import Sweep

BEST, PROVED = "#0072B2", "#D55E00"
STATUS_COLOURS = {"optimal": "#009E73", "feasible": "#E69F00", "interrupted": "#E69F00"}

WIDTH, HEIGHT, MARGIN = 340, 120, 8
MOST_ROWS = 50

CARD = (
    "border:1px solid rgba(128,128,128,.4);border-radius:8px;padding:.7em 1em;max-width:60em;"
    "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45"
)
CELL = "text-align:left;padding:.1em .8em .1em 0;vertical-align:top;border:none;background:none"


def result_card(result: Result) -> str:
    """Return the card of one result."""
    body = (
        '<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start;margin-top:.5em">'
        f"{gap_svg(result)}{_table(_facts(result))}</div>"
    )
    body += _designs(result) + _statistics(result) + _text(result)
    return _card(headline(result), result.status, escape(result.message), body)


def sweep_card(sweep: Sweep) -> str:
    """Return the card of a sweep: a row a target."""
    status = "optimal" if sweep.success else "feasible"
    columns = ("target", "status", "objective", "proved", "gap", "time")
    head = "".join(f'<th style="{CELL}">{name}</th>' for name in columns)
    rows = []
    for name, result in zip(sweep.names, sweep[:MOST_ROWS], strict=False):
        cells = (
            name,
            result.status,
            number(result.objective),
            proved(result.bound, result.sense),
            distance(result.objective, result.bound),
            duration(result.seconds),
        )
        rows.append("<tr>" + "".join(f'<td style="{CELL}">{escape(cell)}</td>' for cell in cells) + "</tr>")
    table = f'<table style="border:none;margin-top:.5em"><tr>{head}</tr>{"".join(rows)}</table>'
    more = f"<p>and {len(sweep) - MOST_ROWS} more</p>" if len(sweep) > MOST_ROWS else ""
    return _card(f"{len(sweep)} targets", status, escape(sweep.summary), table + more)


def gap_svg(result: Result) -> str:
    """Return the gap picture as inline SVG; empty without an improvement to show."""
    incumbents = [(row.seconds, row.incumbent) for row in result.trace if row.incumbent is not None]
    bounds = [(row.seconds, row.bound) for row in result.trace if row.bound is not None]
    if not incumbents:
        return ""
    end = max(result.seconds, incumbents[-1][0], bounds[-1][0] if bounds else 0.0) or 1.0
    designs = [value for _, value in incumbents]
    low, high = min(designs), max(designs)
    if bounds:
        low, high = min(low, bounds[-1][1]), max(high, bounds[-1][1])
    span = high - low or max(abs(high), 1.0) * 0.1
    low, high = low - 0.3 * span, high + 0.1 * span

    def path(steps: Sequence[tuple[float, float]]) -> str:
        points = []
        for (time, value), (after, _) in zip(steps, [*steps[1:], (end, 0.0)], strict=True):
            y = HEIGHT - MARGIN - (min(max(value, low), high) - low) / (high - low) * (HEIGHT - 2 * MARGIN)
            points += [f"{MARGIN + when / end * (WIDTH - 2 * MARGIN):.1f},{y:.1f}" for when in (time, after)]
        return " ".join(points)

    best, limit = path(incumbents), path(bounds) if bounds else ""
    shade = " ".join([best, *reversed(limit.split())]) if limit else ""
    label = f"best {number(designs[-1])}, gap {percent(result.gap)}"
    return (
        f'<svg role="img" aria-label="{escape(label)}" width="{WIDTH}" height="{HEIGHT + 14}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT + 14}" style="flex:none">'
        + (f'<polygon points="{shade}" fill="#56B4E9" opacity=".2"/>' if shade else "")
        + (f'<polyline points="{limit}" fill="none" stroke="{PROVED}" stroke-width="3"/>' if limit else "")
        + f'<polyline points="{best}" fill="none" stroke="{BEST}" stroke-width="1.7"/>'
        + f'<text x="{MARGIN}" y="{HEIGHT + 9}" font-size="10" fill="currentColor" opacity=".7">'
        + f'<tspan fill="{BEST}">●</tspan> best <tspan fill="{PROVED}">●</tspan> proved</text>'
        + f'<text x="{WIDTH - MARGIN}" y="{HEIGHT + 9}" font-size="10" text-anchor="end" fill="currentColor" '
        + f'opacity=".7">{duration(end)}</text></svg>'
    )


def _card(title: str, status: str, message: str, body: str) -> str:
    colour = STATUS_COLOURS.get(status, PROVED)
    return (
        f'<div style="{CARD}"><div><b style="border-left:4px solid {colour};padding-left:.5em">{escape(title)}</b>'
        f'<span style="opacity:.75;margin-left:1em">{message}</span></div>{body}</div>'
    )


def _facts(result: Result) -> list[tuple[str, str]]:
    facts = []
    if result.objective is not None:
        facts.append(("objective", number(result.objective, 7)))
    if result.bound is not None:
        facts.append((warrant(result), proved(result.bound, result.sense, 7)))
    if result.gap is not None:
        facts.append(("gap", distance(result.objective, result.bound)))
    facts.append(("time", duration(result.seconds)))
    facts += [(name, describe(array, result.labels.get(name, ()))) for name, array in result.design.items()]
    facts += [(case.statement, worst_in_words(case)) for case in result.worst_cases]
    facts += [(f"line {line}", statement) for line, statement in result.clashes]
    return facts


def _table(facts: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td style="{CELL};opacity:.7">{escape(name)}</td><td style="{CELL}">{escape(value)}</td></tr>'
        for name, value in facts
    )
    return f'<table style="border:none">{rows}</table>'


def _designs(result: Result) -> str:
    """Return the table of the designs and their worst cases, the most robust first; empty for one design alone."""
    if len(result.designs) < 2 and not result.provenance.get("designs"):
        return ""
    head, rows = designs_table(result)
    top = "".join(f'<th style="{CELL}">{escape(name)}</th>' for name in head)
    lines = [
        "<tr>" + "".join(f'<td style="{CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows[:MOST_ROWS]
    ]
    table = f'<table style="border:none"><tr>{top}</tr>{"".join(lines)}</table>'
    return f'<p style="margin:.6em 0 .2em">{escape(designs_in_words(result))}</p>{table}'


def _statistics(result: Result) -> str:
    facts = [(name, str(value)) for name, value in result.statistics.items() if isinstance(value, int)]
    nodes: Mapping[str, Any] = result.statistics.get("nodes", {})
    facts += [(f"nodes of {name}", str(count)) for name, count in nodes.items()]
    facts += [
        (
            f"layer {layer.get('name')}",
            f"{layer.get('unstable')} open, {layer.get('stable_active')} active, {layer.get('stable_inactive')} idle",
        )
        for layer in result.statistics.get("layers", ())
    ]
    return _folded("statistics", _table(facts)) if facts else ""


def _text(result: Result) -> str:
    return _folded("problem", f'<pre style="margin:0">{escape(result.text)}</pre>') if result.text.strip() else ""


def _folded(title: str, body: str) -> str:
    return f'<details style="margin-top:.4em"><summary style="cursor:pointer">{title}</summary>{body}</details>'
