"""The neural-adjoint engine: many descents through the graph, then polishing. It finds designs and proves nothing.

Ansari, Seidel and Babaei (2022), section 5; Ren, Padilla and Malof (2020) for the boundary loss.
"""

from __future__ import annotations

import numpy as np

from preimage._core import StopFlag
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.engines.watch import stop_with
from preimage.problem import Inversion

FIRST_STARTS = 64
FIRST_STEPS = 200
LEARNING_RATE = 0.03
ROUNDS = 6
"""Each round doubles starts and steps; after the last one the engine has done what it can."""

POLISHED_PER_ROUND = 8

REST = 4.0
"""Beside other engines, a round is followed by a rest of this many times its length: the proof needs the cores more."""


def adjoint(inversion: Inversion, search: Search, effort: Effort) -> None:
    """Search by descent in rounds of growing effort; every design goes to ``search``, the best ones polished."""
    flag = StopFlag()
    polisher = Polisher(inversion, search, "adjoint, polished")
    with stop_with(search, flag.set):
        for round_number in range(ROUNDS):
            if search.should_stop():
                return
            begun = search.seconds
            designs, objectives, violations = inversion.model.descend(
                starts=FIRST_STARTS << round_number,
                steps=FIRST_STEPS << min(round_number, 3),
                learning_rate=LEARNING_RATE,
                seed=effort.seed + round_number,
                threads=effort.threads,
                stop=flag,
                keep=POLISHED_PER_ROUND,
            )
            for x in designs:
                search.offer(x, "adjoint")
            order = np.lexsort((objectives, violations))
            for x in designs[order]:
                if search.should_stop():
                    return
                polisher.polish(x)
            if effort.beside != {"adjoint"} and search.wait(REST * (search.seconds - begun)):
                return
