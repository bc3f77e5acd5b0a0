"""The page about networks runs, and lists what is read."""

import re

import pytest

from preimage.networks.layer_records import KINDS


@pytest.fixture
def page(repository):
    return (repository / "docs" / "reference" / "networks.md").read_text(encoding="utf-8")


def test_the_programs_on_the_page_run(page, tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    pytest.importorskip("safetensors")
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)
    printed = re.search(r"print\(network\.summary\)  # (.*)", page)
    assert capsys.readouterr().out.strip() == printed[1]
    assert (tmp_path / "model.safetensors").is_file()


def test_every_kind_of_layer_is_listed(page):
    table = page[page.index("| kind | fields |") :]
    assert {kind for kind in re.findall(r"`(\w+)`", table) if kind in KINDS} == set(KINDS)
