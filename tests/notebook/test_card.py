"""What the card shows: of a running search, of a result, of a sweep."""

import base64
import dataclasses
import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from pretended_search import INKS, LAYER, TRACE, result, snapshot
from results.samples import boxes, robust_designs, two_angles

from preimage.engines.boxes import Boxes
from preimage.engines.search import TraceRow
from preimage.notebook.answer import Answer, Comparison, InputBars, answer_of, merged
from preimage.notebook.boxes_plot import boxes_plot
from preimage.notebook.frame import POINTS, frame_of_result, frame_of_snapshot, thinned
from preimage.notebook.gap_plot import gap_plot, sweep_plot
from preimage.notebook.highlight import highlight
from preimage.notebook.markup import VOID
from preimage.notebook.panels import answer_panels
from preimage.notebook.static import answer_bundle, result_html, sweep_html, trace_table
from preimage.results import Sweep


class Balanced(HTMLParser):
    """Notes what is shown as text, and fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[str] = []
        self.drawn: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.drawn += [value or "" for name, value in attributes if name == "data-t"]
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)


def read(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser


def test_the_status_is_said_in_words() -> None:
    assert frame_of_snapshot(snapshot(0), None).detail == "2.0 s · no design yet"
    assert frame_of_snapshot(snapshot(2), None).detail == "2.0 s · gap 100 %"
    assert frame_of_snapshot(snapshot(), None).detail == "2.0 s · gap 5.5 %"
    assert frame_of_snapshot(snapshot(row=2, rows=24), None).detail == "target 3 of 24 · 2.0 s · gap 5.5 %"
    assert frame_of_result(result()).headline == "optimal to 0.0014 %"
    states = {s: frame_of_snapshot(snapshot(status=s), None).state for s in ("searching", "time limit", "infeasible")}
    assert states == {"searching": "searching", "time limit": "feasible", "infeasible": "infeasible"}
    assert frame_of_snapshot(snapshot(0, status="exhausted"), None).state == "no design found"


def test_improvements_are_told_apart() -> None:
    frame = frame_of_snapshot(snapshot(), None)
    assert frame.incumbents == ((0.05, 4.8, "adjoint"), (0.1, 0.75, "adjoint, polished"), (0.9, 0.74, "milp"))
    assert frame.bounds == ((0.02, 0.0, "branch"), (0.4, 0.5, "branch"), (1.5, 0.7, "branch"))
    assert frame.nodes == {"branch": 1234, "adjoint": 0, "milp": 0}


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    points = tuple((float(k), float(-k), "branch") for k in range(5000))
    few = thinned(points)
    assert len(few) == POINTS
    assert (few[0], few[-1]) == (points[0], points[-1])


def steps(html: str, name: str) -> list[tuple[float, float]]:
    """The corners of a curve in a plot."""
    (path,) = re.findall(rf'class="line {name}" d="M([^"]*)"', html)
    x, y = (float(value) for value in re.match(r"([\d.]+) ([\d.]+)", path).groups())  # type: ignore[union-attr]
    corners = [(x, y)]
    for right, down in re.findall(r"H([\d.]+)V([\d.]+)", path):
        corners.append((float(right), float(down)))
    assert path.endswith("H1000")
    return corners


def test_the_best_falls_the_bound_rises_and_both_end_apart() -> None:
    html = gap_plot(frame_of_snapshot(snapshot(), None))
    best, proved = steps(html, "best"), steps(html, "proved")
    assert [y for _, y in best] == sorted(y for _, y in best)  # downwards on the screen
    assert [y for _, y in proved] == sorted((y for _, y in proved), reverse=True)
    assert [round(x, 1) for x, _ in best] == [25.0, 50.0, 450.0]  # of 2 seconds
    assert best[-1][1] < proved[-1][1]
    assert html.count('class="mark"') == 3
    assert 'class="band"' in html
    assert {"0.74000", "0.70000", "best", "proved"} <= set(read(html).drawn)


def test_a_maximised_bound_is_never_rounded_to_the_flattering_side() -> None:
    trace = (TraceRow(0.1, 1.0, 2.0000049, "milp"),)
    frame = frame_of_result(result(sense="maximise", trace=trace, objective=1.0, bound=2.0000049))
    assert "2.0001" in read(gap_plot(frame)).drawn


@pytest.mark.parametrize("count", range(len(TRACE) + 1))
def test_every_stage_of_a_search_can_be_drawn(count: int) -> None:
    frame = frame_of_snapshot(snapshot(count), None)
    parser = read(gap_plot(frame) + answer_panels(frame.answer) + trace_table(frame))
    assert ("no design and no bound yet" in parser.drawn) == (count == 0)
    assert "the design appears here as soon as there is one" in parser.drawn


def test_colours_are_swatches_and_other_outputs_are_not() -> None:
    panels = answer_panels(answer_of(result()))
    assert "background:lab(54% -19 41)" in panels
    assert "background:lab(55% -20 40)" in panels
    other = result(targets={"goal": np.array([54.0, -19.0, 41.0])})
    assert "lab(" not in answer_panels(answer_of(other))
    bright = result(targets={"colour": np.array([0.5, 0.2, 1.0])}, predictions={"p": np.array([0.5, 0.2, 0.0])})
    assert "background:rgb(50% 20% 100%)" in answer_panels(answer_of(bright))


def test_what_is_left_out_is_grey_and_named() -> None:
    html = answer_panels(answer_of(result()))
    assert html.count('class="zero"') == 1
    parser = read(html)
    assert {*INKS, "3 of 4 used", "0.2000", "0.7000"} <= set(parser.drawn)
    assert 'title="yellow = 0.7000, from 0 to 1"' in html
    assert "bottom:0%;height:70%" in html


def test_bars_below_zero_hang() -> None:
    design = {"pull": np.array([-0.1, 0.2])}
    html = answer_panels(
        answer_of(result(design=design, limits={"pull": np.array([[-0.2] * 2, [0.2] * 2])}, labels={}))
    )
    assert "bottom:25%;height:25%" in html
    assert "bottom:50%;height:50%" in html


def test_long_outputs_are_curves_for_each_target() -> None:
    wanted = np.sin(np.linspace(0, 3, 31)) * np.ones((3, 1))
    html = answer_panels(answer_of(result(targets={"spectra": wanted}, predictions={"print": wanted + 0.1})))
    assert html.count('class="wanted" points=') == 3
    assert html.count('class="given" points=') == 3


def test_many_bars_show_what_is_used() -> None:
    values = np.zeros((6, 44))
    values[:, [7, 30]] = 0.5
    html = answer_panels(answer_of(result(design={"inks": values}, limits={}, labels={})))
    assert "2 of 44 used" in read(html).drawn
    assert {"inks[7]", "inks[30]"} <= set(read(html).drawn)
    assert html.count("from 0.5000 to 0.5000") == 12
    dense = result(design={"v": np.ones(5000)}, limits={}, labels={})
    assert len(answer_panels(answer_of(dense))) < 50_000


def test_answers_of_a_sweep_are_joined() -> None:
    one = Answer(
        (InputBars("x", (), ((1.0,),), ((0.0,),), ((2.0,),)),), (Comparison("t", ((1.0, 2.0),), ((1.0, 2.5),)),)
    )
    both = merged([one, one])
    assert both is not None
    assert both.inputs[0].values == ((1.0,), (1.0,))
    assert both.comparisons[0].given == ((1.0, 2.5), (1.0, 2.5))
    assert merged([]) is None


def test_a_result_is_a_whole_card() -> None:
    parser = read(result_html(result()))
    said = " ".join(parser.said)
    for text in (
        "optimal to 0.0014 %",
        "no design does better than 0.73999",
        "cyan 0.2000",
        "statistics",
        "provenance",
    ):
        assert text in said
    assert LAYER["name"] in said
    assert "31 undecided" in said
    assert "<cheap>" in said


def test_an_infeasible_result_names_the_clash() -> None:
    clash = result(
        status="infeasible", objective=None, bound=None, gap=None, design={}, predictions={}, trace=(),
        clashes=((9, "smooth stretch"), (12, "require stretch[0] >= 0.38")),
    )  # fmt: skip
    parser = read(result_html(clash))
    assert {"line 9", "line 12", "smooth stretch"} <= set(parser.said)
    assert parser.drawn == ["1,234"], "but for the nodes there is nothing to draw"


def test_a_problem_without_an_objective_draws_no_gap() -> None:
    holds = result(objective=None, bound=None, gap=None, trace=(TraceRow(0.1, 0.0, 0.0, "adjoint"),))
    parser = read(result_html(holds))
    assert "no objective: any design that holds is an answer" in parser.drawn


def test_two_values_show_their_boxes() -> None:
    running = dataclasses.replace(snapshot(), boxes=boxes(), design=dict(two_angles().design))
    for frame in (frame_of_snapshot(running, None), frame_of_result(two_angles())):
        parser = read(boxes_plot(frame))
        assert {"shoulder", "elbow", "4 open · depth 7 · 25 % cut away", "best design"} <= set(parser.drawn)
    html = result_html(two_angles())
    for kind in ("open", "pruned", "cut", "settled"):
        assert html.count(f'class="box {kind}"') == 1
    assert 'd="M500 0h500v1000h-500zM500 500v500h500v-500z"' in html, "cut away: the upper half of the right side"
    assert boxes_plot(frame_of_result(result())) == ""


def test_the_picture_of_many_boxes_is_small() -> None:
    edges = np.linspace(0, 1, 46)
    squares = [(x, y, right, top) for x, right in pairwise(edges) for y, top in pairwise(edges)]
    every, count = np.array([(0, 0, 1, 1), *squares]), len(squares)
    many = Boxes(
        names=("x", "y"), entries=(("x", 0), ("y", 0)), entered=every, kept=every,
        fate=np.array([1] + count * [0], np.uint8), depth=np.arange(count + 1, dtype=np.uint32) % 16,
        bound=np.zeros(count + 1), weight=np.ones(count + 1), waiting=np.array([0] + count * [1], np.uint32),
    )  # fmt: skip
    assert len(boxes_plot(frame_of_snapshot(dataclasses.replace(snapshot(0), boxes=many), None))) < 50_000


def test_a_sweep_is_a_whole_card() -> None:
    sweep = Sweep([result(), result(status="feasible", objective=1.5, bound=1.0, gap=0.33)])
    html = sweep_html(sweep)
    parser = read(html)
    assert "1 optimal, 1 feasible" in parser.said
    assert html.count("background:lab(54%") == 2
    assert sweep_plot(sweep).count('class="dot') == 2


def test_text_of_drawings_is_not_left_behind_without_a_style_sheet() -> None:
    """Where SVG and style sheets are taken out, axis labels must not remain as a heap of numbers."""
    html = result_html(result())
    panes = html[html.index('class="panes"') : html.index('class="message"')]
    assert not "".join(read(f"<div {panes[: panes.rindex('<p')]}").said).strip()


def test_the_bundle_has_a_picture_for_places_without_html() -> None:
    bundle = answer_bundle(result())
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["image/png"] in bundle["text/html"]
    assert bundle["text/plain"].startswith("<Result optimal")
    assert len(bundle["text/html"]) + len(bundle["image/png"]) < 200_000


def test_words_of_the_language_are_told_apart() -> None:
    html = highlight('input x[3] in 0..1 # for "me" <3\nlet target_x = sum(x)\nnames x = "a&b"')
    assert '<span class="keyword">input</span> x[<span class="number">3</span>]' in html
    assert '<span class="comment"># for &quot;me&quot; &lt;3</span>' in html
    assert "target_x = " in html
    assert '<span class="function">sum</span>(x)' in html
    assert '<span class="text">&quot;a&amp;b&quot;</span>' in html


def test_designs_and_worst_cases_are_shown() -> None:
    page = Balanced()
    page.feed(result_html(robust_designs()))
    text = " ".join(page.said)
    assert "no other is apart from these (proved)" in text
    assert "it gets no worse than 0.60001" in text
    assert text.index("0.53001") < text.index("0.70001")


def test_what_is_done_after_the_search_is_told() -> None:
    frame = frame_of_snapshot(dataclasses.replace(snapshot(), stage="worst case 2 of 5"), None)
    assert frame.headline == "worst case 2 of 5"
