"""An executed notebook outside JupyterLab: nbconvert, GitHub, a notebook that is not trusted."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")

CELLS = (
    "%load_ext preimage",
    '%%invert -o answer --time-limit 1.5s\nnetwork hard from "hard.npz"\ntarget goal = (0.5, -0.5, 1, 0, 0.3, -1)\n'
    "input x[12] in -1..1\nminimise L1(hard(x), goal)",
)


@pytest.fixture(scope="module")
def executed(hard_network: Path, tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """A notebook that was run without a browser; its search took longer than the first reports."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    folder = {"metadata": {"path": str(hard_network.parent)}}
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", resources=folder)
    client.execute(env=os.environ | {"IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))})
    return notebook


def test_what_is_stored_is_small_and_static(executed: nbformat.NotebookNode) -> None:
    (shown,) = executed.cells[1].outputs
    assert shown.output_type == "display_data", "the answer took the place of the live card, and is shown once"
    assert set(shown.data) == {"text/html", "text/plain", "image/png"}
    assert len(nbformat.writes(executed)) < 300_000
    assert len(str(executed.metadata.get("widgets", ""))) < 30_000, "a card that is gone leaves its style, nothing more"
    nbformat.validate(executed)


def test_nbconvert_shows_picture_and_table(executed: nbformat.NotebookNode) -> None:
    html, _ = nbconvert.HTMLExporter().from_notebook_node(executed)
    card = html[html.index('<section class="preimage-card"') :]
    assert 'class="line best"' in card
    assert re.search(r"<td>objective</td>\s*<td>[\d.]+</td>", card)
    assert "model_id" not in html


def test_latex_and_markdown_get_the_png(executed: nbformat.NotebookNode) -> None:
    _, resources = nbconvert.LatexExporter().from_notebook_node(executed)
    (picture,) = [data for name, data in resources["outputs"].items() if name.endswith(".png")]
    assert picture.startswith(b"\x89PNG")


def test_without_style_sheets_and_svg_a_picture_and_the_facts_remain(executed: nbformat.NotebookNode) -> None:
    """GitHub and an untrusted notebook take out styles and SVG, and keep images and tables."""
    html = executed.cells[1].outputs[0].data["text/html"]
    kept = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    assert '<img class="fallback"' in kept
    text = " ".join(re.sub(r"<[^>]*>", " ", kept).split())
    assert re.match(r"feasible · gap \d+ % in \d", text)
    assert not re.search(r"\b0 s\b", text), "the labels of an axis were left behind"
