"""Colours of an offset press: characterisation data in the CGATS text format, and a network CMYK → Lab fitted to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from preimage.applications.training import Array, Dense, train

_INKS = ("CMYK_C", "CMYK_M", "CMYK_Y", "CMYK_K")
_COLOUR = ("LAB_L", "LAB_A", "LAB_B")


@dataclass(frozen=True, slots=True, eq=False)
class Characterisation:
    """What colour each patch of a test chart has in print.

    Attributes
    ----------
    inks
        Area coverage of cyan, magenta, yellow, black in 0..1; patches x 4, no patch twice.
    colours
        CIE L*, a*, b* (D50, 2°) of each patch; patches x 3.
    """

    inks: Array
    colours: Array


def read_characterisation(path: Path) -> Characterisation:
    """Read a CGATS table (``.ti3`` and the like) with CMYK in percent and Lab.

    Patches that a chart repeats are averaged.

    Raises
    ------
    ValueError
        If the file holds no data table, or the table lacks a CMYK or Lab column.
    """
    fields, rows = _table(path.read_text(encoding="latin-1").split())
    missing = [name for name in (*_INKS, *_COLOUR) if name not in fields]
    if missing:
        raise ValueError(f"{path} has no column {', '.join(missing)}; its columns are {', '.join(fields)}")
    table = np.array([[float(row[fields.index(name)]) for name in (*_INKS, *_COLOUR)] for row in rows])
    inks, patch = np.unique(table[:, :4], axis=0, return_inverse=True)
    colours = np.zeros((len(inks), 3))
    np.add.at(colours, patch, table[:, 4:])
    return Characterisation(inks / 100.0, colours / np.bincount(patch)[:, None])


def _table(words: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return the field names and the rows of the first data table among the words of a CGATS file."""
    try:
        fields = words[words.index("BEGIN_DATA_FORMAT") + 1 : words.index("END_DATA_FORMAT")]
        values = words[words.index("BEGIN_DATA") + 1 : words.index("END_DATA")]
    except ValueError as error:
        raise ValueError(f"not a CGATS table: {error}") from None
    if not fields or len(values) % len(fields):
        raise ValueError(f"a ragged CGATS table: {len(values)} values for {len(fields)} columns")
    return fields, [values[i : i + len(fields)] for i in range(0, len(values), len(fields))]


def colour_difference(a: Array, b: Array) -> Array:
    """Return CIE ΔE*ab (1976) between colours in Lab along the last axis: 1 is about the least that an eye sees."""
    return np.asarray(np.linalg.norm(a - b, axis=-1))


def fit_press(data: Characterisation, *, held_out: int = 217, seed: int = 0) -> tuple[Dense, Array]:
    """Fit a 4-50-50-3 ReLU network to a characterisation.

    Parameters
    ----------
    data
        What the press prints.
    held_out
        Patches drawn at random that the training never sees. The sixteen solids (every ink full or absent) are not
        among them: nobody asks a press model to extrapolate past them.
    seed
        Of the draw and of the training.

    Returns
    -------
    network
        Coverages in 0..1 to Lab.
    errors
        ΔE*ab of each patch held out.
    """
    solid = np.all((data.inks == 0.0) | (data.inks == 1.0), axis=1)
    unseen = np.random.default_rng(seed).permutation(np.flatnonzero(~solid))[:held_out]
    seen = np.setdiff1d(np.arange(len(solid)), unseen)
    network = train(data.inks[seen], data.colours[seen], (50, 50), epochs=1500, seed=seed)
    return network, colour_difference(network(data.inks[unseen]), data.colours[unseen])
