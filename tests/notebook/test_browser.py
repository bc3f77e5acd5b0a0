"""JupyterLab in a browser: the card moves while the cell runs, Stop and interrupt work, the picture stays."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path"),
    pytest.mark.timeout(180),
]

SEARCH = """\
%%invert -o answer --gap 0.0001%
network hard from "hard.npz"
target  colour = (50, 20, -30, 0, 10, 5)
input   x[12] in -1..1
minimise L1(hard(x), colour)"""

CELLS = ("%load_ext preimage", SEARCH, "print('then', answer.status)")


@pytest.fixture
def lab(hard_network: Path, tmp_path: Path) -> Iterator[str]:
    """JupyterLab on a free port of this machine, in the network's folder; yields the address of a notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "search.ipynb")
    shutil.copy(hard_network, tmp_path)
    settings = tmp_path / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = json.dumps({"fetchNews": "false", "checkForUpdates": False})
    (settings / "notification.jupyterlab-settings").write_text(quiet)
    homes = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={tmp_path}")
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--IdentityProvider.token=", *options],
            env=os.environ | {name: str(tmp_path / folder) for name, folder in homes.items()},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/api/status", tmp_path / "log")
        yield f"http://127.0.0.1:{port}/lab/tree/search.ipynb"
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:  # too busy to end in order
            server.kill()
            server.wait()


def wait_for(address: str, log: Path) -> None:
    """Wait until a server answers."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture
def lab_page(lab: str) -> Iterator["playwright.Page"]:
    """A browser that shows the notebook."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(lab)
        page.locator(".jp-CodeCell").nth(2).wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        yield page
        browser.close()


LIVE = ".jp-OutputArea-output:not(.jp-RenderedHTMLCommon) .preimage-card"
STATIC = ".jp-RenderedHTMLCommon > .preimage-card"


def run_cell(page: "playwright.Page", number: int) -> None:
    """Run a cell and leave the cursor in it."""
    page.locator(".jp-CodeCell .cm-content").nth(number).click()
    page.keyboard.press("Control+Enter")


def outputs(page: "playwright.Page", number: int) -> str:
    """The text of a cell's outputs."""
    return str(page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea").first.inner_text())


def eventually(page: "playwright.Page", condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(100)
    pytest.fail("what was waited for did not come")


def test_a_search_in_jupyterlab(lab_page: "playwright.Page", tmp_path: Path) -> None:
    page = lab_page
    for _ in range(20):  # keys pressed too early are lost
        run_cell(page, 0)
        page.wait_for_timeout(1500)
        if re.search(r"\[\d+\]:", page.locator(".jp-CodeCell").first.inner_text()):
            break
    run_cell(page, 1)
    run_cell(page, 2)  # queued behind the search
    card = page.locator(LIVE)
    card.wait_for()
    line = card.locator("path.line.best")
    line.wait_for(state="attached")
    stop = card.locator("button", has_text="Stop")
    stop.wait_for()  # visible: the kernel answered while it was busy

    # The card moves: clock, curve and pixels; and shows values under the pointer.
    seen, path, before = card.inner_text(), card.locator(".area").inner_html(), card.screenshot()
    eventually(page, lambda: card.inner_text() != seen)
    eventually(page, lambda: card.locator(".area").inner_html() != path)
    eventually(page, lambda: card.screenshot() != before)
    boxes = (card.locator(".area").bounding_box() for _ in range(50))
    area = next(box for box in boxes if box is not None)  # between two drawings there is none
    page.mouse.move(area["x"] + 0.7 * area["width"], area["y"] + 0.5 * area["height"])
    tip = card.locator(".tip")
    tip.wait_for()
    assert {"time", "best", "proved", "gap"} <= set(tip.inner_text().split())
    path = card.locator(".area").inner_html()
    eventually(page, lambda: card.locator(".area").inner_html() != path)
    assert tip.is_visible(), "a redraw must not take the values away"
    width = card.bounding_box()["width"]

    # Stop keeps the best design, and the next cell runs.
    assert "then" not in outputs(page, 2)
    stop.click()
    final = page.locator(".jp-CodeCell").nth(1).locator(STATIC)
    final.wait_for()
    assert card.count() == 0
    assert "interrupted" in final.inner_text()
    assert abs(final.bounding_box()["width"] - width) < 2, "the card must not change its width"
    page.get_by_text("then interrupted").wait_for()

    # An interrupt of the kernel keeps it too, and says so.
    run_cell(page, 1)
    card.locator("path.line.best").wait_for(state="attached")
    page.locator("[data-jp-item-name=interrupt] button, [data-jp-item-name=interrupt] jp-button").first.click()
    page.get_by_text("KeyboardInterrupt: the best design so far is in answer").or_(
        page.get_by_text("KeyboardInterrupt: the best design so far is in `answer`")
    ).wait_for()
    final.wait_for()
    assert card.count() == 0
    run_cell(page, 2)
    page.get_by_text("then interrupted").wait_for()

    # The picture is in the file, and in the reopened notebook.
    page.keyboard.press("Control+s")
    file = tmp_path / "search.ipynb"
    eventually(page, lambda: "preimage-card" in file.read_text())
    stored = nbformat.read(file, as_version=4)
    shown = stored.cells[1].outputs[0]
    assert set(shown.data) == {"text/html", "text/plain", "image/png"}
    assert "widgets" not in stored.metadata
    assert file.stat().st_size < 300_000
    page.reload()
    final.wait_for()
    assert final.locator("path.line.best").count() == 1
    assert final.locator(".answer figure").count() >= 1
