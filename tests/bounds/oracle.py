"""The linear program of the triangles of a ReLU network, written a second time with nothing of the package."""

from __future__ import annotations

import highspy
import numpy as np
from bounds.problems import Array, Case


def least_by_lines(of: Case, kinks: list[tuple[Array, Array]], unit: int, sign: float) -> float:
    """Return the least value of ``sign`` times an output over the triangles of all hidden neurons.

    Parameters
    ----------
    kinks
        Bounds of every hidden layer: what the triangles stand on.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        highs.setOptionValue(tolerance, 1e-10)
    model = of.inversion
    inputs = [_column(highs, low, high) for low, high in zip(model.lower, model.upper, strict=True)]
    _limit_inputs(highs, of, inputs)
    values = inputs
    for k in range(1, len(kinks) + 1):
        values = [
            _relu(highs, row, bias, values, low, high)
            for row, bias, low, high in zip(of.weights[f"W{k}"], of.weights[f"b{k}"], *kinks[k - 1], strict=True)
        ]
    last = len(kinks) + 1
    row, bias = of.weights[f"W{last}"][unit], float(of.weights[f"b{last}"][unit])
    for column, weight in zip(values, row, strict=True):
        highs.changeColCost(column, sign * float(weight))
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getObjectiveValue()) + sign * bias


def _limit_inputs(highs: highspy.Highs, of: Case, inputs: list[int]) -> None:
    text = of.problem.text
    if "sum(x) == " in text:
        total = float(text.split("sum(x) == ")[1].split()[0])
        _row(highs, total, total, dict.fromkeys(inputs, 1.0))
    if "select 2" in text:
        used = [_column(highs, 0.0, 1.0) for _ in inputs]
        _row(highs, -np.inf, 2.0, dict.fromkeys(used, 1.0))
        for column, q in zip(inputs, used, strict=True):
            _row(highs, -np.inf, 0.0, {column: 1.0, q: -1.0})
            _row(highs, -np.inf, 0.0, {column: -1.0, q: -1.0})
    if "smooth" in text:
        for a, b, c in zip(inputs, inputs[1:], inputs[2:], strict=False):
            _row(highs, -0.3, 0.3, {a: 1.0, b: -2.0, c: 1.0})


def _relu(highs: highspy.Highs, weights: Array, bias: float, sources: list[int], low: float, high: float) -> int:
    z = _column(highs, low, high)
    _row(highs, bias, bias, {z: 1.0} | {s: -float(w) for s, w in zip(sources, weights, strict=True)})
    if low >= 0.0:
        return z
    y = _column(highs, 0.0, max(high, 0.0))
    if high > 0.0:
        _row(highs, 0.0, np.inf, {y: 1.0, z: -1.0})
        slope = high / (high - low)
        _row(highs, -np.inf, -slope * low, {y: 1.0, z: -slope})
    return y


def _column(highs: highspy.Highs, low: float, high: float) -> int:
    highs.addVar(float(low), float(high))
    return int(highs.getNumCol()) - 1


def _row(highs: highspy.Highs, low: float, high: float, terms: dict[int, float]) -> None:
    columns = np.array(list(terms), dtype=np.int32)
    highs.addRow(low, high, len(terms), columns, np.array(list(terms.values())))
