"""Worst cases from the text to the file: solved, saved, checked again by the networks, and told when they are wrong."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import preimage
from preimage import BrokenCertificate
from preimage.engines import Snapshot
from preimage.inversion import Verifier
from preimage.results import Result

TEXT = """\
network f
param goal
input x[2] in 0..1
minimise L1(f(x), goal)
robust within 0.1
robust drift of f(x) within 0.1 in L1
robust within 0.1 together
"""
# f(a, b) = a + 2 b
NETWORK = {"W1": np.array([[1.0, 2.0]]), "b1": np.zeros(1)}
DATA = {"f": NETWORK, "goal": np.array([1.0])}


def solved(text: str = TEXT, **options: object) -> Result:
    result = preimage.invert(text, **DATA, **options)  # type: ignore[arg-type]
    assert isinstance(result, Result)
    return result


def test_a_worst_case_known_by_hand() -> None:
    (design,) = preimage.assess(TEXT, [{"x": [0.5, 0.25]}], **DATA).designs
    both, drift, together = design.worst_cases
    assert [case.status for case in design.worst_cases] == ["optimal"] * 3
    assert (both.nominal, drift.nominal) == (0.0, 0.0)
    assert both.worst == pytest.approx(0.3)  # 0.1 + 2 * 0.1
    assert drift.worst == pytest.approx(0.2)  # 2 * 0.1: all in the second
    assert together.worst == pytest.approx(0.3)
    assert all(case.worst <= case.bound <= case.worst + 1e-4 for case in design.worst_cases)  # type: ignore[operator]


def test_what_leaves_its_range_is_cut_off() -> None:
    (design,) = preimage.assess(TEXT, [{"x": [1.0, 0.0]}], **DATA).designs
    assert design.worst_cases[0].worst == pytest.approx(0.2)  # 1 - 0.1 + 0, or 1 + 2 * 0.1
    assert design.worst_cases[2].worst == pytest.approx(0.2)


def test_designs_are_the_best_first_and_a_broken_one_is_refused() -> None:
    result = preimage.assess(TEXT, [{"x": [1.0, 1.0]}, {"x": [0.4, 0.3]}], **DATA)
    assert [candidate.objective for candidate in result.designs] == pytest.approx([0.0, 2.0])
    assert result["x"].tolist() == [0.4, 0.3]
    assert (result.status, result.bound) == ("feasible", None)
    result.check(Verifier(**DATA))
    with pytest.raises(ValueError, match="design 1 does not hold"):
        preimage.assess(TEXT, [{"x": [0.4, 0.3]}, {"x": [1.5, 0.0]}], **DATA)


def test_a_result_is_saved_loaded_and_checked(tmp_path: Path) -> None:
    result = solved(TEXT + "solve for 3 designs within 10% for 5 s")
    assert len(result.designs) == 3
    loaded = Result.load(result.save(tmp_path / "a.result"))
    assert loaded == result
    assert loaded.worst_cases == result.designs[0].worst_cases
    report = loaded.check(Verifier(**DATA))
    assert sum("where it is worst" in finding.detail for finding in report.findings) == 9


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"worst": 0.299, "gap": None}, "its gap"), ({"design": {"x": [0.7, 0.35]}}, "off by more than is allowed")],
)
def test_a_false_worst_case_is_found(changes: dict[str, object], said: str) -> None:
    result = preimage.assess(TEXT, [{"x": [0.5, 0.25]}], **DATA)
    first, *others = result.worst_cases
    cases = (dataclasses.replace(first, **changes), *others)  # type: ignore[arg-type]
    designs = (dataclasses.replace(result.designs[0], worst_cases=cases),)
    with pytest.raises(BrokenCertificate, match=said):
        dataclasses.replace(result, designs=designs).check(Verifier(**DATA))


def test_values_that_are_off_together_are_checked_to_be() -> None:
    result = preimage.assess(TEXT, [{"x": [0.5, 0.25]}], **DATA)
    *others, last = result.worst_cases
    apart = dataclasses.replace(last, design={"x": [0.4, 0.35]})
    designs = (dataclasses.replace(result.designs[0], worst_cases=(*others, apart)),)
    with pytest.raises(BrokenCertificate, match="off by more than is allowed"):
        dataclasses.replace(result, designs=designs).check(Verifier(**DATA))


def test_a_selection_leaves_what_is_zero_at_zero() -> None:
    text = TEXT.replace("minimise", "select 1 of x\nminimise")
    (design,) = preimage.assess(text, [{"x": [0.0, 0.5]}], **DATA).designs
    assert design.worst_cases[0].worst == pytest.approx(0.2)
    assert design.worst_cases[0].design["x"][0] == 0.0
    (nothing,) = preimage.assess(text, [{"x": [0.0, 0.0]}], **DATA).designs
    assert [case.worst for case in nothing.worst_cases] == [1.0, 0.0, 1.0]


def test_the_stage_is_told() -> None:
    seen: list[Snapshot] = []
    result = solved(progress=seen.append)
    assert result.worst_cases
    told = [snapshot.stage for snapshot in seen if snapshot.stage]
    assert told == [f"worst case {k} of 3" for k in (1, 2, 3) for _ in range(told.count(f"worst case {k} of 3"))]
    assert all(snapshot.incumbent == result.objective for snapshot in seen if snapshot.stage)
