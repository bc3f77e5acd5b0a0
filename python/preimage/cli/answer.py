"""An answer as text: what was found, how good it is, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from preimage.cli.structure import structure_text
from preimage.results import Result, Sweep
from preimage.results.designs import designs_in_words, designs_table, worst_in_words
from preimage.results.numbers import duration, number
from preimage.results.plain import Array
from preimage.results.values import describe, entry
from preimage.results.words import distance, proved, warrant
from preimage.structures.result import StructureResult

MOST_TARGETS = 24
MOST_COLUMNS = 8


def answer_text(answer: Result | Sweep, file: str) -> str:
    """Return the lines that ``preimage solve`` prints."""
    if isinstance(answer, StructureResult):
        return "\n".join(structure_text(answer))
    lines = _sweep(answer) if isinstance(answer, Sweep) else _result(answer, file)
    return "\n".join(lines)


def _result(result: Result, file: str) -> Iterator[str]:
    if result.clashes:
        yield from _clashes(result, file)
        return
    yield result.message
    for name, array in result.design.items():
        yield from _input(name, array, result.labels.get(name, ()))
    if result.objective is not None:
        robust = "robust_design" in result.provenance and result.designs
        value = number(result.designs[0].objective if robust else result.objective, 7)
        yield f"checked: the source networks give {value} on this design"
    if len(result.designs) > 1 or result.provenance.get("designs"):
        yield from _designs(result)
    for case in result.worst_cases:
        yield f"{case.statement}: {worst_in_words(case)}"


def _designs(result: Result) -> Iterator[str]:
    """Yield the table of the designs."""
    head, rows = designs_table(result)
    yield designs_in_words(result)
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in [head, *rows]:
        *numbers, values = cells
        yield "  ".join(f"{cell:>{width}}" for cell, width in zip(numbers, widths, strict=False)) + f"   {values}"


def _clashes(result: Result, file: str) -> Iterator[str]:
    many = len(result.clashes) > 1
    yield f"infeasible: {'these statements cannot hold together' if many else 'this statement cannot hold'}"
    places = [f"{file}:{line}" for line, _ in result.clashes]
    width = max(map(len, places))
    for place, (_, statement) in zip(places, result.clashes, strict=True):
        yield f"   {place:<{width}}  {statement}"
    yield f"   {warrant(result)} in {duration(result.seconds)}: no design meets {'all of them' if many else 'it'}"


def _input(name: str, array: Array, labels: Sequence[str]) -> Iterator[str]:
    columns = array.reshape(len(array), -1) if array.ndim > 1 else array.reshape(1, -1)
    used: list[int] = np.flatnonzero(np.any(columns != 0, axis=0)).tolist()
    rows, count = columns.shape
    if not (1 < rows <= MOST_TARGETS and 0 < len(used) <= MOST_COLUMNS):
        yield f"{name}: {describe(array, labels)}"
        return
    heads = [f"{k} ({labels[k]})" if len(labels) == count else f"[{k}]" for k in used]
    table = _table(name, heads, {str(k): columns[k, used] for k in range(rows)})
    yield next(table) + (f"   the other {count - len(used)} are 0" if len(used) < count else "")
    yield from table


def _sweep(sweep: Sweep) -> Iterator[str]:
    yield sweep.message
    with_design = [result for result in sweep if result.design]
    heads = _entries(with_design[0]) if with_design else []
    width = max(map(len, ("target", *sweep.names)))
    robust = any(result.worst_cases for result in sweep)
    lines = {
        f"{name:>{width}}  {number(result.objective):>11}  {distance(result.objective, result.bound):>9}"
        + (f"  {_worst(result):>11}" if robust else ""): _flat(result)
        for name, result in zip(sweep.names, sweep, strict=True)
    }
    start = f"{'target':>{width}}  {'objective':>11}  {'gap':>9}" + (f"  {'worst':>11}" if robust else "")
    if 0 < len(heads) <= MOST_COLUMNS:
        table = list(_table(start, heads, lines))
    else:
        table = [start, *(f"{start}  {_line(result)}" for start, result in zip(lines, sweep, strict=True))]
    for line, status in zip(table, ["optimal", *(result.status for result in sweep)], strict=True):
        yield line if status == "optimal" else f"{line}  {status}"


def _worst(result: Result) -> str:
    """Return what is proved of the design's first worst case."""
    return proved(result.worst_cases[0].bound, result.worst_cases[0].sense) if result.worst_cases else "–"


def _table(corner: str, heads: Sequence[str], rows: Mapping[str, Array]) -> Iterator[str]:
    """Yield a table of numbers under their heads."""
    edge = max(9, len(corner))
    widths = [max(len(head), 8) for head in heads]
    yield f"{corner:<{edge}}  " + "  ".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True))
    for start, values in rows.items():
        largest = float(np.abs(values).max(initial=0.0))
        cells = [entry(float(value), largest) for value in values] or [""] * len(heads)
        line = "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        yield f"{start:>{edge}}  {line}".rstrip()


def _entries(result: Result) -> list[str]:
    """Return a name for each entry of a design, input after input."""
    heads: list[str] = []
    for name, array in result.design.items():
        labels = result.labels.get(name, ())
        if len(labels) == array.size:
            heads += labels
        else:
            heads += [name] if array.ndim == 0 else [f"{name}[{k}]" for k in range(array.size)]
    return heads


def _flat(result: Result) -> Array:
    return np.concatenate([array.ravel() for array in result.design.values()]) if result.design else np.empty(0)


def _line(result: Result) -> str:
    parts = {name: describe(array, result.labels.get(name, ())) for name, array in result.design.items()}
    return " · ".join(f"{name}: {text}" if len(parts) > 1 else text for name, text in parts.items())
