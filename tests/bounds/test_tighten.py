"""Tightened bounds hold for every design; a solver that stops early gives its relaxed value."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from bounds.oracle import least_by_lines
from bounds.problems import Case, case

from preimage.bounds.integer import ByScip
from preimage.bounds.layerwise import Progress, tighten_layers
from preimage.bounds.linear import ByLines
from preimage.bounds.pool import share
from preimage.bounds.record import Tightening
from preimage.bounds.subject import subject_of


def tightened(of: Case, time_per_unit: float = 0.0) -> Tightening:
    return tighten_layers(subject_of(of.inversion), time_per_unit=time_per_unit, threads=1)


def assert_holds(of: Case, found: Tightening, seed: int, designs: int) -> None:
    x = of.sample(np.random.default_rng(seed), designs)
    assert len(x) > 0.02 * designs
    for layer, values in zip(found.layers, of.layers(x), strict=True):
        # numpy sums in another order than the graph; bounds hold for either, up to the rounding of this comparison.
        assert np.all(values >= layer.lower - 1e-13 * (1.0 + np.abs(layer.lower)))
        assert np.all(values <= layer.upper + 1e-13 * (1.0 + np.abs(layer.upper)))


@pytest.mark.parametrize("seed", range(30))
def test_designs_stay_within_what_linear_programs_prove(seed: int) -> None:
    of = case(seed)
    found = tightened(of)
    assert_holds(of, found, seed, 4000)
    for layer in found.layers:
        widths = [step.width for step in layer.steps]
        assert all(after <= before for before, after in pairwise(widths))


@pytest.mark.parametrize("seed", range(10))
def test_designs_stay_within_what_scip_says(seed: int) -> None:
    of = case(seed)
    found = tightened(of, 5.0)
    assert_holds(of, found, seed, 4000)
    assert found.undecided <= tightened(of).undecided


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_a_million_designs_stay_within(seed: int) -> None:
    of = case(seed, width=12, depth=3)
    found = tightened(of, 1.0)
    for part in range(10):
        assert_holds(of, found, 100 * seed + part, 100_000)


@pytest.mark.parametrize("seed", range(10))
def test_bounds_of_small_problems_are_attained(seed: int) -> None:
    # With all the time it wants, a solver leaves no more than its gap and its margin around the designs of a sample.
    of = case(5 * seed + 4)  # integers: a sample meets every design
    found = tightened(of, 60.0)
    subject = subject_of(of.inversion)
    x = np.unique(of.sample(np.random.default_rng(seed), 20_000), axis=0)
    everything = np.array([d for d in np.ndindex(*[5] * x.shape[1]) if sum(d) == 4], dtype=float)
    for layer, values, bounds in zip(subject.layers, of.layers(everything), found.layers, strict=True):
        crossing = (values.min(axis=0) < -0.01) & (values.max(axis=0) > 0.01)
        if layer.kinked and not layer.first:
            attained = np.maximum(np.abs(bounds.lower), np.abs(bounds.upper))[crossing]
            assert np.all(values.min(axis=0)[crossing] - bounds.lower[crossing] <= 0.01 * (1.0 + attained))
            assert np.all(bounds.upper[crossing] - values.max(axis=0)[crossing] <= 0.01 * (1.0 + attained))


@pytest.mark.parametrize("seed", range(20))
def test_a_proof_is_as_good_as_an_independent_linear_program(seed: int) -> None:
    of = case(seed)
    subject = subject_of(of.inversion)
    node = subject.layers[-1].node
    bounds = subject.bounds({})
    units = list(range(subject.layers[-1].size))
    program = subject.model.encode(bounds, "lines", entries=[(node, unit) for unit in units])
    prover = ByLines(subject.model, bounds, program, node)
    kinks = [(bounds.lower(layer.node), bounds.upper(layer.node)) for layer in subject.layers if layer.kinked]
    for unit in units:
        lower, upper = prover.bound(unit)
        for value, sign in ((lower, 1.0), (-upper, -1.0)):
            independent = least_by_lines(of, kinks, unit, sign)
            assert value <= independent + 1e-7
            # What is said of used inputs is exact in the proof: it may be better than the linear program, never worse.
            assert value >= independent - 1e-7


@pytest.mark.parametrize(("seconds", "nodes"), [(0.002, -1), (60.0, 0)])
def test_a_solver_that_stops_early_gives_its_relaxed_value(seconds: float, nodes: int) -> None:
    of = case(0, width=24, depth=3)
    subject = subject_of(of.inversion)
    layer = subject.layers[2]
    bounds = subject.bounds({})
    units = np.flatnonzero((bounds.lower(layer.node) < 0.0) & (bounds.upper(layer.node) > 0.0)).tolist()
    program = subject.model.encode(bounds, entries=[(layer.node, unit) for unit in units])
    solver = ByScip(program, layer.node, seconds, nodes)
    values = of.layers(of.sample(np.random.default_rng(1), 100_000))[2]
    for unit in units[:8]:
        lower, upper = solver.bound(unit)
        assert lower <= values[:, unit].min()
        assert upper >= values[:, unit].max()


class Waiting:
    """A solver that is at work until it is interrupted."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def bound(self, unit: int) -> tuple[float, float]:
        if unit > 1:
            assert self._over.wait(20.0)
            return -np.inf, np.inf
        return float(unit), 2.0

    def interrupt(self) -> None:
        self._over.set()


def stop_at(count: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done >= count:
            raise KeyboardInterrupt

    return tell


def test_what_was_found_is_shown_as_a_table_and_a_picture() -> None:
    found = tightened(case(1))
    lines = str(found).splitlines()
    assert lines[0].split() == ["units", "interval", "crown", "slopes", "lp", "milp"]
    assert lines[2].split()[-1] == str(found.layers[0].steps[-1].undecided)
    assert lines[-1].startswith(f"{found.undecided} of {found.units} neurons are undecided")
    assert lines[-1] in found._repr_html_()
    assert f"{found.undecided} of {found.units}" in found.plot().axes[0].get_title(loc="left")


def test_interrupted_work_keeps_what_is_done() -> None:
    found, interrupted = share(range(9), Waiting, 2, stop_at(2))
    assert interrupted
    assert found[:2] == [(0, 0.0, 2.0), (1, 1.0, 2.0)]
    assert len(found) < 9


def test_a_failure_on_another_thread_is_raised() -> None:
    class Failing(Waiting):
        def bound(self, unit: int) -> tuple[float, float]:
            if unit == 0:
                raise ZeroDivisionError("a solver broke")
            return super().bound(unit)

    with pytest.raises(ZeroDivisionError, match="a solver broke"):
        share(range(9), Failing, 2, lambda done: None)


def test_interrupted_layers_keep_what_is_done() -> None:
    of, interrupted = case(0, width=24, depth=3), []

    def tell(seen: Progress) -> None:
        if seen.step == "milp" and not interrupted:
            interrupted.append(seen)
            raise KeyboardInterrupt

    subject = subject_of(of.inversion)
    found = tighten_layers(subject, time_per_unit=1.0, threads=1, tell=tell)
    assert interrupted
    assert not found.complete
    assert [step.name for step in found.layers[1].steps] == ["interval", "crown", "slopes", "lp", "milp"]
    assert [step.name for step in found.layers[2].steps] == ["interval", "crown"]
    assert_holds(of, found, 0, 20_000)
