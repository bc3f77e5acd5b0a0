"""`StructureResult`: a design of a structure, with its task and what proves its bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from preimage.results.plain import Array, read_only_arrays
from preimage.results.result import Result
from preimage.structures.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from preimage.results.check import Evaluation, Report

OF_TASK = ("fixed", "loads", "weights", "mask", "solid")
"""The arrays of a task; its other fields are plain."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class StructureResult(Result):
    """An answer about a structure. ``result["design"]`` and ``result["density"]`` are arrays in image order.

    Attributes
    ----------
    objective
        The compliance of the design.
    bound
        No design has less compliance: proved, and close to what the best *variable-thickness sheet* has, which may be
        grey at no cost, or, where there is a ``witness_design``, one whose rims are as weak as the filter leaves them.
        Designs of bars and holes stay above it, so that the gap is not expected to close.
    design
        ``design``: what is chosen, shape ``(height, width)``.
    predictions
        ``density``: the design after filter and projection.
    arrays
        Those of the task, and ``witness``: the displacement that proves the bound, shape
        ``(cases, height + 1, width + 1, 2)``, mostly with ``witness_design`` and ``witness_sharpness``, which say by
        what lines stiffness is overrated in the proof. Of the search, ``frames``: densities on the way, from 0 to 255,
        shape ``(frames, height, width)``, and ``frame_seconds``.
    """

    array_fields: ClassVar[tuple[str, ...]] = (*Result.array_fields, "arrays")

    arrays: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Result.__post_init__(self)
        object.__setattr__(self, "arrays", read_only_arrays(self.arrays))

    @property
    def message(self) -> str:
        """What was found and how good it is; and if its members are thinner than was asked for, how thin."""
        from preimage.structures.words import sentences

        return sentences(self)

    @property
    def task(self) -> Task:
        """The task that was solved."""
        fields: dict[str, Any] = dict(self.provenance["structure"])
        return Task(**fields | {name: self.arrays[name] for name in OF_TASK})

    @property
    def volume(self) -> float | None:
        """The volume that the task limits, as a share: of the filtered density, or of the design before the filter."""
        if not self.design:
            return None
        task = self.task
        field = self.predictions["density"] if task.volume_of == "filtered" else self.design["design"]
        return float(field[task.mask].mean())

    @property
    def discreteness(self) -> float | None:
        """How grey the design is, ``4 mean(density * (1 - density))``: 0 where all is full or empty."""
        if not self.design:
            return None
        return _greyness(self.predictions["density"][self.task.mask])

    @property
    def discreteness_before_projection(self) -> float | None:
        """How grey the filtered design is that a projected task projects; None for other tasks."""
        task = self.task
        if not self.design or not task.projected:
            return None
        from preimage.structures.physics import filtered

        return _greyness(filtered(task, self.design["design"])[task.mask])

    @property
    def member_width(self) -> float | None:
        """How wide the thinnest member of a projected structure is, measured in elements; None for others."""
        width = self.statistics.get("member_width")
        return None if width is None else float(width)

    @property
    def keeps_width(self) -> bool:
        """Whether every member is as wide as the task asks for."""
        return self.member_width is None or self.member_width >= self.task.member_width

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of `Result.to_dict`, with volume, discreteness and width of members."""
        return Result.to_dict(self) | {
            "volume": self.volume,
            "discreteness": self.discreteness,
            "discreteness_before_projection": self.discreteness_before_projection,
            "member_width": self.member_width,
        }

    def check(self, evaluate: Callable[[Result], Evaluation] | None = None) -> Report:
        """Verify again what the result promises: solve for the displacements, and prove the bound from its witness.

        Raises
        ------
        BrokenCertificate
            If anything does not hold; the message says what.
        """
        from preimage.results.check import insist
        from preimage.structures.check import inspect

        return insist(inspect(self))

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the search and the structure; write the picture to ``path`` (``.png``, ``.svg``, ``.pdf``) if given."""
        from preimage.results.pictures import write
        from preimage.structures.pictures import plot_structure

        figure = plot_structure(self)
        if path is not None:
            write(figure, path)
        return figure

    def export(self, path: str | Path) -> Path:
        """Write the structure in the format that the suffix of the path names.

        ``.png`` is the density alone, ``.svg`` its outline, ``.stl`` the outline made thick, ``.npz`` all arrays, and
        ``.gif`` or ``.mp4`` the animation.

        Raises
        ------
        NoDesignError
            If there is no design.
        ResultFileError
            If the suffix is another one, or the file cannot be written.
        """
        from preimage.structures.exports import write

        return write(self, path)

    def animation(self, path: str | Path) -> Path:
        """Write how the structure formed, as a ``.gif``, or as an ``.mp4`` where the program ffmpeg is there.

        Raises
        ------
        AnimationError
            If an ``.mp4`` cannot be written here.
        NoDesignError, ResultFileError
            As in `export`.
        """
        from preimage.structures.exports import ANIMATIONS, write

        return write(self, path, ANIMATIONS)

    def plot_energy(self, path: str | Path | None = None) -> Figure:
        """Draw how much strain energy each element holds; write the picture to ``path`` if given."""
        from preimage.results.pictures import write
        from preimage.structures.pictures import plot_energy

        figure = plot_energy(self)
        if path is not None:
            write(figure, path)
        return figure


def _greyness(density: Array) -> float:
    return float(4.0 * np.mean(density * (1.0 - density)))


def plain_fields(task: Task) -> dict[str, Any]:
    """Return what a task holds besides its arrays."""
    names = (
        "name",
        "width",
        "height",
        "volume",
        "mirror_x",
        "mirror_y",
        "filter_radius",
        "volume_of",
        "projected",
        "member_width",
    )
    return {name: getattr(task, name) for name in names}


def arrays_of(task: Task) -> dict[str, Array]:
    """Return the arrays of a task by name."""
    return {name: getattr(task, name) for name in OF_TASK}
