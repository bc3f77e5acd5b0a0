"""Bounds are made once for all targets, kept whole, and believed only if they are what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bounds.problems import case

import preimage
from preimage.bounds import cache
from preimage.bounds.subject import subject_of
from preimage.bounds.tighten import recalled
from preimage.engines.encoding import encode
from preimage.problem import compile_problem
from preimage.results import Result

TEXT = "network f\nparam t\n{}\nminimise L1(f(x), t)\n"


def digest(text: str, **bindings: object) -> str:
    return subject_of(compile_problem(preimage.check(text, bindings))).digest


def test_the_digest_is_that_of_networks_and_designs() -> None:
    weights = case(0).weights
    inputs = weights["W1"].shape[1]
    box = f"input x[{inputs}] in -1..1"
    first = digest(TEXT.format(box), f=weights, t=np.zeros(3))
    assert first == digest(TEXT.format(box), f=weights, t=np.ones(3))
    assert first == digest(TEXT.format(box).replace("L1", "Linf"), f=weights, t=np.ones(3))
    others = [
        digest(TEXT.format(f"input x[{inputs}] in -1..0.9"), f=weights, t=np.zeros(3)),
        digest(TEXT.format(f"integer x[{inputs}] in -1..1"), f=weights, t=np.zeros(3)),
        digest(TEXT.format(f"{box}\nselect 2 of x"), f=weights, t=np.zeros(3)),
        digest(TEXT.format(f"{box}\nselect 1 of x"), f=weights, t=np.zeros(3)),
        digest(TEXT.format(f"{box}\nrequire sum(x) <= 1"), f=weights, t=np.zeros(3)),
        digest(TEXT.format(box), f={**weights, "b1": weights["b1"] + 1e-12}, t=np.zeros(3)),
    ]
    assert len({first, *others}) == 1 + len(others)


def test_bounds_are_kept_and_made_use_of(own_cache: Path) -> None:
    problem = case(1).problem
    plain = encode(compile_problem(problem))
    found = preimage.tighten(problem, time_per_unit=5.0)
    assert not found.from_cache
    assert [path.name for path in own_cache.iterdir()] == [f"bounds-{found.digest}.npz"]
    assert preimage.tighten(problem).from_cache
    cache._memory.clear()
    again = preimage.tighten(problem, time_per_unit=5.0)
    assert again.from_cache
    for before, after in zip(found.layers, again.layers, strict=True):
        assert np.array_equal(before.lower, after.lower)
        assert np.array_equal(before.upper, after.upper)
        assert np.array_equal(before.by_solver, after.by_solver)
    inversion = compile_problem(problem)
    assert encode(inversion).program.binaries < plain.program.binaries
    for layer, bounds in zip(subject_of(inversion).layers, found.layers, strict=True):
        assert np.all(encode(inversion).bounds.lower(layer.node) >= bounds.lower)
        assert np.all(encode(inversion).bounds.upper(layer.node) <= bounds.upper)


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_is_the_same(seed: int) -> None:
    problem = case(seed, width=8).problem
    plain = preimage.invert(problem, method="milp", gap=1e-6)
    found = preimage.tighten(problem, time_per_unit=2.0)
    tightened = preimage.invert(problem, method="milp", gap=1e-6)
    assert isinstance(plain, Result)
    assert isinstance(tightened, Result)
    assert tightened.objective == pytest.approx(plain.objective, rel=1e-5, abs=2e-6)
    decided = f"{found.units - found.undecided} of {found.units} neurons are decided by bounds kept from before"
    assert tightened.provenance["reason"] == f"milp, as asked; {decided}"


def test_a_folder_can_be_named(tmp_path: Path, own_cache: Path) -> None:
    found = preimage.tighten(case(2).problem, cache=tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == [f"bounds-{found.digest}.npz"]
    assert not own_cache.exists()
    assert preimage.tighten(case(2).problem, cache=tmp_path / "mine").from_cache


def test_more_effort_goes_on_from_less() -> None:
    of = case(3, width=10)
    first = preimage.tighten(of.problem)
    second = preimage.tighten(of.problem, time_per_unit=2.0)
    assert not second.from_cache
    for before, after in zip(first.layers, second.layers, strict=True):
        assert np.all(after.lower >= before.lower)
        assert np.all(after.upper <= before.upper)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", "half", "changed"])
def test_a_damaged_file_is_not_believed(own_cache: Path, damage: bytes | str) -> None:
    problem = case(4).problem
    found = preimage.tighten(problem)
    (file,) = own_cache.iterdir()
    data = file.read_bytes()
    if damage == "half":
        damage = data[: len(data) // 2]
    elif damage == "changed":
        with np.load(file) as arrays:
            kept = dict(arrays)
        kept["lower0"] = kept["lower0"] + 0.1
        np.savez(file, **kept)
        damage = file.read_bytes()
    assert isinstance(damage, bytes)
    file.write_bytes(damage)
    cache._memory.clear()
    assert recalled(compile_problem(problem)) is None
    assert not preimage.tighten(problem).from_cache
    assert found.digest in file.name


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file" / "below"))
    assert preimage.tighten(case(1).problem).complete
    assert preimage.tighten(case(1).problem).from_cache


def test_without_a_network_there_is_nothing_to_bound() -> None:
    found = preimage.tighten("input x[2] in 0..1\nminimise abs(x[0] - x[1])\n")
    assert (found.layers, found.units, found.undecided) == ((), 0, 0)


def test_a_time_must_be_positive() -> None:
    with pytest.raises(ValueError, match="time_per_unit must be positive"):
        preimage.tighten("input x in 0..1\nminimise x\n", time_per_unit=0.0)
