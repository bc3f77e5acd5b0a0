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

FIRST_STARTS = 8
FIRST_STEPS = 100
LEARNING_RATE = 0.03
"""The last digits of a descent are not worth buying: a few linear programs are exact."""

ROUNDS = 9
"""Each round doubles the starts, and the first few the steps; after the last one the engine has done what it can."""

MOST_DOUBLINGS_OF_STEPS = 3

POLISHED_PER_ROUND = 8

LINEAR_PROGRAMS = (40, 10)
"""For the best design of a round, and for each of the others."""

REST = 4.0
"""Beside other engines, a round is followed by a rest of this many times its length: the proof needs the cores more."""


def adjoint(inversion: Inversion, search: Search, effort: Effort) -> None:
    """Search by descent in rounds of growing effort; every design goes to ``search``, the best ones polished."""
    flag = StopFlag()
    polisher: Polisher | None = None
    with stop_with(search, flag.set):
        for round_number in range(ROUNDS):
            if search.should_stop():
                return
            begun = search.seconds
            designs, objectives, violations = inversion.model.descend(
                starts=FIRST_STARTS << round_number,
                steps=FIRST_STEPS << min(round_number, MOST_DOUBLINGS_OF_STEPS),
                learning_rate=LEARNING_RATE,
                seed=effort.seed + round_number,
                threads=effort.threads,
                stop=flag,
                keep=POLISHED_PER_ROUND,
            )
            for x in designs:
                search.offer(x, "adjoint")
            # Made after the first descent: it needs bounds, and the other engines wait for a design.
            polisher = polisher or Polisher(inversion, search, "adjoint, polished")
            for place, x in enumerate(designs[np.lexsort((objectives, violations))]):
                if search.should_stop():
                    return
                polisher.polish(x, LINEAR_PROGRAMS[min(place, 1)])
            alone = effort.beside == {"adjoint"} or search.best()[1] is None
            if not alone and search.wait(REST * (search.seconds - begun)):
                return
