"""What a design that is a little off gives, and whether it is off by no more than is allowed.

Only the judge's means are used: nothing here looks at how the worst case was searched for.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from preimage.language.problem import Array, Problem, Robustness
from preimage.problem.evaluate import Evaluator
from preimage.problem.formulas import input_entries
from preimage.problem.inversion import Inversion

Design = Mapping[str, Array]


def amounts(inversion: Inversion, robustness: Robustness, design: Design) -> dict[str, Array]:
    """Return how far each entry of a design may be off; one that a selection left out is not there to be off."""
    found: dict[str, Array] = {}
    for name, values in design.items():
        found[name] = np.zeros(np.shape(values)) + robustness.amounts.get(name, 0.0)
    for selection in inversion.problem.selections:
        name, entries = input_entries(selection.source)
        rows = np.reshape(design[name], (len(inversion.coordinates[name]), -1))
        unused = rows[:, entries] == 0.0
        if not selection.per_target:
            unused = np.all(unused, axis=0)
        off = found[name].reshape(rows.shape)
        off[:, entries] = np.where(unused, 0.0, off[:, entries])
        found[name] = off.reshape(np.shape(design[name]))
    return found


def measure(inversion: Inversion, robustness: Robustness, design: Design, off: Design) -> float:
    """Return what a `robust` statement bounds, for what the design became."""
    if robustness.drift is None:
        return inversion.judge(inversion.vector(off))[0]
    rows = range(inversion.problem.joint_rows if robustness.per_target else 1)
    return sum(
        float(np.abs(_drifting(inversion, robustness, off, k) - _drifting(inversion, robustness, design, k)).sum())
        for k in rows
    )


def excess(inversion: Inversion, robustness: Robustness, design: Design, off: Design) -> float:
    """Return by how much what a design became is off by more than is allowed, as a share of what is."""
    allowed = amounts(inversion, robustness, design)
    ends = inversion.design(inversion.lower), inversion.design(inversion.upper)
    worst, copies = 0.0, inversion.problem.joint_rows
    sums = np.zeros(copies)
    shares: list[list[Array]] = [[] for _ in range(copies)]
    for declared in inversion.problem.inputs:
        name = declared.name
        lower, upper = ends[0][name], ends[1][name]
        moved, amount = np.asarray(off[name]) - design[name], allowed[name]
        worst = max(worst, float(np.maximum(lower - off[name], np.asarray(off[name]) - upper).max(initial=0.0)))
        worst = max(worst, float(np.abs(moved[amount == 0.0]).max(initial=0.0)))
        share = np.divide(moved, amount, out=np.zeros(moved.shape), where=amount > 0.0)
        worst = max(worst, float(np.abs(share).max(initial=1.0)) - 1.0)
        free = (amount > 0.0) & (off[name] > lower) & (off[name] < upper)
        for k in range(copies):
            seen = (share[k], free[k]) if declared.per_target else (share, free)
            sums[k] += np.abs(seen[0]).sum()
            shares[k].append(seen[0][seen[1]])
    if robustness.manner == "L1":
        worst = max(worst, float(sums.max()) - 1.0)
    if robustness.manner == "together":
        worst = max(worst, *(float(np.ptp(np.concatenate(of))) if sum(map(len, of)) else 0.0 for of in shares))
    return worst


def seen_by(problem: Problem, design: Design, joint: int) -> dict[str, Array]:
    """Return a design as target ``joint`` sees it."""
    return {i.name: design[i.name][joint] if i.per_target else design[i.name] for i in problem.inputs}


def _drifting(inversion: Inversion, robustness: Robustness, design: Design, joint: int) -> Array:
    problem = inversion.problem
    rows = {target.name: joint if target.joint else inversion.sweep_row for target in problem.targets}
    assert robustness.drift is not None
    return Evaluator(problem, rows, seen_by(problem, design, joint)).value(robustness.drift)
