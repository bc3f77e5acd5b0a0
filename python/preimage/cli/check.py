"""``preimage check``: a problem is checked for errors, a result or a certificate is verified again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from preimage.certification import CertificateError, verify
from preimage.cli import exit_codes
from preimage.cli.options import Format
from preimage.cli.terminal import emit, readable, report
from preimage.inversion import Verifier
from preimage.language import Diagnostic, ProblemErrors
from preimage.language import check as check_problem
from preimage.language.diagnostic import diagnose
from preimage.results import Report, Result, certificate, load
from preimage.results.check import inspect
from preimage.results.container import format_of
from preimage.results.errors import CodedError
from preimage.results.shape import aligned, shape
from preimage.structures.result import StructureResult


def check(file: Path, bindings: dict[str, object], format: Format) -> int:
    """Check a file, and say what was found."""
    if _is_certificate(readable(file)):
        return _check_certificate(file, bindings, format)
    if _is_result(file):
        return _check_result(file, bindings, format)
    if format is Format.json:
        return _check_problem_as_json(file, bindings)
    problem = check_problem(file, bindings)
    emit(f"ok\n{aligned(shape(problem))}")
    return exit_codes.OK


def _is_certificate(file: Path) -> bool:
    return file.suffix == certificate.SUFFIX or format_of(file) == certificate.CONTAINER.format


def _is_result(file: Path) -> bool:
    if file.suffix == ".inv":
        return False
    if file.suffix == ".result":
        return True
    with file.open("rb") as opened:
        return opened.read(2) == b"PK"


def _check_problem_as_json(file: Path, bindings: dict[str, object]) -> int:
    try:
        check_problem(file, bindings)
    except ProblemErrors as errors:
        found = [_as_json(diagnostic, errors.text) for diagnostic in errors.diagnostics]
        emit(json.dumps({"status": "errors", "diagnostics": found}))
        return exit_codes.PROBLEM
    emit(json.dumps({"status": "ok", "diagnostics": []}))
    return exit_codes.OK


def _as_json(diagnostic: Diagnostic, text: str) -> dict[str, object]:
    start, end = (diagnostic.span.start, diagnostic.span.end) if diagnostic.span else (None, None)
    return {
        "code": diagnostic.code,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "advice": diagnostic.advice,
        "file": diagnostic.file,
        "start": _place(start, text),
        "end": _place(end, text),
    }


def _place(offset: int | None, text: str) -> dict[str, int] | None:
    """Return line and column, both from 1."""
    if offset is None:
        return None
    return {"line": text.count("\n", 0, offset) + 1, "column": offset - text.rfind("\n", 0, offset)}


def _check_result(file: Path, bindings: dict[str, object], format: Format) -> int:
    answer = load(file)
    if isinstance(answer, StructureResult):
        return _check_structure(answer, file, format)
    results = [answer] if isinstance(answer, Result) else list(answer)
    verify = Verifier(**bindings)
    unread: ProblemErrors | None = None
    reports: list[Report] = []
    for result in results:
        found = inspect(result)
        if unread is None:
            try:
                found = inspect(result, lambda seen: verify(_at_home(seen, file)))
            except ProblemErrors as errors:  # the data are not at hand
                unread = errors
        reports.append(found)
    holds = all(found.holds for found in reports)
    if format is Format.json:
        emit(json.dumps({"holds": holds, "evaluated": unread is None, "results": [_findings(r) for r in reports]}))
    else:
        names = [""] if isinstance(answer, Result) else answer.names
        emit("\n".join(_lines(dict(zip(names, reports, strict=True)), unread is None)))
    if not holds:
        broken = "; ".join(str(finding.promise) for r in reports for finding in r.findings if not finding.holds)
        raise CodedError(diagnose("PRE706", None, file=str(file), reason=broken))
    if unread is not None:
        report(unread)
        return exit_codes.PROBLEM
    return exit_codes.OK


def _check_structure(answer: StructureResult, file: Path, format: Format) -> int:
    from preimage.structures.check import inspect as inspect_structure  # what solves takes a while to load

    found = inspect_structure(answer)
    if format is Format.json:
        emit(json.dumps(_findings(found)))
    else:
        emit(str(found))
    if not found.holds:
        broken = "; ".join(finding.promise for finding in found.findings if not finding.holds)
        raise CodedError(diagnose("PRE706", None, file=str(file), reason=broken))
    if format is Format.text:
        emit("verified: the structure was solved for again, and its bound proved again")
    return exit_codes.OK


def _check_certificate(file: Path, bindings: dict[str, object], format: Format) -> int:
    loaded = certificate.Certificate.load(file)
    home = None if loaded.file is None else _home(loaded.file, file)
    found = verify(dataclasses.replace(loaded, file=home), threads=None, **bindings)
    if format is Format.json:
        emit(json.dumps(_findings(found)))
    else:
        emit(str(found))
    if not found.holds:
        broken = "; ".join(f"{finding.promise}: {finding.detail}" for finding in found.findings if not finding.holds)
        raise CertificateError("PRE711", broken, "the problem and the data as they were, or to solve it again")
    if format is Format.text:
        boxes = sum(claim.boxes for claim in loaded.claims)
        emit(f"verified: {boxes:,} boxes cover every design, and each was bounded again from the weights")
    return exit_codes.OK


def _at_home(result: Result, file: Path) -> Result:
    """Return the result with its problem where it can be found."""
    stated = result.provenance.get("file")
    if stated is None:
        return result
    return dataclasses.replace(result, provenance={**result.provenance, "file": _home(str(stated), file)})


def _home(stated: str, file: Path) -> str:
    """Return where the problem can be found: where it was, or beside the file of its answer."""
    return stated if Path(stated).exists() else str(file.parent / Path(stated).name)


def _lines(reports: dict[str, Report], evaluated: bool) -> list[str]:
    """Return what was found, by the names of the targets."""
    if list(reports) == [""]:
        lines = [str(reports[""])]
    else:
        lines = [f"target {name}: {'ok' if r.holds else 'BROKEN'}" for name, r in reports.items()]
        lines += [f"target {name}  {f}" for name, r in reports.items() for f in r.findings if not f.holds]
    if all(found.holds for found in reports.values()):
        with_networks = "the source networks, run again, give what the result says"
        alone = "what stands in the file holds; the source networks were not run"
        lines.append(f"verified: {with_networks if evaluated else alone}")
    return lines


def _findings(found: Report) -> dict[str, object]:
    return {"holds": found.holds, "findings": [dataclasses.asdict(finding) for finding in found.findings]}
