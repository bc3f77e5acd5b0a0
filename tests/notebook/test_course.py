"""The notebooks that ship: stored as they were run, small, and running still."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

LARGEST = 300 * 1024
LONGEST = 60.0


def fails_on_purpose(cell: nbformat.NotebookNode) -> bool:
    return "raises-exception" in cell.metadata.get("tags", ())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_as_it_was_run(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size < LARGEST
    assert "widgets" not in notebook.metadata
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        assert any(output.output_type == "error" for output in cell.outputs) == fails_on_purpose(cell)
        if re.match(r"%%?invert\b", cell.source) and not fails_on_purpose(cell):
            assert {"text/html", "image/png"} <= set(cell.outputs[-1].data)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_says_what_it_said(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(fresh, timeout=LONGEST, kernel_name="python3", resources=folder).execute()
    for before, after in zip(stored.cells, fresh.cells, strict=True):
        if before.cell_type == "code" and "--time-limit" not in before.source:  # there the machine's speed decides
            assert statuses(after) == statuses(before)


def statuses(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell's results are called: ``<Result optimal``; the digits behind may differ."""
    texts = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    return [match[0] for text in texts if (match := re.match(r"<\w+ [\w ]+", text))]
