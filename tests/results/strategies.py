"""Arbitrary results, for properties that every result has."""

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from preimage.engines.search import TraceRow
from preimage.results import Candidate, Result, WorstCase

names = st.text(min_size=1, max_size=12)
words = st.text(max_size=40)
numbers = st.floats(allow_nan=True, allow_infinity=True)
small_shapes = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)
arrays = hnp.arrays(np.float64, small_shapes) | hnp.arrays(np.int64, small_shapes)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
seconds = st.floats(0, 1e6)


def results_of(numbers: st.SearchStrategy[float], arrays: st.SearchStrategy[np.ndarray]) -> st.SearchStrategy[Result]:
    """Results of such values, which need not fit together."""
    finite = st.floats(-1e9, 1e9)
    worst_cases = st.builds(
        WorstCase,
        statement=words,
        status=st.sampled_from(["optimal", "feasible", "interrupted"]),
        nominal=finite,
        worst=finite,
        bound=st.none() | finite,
        gap=st.none() | finite.map(abs),
        design=st.dictionaries(names, arrays, max_size=2),
        drift=st.booleans(),
        sense=st.sampled_from(["minimise", "maximise"]),
        seconds=seconds,
    )
    designs = st.builds(
        Candidate,
        design=st.dictionaries(names, arrays, max_size=2),
        objective=st.none() | numbers,
        source=words,
        worst_cases=st.lists(worst_cases, max_size=2).map(tuple),
    )
    rows = st.builds(TraceRow, seconds, st.none() | numbers, st.none() | numbers, words)
    return st.builds(
        Result,
        status=st.sampled_from(["optimal", "feasible", "no design found", "infeasible", "interrupted"]),
        objective=st.none() | numbers,
        bound=st.none() | numbers,
        gap=st.none() | numbers.map(abs),
        design=st.dictionaries(names, arrays, max_size=3),
        predictions=st.dictionaries(names, arrays, max_size=2),
        targets=st.dictionaries(names, arrays, max_size=2),
        labels=st.dictionaries(names, st.lists(words, max_size=4).map(tuple), max_size=2),
        limits=st.dictionaries(names, arrays, max_size=2),
        trace=st.lists(rows, max_size=4).map(tuple),
        statistics=st.dictionaries(words, plain, max_size=3),
        provenance=st.dictionaries(words, plain, max_size=3),
        clashes=st.lists(st.tuples(st.integers(1, 99), words), max_size=2).map(tuple),
        sense=st.sampled_from(["minimise", "maximise"]),
        seconds=seconds,
        designs=st.lists(designs, max_size=2).map(tuple),
    )


results = results_of(numbers, arrays)

sizes = st.floats(-1e9, 1e9)
drawable_results = results_of(sizes, hnp.arrays(np.float64, small_shapes, elements=sizes))


def is_finite_json(value: object) -> bool:
    """Whether JSON can say it without NaN."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_finite_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(is_finite_json(item) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool | int | str)
