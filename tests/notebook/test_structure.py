"""Structures in the card: the density as it forms, supports and loads around it, and a player of the search."""

import base64
import dataclasses
import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from notebook.test_card import read
from PIL import Image
from pretended_search import snapshot

import preimage
from preimage.language.problem import Problem
from preimage.notebook.frame import frame_of_result
from preimage.notebook.live import PictureView, text_line
from preimage.notebook.static import answer_bundle, result_html
from preimage.notebook.structure import MOST_FRAMES, SHADES, structure_figure, structure_of, structure_seen
from preimage.structures import Disc, Edge, Load, LoadCase, Node, Support, Task, Void
from preimage.structures.result import StructureResult

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

PARTS = (Support(Edge("left")), Support(Node(24, 0), "y"), Load(Node(20, 8), (0, -1)))
TASK = Task.on(24, 8, *PARTS, volume=0.4)

BEAM = """\
%%invert -o beam --steps 5 --method oc
structure beam on 24 x 8
support left edge in x and y
load node (24, 0) by (0, -1)
volume 0.4
minimise compliance"""


@pytest.fixture(scope="module")
def result() -> StructureResult:
    answer = preimage.invert(TASK, method="oc", steps=8)
    assert isinstance(answer, StructureResult)
    return answer


def pictures(html: str) -> np.ndarray:
    """The densities in a card, one above another, from 0 to 1."""
    (data,) = re.findall(r"mask-image:url\(data:image/png;base64,([^)]+)\)", html)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))[..., 3] / 255


def seen(screenshot: bytes) -> np.ndarray:
    """What the eye sees, in grey."""
    return np.asarray(Image.open(io.BytesIO(screenshot)).convert("L"), dtype=float)


def test_the_picture_is_the_density_and_how_it_formed(result: StructureResult) -> None:
    html = structure_figure(structure_of(result))
    read(html)
    strip = pictures(html)
    assert strip.shape == (9 * 8, 24)
    assert "--frames:9" in html
    np.testing.assert_allclose(strip[-8:], result["density"], atol=0.5 / (SHADES - 1) + 1e-9)
    np.testing.assert_allclose(strip[:8], result.arrays["frames"][0] / 255, atol=0.5 / (SHADES - 1) + 1e-9)
    assert html.count("<input") == 1


def test_long_searches_are_thinned(result: StructureResult) -> None:
    frames = np.repeat(result.arrays["frames"], 12, axis=0)
    long = dataclasses.replace(result, arrays={**result.arrays, "frames": frames})
    assert len(structure_of(long).frames) == MOST_FRAMES + 1
    bare = dataclasses.replace(result, arrays={k: v for k, v in result.arrays.items() if "frame" not in k})
    html = structure_figure(structure_of(bare))
    assert len(structure_of(bare).frames) == 1
    assert "<input" not in html


def test_supports_loads_and_voids_are_drawn(result: StructureResult) -> None:
    html = structure_figure(structure_of(result))
    assert html.count('class="firm"') == 5
    assert html.count('class="roller"') == 1
    assert html.count('class="load case-0"') == 1
    assert 'class="void"' not in html
    cases = [LoadCase(name, (Load(Node(24, k), (0, -1)),)) for k, name in enumerate("abcd")]
    task = Task.on(24, 8, PARTS[0], *cases, Void(Disc((12, 4), 3)), volume=0.4)
    seen = structure_seen(task, dataclasses.replace(snapshot(), picture=np.zeros((4, 12))))
    assert seen is not None
    drawn = structure_figure(seen)
    assert {f"case-{k}" for k in range(3)} == set(re.findall(r"case-\d", drawn))
    (void,) = re.findall(r'class="void" d="([^"]+)"', drawn)
    assert sum(int(width) for width in re.findall(r"h(\d+)v1", void)) == (~task.mask).sum()


def test_the_card_while_it_runs() -> None:
    view = PictureView(Problem(text="", path=None, structure=TASK))
    early, later = dataclasses.replace(snapshot(0), nodes={}), dataclasses.replace(snapshot(), picture=np.eye(8, 24))
    assert view._frame(early).answer is None
    frame = view._frame(later)
    assert frame.answer is not None
    assert pictures(structure_figure(frame.answer.structure)).sum() == 8
    assert frame.detail == "2.0 s · compliance 0.74000, bound 0.70000"
    assert text_line(later).endswith("1,234 steps")


def test_the_card_that_stays(result: StructureResult) -> None:
    html = result_html(result)
    words = read(html)
    assert tuple(w for w in words.said if w in ("compliance", "volume", "discreteness")) == (
        "compliance",
        "volume",
        "discreteness",
    )
    assert frame_of_result(result).nodes["oc"] == 8
    assert frame_of_result(result).unit == "steps"
    bundle = answer_bundle(result)
    assert {"text/html", "image/png", "text/plain"} == set(bundle)
    assert len(bundle["text/html"]) < 120_000
    empty = StructureResult(status="no design found", provenance=result.provenance, arrays=result.arrays)
    assert "no design to show" in result_html(empty)


def test_the_magic_solves_structures(shell: InteractiveShell) -> None:
    done = shell.run_cell(BEAM)
    assert done.success
    beam = shell.user_ns["beam"]
    assert isinstance(beam, StructureResult)
    assert len(beam.arrays["frames"]) == 5


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path")
def test_the_player_plays(result: StructureResult, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    page_file = tmp_path / "card.html"
    page_file.write_text(f"<!doctype html><body style='width:900px'>{result_html(result)}", encoding="utf-8")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--headless", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 950, "height": 600})
        page.goto(page_file.as_uri())
        ground, slider = page.locator(".ground"), page.locator(".player input")
        final = seen(ground.screenshot())
        slider.fill("0")
        first = seen(ground.screenshot())
        page.locator(".player button").click()
        page.wait_for_function("document.querySelector('.player input').value === '8'")
        again = seen(ground.screenshot())
        browser.close()
    assert np.abs(final - first).mean() > 10
    assert np.abs(final - again).mean() < 1
