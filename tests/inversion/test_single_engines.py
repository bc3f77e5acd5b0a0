"""Each engine on its own, and the other formulation of kinks."""

from __future__ import annotations

import numpy as np
import pytest
from inversion.random_problems import Maker, Twin
from inversion.rich_problems import RichMaker
from inversion.trial import check, compare, refusal, solve

import preimage
from preimage.engines.branch import refusal as refused_by_branch
from preimage.engines.scip_model import build_scip
from preimage.problem import compile_problem
from preimage.results import Result

FEW_INPUTS = 6


def single(seed: int) -> Twin:
    """Return a problem that has one answer."""
    twin = RichMaker(seed).problem()
    return Maker(seed).problem() if "target aim" in twin.text.splitlines() else twin


def milp(seed: int) -> None:
    check(single(seed), f"milp, seed {seed}", method="milp")


def branch(seed: int) -> bool:
    """Check an unconstrained or linearly constrained problem; return whether the engine took it."""
    twin = single(seed)
    if refusal(twin):
        return False
    inversion = compile_problem(preimage.check(twin.text, twin.bindings))
    if refused_by_branch(inversion, 1):
        with pytest.raises(preimage.ProblemErrors, match="PRE507"):
            solve(twin, method="branch")
        return False
    # With more inputs the tree is not made to end soon, but what it claims is true at any time.
    few = inversion.size <= FEW_INPUTS
    limits = {"gap": 1e-5, "time_limit": 60.0 if few else 3.0}
    check(twin, f"branch, seed {seed}", closed=few, method="branch", **limits)
    return True


def adjoint(seed: int) -> None:
    twin = single(seed)
    if refusal(twin):
        return
    result = solve(twin, method="adjoint", time_limit=0.3)
    assert isinstance(result, Result)
    assert result.status in ("feasible", "optimal", "no design found")
    if result.status == "optimal" and twin.objective is not None:
        assert result.objective == pytest.approx(result.bound, abs=1e-6)
    compare(twin, result, twin.optimum(), f"adjoint, seed {seed}", closed=False)


def sos1(seed: int) -> None:
    twin = single(seed)
    if refusal(twin):
        return
    inversion = compile_problem(preimage.check(twin.text, twin.bindings))
    scip = build_scip(inversion.model.encode(inversion.model.bounds(), "sos1"))
    scip.model.setParam("limits/time", 60.0)
    scip.model.optimizeNogil()
    truth = twin.optimum()
    if truth is None:
        assert scip.model.getStatus() == "infeasible", twin.text
        return
    sign = -1.0 if twin.maximise else 1.0
    assert scip.model.getStatus() == "optimal", twin.text
    assert scip.model.getObjVal() == pytest.approx(sign * truth, abs=1e-5 * max(1.0, abs(truth))), twin.text
    x = scip.best_inputs()
    assert x is not None
    assert inversion.judge(np.asarray(x))[1] <= 1e-5, twin.text


@pytest.mark.parametrize("engine", [milp, branch, adjoint, sos1], ids=lambda engine: engine.__name__)
def test_engine(engine: object) -> None:
    for seed in range(500, 508):
        engine(seed)  # type: ignore[operator]


def test_branch_takes_some() -> None:
    assert sum(branch(seed) for seed in range(540, 552)) >= 2


def test_boxes_without_kinks_go_on_from_the_best_multipliers() -> None:
    assert branch(615)  # whose boxes split for ever where the last multipliers are kept instead


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(8))
@pytest.mark.parametrize("engine", [milp, branch, adjoint, sos1], ids=lambda engine: engine.__name__)
def test_engine_often(engine: object, chunk: int) -> None:
    for seed in range(600 + 10 * chunk, 610 + 10 * chunk):
        engine(seed)  # type: ignore[operator]
