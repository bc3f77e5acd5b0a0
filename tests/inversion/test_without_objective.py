"""Problems without an objective: any design that holds, or a proof that there is none."""

from __future__ import annotations

import pytest

import preimage
from preimage.inversion import Verifier
from preimage.results import Result


@pytest.mark.parametrize("method", [None, "branch", "milp"])
@pytest.mark.parametrize(
    "statement", ["require sum(x) <= 3", "require abs(x[0] - 3) + x[1] <= 3", "require x[0] - x[1] >= 0.25"]
)
def test_any_design(statement: str, method: str | None) -> None:
    # What the last statement compares is no objective, however large its values are.
    result = preimage.invert(f"input x[2] in 1..2\n{statement}\n", method=method, time_limit=20)
    assert isinstance(result, Result)
    assert result.status == "optimal"
    assert (result.objective, result.bound, result.gap) == (None, None, None)
    assert Verifier()(result).violation <= 1e-7


@pytest.mark.parametrize("method", [None, "branch", "milp"])
def test_no_design(method: str | None) -> None:
    text = "input x[2] in 1..2\nrequire abs(x[0] - x[1]) >= 0.5\nrequire x[0] <= x[1] + 0.25\nrequire x[1] <= 1.4\n"
    result = preimage.invert(text, method=method, time_limit=20)
    assert isinstance(result, Result)
    assert result.status == "infeasible"
    assert [line for line, _ in result.clashes] == [2, 3, 4]
