"""The graph that engines see against the judge that knows only the checked problem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from inversion.random_problems import Maker, Twin
from inversion.rich_problems import RichMaker
from inversion.trial import refusal

import preimage
from preimage.problem import Inversion, compile_problem


def compiled(text: str, row: int = 0, **bindings: Any) -> Inversion:
    return compile_problem(preimage.check(text, bindings), row)


def designs(inversion: Inversion, count: int, seed: int) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    random = np.random.default_rng(seed)
    drawn = random.uniform(inversion.lower, inversion.upper, size=(count, inversion.size))
    return [inversion.repair(x * (random.random(x.shape) < 0.8)) for x in drawn]


def agree(twin: Twin, seed: int) -> None:
    if refusal(twin):
        return
    problem = preimage.check(twin.text, twin.bindings)
    for row in range(problem.sweep_rows):
        inversion = compile_problem(problem, row)
        sign = 1.0 if inversion.sense == "minimise" else -1.0
        for x in designs(inversion, 30, seed):
            objective, violation = inversion.judge(x)
            by_graph = float(inversion.model.objective(x[None])[0])
            assert by_graph == pytest.approx(sign * objective, abs=1e-9 * max(1.0, abs(objective))), twin.text
            told = float(inversion.model.violation(x[None])[0])
            if np.isfinite(violation) and "uses" not in twin.text:
                assert told == pytest.approx(violation, abs=1e-9 * max(1.0, violation)), twin.text
            else:  # for the judge, a value is zero or it is not; the engines go by how far it is from that
                assert told <= violation + 1e-9 * max(1.0, told), twin.text
                assert (told > 0.0) == (violation > 0.0), twin.text
            np.testing.assert_array_equal(inversion.vector(inversion.design(x)), x)
            np.testing.assert_array_equal(inversion.repair(x), x)


@pytest.mark.parametrize("chunk", range(4))
def test_graph_and_judge_agree(chunk: int) -> None:
    for seed in range(1000 + 10 * chunk, 1010 + 10 * chunk):
        agree(Maker(seed).problem(), seed)
        agree(RichMaker(seed).problem(), seed)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(40))
def test_graph_and_judge_agree_often(chunk: int) -> None:
    for seed in range(2000 + 10 * chunk, 2010 + 10 * chunk):
        agree(Maker(seed).problem(), seed)
        agree(RichMaker(seed).problem(), seed)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_products_of_binaries_are_exact(scale: float) -> None:
    text = "param s\nbinary on[3]\ninput x[3] in -2..3\nminimise sum(on*(s*x - s)) + sum((1 - on)*abs(s*x))\n"
    inversion = compiled(text, s=scale)
    random = np.random.default_rng(1)
    for _ in range(50):
        on, x = random.integers(0, 2, 3).astype(float), random.uniform(-2.0, 3.0, 3)
        vector = inversion.vector({"on": on, "x": x})
        exact = float(np.sum(on * (scale * x - scale)) + np.sum((1 - on) * np.abs(scale * x)))
        assert float(inversion.model.objective(vector[None])[0]) == pytest.approx(exact, abs=1e-13 * scale)
        assert inversion.judge(vector)[0] == pytest.approx(exact, abs=1e-13 * scale)


def test_copies_and_shared_inputs() -> None:
    rows = np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    text = (
        "targets t\ninput x[2] in 0..2 per target\ninput s in -1..1\nlet d = x + s - t\nlet u = 2*s\nminimise L1(d)\n"
    )
    inversion = compiled(text, t=rows)
    assert inversion.size == 7
    random = np.random.default_rng(2)
    x, s = random.uniform(0, 2, (3, 2)), random.uniform(-1, 1, ())
    vector = inversion.vector({"x": x, "s": s})
    assert inversion.design(vector)["x"].shape == (3, 2)
    assert inversion.judge(vector)[0] == pytest.approx(np.abs(x + s - rows).sum())
    assert float(inversion.model.objective(vector[None])[0]) == pytest.approx(np.abs(x + s - rows).sum())
    predictions = inversion.predictions(vector)
    np.testing.assert_allclose(predictions["d"], x + s - rows)
    np.testing.assert_allclose(predictions["u"], 2 * s)


def test_statements_hold_for_each_target() -> None:
    text = "targets t\ninput x in 0..2 per target\nrequire x <= t\nminimise sum(x)\n"
    inversion = compiled(text, t=np.array([[0.5], [1.5]]))
    assert inversion.judge(np.array([0.5, 1.5]))[1] == 0.0
    assert inversion.judge(np.array([0.75, 1.5]))[1] == pytest.approx(0.25)
    assert inversion.judge(np.array([0.5, 1.75]))[1] == pytest.approx(0.25)


def test_a_sweep_sees_its_own_row() -> None:
    rows = np.array([[0.5, 1.0], [1.5, 0.25]])
    for row in range(2):
        inversion = compiled("target t\ninput x[2] in -1..t\nminimise L1(x, t)\n", row, t=rows)
        np.testing.assert_array_equal(inversion.upper, rows[row])
        assert inversion.judge(rows[row])[0] == 0.0


def test_a_network_applied_twice_stands_once() -> None:
    arrays = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.ones((1, 2)), "b2": np.zeros(1)}
    once = compiled("network f\ninput x[2] in -1..1\nminimise sum(f(x))\n", f=arrays)
    twice = compiled("network f\ninput x[2] in -1..1\nminimise sum(f(x)) + abs(sum(f(x)) - 1)\n", f=arrays)
    kinks = [sum(i.graph.operation(k) == "kink" for k in range(i.graph.node_count)) for i in (once, twice)]
    assert kinks == [1, 2]


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.7), (0.7, 0.2)])
def test_clip_with_crossed_limits(low: float, high: float) -> None:
    inversion = compiled("target t\ninput x in 0..1\nminimise clip(x, t[0], t[1])\n", t=np.array([[low, high]]))
    for x in np.linspace(0, 1, 11):
        exact = min(max(x, low), high)
        assert inversion.judge(np.array([x]))[0] == pytest.approx(exact)
        assert float(inversion.model.objective(np.array([[x]]))[0]) == pytest.approx(exact)


def test_repair_is_exact() -> None:
    text = (
        "input x[4] in 0..1\ninteger n[2] in -3..3\ninput c[2] in {-0.5, 0, 0.3}\nbinary b\n"
        "select 2 of x\nminimise sum(x) + sum(n) + sum(c) + b\n"
    )
    inversion = compiled(text)
    x, n, c = np.array([0.5, 1e-9, 1.0 + 1e-9, -1e-12]), np.array([2.9999999, -1e-9]), np.array([0.29, 1e-9])
    rough = inversion.vector({"x": x, "n": n, "c": c, "b": np.array(0.7)})
    x = inversion.repair(rough)
    design = inversion.design(x)
    assert design["x"].tolist() == [0.5, 0.0, 1.0, 0.0]
    assert design["n"].tolist() == [3.0, 0.0]
    assert design["c"].tolist() == [0.3, 0.0]
    assert float(design["b"]) == 1.0
    assert inversion.judge(x)[1] == 0.0
    assert not np.signbit(x[x == 0.0]).any()


def test_repair_leaves_no_bad_choice_hidden() -> None:
    inversion = compiled("input x[3] in 0..1\nselect 1 of x\nminimise sum(x)\n")
    x = inversion.repair(np.array([0.5, 0.25, 0.0]))
    assert x.tolist() == [0.5, 0.25, 0.0], "a real second choice is not thrown away in silence"
    assert inversion.judge(x)[1] == np.inf


def test_what_has_to_be_used_moves_where_there_is_room() -> None:
    text = "param h = (0, 1, 2)\ninput x[3] in 0..h\nselect at least 1 of x\nminimise sum(x)\n"
    inversion = compiled(text)
    x = inversion.repair(np.zeros(3))
    assert np.count_nonzero(x) == 1
    assert 0.0 < x[2] <= 1e-7
    assert inversion.judge(x)[1] == 0.0


def test_each_target_uses_its_own() -> None:
    text = "targets t\ninput x[2] in 0..1 per target\nrequire uses(x[1])\nminimise L1(x, t)\n"
    inversion = compiled(text, t=np.zeros((3, 2)))
    x = inversion.repair(np.zeros(inversion.size))
    assert inversion.judge(x)[1] == 0.0
    assert (inversion.design(x)["x"][:, 1] > 0.0).all()
    assert (inversion.design(x)["x"][:, 0] == 0.0).all()


def test_forms_of_other_sizes_have_nodes_of_their_own() -> None:
    # Three zeros, and a form of one entry whose terms cancel out, are the same bytes.
    inversion = compiled("target t\ninput x in 0..1\nrequire t <= 0\nminimise abs(x - x) + x\n", t=np.zeros((1, 3)))
    assert inversion.judge(np.array([0.5])) == (0.5, 0.0)
    assert inversion.model.objective(np.array([[0.5]]))[0] == 0.5


@pytest.mark.timeout(20)
def test_names_that_are_used_twice_cost_no_more() -> None:
    lets = "".join(f"let a{k + 1} = 0.5*a{k} + 0.5*a{k}\n" for k in range(40))
    inversion = compiled(f"input x in 0..1\nlet a0 = x\n{lets}minimise abs(a40 - 0.3)\n")
    assert inversion.predictions(np.array([0.5]))["a40"] == 0.5


def test_ends_of_integers_are_meant_up_to_round_off() -> None:
    text = "target t\ninteger x in 0.1*t[0]*10..0.1*t[0]*10 + 0.5\nminimise x\n"
    inversion = compiled(text, t=np.array([[3.0]]))
    assert (inversion.lower[0], inversion.upper[0]) == (3.0, 3.0)


def test_predictions_hold_what_is_compared_with_a_target() -> None:
    text = (
        "target goal = (0.3, 0.1)\ntarget other = (1, 2)\ninput x[4] in 0..1\nlet pose = 2*reshape(x, 2, 2)\n"
        "minimise L1(pose[1], goal) + Linf(other, x[0:2] - x[2:4]) + sum(x)\n"
    )
    inversion = compiled(text)
    found = inversion.predictions(np.array([0.1, 0.2, 0.3, 0.4]))
    assert list(found) == ["pose", "pose[1]", "x[0:2] - x[2:4]"]
    np.testing.assert_allclose(found["pose[1]"], [0.6, 0.8])
    np.testing.assert_allclose(found["x[0:2] - x[2:4]"], [-0.2, -0.2])
