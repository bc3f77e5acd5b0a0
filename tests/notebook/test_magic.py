import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from pretended_search import result, snapshot

from preimage import Interrupted, Result, invert
from preimage.engines.search import Snapshot
from preimage.notebook import magic

CELL = """\
network small from "small.npz"
target  goal
input   x[3] in 0..1
minimise L1(small(x), goal)
"""


def run(shell: InteractiveShell, source: str) -> tuple[ExecutionResult, str]:
    """Run a cell as a notebook does; return how it ended and what it printed."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        ended = shell.run_cell(source, store_history=True)
    return ended, out.getvalue()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the search by one that only notes what was asked of it."""
    noted: dict[str, Any] = {}

    def note(problem: object, **options: object) -> Result:
        noted.update(options, problem=problem)
        return result()

    monkeypatch.setattr(magic, "invert", note)
    return noted


def test_a_cell_is_inverted_and_its_result_returned_and_bound(shell: InteractiveShell, network: Path) -> None:
    shell.user_ns["goal"] = np.array([0.3, 0.1, 0.2])
    before = set(shell.user_ns)
    ended, _ = run(shell, f"%%invert -o answer\n{CELL}")
    ended.raise_error()
    answer = shell.user_ns["answer"]
    assert isinstance(answer, Result)
    assert ended.result is answer
    assert answer.status == "optimal"
    written = {name for name in set(shell.user_ns) - before if not name.startswith("_")}
    assert written == {"answer"}


def test_the_boxes_of_two_values_stay_in_the_cell(shell: InteractiveShell, network: Path) -> None:
    shell.user_ns["goal"] = np.array([0.3, 0.1, 0.2])
    text = CELL.replace("x[3]", "x[2]").replace("small(x)", "small((x[0], x[1], 0.5))") + "solve using branch\n"
    ended, _ = run(shell, f"%%invert -o answer\n{text}")
    ended.raise_error()
    assert shell.user_ns["answer"].boxes is not None
    formats, _ = shell.display_formatter.format(shell.user_ns["answer"])
    assert 'class="map"' in formats["text/html"]


STRUCTURE = """\
param force
structure beam on 24 x 8
support left edge in x and y
load node (24, 0) by force
volume 0.4
solve using oc
"""


def test_structures_are_solved_in_a_cell(shell: InteractiveShell) -> None:
    shell.user_ns["force"] = np.array([0.0, -1.0])
    ended, printed = run(shell, f"%%invert -o beam --steps 5\n{STRUCTURE}")
    ended.raise_error()
    beam = shell.user_ns["beam"]
    assert beam.provenance["steps"] == 5
    assert beam["density"].shape == (8, 24)
    formats, _ = shell.display_formatter.format(beam)
    assert "finished · compliance" in formats["text/html"]
    ended, printed = run(shell, f"%%invert --check\n{STRUCTURE}")
    assert "beam  24 x 8 elements" in printed
    ended, printed = run(shell, f"%%invert\n{STRUCTURE.replace('24, 0', '25, 0')}")
    assert "PRE806" in printed


def test_the_magic_gives_what_the_function_gives(shell: InteractiveShell, network: Path) -> None:
    goal = np.array([0.3, 0.1, 0.2])
    shell.user_ns["goal"] = goal
    answer = shell.run_cell_magic("invert", "--seed 3 --live off", CELL)
    expected = invert(CELL, goal=goal, seed=3)
    assert answer.objective == pytest.approx(expected.objective, abs=1e-6)
    assert [binding["name"] for binding in answer.provenance["bindings"]] == ["small", "goal"]


def test_options_are_passed_on(shell: InteractiveShell, network: Path, asked: dict[str, Any]) -> None:
    shell.user_ns["goal"] = np.zeros(3)
    shell.run_cell_magic(
        "invert", "--time-limit 2min --gap 1% --method 'branch, milp' --threads 2 --seed 7 -o answer", CELL
    )
    assert asked["time_limit"] == 120
    assert asked["gap"] == pytest.approx(0.01)
    assert asked["method"] == ("branch", "milp")
    assert (asked["threads"], asked["seed"]) == (2, 7)
    assert asked["problem"].text.rstrip() == CELL.rstrip()


def test_what_is_not_asked_for_is_left_to_the_text(
    shell: InteractiveShell, network: Path, asked: dict[str, Any]
) -> None:
    shell.user_ns["goal"] = np.zeros(3)
    shell.run_cell_magic("invert", "", CELL)
    assert all(asked[name] is None for name in ("time_limit", "gap", "method", "threads", "seed"))


def test_names_of_the_language_are_not_expanded(shell: InteractiveShell, network: Path, asked: dict[str, Any]) -> None:
    shell.user_ns.update(goal=np.zeros(3), x="expanded")
    shell.run_cell(f"%%invert\n{CELL}# {{x}} $x\n").raise_error()
    assert "{x} $x" in asked["problem"].text


def test_local_names_are_seen(shell: InteractiveShell, network: Path, asked: dict[str, Any]) -> None:
    Path("small.inv").write_text(CELL)
    shell.run_cell(
        "def inside():\n    goal = [0.1, 0.2, 0.3]\n    %invert small.inv --live off\ninside()"
    ).raise_error()
    np.testing.assert_array_equal(asked["problem"].targets[0].rows, [[0.1, 0.2, 0.3]])


def test_a_file_is_inverted_by_the_line_magic(shell: InteractiveShell, network: Path, asked: dict[str, Any]) -> None:
    folder = Path("sub folder")
    folder.mkdir()
    network.rename(folder / "small.npz")
    (folder / "small.inv").write_text(CELL)
    shell.user_ns["goal"] = np.zeros(3)
    ended, _ = run(shell, "%invert 'sub folder/small.inv' -o answer --time-limit 5s")
    ended.raise_error()
    assert asked["problem"].path == (folder / "small.inv")
    assert asked["time_limit"] == 5
    assert shell.user_ns["answer"] == ended.result


@pytest.mark.parametrize("cell", ["", "\n\n", "# write your problem here\n\n   # and here\n"])
def test_an_empty_cell_gets_a_hint(shell: InteractiveShell, cell: str) -> None:
    ended, printed = run(shell, f"%%invert -o answer\n{cell}")
    ended.raise_error()
    assert ended.result is None
    assert "State a problem below" in printed
    assert "answer" not in shell.user_ns


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-o 'answer", "no closing quotation"),
        ("-o 2nd", "'2nd' is not a name"),
        ("-o class", "'class' is not a name"),
        ("--live loud", "invalid choice: 'loud'"),
        ("--time-limit fast", "'fast' is not a time"),
        ("--speed 3", "unrecognized arguments: --speed"),
        ("small.inv", "%invert small.inv"),
    ],
)
def test_a_faulty_line_is_a_usage_error(shell: InteractiveShell, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        shell.run_cell_magic("invert", line, CELL)


@pytest.mark.parametrize(("line", "message"), [("", "needs a problem file"), ("none.inv", "no file none.inv")])
def test_a_missing_file_is_a_usage_error(shell: InteractiveShell, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        shell.run_line_magic("invert", line)


def test_help_lists_the_options(shell: InteractiveShell) -> None:
    text = shell.find_cell_magic("invert").__doc__
    for option in (
        "--output",
        "--time-limit",
        "--gap",
        "--method",
        "--threads",
        "--seed",
        "--live",
        "--check",
        "--quiet",
    ):
        assert option in text


def test_a_mistake_is_shown_with_its_caret_and_without_a_traceback(shell: InteractiveShell, network: Path) -> None:
    shell.user_ns["goal"] = np.zeros(3)
    ended, printed = run(shell, f"%%invert -o answer\n{CELL.replace('goal)', 'gaol)')}")
    assert isinstance(ended.error_in_exec, magic.ProblemFault)
    assert "error[PRE2" in printed
    assert "gaol" in printed
    assert "^^^^" in printed
    assert "Traceback" not in printed
    assert "magic.py" not in printed
    assert "answer" not in shell.user_ns


def test_a_missing_name_is_a_mistake(shell: InteractiveShell, network: Path) -> None:
    shell.user_ns["goals"] = np.zeros(3)
    ended, printed = run(shell, f"%%invert\n{CELL}")
    assert isinstance(ended.error_in_exec, magic.ProblemFault)
    assert "goal" in printed


def test_check_solves_nothing(shell: InteractiveShell, network: Path, asked: dict[str, Any]) -> None:
    shell.user_ns["goal"] = np.zeros(3)
    ended, printed = run(shell, f"%%invert --check -o answer\n{CELL}")
    ended.raise_error()
    assert not asked
    assert "No mistakes" in printed
    assert "3 x in 0..1" in printed
    assert "3 → 6 → 3, 6 ReLU" in printed
    assert "answer" not in shell.user_ns


def test_quiet_shows_nothing_and_binds(shell: InteractiveShell, network: Path, asked: dict[str, Any]) -> None:
    shell.user_ns["goal"] = np.zeros(3)
    ended, printed = run(shell, f"%%invert --quiet -o answer\n{CELL}")
    ended.raise_error()
    assert ended.result is None
    assert printed == ""
    assert isinstance(shell.user_ns["answer"], Result)


def interrupting(after: Callable[[], None]) -> Callable[..., Result]:
    """A search that is interrupted: by ``after``, or by what its view asks for."""

    def search(problem: object, *, progress: Callable[[object], None], **options: object) -> Result:
        try:
            progress(snapshot())
            after()
        except KeyboardInterrupt:
            progress(snapshot(status="interrupted"))
            raise Interrupted(result(status="interrupted")) from None
        return result()

    return search


def test_an_interrupt_keeps_the_incumbent_and_goes_on_as_an_interrupt(
    shell: InteractiveShell, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(magic, "invert", interrupting(interrupt))
    shell.user_ns["goal"] = np.zeros(3)
    ended, printed = run(shell, f"%%invert -o answer\n{CELL}")
    assert type(ended.error_in_exec) is KeyboardInterrupt
    assert shell.user_ns["answer"].status == "interrupted"
    assert "<Result interrupted" in printed
    assert "KeyboardInterrupt: the best design so far is in `answer`" in printed
    assert "Traceback" not in printed


def test_stop_keeps_the_incumbent_and_goes_on(
    shell: InteractiveShell, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped:
        """A view whose button was pressed."""

        stopped = True

        def update(self, seen: Snapshot) -> None:
            if seen.status == "searching":
                raise KeyboardInterrupt

        def close(self, answer: object) -> bool:
            return False

    monkeypatch.setattr(magic, "invert", interrupting(lambda: None))
    monkeypatch.setattr(magic, "live_view", lambda *_: Stopped())
    shell.user_ns["goal"] = np.zeros(3)
    ended, _ = run(shell, f"%%invert -o answer\n{CELL}")
    ended.raise_error()
    assert ended.result.status == "interrupted"
    assert shell.user_ns["answer"] is ended.result
