"""`Result`: one answer, with its certificate."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from preimage.engines.boxes import Boxes
from preimage.engines.search import TraceRow
from preimage.language.problem import Sense
from preimage.results.candidates import Candidate, WorstCase
from preimage.results.errors import NoDesignError
from preimage.results.numbers import number, percent
from preimage.results.plain import Array, Record, finite, freeze, read_only_arrays, thaw
from preimage.results.words import sentence, solver_of

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from preimage.results.check import Evaluation, Report

Status = Literal["optimal", "feasible", "no design found", "infeasible", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Result(Record):
    """An answer: a design by the problem's own names, what it gives, and what is proved of it.

    Everything in it is read-only. ``result["inks"]`` is an array of the design, of the predictions or of the targets.
    It has no truth value: ask for `status` or `success`.

    Attributes
    ----------
    status
        ``optimal`` (the gap asked for is reached), ``feasible`` (a design, and a limit was hit), ``no design found``,
        ``infeasible`` (proved, or the word of a `solver`) or ``interrupted``.
    objective
        What the source networks give on the design, in float64; None without a design or without an objective.
    bound
        No design is better than this: proved, or the word of a `solver`. None if nothing was proved.
    gap
        ``|objective - bound| / max(|objective|, 1e-9)``, or None.
    design
        Inputs by name; ``per target`` inputs have a leading axis over the targets.
    predictions
        Values by `let` name (and of the expressions that a target is compared with), on the design.
    targets
        The target rows that were solved, by name.
    labels
        Names of the entries of an input, or of the rows of a target, by its name.
    limits
        The bounds of an input by name, shape ``(2, ...)``: lower, upper.
    trace
        Every improvement of the search.
    boxes
        The tree of boxes, where two values were chosen in one; else None.
    statistics
        Sizes of the model (``variables``, ``binaries``, ``rows``, ``nonzeros``), ``layers`` with their stable and
        unstable neurons, ``nodes`` by engine.
    provenance
        The problem's ``text`` and ``file``, ``bindings`` with digests, ``versions``, ``seed``, ``threads``, ``gap``,
        ``engines``, and the source of the bound, ``bound_by``.
    clashes
        For an infeasible problem: (line, statement) of statements that cannot hold together.
    sense
        ``minimise`` or ``maximise``.
    seconds
        Wall time of the search.
    designs
        What `solve for 5 designs` asked for, the best first, and what `robust` asked of each; the first is `design`.
    """

    array_fields: ClassVar[tuple[str, ...]] = ("design", "predictions", "targets", "limits")
    """The fields that hold arrays by name."""

    status: Status
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    design: Mapping[str, Array] = field(default_factory=dict)
    predictions: Mapping[str, Array] = field(default_factory=dict)
    targets: Mapping[str, Array] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[str, Array] = field(default_factory=dict)
    trace: tuple[TraceRow, ...] = ()
    boxes: Boxes | None = None
    statistics: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    clashes: tuple[tuple[int, str], ...] = ()
    sense: Sense = "minimise"
    seconds: float = 0.0
    designs: tuple[Candidate, ...] = ()

    def __post_init__(self) -> None:
        for name in ("objective", "bound", "gap"):
            object.__setattr__(self, name, finite(getattr(self, name)))
        for name in Result.array_fields:
            object.__setattr__(self, name, read_only_arrays(getattr(self, name)))
        for name in ("labels", "statistics", "provenance"):
            object.__setattr__(self, name, freeze(getattr(self, name)))
        rows = tuple(
            TraceRow(float(r.seconds), finite(r.incumbent), finite(r.bound), str(r.source)) for r in self.trace
        )
        object.__setattr__(self, "trace", rows)
        object.__setattr__(self, "clashes", tuple((int(line), str(text)) for line, text in self.clashes))
        object.__setattr__(self, "seconds", float(self.seconds))
        object.__setattr__(self, "designs", tuple(self.designs))

    # Reading

    def __getitem__(self, name: str) -> Array:
        for arrays in (self.design, self.predictions, self.targets):
            if name in arrays:
                return arrays[name]
        known = [*self.design, *self.predictions, *self.targets]
        if not self.design:
            raise KeyError(f"{name!r}: there is no design ({self.status})")
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, known))}"
        raise KeyError(f"{name!r} is not in this result; {hint}")

    def __bool__(self) -> bool:
        raise TypeError("a result is neither true nor false: ask result.success, or compare result.status")

    def __repr__(self) -> str:
        if not self.design:
            return f"<Result {self.status}>"
        shapes = ", ".join(f"{name}{list(array.shape) or ''}" for name, array in self.design.items())
        value = "" if self.objective is None else f" {number(self.objective)}, gap {percent(self.gap)},"
        return f"<Result {self.status}:{value} {shapes}>"

    @property
    def text(self) -> str:
        """The problem's text."""
        return str(self.provenance.get("text", ""))

    @property
    def x(self) -> NDArray[np.float64]:
        """The design as one flat vector, input after input (as in SciPy); empty without a design."""
        parts = [np.asarray(array, dtype=np.float64).ravel() for array in self.design.values()]
        flat = np.concatenate(parts) if parts else np.empty(0)
        flat.setflags(write=False)
        return flat

    @property
    def solver(self) -> str | None:
        """The solver whose word `bound` is, or that no design holds: right up to its tolerances. None if proved."""
        return solver_of(self)

    @property
    def worst_cases(self) -> tuple[WorstCase, ...]:
        """How bad the design gets where it is a little off: one for each `robust` statement."""
        return self.designs[0].worst_cases if self.designs else ()

    @property
    def fun(self) -> float | None:
        """The objective (as in SciPy)."""
        return self.objective

    @property
    def success(self) -> bool:
        """Whether there is a design that holds and is optimal to the gap asked for (as in SciPy)."""
        return self.status == "optimal" and bool(self.design)

    @property
    def message(self) -> str:
        """What was found and how good it is, in one sentence; in another one, what would have taken too long."""
        outlook = self.provenance.get("outlook")
        return f"{sentence(self)} To expect: {outlook}." if outlook else sentence(self)

    def raise_for_status(self) -> Result:
        """Return this result if it has a design that holds.

        Raises
        ------
        NoDesignError
            If the problem is infeasible, or no design was found in time.
        """
        if not self.design:
            raise NoDesignError(self.status, self.message)
        return self

    # Giving on

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``preimage solve --format json`` prints: plain data, every number finite."""
        trace = [
            {"time": row.seconds, "incumbent": row.incumbent, "bound": row.bound, "source": row.source}
            for row in self.trace
        ]
        return {
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "design": thaw(self.design),
            "predictions": thaw(self.predictions),
            "targets": thaw(self.targets),
            "labels": thaw(self.labels),
            "limits": thaw(self.limits),
            "trace": trace,
            "seconds": finite(self.seconds),
            "sense": self.sense,
            "message": self.message,
            "designs": [candidate.to_dict() for candidate in self.designs],
            "clashes": [{"line": line, "statement": statement} for line, statement in self.clashes],
            "statistics": thaw(self.statistics),
            "provenance": thaw(self.provenance),
        }

    def to_pandas(self) -> pandas.DataFrame:
        """Return the trace as a table: ``time``, ``incumbent``, ``bound``, ``gap``, ``source``."""
        from preimage.results.tables import trace_table

        return trace_table(self)

    def save(self, path: str | Path) -> Path:
        """Write the result to one file, in one step: the file is there whole, or not at all.

        Raises
        ------
        ResultFileError
            If the file cannot be written.
        """
        from preimage.results.archive import save

        return save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Result:
        """Return the result that `save` wrote.

        Raises
        ------
        ResultFileError
            If the file cannot be read, is not a result, is damaged, altered, or newer than this version.
        """
        from preimage.results.archive import load_as

        return load_as(cls, path)

    def check(self, evaluate: Callable[[Result], Evaluation] | None = None) -> Report:
        """Verify again what the result promises.

        Parameters
        ----------
        evaluate
            Runs the source networks on the design: ``preimage.inversion.Verifier(**bindings)``.
            Without it only what stands in the result is verified.

        Raises
        ------
        BrokenCertificate
            If anything does not hold; the message says what.
        """
        from preimage.results.check import check

        return check(self, evaluate)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the search and the answer; write the picture to ``path`` (``.png``, ``.svg``, ``.pdf``) if given."""
        from preimage.results.pictures import plot_result, write

        figure = plot_result(self)
        if path is not None:
            write(figure, path)
        return figure

    def plot_designs(self, path: str | Path | None = None) -> Figure:
        """Draw the designs beside one another, with the proved worst case of each; write it to ``path`` if given."""
        from preimage.results.pictures import plot_designs, write

        figure = plot_designs(self)
        if path is not None:
            write(figure, path)
        return figure

    def _repr_html_(self) -> str:
        from preimage.results.card import result_card

        return result_card(self)
