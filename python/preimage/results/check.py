"""What a result promises, verified again without the engines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from preimage.engines.search import ABSOLUTE_GAP, BOUND_TOLERANCE, BrokenCertificate, relative_gap
from preimage.problem.inversion import FEASIBILITY_TOLERANCE
from preimage.results.candidates import WorstCase
from preimage.results.numbers import number
from preimage.results.plain import Array
from preimage.results.result import Result
from preimage.results.words import proved, solver_of, warrant

SAME = 1e-9
"""Relative difference at which two float64 evaluations of one network still agree: sums may run in another order."""


OFF = 1e-6
"""A design may seem off by more than is allowed by this share of it: limits of sums hold to the engines' tolerance."""


@dataclass(frozen=True, slots=True)
class CandidateEvaluation:
    """What the source networks give on one of the designs of a result.

    Attributes
    ----------
    objective, violation
        As in `Evaluation`.
    worst
        For each worst case, what the design gives where it is off as the worst case says.
    excess
        By how much it is off by more than is allowed, as a share.
    """

    objective: float | None
    violation: float
    worst: tuple[float, ...] = ()
    excess: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the source networks give on a design.

    Attributes
    ----------
    objective
        In the user's sense; None without an objective.
    violation
        The worst violation of any statement, bound, integrality or selection.
    predictions
        Values by name, as in `Result.predictions`; may be empty.
    changed
        Names of data whose digest is no longer the one that the result was solved with.
    designs
        The same for each of `Result.designs`.
    """

    objective: float | None
    violation: float
    predictions: Mapping[str, Array] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    designs: tuple[CandidateEvaluation, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise, and whether it holds."""

    promise: str
    holds: bool
    detail: str

    def __str__(self) -> str:
        return f"{'ok    ' if self.holds else 'BROKEN'}  {self.promise}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """What `Result.check` found; ``evaluated`` tells whether the source networks were run."""

    findings: tuple[Finding, ...]
    evaluated: bool

    @property
    def holds(self) -> bool:
        """Whether every promise holds."""
        return all(finding.holds for finding in self.findings)

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))


def inspect(result: Result, evaluate: Callable[[Result], Evaluation] | None = None) -> Report:
    """Verify what can be verified, and return every finding, broken or not."""
    findings = [finding for test in TESTS for finding in test(result)]
    if evaluate is not None and result.design:
        evaluation = evaluate(result)
        findings += _by_the_networks(result, evaluation)
        findings += _designs_by_the_networks(result, evaluation)
    return Report(tuple(findings), evaluate is not None and bool(result.design))


def check(result: Result, evaluate: Callable[[Result], Evaluation] | None = None) -> Report:
    """Verify what can be verified.

    Raises
    ------
    BrokenCertificate
        If anything does not hold.
    """
    return insist(inspect(result, evaluate))


def insist(report: Report) -> Report:
    """Return a report in which everything holds.

    Raises
    ------
    BrokenCertificate
        If anything does not.
    """
    if not report.holds:
        broken = "; ".join(f"{f.promise}: {f.detail}" for f in report.findings if not f.holds)
        raise BrokenCertificate(broken)
    return report


def _status(result: Result) -> Iterator[Finding]:
    has_design = bool(result.design)
    fits = {
        "optimal": has_design,
        "feasible": has_design,
        "no design found": not has_design,
        "infeasible": not has_design,
        "interrupted": True,
    }
    detail = f"{result.status}, {'with' if has_design else 'without'} a design"
    yield Finding("status", fits.get(result.status, False), detail)
    if not has_design and result.objective is not None:
        yield Finding("status", False, "an objective stands without a design")


def _bound(result: Result) -> Iterator[Finding]:
    if result.objective is None or result.bound is None:
        return
    ahead = result.bound - result.objective if result.sense == "minimise" else result.objective - result.bound
    holds = ahead <= BOUND_TOLERANCE * max(1.0, abs(result.objective))
    detail = f"no design is better than {proved(result.bound, result.sense, 7)}, and this one gives "
    word = f"; the bound stands {warrant(result)}" if solver_of(result) else ""
    yield Finding("bound", holds, detail + number(result.objective, 7) + word)


def _gap(result: Result) -> Iterator[Finding]:
    gap = relative_gap(result.objective, result.bound)
    if gap is None or result.gap is None:
        same = gap is None and result.gap is None
        yield Finding("gap", same, "there is none" if same else "it does not fit objective and bound")
        return
    same = math.isclose(gap, result.gap, rel_tol=SAME, abs_tol=1e-15)
    yield Finding("gap", same, f"{result.gap:.3g}" + ("" if same else f", but objective and bound give {gap:.3g}"))
    asked = result.provenance.get("gap")
    if result.status == "optimal" and isinstance(asked, float):
        difference = abs((result.objective or 0.0) - (result.bound or 0.0))
        closed = gap <= asked * (1 + SAME) or difference <= ABSOLUTE_GAP * (1 + SAME)
        yield Finding("optimal", closed, f"gap {gap:.3g}, {asked:.3g} asked for")


def _trace(result: Result) -> Iterator[Finding]:
    sign = 1.0 if result.sense == "minimise" else -1.0
    seconds = [row.seconds for row in result.trace]
    incumbents = [sign * row.incumbent for row in result.trace if row.incumbent is not None]
    bounds = [sign * row.bound for row in result.trace if row.bound is not None]
    if not seconds:
        return
    yield Finding("trace in time", seconds == sorted(seconds), f"{len(seconds)} rows in {seconds[-1]:.2f} s")
    if incumbents:
        falls = all(after <= before for before, after in itertools.pairwise(incumbents))
        yield Finding("trace of designs", falls, "every design is better than the one before")
        if result.objective is not None:
            ends = _agree(incumbents[-1], sign * result.objective)
            yield Finding("trace of designs", ends, "the last one is the answer")
    if bounds:
        slack = BOUND_TOLERANCE * max(1.0, *map(abs, bounds))  # a bound is lowered by this much to meet a design
        rises = all(after >= before - slack for before, after in itertools.pairwise(bounds))
        yield Finding("trace of bounds", rises, "every bound is tighter than the one before")
        if result.bound is not None:
            ends = sign * result.bound >= bounds[-1] - slack
            yield Finding("trace of bounds", ends, "the last one is not tighter than the answer's")


def _design(result: Result) -> Iterator[Finding]:
    for name, array in result.design.items():
        yield Finding(name, bool(np.isfinite(array).all()), "every number is finite")
        if name in result.limits:
            lower, upper = result.limits[name]
            excess = float(np.maximum(lower - array, array - upper).max(initial=0.0))
            holds = excess <= FEASIBILITY_TOLERANCE
            yield Finding(name, holds, "within its bounds" if holds else f"out of its bounds by {excess:.3g}")


def _clashes(result: Result) -> Iterator[Finding]:
    lines = result.text.count("\n") + 1
    for line, statement in result.clashes:
        yield Finding("clash", result.status == "infeasible" and 1 <= line <= lines, f"line {line}: {statement}")


def _by_the_networks(result: Result, evaluation: Evaluation) -> Iterator[Finding]:
    if evaluation.changed:
        changed = ", ".join(evaluation.changed)
        yield Finding("data", False, f"not what the result was solved with: {changed}")
    holds = evaluation.violation <= FEASIBILITY_TOLERANCE
    detail = "hold on the design" if holds else f"one is violated by {evaluation.violation:.3g}"
    yield Finding("statements", holds, detail)
    # A robust design's objective is its proved worst case; the design itself gives what its candidate says.
    robust = "robust_design" in result.provenance and result.designs
    claimed = result.designs[0].objective if robust else result.objective
    if claimed is not None or evaluation.objective is not None:
        same = evaluation.objective is not None and _agree(evaluation.objective, claimed)
        gives = f"the source networks give {number(evaluation.objective, 9)} on the design"
        yield Finding("objective", same, gives if same else f"{gives}, not {number(claimed, 9)}")
    for name, array in evaluation.predictions.items():
        if name in result.predictions:
            told = result.predictions[name]
            scale = max(1.0, float(np.abs(array).max(initial=0.0)))
            same = array.shape == told.shape and float(np.abs(array - told).max(initial=0.0)) <= SAME * scale
            yield Finding(name, same, "as the source networks give it" if same else "not what the source networks give")


def _designs(result: Result) -> Iterator[Finding]:
    if not result.designs:
        return
    first, *others = result.designs
    same = list(first.design) == list(result.design) and all(
        np.array_equal(first.design[name], array) for name, array in result.design.items()
    )
    stated = result.provenance.get("robust_design")
    if stated is None:
        same = same and first.objective == result.objective
    else:
        same = same and any(c.statement == stated and c.bound == result.objective for c in first.worst_cases)
    yield Finding("designs", same, "the first one is the answer")
    values = [
        (candidate.objective or 0.0) * (1.0 if result.sense == "minimise" else -1.0) for candidate in (first, *others)
    ]
    rises = all(
        after >= before - BOUND_TOLERANCE * max(1.0, abs(before)) for before, after in itertools.pairwise(values)
    )
    yield Finding("designs", rises, f"{len(values)} of them, the best first")
    for place, candidate in enumerate(result.designs):
        for case in candidate.worst_cases:
            yield _proved_worst(case, _of_design(result, place))


def _proved_worst(case: WorstCase, of: str) -> Finding:
    promise = f"{case.statement}{of}"
    if case.bound is None:
        return Finding(promise, case.status != "optimal", "nothing was proved")
    sign = 1.0 if case.sense == "maximise" else -1.0
    holds = sign * case.worst <= sign * case.bound + SAME * max(1.0, abs(case.worst))
    holds = holds and sign * case.nominal <= sign * case.worst + SAME * max(1.0, abs(case.worst))
    same = case.gap is not None and math.isclose(
        case.gap, relative_gap(case.worst - case.nominal, case.bound - case.nominal) or 0.0, rel_tol=SAME, abs_tol=1e-12
    )
    limit, worst = proved(case.bound, case.sense, 7), number(case.worst, 7)
    detail = f"it gets no worse than {limit}, and {worst} is attained" if same else "its gap does not fit"
    return Finding(promise, holds and same, detail)


def _designs_by_the_networks(result: Result, evaluation: Evaluation) -> Iterator[Finding]:
    for place, (candidate, found) in enumerate(zip(result.designs, evaluation.designs, strict=True)):
        of = _of_design(result, place)
        if place:
            holds = found.violation <= FEASIBILITY_TOLERANCE
            detail = "hold on it" if holds else f"one is violated by {found.violation:.3g}"
            yield Finding(f"statements{of}", holds, detail)
            same = found.objective is None or _agree(found.objective, candidate.objective)
            yield Finding(f"objective{of}", same, f"the source networks give {number(found.objective, 9)}")
        for case, worst, excess in zip(candidate.worst_cases, found.worst, found.excess, strict=True):
            same, inside = _agree(worst, case.worst), excess <= OFF
            detail = f"the source networks give {number(worst, 9)} where it is worst"
            detail = detail if inside else f"it is off by more than is allowed, by {excess:.3g} of it"
            yield Finding(f"{case.statement}{of}", same and inside, detail)


def _of_design(result: Result, place: int) -> str:
    return f", design {place + 1}" if len(result.designs) > 1 else ""


def _agree(left: float, right: float | None) -> bool:
    return right is not None and abs(left - right) <= SAME * max(1.0, abs(left))


TESTS: tuple[Callable[[Result], Iterator[Finding]], ...] = (_status, _bound, _gap, _trace, _design, _clashes, _designs)
