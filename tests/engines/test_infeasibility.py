"""The statements that are named for a clash do clash, and none of them can be spared."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from inversion.random_problems import Maker, Twin
from inversion.rich_problems import RichMaker
from inversion.trial import refusal, solve

import preimage
from preimage.results import Result


def without(twin: Twin, statements: list[str]) -> Twin:
    kept = [condition for condition in twin.conditions if condition.text in statements]
    return Twin(twin.text, twin.bindings, twin.inputs, kept)


def clashes(twin: Twin) -> bool:
    """Check an infeasible problem; return whether it was one."""
    if refusal(twin) or "target aim" in twin.text.splitlines() or twin.optimum() is not None:
        return False
    result = solve(twin, time_limit=20.0)
    assert isinstance(result, Result)
    assert result.status == "infeasible", twin.text
    lines = twin.text.splitlines()
    named = [lines[line - 1] for line, _ in result.clashes]
    assert [" ".join(line.split()) for line in named] == [statement for _, statement in result.clashes]
    assert len({c.text for c in twin.conditions}) < len(twin.conditions) or (without(twin, named).optimum() is None), (
        f"{named} do not clash\n{twin.text}"
    )
    for spared in named:
        fewer = [line for line in named if line != spared]
        assert without(twin, fewer).optimum() is not None, f"{spared} is not needed\n{twin.text}"
    return True


def test_random_clashes() -> None:
    assert sum(clashes(maker(seed).problem()) for maker in (Maker, RichMaker) for seed in range(3000, 3040)) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(10))
def test_more_random_clashes(chunk: int) -> None:
    for seed in range(4000 + 40 * chunk, 4040 + 40 * chunk):
        clashes(Maker(seed).problem())
        clashes(RichMaker(seed).problem())


def test_only_the_culprits_are_named() -> None:
    text = (
        "integer n[3] in 0..9\nrequire n[0] <= 8\nrequire sum(n) == 5\nselect at least 2 of n\n"
        "require n[1] + n[2] >= 6\nrequire n[2] <= 7\nminimise n[0]\n"
    )
    result = preimage.invert(text)
    assert isinstance(result, Result)
    assert result.status == "infeasible"
    assert [line for line, _ in result.clashes] == [3, 5]


def test_a_network_that_cannot_reach() -> None:
    arrays = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.array([[1.0, -1.0]]), "b2": np.zeros(1)}
    text = "network f\ninput x[2] in 0..1\nrequire sum(f(x)) >= 0.9\nrequire x[0] <= x[1] + 0.5\nminimise sum(x)\n"
    result = preimage.invert(text, f=arrays)
    assert isinstance(result, Result)
    assert result.status == "infeasible"
    assert [line for line, _ in result.clashes] == [3, 4]


def test_ctrl_c_while_culprits_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from preimage.engines import infeasibility

    searches: list[infeasibility.Run] = []
    plain = infeasibility.run

    def interrupted(*arguments: Any, **options: Any) -> infeasibility.Run:
        searches.append(dataclasses.replace(plain(*arguments, **options), interrupted=True))
        return searches[-1]

    monkeypatch.setattr(infeasibility, "run", interrupted)
    text = "integer n[3] in 0..9\nrequire sum(n) == 5\nrequire n[1] + n[2] >= 6\nrequire n[2] <= 7\n"
    with pytest.raises(preimage.Interrupted) as caught:
        preimage.invert(text)
    result = caught.value.result
    assert isinstance(result, Result)
    assert result.status == "infeasible"
    assert len(searches) == 1
    assert [line for line, _ in result.clashes] == [2, 3, 4]
