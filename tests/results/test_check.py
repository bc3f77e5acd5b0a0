import dataclasses

import numpy as np
import pytest
from results.samples import EVERY, four_inks, infeasible, six_spectra, sweep, worst_case

from preimage import BrokenCertificate
from preimage.engines.search import TraceRow
from preimage.results import Evaluation, Result, Sweep


@pytest.mark.parametrize("make", EVERY)
def test_what_the_engines_give_holds(make: object) -> None:
    answer = make()  # type: ignore[operator]
    for report in answer.check() if isinstance(answer, Sweep) else [answer.check()]:
        assert report.holds
        assert not report.evaluated


BROKEN = {
    "a bound that the design beats": (four_inks, {"bound": 0.75, "gap": abs(0.74277 - 0.75) / 0.74277}, "bound"),
    "the same when maximising": (worst_case, {"bound": 0.01, "gap": abs(0.02217 - 0.01) / 0.02217}, "bound"),
    "a gap that is too small": (six_spectra, {"gap": 1e-6}, "gap"),
    "a gap from nowhere": (infeasible, {"gap": 0.0}, "gap"),
    "no gap although there is one": (four_inks, {"gap": None}, "gap"),
    "optimal without the gap asked for": (six_spectra, {"status": "optimal", "provenance": {"gap": 1e-4}}, "optimal"),
    "optimal at zero, far from the bound": (
        four_inks,
        {"status": "optimal", "objective": 0.0, "bound": -5.0, "gap": 5e9, "trace": ()},
        "optimal",
    ),
    "optimal without a design": (four_inks, {"design": {}}, "status"),
    "infeasible with a design": (infeasible, {"design": {"x": [1.0]}}, "status"),
    "an objective without a design": (infeasible, {"objective": 1.0}, "status"),
    "an unknown status": (four_inks, {"status": "splendid"}, "status"),
    "an entry out of its bounds": (
        four_inks,
        {"design": {"inks": [0.1, 0.0, 1.5, 0.4]}},
        "inks: out of its bounds by 0.5",
    ),
    "an entry that is no number": (four_inks, {"design": {"inks": [0.1, 0.0, np.nan, 0.4]}}, "finite"),
    "a clash in a line that is not there": (infeasible, {"clashes": ((99, "require x >= 2"),)}, "clash"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_hold_is_told(name: str) -> None:
    make, changes, said = BROKEN[name]
    with pytest.raises(BrokenCertificate, match=said):
        dataclasses.replace(make(), **changes).check()


TRACES = {
    "time runs backwards": [(0.2, 4.8, 0.0), (0.1, 0.74277, 0.7427)],
    "a worse design": [(0.1, 0.8, 0.0), (0.2, 0.9, 0.0), (0.3, 0.74277, 0.7427)],
    "a looser bound": [(0.1, 0.8, 0.7), (0.2, 0.74277, 0.5)],
    "another end": [(0.1, 0.8, 0.7)],
    "a last bound tighter than the answer's": [(0.1, 0.74277, 0.74275)],
}


@pytest.mark.parametrize("name", TRACES)
def test_the_trace_has_to_improve(name: str) -> None:
    rows = tuple(TraceRow(time, best, bound, "branch") for time, best, bound in TRACES[name])
    with pytest.raises(BrokenCertificate, match="trace"):
        dataclasses.replace(four_inks(), trace=rows).check()


def test_a_bound_may_be_lowered_by_the_solver_s_own_tolerance() -> None:
    rows = (TraceRow(0.1, None, 0.7427005, "milp"), TraceRow(0.2, 0.74277, 0.7427, "adjoint"))
    assert dataclasses.replace(four_inks(), trace=rows).check().holds


def evaluation(**changes: object) -> Evaluation:
    result = four_inks()
    fields = {"objective": result.objective, "violation": 0.0, "predictions": result.predictions, **changes}
    return Evaluation(**fields)  # type: ignore[arg-type]


def test_the_source_networks_have_the_last_word() -> None:
    report = four_inks().check(lambda result: evaluation())
    assert report.evaluated
    assert "the source networks give" in str(report)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objective": 0.7429}, "objective"),
        ({"objective": None}, "objective"),
        ({"violation": 0.01}, "violated by 0.01"),
        ({"violation": np.inf}, "violated"),
        ({"predictions": {"press(inks)": np.array([50.0, 0.0, 0.0])}}, "press"),
        ({"predictions": {"press(inks)": np.array([50.0])}}, "press"),
        ({"changed": ("press",)}, "not what the result was solved with: press"),
    ],
)
def test_where_the_source_networks_disagree(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BrokenCertificate, match=said):
        four_inks().check(lambda result: evaluation(**changes))


def test_the_networks_are_not_run_without_a_design() -> None:
    def never(result: Result) -> Evaluation:
        raise AssertionError

    assert not infeasible().check(never).evaluated


def test_a_sweep_is_checked_row_by_row() -> None:
    answers = list(sweep())
    answers[7] = dataclasses.replace(answers[7], gap=0.5)
    with pytest.raises(BrokenCertificate):
        Sweep(answers).check()
