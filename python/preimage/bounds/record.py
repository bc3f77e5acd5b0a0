"""What tightening has found: bounds of every layer, and what each step bought."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Step:
    """What a step has left of a layer.

    Attributes
    ----------
    name
        ``interval``, ``crown``, ``slopes``, ``lp`` or ``milp``.
    undecided
        Units whose sign is open.
    width
        The mean distance between the bounds of a unit.
    seconds
        The step took.
    """

    name: str
    undecided: int
    width: float
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class LayerBounds:
    """Bounds of one layer.

    Attributes
    ----------
    name
        As in `preimage.bounds.subject.Layer`.
    kinked
        Whether the sign of a unit matters.
    lower, upper
        Of every unit.
    by_solver
        Units one of whose bounds is the word of the MILP solver, whose tolerances are allowed for and not proved.
    steps
        In their order.
    """

    name: str
    kinked: bool
    lower: Vector
    upper: Vector
    by_solver: Flags
    steps: tuple[Step, ...]

    @property
    def undecided(self) -> int:
        """Units whose sign is open."""
        return int(((self.lower < 0.0) & (self.upper > 0.0)).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Tightening:
    """Bounds of the neurons of a problem's networks over its designs.

    Attributes
    ----------
    digest
        Of the networks and of what a design may be; not of the target.
    layers
        In the order of the networks.
    time_per_unit
        Seconds of MILP for each unit; 0 where linear programs were the last step.
    complete
        False if it was interrupted: the bounds hold, further steps would tighten them.
    from_cache
        Whether all of it was known from before.
    """

    digest: str
    layers: tuple[LayerBounds, ...]
    time_per_unit: float
    complete: bool
    from_cache: bool = False

    @property
    def units(self) -> int:
        """The neurons with a kink."""
        return sum(layer.lower.size for layer in self.layers if layer.kinked)

    @property
    def undecided(self) -> int:
        """Neurons whose sign is open."""
        return sum(layer.undecided for layer in self.layers if layer.kinked)

    @property
    def seconds(self) -> float:
        """All steps took."""
        return sum(step.seconds for layer in self.layers for step in layer.steps)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the undecided units and the widths that each step left; write it to ``path`` if given."""
        from preimage.results.pictures import plot_bounds, write

        figure = plot_bounds(self)
        if path is not None:
            write(figure, path)
        return figure

    def __str__(self) -> str:
        from preimage.bounds.summary import summary

        return "\n".join(summary(self))

    def _repr_html_(self) -> str:
        return f'<pre style="line-height:1.3">{escape(str(self))}</pre>'
