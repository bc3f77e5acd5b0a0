"""The branch engine: a tree over boxes of inputs, bounded by linear forms of the whole graph (in the core)."""

from __future__ import annotations

import numpy as np

from preimage._core import Tree
from preimage.engines.encoding import bound
from preimage.engines.polish import polish
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.problem import Inversion

SLICE_SECONDS = 0.03
"""The tree works this long between two looks at the search."""

WORTH_POLISHING = 0.02
"""A point that the tree met is polished if it is this close to the best design, relatively."""


def branch(inversion: Inversion, search: Search, effort: Effort) -> None:
    """Branch over the inputs of ``inversion`` until ``search`` is over or no box is left."""
    tree = Tree(inversion.model, bound(inversion), effort.threads)
    while not search.should_stop():
        _, _, best = search.best()
        tree.advance(search.prune_value(), best, SLICE_SECONDS)
        for x in tree.take_candidates()[-1:]:
            if search.offer(x, "branch") or _is_near(inversion, search, x):
                polish(inversion, search, np.asarray(x), "branch, polished")
        search.note("branch", tree.nodes, tree.open_nodes)
        search.raise_bound(tree.bound, "branch")
        if tree.exhausted:
            if not np.isfinite(tree.bound):
                search.prove_infeasible("branch")
            return


def refusal(inversion: Inversion) -> str | None:
    """Return why the engine does not branch on ``inversion``; None if it does."""
    try:
        Tree(inversion.model, bound(inversion), 1)
    except ValueError as reason:
        return str(reason)
    return None


def _is_near(inversion: Inversion, search: Search, x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    _, _, best = search.best()
    return bool(np.isfinite(best)) and float(inversion.model.objective(x[None])[0]) - best < WORTH_POLISHING * abs(best)
