"""Several designs of random small problems: each holds and is good enough, all are apart, and `all` is the truth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from inversion.random_problems import TOLERANCE, Maker, Twin
from inversion.trial import refusal

import preimage
from preimage.results import Result

CHUNK = 10
WANTED, SHARE, APART = 4, 0.2, 0.05

Design = dict[str, np.ndarray]


def choices(result: Result, design: Design, twin: Twin) -> list[float] | None:
    """Return what is counted or picked in a design; None if nothing is."""
    found = [v for name, (kind, *_) in twin.inputs.items() if kind != "continuous" for v in design[name]]
    selected = [line.split()[-1] for line in twin.text.splitlines() if line.startswith("select")]
    if not found and not selected and all(kind == "continuous" for kind, *_ in twin.inputs.values()):
        return None
    return found + [float(v != 0) for name in selected for v in design[name.split("[")[0]]]


def are_apart(one: Design, other: Design, twin: Twin, result: Result) -> bool:
    first, second = (choices(result, design, twin) for design in (one, other))
    if first is not None:
        return first != second
    shares = [
        np.abs(one[name] - other[name])[high > low] / (high - low)[high > low]
        for name, (_, low, high, _) in twin.inputs.items()
    ]
    return float(np.max(np.concatenate(shares), initial=0.0)) >= APART * (1 - 1e-5)


def check(seed: int) -> tuple[int, bool]:
    """Solve one problem for several designs; return how many there are, and whether no more exist."""
    twin = Maker(seed).problem()
    if refusal(twin):
        return 0, False
    text = f"{twin.text}\nsolve for {WANTED} designs within {100 * SHARE:g}% for 2 s"
    result = preimage.invert(text, **twin.bindings)
    assert isinstance(result, Result)
    where = f"seed {seed}\n{text}\n{result}"
    result.check()
    designs = [{n: np.asarray(v).ravel() for n, v in c.design.items()} for c in result.designs]
    assert bool(designs) == bool(result.design), where
    values = [twin.value(design) for design in designs]
    for design, value, candidate in zip(designs, values, result.designs, strict=True):
        assert twin.violation(design) <= TOLERANCE, where
        if twin.objective is not None:
            assert candidate.objective == pytest.approx(value, abs=1e-9 * max(1.0, abs(value))), where
            assert abs(value - values[0]) <= SHARE * abs(values[0]) + 2e-6, where
    sign = -1.0 if twin.maximise else 1.0
    assert all(
        sign * (after - before) >= -1e-6 * max(1.0, abs(before)) for before, after in itertools.pairwise(values)
    ), where
    for one, other in itertools.combinations(designs, 2):
        assert are_apart(one, other, twin, result), where
    asked = result.provenance["designs"]
    if asked["all"]:
        assert 0 < len(designs) < WANTED, where
        limit = SHARE * abs(values[0]) * (1 - 1e-3) - 1e-5
        for sample in twin.sample(np.random.default_rng(seed), 2000):
            good = abs(twin.value(sample) - values[0]) <= limit and twin.violation(sample) == 0.0
            assert not good or any(not are_apart(sample, design, twin, result) for design in designs), where
    return len(designs), bool(asked["all"])


@pytest.mark.parametrize("chunk", range(2))
def test_designs(chunk: int) -> None:
    found = [check(seed) for seed in range(CHUNK * chunk, CHUNK * (chunk + 1))]
    assert sum(count == WANTED or complete for count, complete in found) >= CHUNK // 3


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(2, 30))
def test_many_designs(chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        check(seed)
