import re
from pathlib import Path
from types import ModuleType

import pytest
from IPython.core.interactiveshell import InteractiveShell

from preimage.language.words import FUNCTIONS, STATEMENTS
from preimage.notebook.completion import words

CELL = """\
%%invert -o answer
network press from "press.npz"
input inks[4] in 0..1
"""


def offered(shell: InteractiveShell, cell: str) -> list[str]:
    """What IPython offers at the end of a cell."""
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        return [completion.text for completion in shell.Completer.completions(cell, len(cell))]


def test_a_line_begins_with_a_statement(shell: InteractiveShell) -> None:
    assert offered(shell, CELL + "min") == ["minimise", "minimize"]
    assert set(offered(shell, CELL)) == set(STATEMENTS)


def test_names_and_functions_are_offered_in_expressions(shell: InteractiveShell) -> None:
    assert offered(shell, CELL + "minimise L1(pre") == ["press"]
    assert offered(shell, CELL + "minimise Li") == ["Linf"]
    assert offered(shell, CELL + "require sum(in") == ["inks"]


def test_words_of_structures_are_offered(shell: InteractiveShell) -> None:
    assert offered(shell, CELL + "reparameterise by cn") == ["cnn"]
    assert offered(shell, CELL + "minimise compl") == ["compliance"]
    assert offered(shell, CELL + "load top ed") == ["edge"]
    assert offered(shell, CELL + "volume 0.4 before fil") == ["filter"]


def test_data_of_the_notebook_are_offered_after_from(shell: InteractiveShell) -> None:
    shell.user_ns.update(spectra=[1, 2], special=ModuleType("special"), spectral=print)
    assert offered(shell, CELL + "targets goal from spe") == ["spectra"]
    assert offered(shell, CELL + "param spe") == ["spectra"]


def test_nothing_of_python_is_offered(shell: InteractiveShell) -> None:
    assert "print" not in offered(shell, CELL + "minimise pri")
    assert offered(shell, CELL + "im") == ["im"]


def test_other_cells_are_left_alone(shell: InteractiveShell) -> None:
    assert "minimise" not in offered(shell, "x = 1\nmin")
    shell.run_line_magic("unload_ext", "preimage")
    assert "minimise" not in offered(shell, CELL + "min")
    shell.run_line_magic("load_ext", "preimage")


@pytest.mark.parametrize("typed", ["# min", 'param x from "min', "%%invert --m"])
def test_comments_texts_and_the_first_line_are_left_alone(typed: str) -> None:
    line = 0 if typed.startswith("%") else 1
    assert words(f"%%invert\n{typed}", line, typed, {}) == (re.findall(r"\w*$", typed)[0], [])


def test_every_word_of_the_grammar_is_offered(repository: Path) -> None:
    grammar = (repository / "grammar" / "preimage.lark").read_text()
    literals = set(re.findall(r'"([a-z]{2,})"', grammar))
    _, at_start = words("%%invert\n", 1, "", {})
    _, later = words("%%invert\n", 1, "let x = ", {})
    assert literals <= {*at_start, *later}
    assert set(FUNCTIONS) <= set(later)
