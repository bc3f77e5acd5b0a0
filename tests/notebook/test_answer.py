"""What is shown live is what the result says in the end."""

import numpy as np
import pytest
from pretended_search import snapshot

from preimage import Result, Snapshot, Sweep, check, invert
from preimage.language.problem import Problem
from preimage.notebook.answer import Answers, answer_of, answer_of_sweep
from preimage.notebook.live import Silence, TextView, text_line

STATED = {
    "difference": "target goal = (0.3, 0.1, 0.2)\ninput x[3] in -1..1\nminimise L1(small(x), goal)",
    "the other way round": "target goal = (0.3, 0.1, 0.2)\ninput x[3] in 0..2\nminimise Linf(goal, small(x))",
    "weighted, with a price": (
        "target goal = (0.3, 0.1, 0.2)\ninput x[3] in 0..1\nminimise L1(small(x), goal, weights=(1, 2, 3)) + 0.1*sum(x)"
    ),
    "joint": (
        "targets goal = ((0.3, 0.1, 0.2), (0, 1, 0))\ninput x[3] in 0..1 per target\nselect 2 of x\n"
        "minimise L1(small(x), goal)"
    ),
    "named": (
        "target goal = (0.3, 0.1, 0.2)\ninput x[3] in 0..1\ninteger k[2] in 0..3\nlet y = small(x)\n"
        "minimise L1(y, goal) + sum(k)"
    ),
    "some entries of what is named": (
        "target goal = (0.3, 0.1)\ninput x[3] in 0..1\nlet y = small(x)\nminimise L1(y[1:3], goal)"
    ),
    "nothing to compare": "input x[3] in 0..1\nminimise sum(small(x))",
}


@pytest.mark.parametrize("stated", STATED.values(), ids=STATED)
def test_the_live_answer_is_the_final_one(stated: str, network: object, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = check(f'network small from "{network}"\n{stated}\n')
    assert isinstance(problem, Problem)
    seen: list[Snapshot] = []
    result = invert(problem, time_limit=5, progress=seen.append)
    assert isinstance(result, Result)
    live, final = Answers(problem).answer(seen[-1].design, 0), answer_of(result)
    assert live is not None
    assert final is not None
    for mine, other in zip(live.inputs, final.inputs, strict=True):
        assert (mine.name, mine.labels) == (other.name, other.labels)
        for rows in ("values", "lower", "upper"):
            np.testing.assert_allclose(getattr(mine, rows), getattr(other, rows))
    assert [it.name for it in live.comparisons] == [it.name for it in final.comparisons]
    for one, another in zip(live.comparisons, final.comparisons, strict=True):
        np.testing.assert_allclose(one.wanted, another.wanted, atol=1e-12)
        np.testing.assert_allclose(one.given, another.given, atol=1e-9)


def test_a_sweep_keeps_earlier_targets_in_view(network: object) -> None:
    problem = check(
        f'network small from "{network}"\ntarget goal = ((0.3, 0.1, 0.2), (0, 1, 0))\ninput x[3] in 0..1\n'
        "minimise L1(small(x), goal)\n"
    )
    answers, live = Answers(problem), []

    def watch(seen: Snapshot) -> None:
        live.append(answers.answer(seen.design, seen.row))

    sweep = invert(problem, progress=watch)
    assert isinstance(sweep, Sweep)
    final = answer_of_sweep(sweep)
    assert live[-1] is not None
    assert final is not None
    np.testing.assert_allclose(live[-1].comparisons[0].given, final.comparisons[0].given, atol=1e-9)
    assert len(final.comparisons[0].wanted) == 2


def test_no_design_no_answer(network: object) -> None:
    problem = check(f'network small from "{network}"\ninput x[3] in 0..1\nminimise sum(small(x))\n')
    assert Answers(problem).answer({}, 0) is None


def test_a_search_that_is_over_at_once_opens_no_view(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(TextView, "_put", lambda self, bundle: shown.append(bundle))
    view = TextView()
    view.update(snapshot(status="optimal"))
    assert not view.close(None)
    assert not shown


def test_a_view_is_redrawn_no_oftener_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(TextView, "_put", lambda self, bundle: (shown.append(bundle), setattr(self, "_handle", self)))
    view = TextView()
    for _ in range(50):
        view.update(snapshot())
    assert len(shown) == 1
    view.update(snapshot(status="optimal"))
    assert len(shown) == 2, "the end is always shown"


def test_rows_of_a_sweep_that_are_over_at_once_open_a_view(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(TextView, "_put", lambda self, bundle: shown.append(bundle))
    TextView().update(snapshot(status="optimal", row=0, rows=24))
    assert len(shown) == 1


def test_the_line_of_text_says_it_all() -> None:
    assert text_line(snapshot(0)) == "searching · 2.0 s · no design yet · 1,234 nodes"
    said = "searching · 2.0 s · gap 5.5 % · best 0.74000 by milp · proved 0.70000 · 1,234 nodes"
    assert text_line(snapshot()) == said
    assert not Silence().stopped
