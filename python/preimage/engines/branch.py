"""The branch engine: a tree over boxes of inputs, bounded by linear forms of the whole graph (in the core)."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from preimage._core import StopFlag, Tree
from preimage.engines.boxes import boxes_of
from preimage.engines.polish import Polisher
from preimage.engines.portfolio import Effort
from preimage.engines.search import Search
from preimage.engines.watch import stop_with
from preimage.problem import Inversion

SLICE_SECONDS = 0.03
"""The tree works this long between two looks at the search."""

WORTH_POLISHING = 0.02
"""A point that the tree met is polished if it is this close to the best design, relatively."""

POLISHED_SHARE = 0.1
"""Polishing takes at most this share of the time."""

LINEAR_PROGRAMS = 6
"""At most this many for one point: the tree will meet better ones."""


_trees: WeakKeyDictionary[Inversion, Tree] = WeakKeyDictionary()
"""Trees that were made to see whether the engine takes a problem, until the engine takes them."""


def branch(inversion: Inversion, search: Search, effort: Effort) -> None:
    """Branch over the inputs of ``inversion`` until ``search`` is over or no box is left."""
    tree = grow(inversion, effort.threads)
    del _trees[inversion]
    polisher, polishing, longest = Polisher(inversion, search, "branch, polished"), 0.0, SLICE_SECONDS
    flag, offered = StopFlag(), 0
    with stop_with(search, flag.set):
        while not search.should_stop():
            version, x, best = search.best()
            if x is not None and version != offered:
                tree.offer(x)
                offered = version
            tree.advance(search.prune_value(), best, SLICE_SECONDS, flag)
            for x in tree.take_candidates()[-1:]:
                near = inversion.model.objective(x[None])[0] - best < WORTH_POLISHING * abs(best)
                if (search.offer(x, "branch") or near) and polishing + longest <= POLISHED_SHARE * search.seconds:
                    start = search.seconds
                    polisher.polish(x, LINEAR_PROGRAMS)
                    took = search.seconds - start
                    polishing, longest = polishing + took, max(longest, took)
            search.note("branch", tree.nodes, tree.open_nodes)
            search.note_boxes(boxes_of(tree, inversion, search.prune_value()))
            search.raise_bound(tree.bound, "branch")
            if tree.exhausted:
                if not np.isfinite(tree.bound):
                    search.prove_infeasible("branch")
                break
    search.note_boxes(boxes_of(tree, inversion, search.prune_value()))  # others may have ended the search


def grow(inversion: Inversion, threads: int) -> Tree:
    """Return the tree of ``inversion`` at its root, kept until the engine takes it.

    Raises
    ------
    ValueError
        When the engine does not branch on the problem: why not.
    """
    tree = _trees.get(inversion)
    if tree is None:
        tree = _trees[inversion] = Tree(inversion.model, threads)
    return tree


def refusal(inversion: Inversion, threads: int) -> str | None:
    """Return why the engine does not branch on ``inversion``; None if it does."""
    try:
        grow(inversion, threads)
    except ValueError as reason:
        return str(reason)
    return None
