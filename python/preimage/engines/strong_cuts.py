"""Cuts from the convex hull of one kink, found where SCIP's relaxation leaves it.

With ``z = w x + b``, bounds of ``x`` and a binary ``d`` that says whether ``z`` is positive, big-M rows leave
``relu(z)`` more room than its convex hull does. The hull has a row for every set ``I`` of inputs,

    ``y <= sum over I of w_i (x_i - l_i (1 - d)) + (b + sum over the others of w_i u_i) d``,

where ``w_i l_i`` and ``w_i u_i`` are the least and the largest that ``w_i x_i`` can be. The row that cuts deepest takes
into ``I`` what is smaller there than in the other sum: one comparison an input. A kink with slope ``s`` below is
``s z + (1 - s) relu(z)``.

Source: R. Anderson, J. Huchette, W. Ma, C. Tjandraatmadja, J. P. Vielma, "Strong mixed-integer programming formulations
for trained neural networks", Mathematical Programming 183, 2020.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyscipopt import Sepa
from pyscipopt.scip import PY_SCIP_RESULT as SCIP_RESULT

from preimage._core import Program
from preimage.engines.scip_model import ScipProgram

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

ROUNDS, ROOT_ROUNDS = 3, 30
"""Rounds of cuts at a node, and at the root."""

MOST_CUTS = 50
"""In one round: the deepest."""

LEAST_EXCESS = 1e-3
"""What is cut off lies beyond a cut by more than this, relatively where values are large."""

MARGIN = 1e-12
"""A cut is moved out by this share of all its terms: more than rounding adds up to."""


@dataclass(frozen=True, slots=True)
class Cut:
    """``value - coefficients @ columns - on * active <= limit``, with columns as places in the program."""

    value: int
    active: int
    columns: Places
    coefficients: Floats
    on: float
    limit: float


class Hulls:
    """The hulls of all kinks with a binary, in flat arrays: one entry an input of a kink."""

    def __init__(self, program: Program) -> None:
        switches = program.switches()
        sizes = [len(columns) for _, _, _, columns, _, _ in switches]
        self._value = np.array([value for value, *_ in switches], dtype=np.int64)
        self._active = np.array([active for _, active, *_ in switches], dtype=np.int64)
        self._slope = np.array([slope for _, _, slope, *_ in switches])
        self._constant = np.array([constant for *_, constant in switches])
        self._owner = np.repeat(np.arange(len(sizes)), sizes)
        self._starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._columns = np.concatenate([np.empty(0, np.int64), *(columns for _, _, _, columns, _, _ in switches)])
        weights = self._weights = np.concatenate([np.empty(0), *(weights for _, _, _, _, weights, _ in switches)])
        ends = weights * program.column_lower[self._columns], weights * program.column_upper[self._columns]
        self._least, self._largest = np.minimum(*ends), np.maximum(*ends)
        self.columns: Places = np.unique(np.concatenate([self._value, self._active, self._columns]))
        """All columns that a cut may have."""

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return self._value.size > 0

    def deepest(self, values: Floats) -> list[Cut]:
        """Return the cuts that values of all columns are beyond, the deepest first."""
        if not self.any:
            return []
        active, terms = values[self._active], self._weights * values[self._columns]
        on = active[self._owner]
        inside = terms < self._least * (1.0 - on) + self._largest * on
        parts = np.where(inside, terms - self._least * (1.0 - on), self._largest * on)
        hull = np.add.reduceat(parts, self._starts[:-1]) + self._constant * active
        z = np.add.reduceat(terms, self._starts[:-1]) + self._constant
        reached = values[self._value]
        excess = reached - (self._slope * z + (1.0 - self._slope) * hull)
        beyond = np.flatnonzero(excess > LEAST_EXCESS * np.maximum(1.0, np.abs(reached)))
        cuts = [(excess[kink], self._cut(int(kink), inside)) for kink in beyond]
        depth = [gap / np.sqrt(1.0 + cut.coefficients @ cut.coefficients) for gap, cut in cuts]
        return [cuts[k][1] for k in np.argsort(depth)[::-1]]

    def _cut(self, kink: int, inside: NDArray[np.bool_]) -> Cut:
        here = slice(self._starts[kink], self._starts[kink + 1])
        taken, slope, constant = inside[here], self._slope[kink], self._constant[kink]
        least, others = self._least[here][taken].sum(), self._largest[here][~taken].sum()
        size = np.abs(self._least[here]).sum() + np.abs(self._largest[here]).sum() + abs(constant)
        return Cut(
            int(self._value[kink]),
            int(self._active[kink]),
            self._columns[here],
            self._weights[here] * (slope + (1.0 - slope) * taken),
            float((1.0 - slope) * (least + constant + others)),
            float(slope * constant - (1.0 - slope) * least + MARGIN * (1.0 + abs(slope)) * size),
        )


def cut_kinks(scip: ScipProgram, hulls: Hulls, fail: Callable[[BaseException], None]) -> None:
    """Have SCIP separate these hulls at every node."""
    cuts = StrongCuts(scip, hulls, fail)
    scip.model.includeSepa(cuts, "strong", "cuts from the hulls of kinks", priority=1000, freq=1, maxbounddist=1.0)


class StrongCuts(Sepa):
    """A separator of SCIP that adds them.

    Parameters
    ----------
    scip
        The program, loaded.
    hulls
        Of its kinks.
    fail
        Takes what goes wrong, since SCIP swallows it.
    """

    def __init__(self, scip: ScipProgram, hulls: Hulls, fail: Callable[[BaseException], None]) -> None:
        self._scip, self._hulls, self._fail = scip, hulls, fail
        self._variables: dict[int, Any] = {}
        self._node, self._round = -1, 0

    def sepainitsol(self) -> None:
        """Take SCIP's own variables, when it begins to branch."""
        columns = self._scip.columns
        self._variables = {int(k): self.model.getTransformedVar(columns[k]) for k in self._hulls.columns}

    def sepaexeclp(self) -> dict[str, Any]:
        """Cut off the solution of the relaxation."""
        node = self.model.getCurrentNode().getNumber()
        self._round = self._round + 1 if node == self._node else 0
        self._node = node
        if self._round >= (ROUNDS if self.model.getDepth() else ROOT_ROUNDS):
            return {"result": SCIP_RESULT.DIDNOTRUN}
        try:
            return {"result": self._separate()}
        except BaseException as failure:  # noqa: BLE001  # kept for the caller of the solver
            self._fail(failure)
            return {"result": SCIP_RESULT.DIDNOTRUN}

    def _separate(self) -> Any:
        values = np.zeros(len(self._scip.columns))
        for column, variable in self._variables.items():
            values[column] = self.model.getSolVal(None, variable)
        cuts = self._hulls.deepest(values)[:MOST_CUTS]
        for cut in cuts:
            if self._add(cut):
                return SCIP_RESULT.CUTOFF
        return SCIP_RESULT.SEPARATED if cuts else SCIP_RESULT.DIDNOTFIND

    def _add(self, cut: Cut) -> bool:
        """Add a cut to SCIP's relaxation; return whether nothing is left of it."""
        model, variables = self.model, self._variables
        row = model.createEmptyRowSepa(self, "strong", lhs=None, rhs=cut.limit, local=False, removable=True)
        model.cacheRowExtensions(row)
        model.addVarToRow(row, variables[cut.value], 1.0)
        model.addVarToRow(row, variables[cut.active], -cut.on)
        for column, coefficient in zip(cut.columns.tolist(), cut.coefficients.tolist(), strict=True):
            if coefficient != 0.0:
                model.addVarToRow(row, variables[column], -coefficient)
        model.flushRowExtensions(row)
        empty = bool(model.addCut(row))
        model.releaseRow(row)
        return empty
