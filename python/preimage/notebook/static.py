"""The card as HTML: the frame that the live view fills, and what stays in the notebook when a search has ended."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from preimage.notebook.answer import answer_of_sweep
from preimage.notebook.boxes_plot import boxes_plot
from preimage.notebook.frame import Frame, frame_of_result
from preimage.notebook.gap_plot import gap_plot, mark, sweep_plot
from preimage.notebook.highlight import highlight
from preimage.notebook.markup import tag
from preimage.notebook.panels import answer_panels
from preimage.results import Result, Sweep
from preimage.results.designs import designs_in_words, designs_table, worst_in_words
from preimage.results.numbers import duration, number, percent
from preimage.results.values import describe
from preimage.results.words import proved, warrant
from preimage.structures.facts import facts as facts_of_structure
from preimage.structures.result import StructureResult

CSS = (Path(__file__).parent / "card.css").read_text(encoding="utf-8")

STYLE = re.sub(r"/\*.*?\*/|(?<=[{};,])\s+|\s+(?=[{}])", "", CSS).strip()
"""The style sheet as it goes along with every stored card: without comments and line breaks."""

COLOURS = 32
"""Colours of the picture that is stored with a result: a quarter of its size, and no difference to the eye."""

MOST_ROWS = 60
"""Most rows of a table: the first and the last ones are kept."""


def card(state: str, top: str, left: str, middle: str, right: str, *below: str) -> str:
    """Return a card: a line on top, the panes side by side (the middle one may be empty), and what is below."""
    panes = tag("div", left, class_="gap"), tag("div", middle, class_="boxes"), tag("div", right, class_="answer")
    return tag(
        "section",
        tag("header", top),
        tag("div", *panes, class_="panes"),
        *below,
        class_="preimage-card",
        data_state=state,
    )


def head(frame: Frame) -> str:
    """Return the line on top: the state in words, and who is working."""
    return _head(
        frame.headline, frame.detail, (_worker(name, count, frame.unit) for name, count in frame.nodes.items())
    )


def trace_table(frame: Frame) -> str:
    """Return the improvements in the order of time."""
    rows = [(*point, "best") for point in frame.incumbents] + [(*point, "proved") for point in frame.bounds]
    cells = [
        (f"{seconds:.2f} s", kind, number(value, 7) if kind == "best" else proved(value, frame.sense, 7), source)
        for seconds, value, source, kind in sorted(rows, key=lambda row: row[0])
    ]
    return _table(cells, ("time", "", "value", "by"))


def fold(title: str, content: str) -> str:
    """Return what is shown on demand."""
    return tag("details", tag("summary", title), tag("div", content), class_=title)


def problem_fold(text: str) -> str:
    """Return the problem's text, folded."""
    return fold("problem", tag("pre", highlight(text.strip("\n"))))


def answer_bundle(answer: Result | Sweep) -> dict[str, str]:
    """Return what a notebook shows and keeps of an answer: the card, and a picture for places that show no HTML."""
    png = picture_png(answer)
    html = result_html(answer, png) if isinstance(answer, Result) else sweep_html(answer, png)
    return {"text/html": html, "text/plain": repr(answer)} | ({} if png is None else {"image/png": png})


def result_html(result: Result, png: str | None = None) -> str:
    """Return the whole card of a result, self-contained; ``png`` is seen where the card cannot be."""
    frame = frame_of_result(result)
    left = middle = right = ""  # what cannot hold together has nothing to draw
    if result.status != "infeasible":
        known = frame.incumbents or frame.bounds
        left = gap_plot(frame, moments=True) if known else _hint(_why_no_plot(result))
        middle = boxes_plot(frame)
        right = answer_panels(frame.answer) if frame.answer else _hint("no design to show")
    message = tag("p", escape(result.message), class_="message")
    below = (
        _fallback(result, png),
        message,
        _table(_facts(result)),
        _designs(result),
        tag("footer", *_folds(result, frame)),
    )
    return tag("style", STYLE) + card(result.status, head(frame), left, middle, right, *below)


def _facts(result: Result) -> Sequence[tuple[str, ...]]:
    if isinstance(result, StructureResult) and result.design:
        return facts_of_structure(result)
    facts = [("objective", number(result.objective, 7))] if result.objective is not None else []
    bounded = result.bound is not None and result.status != "infeasible"
    facts += [(warrant(result), proved(result.bound, result.sense, 7))] if bounded else []
    facts += [("gap", percent(result.gap))] if result.gap is not None else []
    facts += [(name, describe(values, result.labels.get(name, ()))) for name, values in result.design.items()]
    facts += [(case.statement, worst_in_words(case)) for case in result.worst_cases]
    return facts + [(f"line {line}", statement) for line, statement in result.clashes]


def _designs(result: Result) -> str:
    """Return the designs beside one another, the most robust first; empty for one design alone."""
    if len(result.designs) < 2 and not result.provenance.get("designs"):
        return ""
    head, rows = designs_table(result)
    return tag("p", escape(designs_in_words(result)), class_="message") + _table(rows, head)


def _folds(result: Result, frame: Frame) -> list[str]:
    folds = [fold("statistics", _statistics(result))]
    folds += [fold("trace", trace_table(frame))] if frame.incumbents or frame.bounds else []
    return [*folds, problem_fold(result.text), fold("provenance", _provenance(result))]


def _hint(text: str) -> str:
    return tag("p", class_="hint", data_t=text)


def sweep_html(sweep: Sweep, png: str | None = None) -> str:
    """Return the whole card of a sweep, self-contained; ``png`` is seen where the card cannot be."""
    answer = answer_of_sweep(sweep)
    right = answer_panels(answer) if answer else _hint("no design to show")
    cells = [
        (name, r.status, number(r.objective), proved(r.bound, r.sense), percent(r.gap), duration(r.seconds))
        for name, r in zip(sweep.names, sweep, strict=True)
    ]
    rows = fold("targets", _table(cells, ("target", "status", "objective", "proved", "gap", "time")))
    text = sweep[0].text if len(sweep) else ""
    nodes: dict[str, int] = {}
    for result in sweep:
        for name, count in frame_of_result(result).nodes.items():
            nodes[name] = nodes.get(name, 0) + count
    workers = (_worker(name, count, "nodes") for name, count in nodes.items())
    seconds = duration(sum(result.seconds for result in sweep))
    line = _head(sweep.summary, f"{len(sweep)} targets in {seconds}", workers)
    state = "optimal" if sweep.success else "feasible"
    body = card(
        state, line, sweep_plot(sweep), "", right, _fallback(sweep, png), tag("footer", rows, problem_fold(text))
    )
    return tag("style", STYLE) + body


def picture_png(answer: Result | Sweep) -> str | None:
    """Return the answer's picture, in base64, for places that do not show the card; None without matplotlib."""
    try:
        figure = answer.plot()
    except ImportError:
        return None
    from PIL import Image  # comes with matplotlib

    drawn, file = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=72)
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _fallback(answer: Result | Sweep, png: str | None) -> str:
    """Return the picture that is seen where style sheets and SVG are taken out; the style sheet hides it."""
    return "" if png is None else tag("img", class_="fallback", alt=repr(answer), src=f"data:image/png;base64,{png}")


def _head(headline: str, detail: str, workers: Iterable[str]) -> str:
    status = tag(
        "span",
        tag("strong", escape(headline)),
        " ",
        tag("span", escape(detail), class_="detail"),
        class_="status",
        role="status",
    )
    return tag(
        "div", tag("i", class_="lamp"), status, " ", tag("span", " ".join(workers), class_="engines"), class_="head"
    )


def _worker(name: str, nodes: int, unit: str) -> str:
    count = tag("b", class_="text", data_t=f"{nodes:,}") if nodes else ""
    return tag("span", mark(name), escape(name), count, title=f"{nodes:,} {unit} by {name}" if nodes else None)


def _why_no_plot(result: Result) -> str:
    return "no objective: any design that holds is an answer" if result.design else "no design and no bound"


def _table(rows: Sequence[tuple[str, ...]], head: tuple[str, ...] = ()) -> str:
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS // 2], ("…",) * len(rows[0]), *rows[-MOST_ROWS // 2 :]]
    lines = [tag("tr", *(tag("th", escape(cell)) for cell in head))] if head else []
    lines += [tag("tr", *(tag("td", escape(cell)) for cell in row)) for row in rows]
    return tag("table", *lines)


def _statistics(result: Result) -> str:
    """Return the sizes of the model, and for each layer how many neurons the bounds left undecided."""
    sizes = [(name, f"{value:,}") for name, value in result.statistics.items() if isinstance(value, int)]
    strips = []
    for layer in result.statistics.get("layers", ()):
        parts = [
            (kind, layer[key])
            for kind, key in (("active", "stable_active"), ("undecided", "unstable"), ("idle", "stable_inactive"))
        ]
        said = ", ".join(f"{count} {kind}" for kind, count in parts)
        strip = tag(
            "span",
            *(tag("i", class_=kind, style=f"flex:{count}") for kind, count in parts if count),
            class_="strip",
            title=said,
        )
        strips.append(tag("div", tag("span", escape(str(layer["name"]))), strip, tag("span", said), class_="layer"))
    return _table(sizes) + "".join(strips)


def _provenance(result: Result) -> str:
    known: Mapping[str, Any] = result.provenance
    rows = [("file", str(known["file"]))] if known.get("file") else []
    rows += [(str(b["name"]), f"{b['origin']} · {str(b['digest'])[:16]}") for b in known.get("bindings", ())]
    rows += (
        [("engines", ", ".join(known["engines"]) + (f": {known['reason']}" if known.get("reason") else ""))]
        if known.get("engines")
        else []
    )
    rows += [
        (name, str(known[name])) for name in ("seed", "threads", "gap", "time_limit") if known.get(name) is not None
    ]
    rows += [("versions", ", ".join(f"{name} {number}" for name, number in known.get("versions", {}).items()))]
    return _table(rows)
