"""Certificates: what was proved is proved again, and what was changed since is noticed."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inversion.random_problems import Maker
from inversion.rich_problems import RichMaker

import preimage
from preimage import Certificate, CertificateError
from preimage.results import ResultFileError, Sweep
from preimage.results.certificate import CONTAINER
from preimage.results.container import digest, format_of

# f(a, b) = a + 2 b on the unit square, so that 4 is missed by 1.
TEXT = "network f\nparam goal\ninput x[2] in 0..1\nminimise L1(f(x), goal)\n"
WEIGHTS = [np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]), np.array([0.0, 0.0, 5.0])]
WEIGHTS += [np.array([[1.0, 1.0, 0.0]]), np.array([0.0])]
BINDINGS: dict[str, object] = {"f": WEIGHTS, "goal": 4.0}


def certified(path: Path, text: str = TEXT, **bindings: object) -> Certificate:
    given = bindings or BINDINGS
    return preimage.certify(preimage.invert(text, **given), path, **given)  # type: ignore[arg-type]


def test_a_bound_is_proved_again(tmp_path: Path) -> None:
    path = tmp_path / "a.proof"
    written = certified(path)
    assert Certificate.load(path) == written
    assert written.claims[0].bound == pytest.approx(1.0, abs=1e-3)
    report = preimage.verify(path, **BINDINGS)  # type: ignore[arg-type]
    assert report.holds
    assert "no design is better than 0.99990" in str(report)
    assert "each was bounded again" in str(report)
    assert preimage.verify(written, threads=1, **BINDINGS) == report  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("minimise L1", "maximise L1"),
        TEXT.replace("input x[2] in 0..1", "integer x[2] in 0..1"),
        TEXT.replace("input x[2] in 0..1", "input x[2] in {0, 0.25, 1}"),
        TEXT.replace("minimise", "select 1 of x\nminimise"),
        TEXT.replace("minimise", "require x[0] + x[1] <= 0.5\nminimise"),
        TEXT.replace("param", "targets").replace("in 0..1", "in 0..1 per target"),
        TEXT.replace("param", "targets").replace("in 0..1", "in 0..1 per target\nselect 1 of x"),
        TEXT.replace("minimise", "require x[0] <= 0.5\nrequire sum(x) >= 1.75\nminimise"),
    ],
)
def test_kinds_of_problems(tmp_path: Path, text: str) -> None:
    bindings = BINDINGS | ({"goal": np.array([[4.0], [1.0]])} if "targets" in text else {})
    result = preimage.invert(text, **bindings)  # type: ignore[arg-type]
    written = preimage.certify(result, tmp_path / "a.proof", **bindings)  # type: ignore[arg-type]
    assert (written.claims[0].bound is None) == (result.status == "infeasible")  # type: ignore[union-attr]
    assert preimage.verify(tmp_path / "a.proof", **bindings).holds  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(24))
def test_random_problems(tmp_path: Path, seed: int) -> None:
    twin = (Maker(seed) if seed % 2 else RichMaker(seed)).problem()
    try:
        answer = preimage.invert(twin.text, seed=1, time_limit=30, **twin.bindings)  # type: ignore[arg-type]
    except preimage.ProblemErrors:
        return
    try:
        preimage.certify(answer, tmp_path / "a.proof", time_limit=2, **twin.bindings)  # type: ignore[arg-type]
    except CertificateError as error:
        assert error.code == "PRE710"  # noqa: PT017
        return
    report = preimage.verify(tmp_path / "a.proof", **twin.bindings)  # type: ignore[arg-type]
    assert report.holds, f"{twin.text}\n{report}"


def test_a_sweep_has_a_claim_for_each_target(tmp_path: Path) -> None:
    text, goals = TEXT.replace("param", "target"), np.array([[1.0], [2.5], [5.0]])
    bindings: dict[str, object] = {"f": WEIGHTS, "goal": goals}
    written = certified(tmp_path / "a.proof", text, **bindings)
    assert [claim.row for claim in written.claims] == [0, 1, 2]
    assert "3 of 3" in str(preimage.verify(written, **bindings))  # type: ignore[arg-type]
    with pytest.raises(CertificateError, match="PRE710"):
        preimage.certify(Sweep([]), tmp_path / "b.proof")


def test_other_weights_texts_and_bounds_are_noticed(tmp_path: Path) -> None:
    written = certified(tmp_path / "a.proof")
    other = [WEIGHTS[0] * 1.1, *WEIGHTS[1:]]
    report = preimage.verify(written, f=other, goal=4.0)  # type: ignore[arg-type]
    assert "not what the problem was solved with: f" in str(report)
    claim = written.claims[0]
    for changed in (
        dataclasses.replace(written, claims=(dataclasses.replace(claim, bound=1.01),)),
        dataclasses.replace(written, claims=(dataclasses.replace(claim, bound=None),)),
        dataclasses.replace(written, claims=(dataclasses.replace(claim, row=1),)),
        dataclasses.replace(written, claims=(claim, claim)),
        dataclasses.replace(written, claims=()),
        dataclasses.replace(written, claims=(dataclasses.replace(claim, proof=claim.proof[:-1]),)),
        dataclasses.replace(written, claims=(dataclasses.replace(claim, proof=b"nonsense"),)),
        dataclasses.replace(written, text=written.text.replace("in 0..1", "in 0..2")),
        dataclasses.replace(written, text=written.text.replace("minimise", "maximise")),
    ):
        assert not preimage.verify(changed, **BINDINGS).holds  # type: ignore[arg-type]


def test_reasons_why_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.proof"

    def reason(text: str, **options: object) -> str:
        result = preimage.invert(text, **BINDINGS)  # type: ignore[arg-type]
        with pytest.raises(CertificateError) as caught:
            preimage.certify(result, path, **{**BINDINGS, **options})  # type: ignore[arg-type]
        assert caught.value.code == "PRE710"
        assert not path.exists()
        return str(caught.value)

    assert "a design is its own proof" in reason(TEXT.replace("minimise L1(f(x), goal)", "require f(x) >= goal - 2"))
    assert "at least" in reason(
        TEXT.replace("input x[2]", "integer x[2]").replace("minim", "select at least 1 of x\nminim")
    )
    assert "not what the problem was solved with: goal" in reason(TEXT, goal=3.0)
    assert "the time limit came first" in reason(TEXT, time_limit=0.0)


# Files


def code_of(path: Path) -> str:
    with pytest.raises(ResultFileError) as caught:
        Certificate.load(path)
    assert "try:" in str(caught.value)
    return caught.value.code


def test_files_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "a"
    result = preimage.invert(TEXT, **BINDINGS)  # type: ignore[arg-type]
    result.save(path)
    assert code_of(path) == "PRE701"
    assert format_of(path) == "preimage result"
    certified(path)
    assert format_of(path) == CONTAINER.format
    with pytest.raises(ResultFileError, match="PRE701"):
        preimage.load(path)
    assert format_of(tmp_path / "missing") is None
    assert code_of(tmp_path / "missing") == "PRE705"


def test_a_damaged_or_altered_file(tmp_path: Path) -> None:
    path = tmp_path / "a.proof"
    certified(path)
    data = path.read_bytes()
    for length in (0, 1, 40, len(data) - 1):
        path.write_bytes(data[:length])
        assert code_of(path) in ("PRE701", "PRE702")
    path.write_bytes(data)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["content.json"] = members["content.json"].replace(b"0.99", b"0.98")
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    assert code_of(path) == "PRE704"


@given(
    st.dictionaries(
        st.sampled_from(["text", "file", "bindings", "claims"]), st.none() | st.text() | st.lists(st.none())
    )
)
def test_nonsense_with_a_right_digest(tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]) -> None:
    path = tmp_path_factory.getbasetemp() / "nonsense.proof"
    members = {"content.json": json.dumps({"bindings": {}, **content}).encode()}
    CONTAINER.write(path, "certificate", members)
    assert digest(members)
    try:
        assert Certificate.load(path).claims == ()
    except ResultFileError as error:
        assert error.code == "PRE702"  # noqa: PT017
