"""Certificates of bounds: written when a search has ended, and checked by proving every box again."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from preimage._core import Proof, StopFlag
from preimage.engines.portfolio import POLL_SECONDS
from preimage.engines.search import ABSOLUTE_GAP, PRUNED_SHARE
from preimage.inversion import DEFAULT_GAP
from preimage.language import check
from preimage.language.checker import LARGEST_PROBLEM
from preimage.language.data import read_bytes
from preimage.language.diagnostic import diagnose
from preimage.language.parse import read
from preimage.language.problem import Problem, Sense
from preimage.language.values import DataRefused
from preimage.problem import compile_problem
from preimage.results import Result, Sweep
from preimage.results.certificate import Certificate, Claim
from preimage.results.check import Finding, Report
from preimage.results.errors import CodedError
from preimage.results.words import proved

Found = TypeVar("Found")


class CertificateError(CodedError):
    """A certificate that cannot be written (PRE710) or does not hold (PRE711).

    Parameters
    ----------
    code
        Of the family 7 of `preimage.language.CODES`.
    reason
        Why.
    advice
        One thing to try.
    """

    def __init__(self, code: str, reason: str, advice: str) -> None:
        super().__init__(diagnose(code, None, advice=f"try: {advice}", reason=reason))

    @classmethod
    def not_written(cls, name: str, reason: str, advice: str) -> CertificateError:
        """Say why there is no certificate, and because of which target."""
        return cls("PRE710", f"target {name}: {reason}" if name else reason, advice)


def certify(
    answer: Result | Sweep,
    path: str | Path,
    /,
    *,
    time_limit: float | None = None,
    threads: int | None = None,
    **bindings: object,
) -> Certificate:
    """Write a proof of every bound of an answer, which `verify` checks without the search that found it.

    The bound that is proved may lie below the answer's (for a maximum: above) by what is left of the gap that was asked
    for: next to the best design itself, no proof ends.

    Parameters
    ----------
    answer
        What `invert` returned, or what was loaded from a file.
    path
        Where to write.
    time_limit
        Seconds for each target; no limit by default.
    threads
        By default, all cores.
    **bindings
        The same as for `invert`; files are read again from where the problem's file is.

    Raises
    ------
    CertificateError
        If there is no proof: nothing was proved, the problem is not one for boxes, or the limit came first.
    ProblemErrors
        If the data are not at hand.
    ResultFileError
        If the file cannot be written.
    """
    results = [answer] if isinstance(answer, Result) else list(answer)
    if not results:
        raise CertificateError.not_written("", "there is no answer", "a target with a row at least")
    first = results[0].provenance
    file = first.get("file")
    problem = _read(str(first["text"]), None if file is None else str(file), bindings)
    if problem.robust_design is not None:
        reason = "it is a robust design's: a certificate is of designs as they stand"
        raise CertificateError.not_written("", reason, "the same problem without `robust design`")
    known = {str(binding["name"]): str(binding["digest"]) for binding in first.get("bindings", ())}
    if changed := _changed(problem, known):
        reason = f"not what the problem was solved with: {', '.join(changed)}"
        raise CertificateError.not_written("", reason, "to solve it again")
    claims = [_claim(problem, result, len(results) > 1, time_limit, threads) for result in results]
    certificate = Certificate(problem.text, None if file is None else str(file), known, tuple(claims))
    certificate.save(path)
    return certificate


def verify(certificate: Certificate | str | Path, /, *, threads: int | None = None, **bindings: object) -> Report:
    """Prove again what a certificate claims: its boxes cover every design, and each is bounded from the weights.

    Parameters
    ----------
    certificate
        What `certify` returned, or the path of its file.
    threads
        By default, all cores.
    **bindings
        The same as for `invert`; files are read again from where the problem's file is.

    Returns
    -------
    Report
        Every finding, broken or not; `Report.holds` tells whether all of them hold.

    Raises
    ------
    ProblemErrors
        If the data are not at hand.
    ResultFileError
        If the file cannot be read, or is no certificate.
    """
    if not isinstance(certificate, Certificate):
        certificate = Certificate.load(certificate)
    problem = _read(certificate.text, certificate.file, bindings)
    findings = [*_same_problem(problem, certificate), *_same_targets(problem, certificate)]
    if all(finding.holds for finding in findings):
        findings += [_proved_again(problem, claim, threads) for claim in certificate.claims]
    return Report(tuple(findings), evaluated=True)


# Writing


def _claim(
    problem: Problem, result: Result, is_one_of_many: bool, time_limit: float | None, threads: int | None
) -> Claim:
    row, target = int(result.provenance.get("row", 0)), str(result.provenance.get("target", ""))
    name = target if is_one_of_many else ""
    bound = _provable(result)
    if bound is None:
        reason = "no bound was proved" if problem.objective else "without an objective, a design is its own proof"
        raise CertificateError.not_written(name, reason, "more time for the search")
    model = compile_problem(problem, row).model
    try:
        proof = _watched(
            lambda stop: Proof.find(model, _claimed(bound, result.sense), _cores(threads), stop), time_limit
        )
    except ValueError as error:
        raise CertificateError.not_written(name, str(error), "a wider gap, or fewer inputs") from error
    if proof is None:
        reason = "the time limit came first"
        raise CertificateError.not_written(name, reason, "a longer --time-limit, or a wider gap")
    return Claim(row, target, bound if math.isfinite(bound) else None, proof.to_bytes())


def _provable(result: Result) -> float | None:
    """Return the bound to be proved, in the user's sense, at a distance from the design; infinite if none holds."""
    if result.status == "infeasible":
        return math.inf
    if result.objective is None or result.bound is None:
        return result.bound
    gap = result.provenance.get("gap")
    gap = gap if isinstance(gap, float) else DEFAULT_GAP
    distance = PRUNED_SHARE * max(gap * abs(result.objective), ABSOLUTE_GAP)
    if result.sense == "minimise":
        return min(result.bound, result.objective - distance)
    return max(result.bound, result.objective + distance)


def _claimed(bound: float, sense: Sense) -> float:
    """Return a bound in the model's sense, which minimises."""
    return bound if sense == "minimise" or bound == math.inf else -bound


# Checking


def _same_problem(problem: Problem, certificate: Certificate) -> Iterator[Finding]:
    file = None if certificate.file is None else Path(certificate.file)
    if file is not None and file.exists():
        same = _text_of(file) == certificate.text
        yield Finding(file.name, same, "its text is " + ("" if same else "not ") + "the one that was solved")
    if problem.bindings:
        changed = _changed(problem, certificate.bindings)
        detail = f"not what the problem was solved with: {', '.join(changed)}" if changed else "as they were"
        yield Finding("data", not changed, detail)


def _same_targets(problem: Problem, certificate: Certificate) -> Iterator[Finding]:
    rows = [claim.row for claim in certificate.claims]
    holds = sorted(set(rows)) == sorted(rows) and all(0 <= row < problem.sweep_rows for row in rows) and bool(rows)
    if problem.sweep_rows > 1 or not holds:
        yield Finding("targets", holds, f"{len(rows)} of {problem.sweep_rows}")


def _proved_again(problem: Problem, claim: Claim, threads: int | None) -> Finding:
    model, sense = (
        compile_problem(problem, claim.row).model,
        problem.objective.sense if problem.objective else "minimise",
    )
    bound = math.inf if claim.bound is None else claim.bound
    holds_none = "no design holds" if claim.bound is None else f"no design is better than {proved(bound, sense, 7)}"
    promise = problem.sweep_names[claim.row] if problem.sweep_rows > 1 else "bound"
    try:
        proof = Proof.read(claim.proof)
        boxes = _watched(lambda stop: proof.check(model, _claimed(bound, sense), _cores(threads), stop), None)
    except ValueError as error:
        return Finding(promise, False, f"it is not proved that {holds_none}: {error}")
    cover = f"{boxes:,} boxes cover every design" if boxes != 1 else "1 box covers every design"
    return Finding(promise, True, f"{holds_none}: {cover}, and each was bounded again")


# Both


def _read(text: str, file: str | None, bindings: dict[str, object]) -> Problem:
    return check(text, bindings, base=None if file is None else Path(file).parent)


def _text_of(file: Path) -> str | None:
    """Return the text of a problem as `check` keeps it; None if it cannot be read."""
    try:
        return read(read_bytes(file, file.name, LARGEST_PROBLEM), None)[0].text
    except DataRefused:
        return None


def _changed(problem: Problem, known: Mapping[str, str]) -> list[str]:
    return [binding.name for binding in problem.bindings if known.get(binding.name) != binding.digest]


def _cores(threads: int | None) -> int:
    return threads or os.cpu_count() or 1


def _watched(work: Callable[[StopFlag], Found], seconds: float | None) -> Found:
    """Run ``work`` on another thread, so that this one hears Ctrl-C; ``work`` is told when to stop, and waited for."""
    flag = StopFlag()
    if seconds is not None and seconds <= 0:
        flag.set()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, flag)
        try:
            left = math.inf if seconds is None else seconds
            while left > 0 and wait([future], min(POLL_SECONDS, left)).not_done:
                left -= POLL_SECONDS
        finally:
            flag.set()
    return future.result()
