import io

import pytest
from pretended_search import snapshot
from rich.console import Console

from preimage.cli.progress import Progress, live_line, matters, target_row
from preimage.engines.search import TraceRow


def row(incumbent: float | None, bound: float | None) -> TraceRow:
    return TraceRow(0.0, incumbent, bound, "branch")


@pytest.mark.parametrize(
    ("last", "now", "worth"),
    [
        (None, row(None, 0.0), True),
        (row(None, 0.0), row(3.0, 0.0), True),
        (row(3.0, None), row(3.0, 0.0), True),
        (row(3.0, 0.0), row(2.9, 0.0), False),
        (row(3.0, 0.0), row(1.7, 0.0), True),
        (row(3.0, 0.0), row(3.0, 1.5), True),
        (row(3.0, None), row(2.99, None), False),
        (row(3.0, None), row(2.5, None), True),
        (row(None, 1.0), row(None, 1.01), False),
        (row(None, 1.0), row(None, 1.5), True),
    ],
)
def test_a_row_is_printed_only_when_it_matters(last: TraceRow | None, now: TraceRow, worth: bool) -> None:
    assert matters(last, now) is worth


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Console(file=io.StringIO()), "search", quiet=False) as progress:
        for count in (1, 3, 5):
            progress(snapshot(count))
        progress(snapshot(6, status="time limit"))
        progress(snapshot(6, status="time limit"))
    assert capsys.readouterr().err.splitlines() == [
        "     time         best       proved        gap  by",
        "    0.0 s            –       0.0000          –  branch",
        "    0.1 s       4.8000       0.0000      100 %  adjoint",
        "    0.1 s      0.75000       0.0000      100 %  adjoint, polished",
        "    0.4 s      0.75000      0.50000       34 %  branch",
        "    1.5 s      0.74000      0.70000      5.5 %  branch",
        "",
    ]


def test_the_end_is_told_though_it_was_too_near_to_matter(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Console(file=io.StringIO()), "search", quiet=False) as progress:
        progress(snapshot(5))
        assert "0.74000" not in capsys.readouterr().err
        progress(snapshot(5, status="time limit"))
    assert capsys.readouterr().err.split()[:5] == ["0.9", "s", "0.74000", "0.50000", "33"]


def test_an_end_is_ticked_when_it_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Console(file=io.StringIO()), "search", quiet=False) as progress:
        progress(snapshot(status="optimal"))
    assert capsys.readouterr().err.splitlines()[-2].endswith("branch  ✓")


def test_a_sweep_has_a_row_for_each_target_that_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Console(file=io.StringIO()), "sweep", quiet=False, targets=("0", "1")) as progress:
        for target in range(2):
            progress(snapshot(3, row=target, rows=2))
            progress(snapshot(row=target, rows=2, status=("optimal", "time limit")[target]))
    assert capsys.readouterr().err.splitlines() == [
        "   target         best       proved        gap       time",
        "        0      0.74000      0.70000      5.5 %      2.0 s  ✓",
        "        1      0.74000      0.70000      5.5 %      2.0 s  time limit",
        "",
    ]


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Console(file=io.StringIO(), force_terminal=True), "search", quiet=True):
        pass
    assert capsys.readouterr().err == ""


def test_the_live_line() -> None:
    assert live_line(snapshot()) == (
        "best 0.74000 · proved 0.70000 · gap 5.5 % · 1234 nodes, 56 open · 2.0 s · Ctrl-C stops and keeps"
    )
    assert live_line(snapshot(0, row=4, rows=24)).startswith("target 5 of 24 · best – · proved –")
    assert live_line(snapshot(), "any design").startswith("any design that holds · 1234 nodes")
    assert target_row(snapshot(status="infeasible"), "violet").endswith("infeasible")


def test_the_line_is_cleared_when_something_breaks() -> None:
    screen = io.StringIO()
    progress = Progress(Console(file=screen, force_terminal=True), "search", quiet=False)

    def break_off() -> None:
        with progress:
            progress(snapshot(3))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert screen.getvalue().rstrip().endswith("\x1b[2K")
