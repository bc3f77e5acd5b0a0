"""Text tables: numbers in rows and columns, and lists of labels, as instruments and spreadsheets write them."""

from __future__ import annotations

import csv
import json
import re
from array import array
from collections.abc import Sequence

import numpy as np

from preimage.language.problem import Array
from preimage.language.values import DataRefused

_LOOKED_AT = 100  # lines that tell what parts the cells
_WORDS = re.compile(r"[;,\s]+")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")


def parse_table(text: str, name: str) -> Array:
    """Parse a table of numbers.

    Cells are parted by semicolons, tabs, commas or blanks: by the first of these that the rows hold. The first line may
    hold titles. Blank lines, and what stands behind a ``#``, are left out.

    Returns
    -------
    Array
        Shape ``(lines, cells)``.

    Raises
    ------
    DataRefused
        Naming the line and the column (both from 1) of what is wrong.
    """
    lines = _lines(text)
    delimiter = _delimiter(lines)
    values = array("d")
    numbers = array("q")
    width, titles = 0, 0
    for number, line in lines:
        cells = line.split(delimiter)
        row = _row(cells)
        if row is None and not numbers and not titles and not any(_number(cell) is not None for cell in cells):
            titles = number
            continue
        if row is None:
            raise _not_a_number(cells, name, number)
        if not numbers:
            width = len(row)
        elif len(row) != width:
            reason = f"line {number} has {_count(len(row))}, line {numbers[0]} has {width}"
            raise DataRefused("PRE246", name=name, reason=reason, advice="give every line the same number of cells")
        values.extend(row)
        numbers.append(number)
    if not numbers:
        detail = f", only titles on line {titles}" if titles else ""
        raise DataRefused("PRE249", name=name, detail=detail, advice="write one row of numbers a line")
    table = np.frombuffer(values, dtype=np.float64).reshape(len(numbers), width)
    if not np.isfinite(table).all():
        row_index, column = (int(index[0]) for index in np.nonzero(~np.isfinite(table)))
        what = "NaN" if np.isnan(table[row_index, column]) else "infinite"
        place = f"{name}, line {numbers[row_index]}, column {column + 1},"
        raise DataRefused("PRE248", name=place, what=what, advice="give it a finite number, or leave out its line")
    return table


def parse_labels(text: str, name: str, count: int, *, as_json: bool) -> tuple[str, ...]:
    """Parse ``count`` labels: the first cell of each line, or the cells of the only line, or a JSON list."""
    if as_json:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
            advice = 'write ["cyan", "magenta"]'
            raise DataRefused("PRE252", reason=f"{name} is not a list of texts", advice=advice)
        return check_labels([label.strip() for label in found], name, count)
    lines = [line for line in text.splitlines() if line.strip()]
    delimiter = next((sign for sign in ";\t," if any(sign in line for line in lines)), ",")
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
    except csv.Error as error:
        advice = "write one label a line"
        raise DataRefused("PRE245", name=name, reason=f"it is not a table: {error}", advice=advice) from None
    labels = [cell.strip() for cell in rows[0]] if len(rows) == 1 else [row[0].strip() for row in rows]
    if len(labels) == count + 1 and len(rows) > 1:
        labels = labels[1:]
    return check_labels(labels, name, count)


def check_labels(labels: Sequence[str], name: str, count: int) -> tuple[str, ...]:
    """Refuse labels of the wrong number, empty, unprintable or the same as another one."""
    if len(labels) != count:
        reason = f"{name} holds {len(labels)} for {count} entries"
        raise DataRefused("PRE252", reason=reason, advice="give one label an entry, one a line")
    first: dict[str, int] = {}
    for position, label in enumerate(labels):
        if not label:
            raise DataRefused(
                "PRE252", reason=f"label {position} of {name} is empty", advice="labels are counted from 0"
            )
        if not label.isprintable():
            reason = f"label {position} of {name} is not printable: {label!a}"
            raise DataRefused("PRE252", reason=reason, advice="keep to letters, digits and signs that can be seen")
        if label in first:
            reason = f"{name} gives `{label}` to the entries {first[label]} and {position}"
            raise DataRefused("PRE252", reason=reason, advice="give each entry a label of its own")
        first[label] = position
    return tuple(labels)


def _lines(text: str) -> list[tuple[int, str]]:
    numbered = enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)
    stripped = ((number, line.partition("#")[0].strip(" ")) for number, line in numbered)
    return [(number, line) for number, line in stripped if line.strip()]


def _delimiter(lines: list[tuple[int, str]]) -> str | None:
    rows = [line for _, line in lines[:_LOOKED_AT]]
    if rows and all(_number(word) is None for word in _WORDS.split(rows[0])):
        rows = rows[1:] or rows  # titles may have commas in them where the rows have blanks
    return next((sign for sign in ";\t," if any(sign in row for row in rows)), None)


def _row(cells: list[str]) -> list[float] | None:
    try:
        row = [float(cell) for cell in cells]
    except ValueError:
        return None
    return None if any("_" in cell for cell in cells) else row


def _number(cell: str) -> float | None:
    row = _row([cell.strip().strip('"')])
    return row[0] if row else None


def _not_a_number(cells: list[str], name: str, line: int) -> DataRefused:
    column = next(index for index, cell in enumerate(cells) if _row([cell]) is None)
    cell = cells[column].strip()
    place = f"{name}, line {line}, column {column + 1},"
    if not cell:
        advice = "fill it, or take the line out"
        if line == 1 and column == 0:
            advice = "the first column looks like row numbers: save the table without them (in pandas: index=False)"
        return DataRefused("PRE247", place=place, found="the cell is empty", advice=advice)
    shown = cell if len(cell) <= 30 else cell[:29] + "…"
    shown = shown if shown.isprintable() else ascii(shown)[1:-1]
    if _DECIMAL_COMMA.fullmatch(cell):
        advice = "write decimals with a point: 0.25"
    elif column == 0 and len(cells) > 1 and line > 1:
        advice = "if the first column holds labels, take it out"
    elif line == 1:
        advice = "if this line holds titles, begin it with #"
    else:
        advice = "write a number, or take the line out"
    return DataRefused("PRE247", place=place, found=f"`{shown}`", advice=advice)


def _count(cells: int) -> str:
    return "1 number" if cells == 1 else f"{cells} numbers"
