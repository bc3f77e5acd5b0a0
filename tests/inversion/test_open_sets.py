"""What has to be non-zero and varies continuously: the best is approached, never attained, and still answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import preimage
from preimage.inversion import Verifier
from preimage.problem import compile_problem
from preimage.results import Result

PROBLEMS: dict[str, tuple[str, float]] = {
    "a mixture of two that wants one": (
        "input x[3] in 0..1\nselect exactly 2 of x\nrequire sum(x) == 1\nminimise x[1] + 2*x[2]",
        0.0,
    ),
    "used, or else": ("input x[2] in 0..1\neither uses(x[0]) or sum(x) >= 1\nminimise sum(x) + x[0]", 0.0),
    "used, by each target": (
        "targets t\ninput x[2] in 0..1 per target\nrequire uses(x[0])\nminimise sum(x) + L1(x, t)",
        0.8,
    ),
    "the first has no room": ("param h = (0, 1)\ninput x[2] in 0..h\nselect at least 1 of x\nminimise sum(x)", 0.0),
    "used and selected": ("input x[3] in 0..1\nselect 2 of x\nrequire uses(x[0])\nminimise L1(x, (0, 1, 1))", 1.0),
    "one use brings another": (
        "input x[3] in 0..1\nselect 2 of x\nif uses(x[0]) then uses(x[1])\nminimise L1(x, (1, 0, 1))",
        1.0,
    ),
    "no use without a price": (
        "input x[2] in 0..1\nif uses(x[0]) then x[1] >= 0.5\nrequire uses(x[0]) or x[1] >= 0.75\nminimise sum(x)",
        0.5,
    ),
    "below zero": ("input x[2] in -1..0\nselect exactly 2 of x\nmaximise sum(x)", 0.0),
    "one that is not to be used does not count": (
        "input x[3] in -1..1\nselect exactly 2 of x\nrequire not uses(x[0])\nrequire x[1] <= 0\n"
        "minimise abs(x[1] - 1) + x[2]",
        0.0,
    ),
    "at least one, but not the first": (
        "input x[3] in 0..1\nselect at least 1 of x\nrequire not uses(x[0])\nminimise sum(x)",
        0.0,
    ),
    "both, so not the cheap way": (
        "input x[2] in 0..1\nselect exactly 2 of x\neither not uses(x[0]) or sum(x) >= 1\nminimise sum(x)",
        1.0,
    ),
    "both, whatever the unit": (
        "input x[2] in 0..1000\nselect exactly 2 of x\neither not uses(x[0]) or sum(x) >= 1\nminimise sum(x)",
        1.0,
    ),
    "shared by targets, but not the first": (
        "targets t\ninput x[2] in 0..1 per target\nselect exactly 1 of x\nrequire not uses(x[0])\n"
        "minimise L1(x, t) + sum(x)",
        0.8,
    ),
    "not used, up to round-off": (
        "input x[4] in -1..0\nrequire not uses(x[2])\nrequire not uses(x[0])\n"
        "either uses(x[2]) or x[0] + x[1] + 2*x[2] + x[3] >= -0.3\nminimise L1(x, (-0.18, -0.09, -0.4, -0.93))",
        1.3,
    ),
    "any of several": ("input x[3] in 0..1\nrequire uses(x)\nselect 1 of x\nminimise dot((3, 1, 2), x)", 0.0),
}


@pytest.mark.parametrize("method", [None, "milp"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_infimum(name: str, method: str | None) -> None:
    text, infimum = PROBLEMS[name]
    bindings: dict[str, Any] = {"t": np.array([[0.0, 0.5], [0.0, 0.3]])} if text.startswith("targets t") else {}
    # A value that must be used is 1e-8 of its range at least.
    gap = 2e-5 if "1000" in text else 1e-6
    result = preimage.invert(text + "\n", method=method, time_limit=20, gap=gap, **bindings)
    assert isinstance(result, Result)
    assert result.status == "optimal", result
    assert result.objective == pytest.approx(infimum, abs=2 * gap)
    assert result.bound is not None
    sign = -1.0 if "maximise" in text else 1.0
    assert sign * result.bound <= sign * infimum + 1e-9
    assert Verifier(**bindings)(result).violation <= 1e-7


IMPOSSIBLE = {
    "one, but neither": "input x[2] in 0..1\nselect exactly 1 of x\nrequire not uses(x[0])\nrequire not uses(x[1])",
    "both, but not together": (
        "input x[2] in 0..1\nrequire uses(x[0])\nrequire uses(x[1])\nif uses(x[0]) then not uses(x[1])\nminimise sum(x)"
    ),
    "two of three, but only the last": (
        "input x[3] in 0..1\nselect at least 2 of x\nrequire not uses(x[0:2])\nminimise sum(x)"
    ),
}


@pytest.mark.parametrize("method", [None, "milp"])
@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_is_moved_off_zero_is_used(name: str, method: str | None) -> None:
    result = preimage.invert(IMPOSSIBLE[name] + "\n", method=method, time_limit=20)
    assert isinstance(result, Result)
    assert result.status == "infeasible", result.design
    assert result.clashes


def test_what_is_not_used_is_exactly_zero() -> None:
    text = "input x[3] in -1..1\nselect exactly 2 of x\nrequire not uses(x[0])\nrequire x[1] <= 0\nminimise x[2]\n"
    result = preimage.invert(text, time_limit=20)
    assert isinstance(result, Result)
    assert result["x"][0] == 0.0
    assert np.count_nonzero(result["x"]) == 2
    inversion = compile_problem(preimage.check(text))
    assert inversion.judge(inversion.vector({"x": np.array([1e-8, 0.0, -1.0])}))[1] > 1e-7


def test_used_and_not_used() -> None:
    text = "input x[2] in 0..1\nbinary b\nif b == 1 then uses(x[0])\nif b == 1 then not uses(x[0])\nmaximise b + x[1]\n"
    result = preimage.invert(text, time_limit=20)
    assert isinstance(result, Result)
    assert result.status == "optimal"
    assert result.objective == pytest.approx(1.0)
