"""`Sweep`: the answers of one problem for many targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from preimage.results.result import Result
from preimage.results.words import summary

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from preimage.results.check import Evaluation, Report


class Sweep(Sequence[Result]):
    """The results of a sweep: one a row of the target, in order; read-only.

    Parameters
    ----------
    results
        One result a row.
    """

    __slots__ = ("_results",)

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = tuple(results)

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> Sweep: ...
    def __getitem__(self, index: int | slice) -> Result | Sweep:
        return Sweep(self._results[index]) if isinstance(index, slice) else self._results[index]

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    def __eq__(self, other: object) -> bool:
        return self._results == other._results if isinstance(other, Sweep) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise TypeError("a sweep is neither true nor false: ask sweep.success, or len(sweep)")

    def __repr__(self) -> str:
        return f"<Sweep of {len(self)}: {self.summary}>"

    @property
    def names(self) -> tuple[str, ...]:
        """What the targets are called: by the problem's `names`, or their numbers from 0."""
        return tuple(str(result.provenance.get("target", k)) for k, result in enumerate(self))

    @property
    def summary(self) -> str:
        """How many results there are of each status: ``22 optimal, 2 feasible``."""
        return summary([result.status for result in self])

    @property
    def success(self) -> bool:
        """Whether every row has a design that is optimal to the gap asked for."""
        return all(result.success for result in self)

    @property
    def seconds(self) -> float:
        """Wall time of the searches, added up."""
        return sum(result.seconds for result in self)

    @property
    def message(self) -> str:
        """What was found, in one sentence."""
        return f"{len(self)} targets: {self.summary}."

    def raise_for_status(self) -> Sweep:
        """Return this sweep if every row has a design that holds.

        Raises
        ------
        NoDesignError
            For the first row without one.
        """
        for result in self:
            result.raise_for_status()
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"results": [...]}``: one object of `Result.to_dict` a row."""
        return {"results": [result.to_dict() for result in self]}

    def to_pandas(self) -> pandas.DataFrame:
        """Return a table of the answers, a row a target: ``status``, ``objective``, ``bound``, ``gap``, ``seconds``."""
        from preimage.results.tables import sweep_table

        return sweep_table(self)

    def save(self, path: str | Path) -> Path:
        """Write the sweep to one file, in one step (see `Result.save`)."""
        from preimage.results.archive import save

        return save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Sweep:
        """Return the sweep that `save` wrote (see `Result.load`)."""
        from preimage.results.archive import load_as

        return load_as(cls, path)

    def check(self, evaluate: Callable[[Result], Evaluation] | None = None) -> tuple[Report, ...]:
        """Verify every row again (see `Result.check`)."""
        return tuple(result.check(evaluate) for result in self)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw every row's objective and proved bound, and the rows that came out best, median and worst."""
        from preimage.results.pictures import plot_sweep, write

        figure = plot_sweep(self)
        if path is not None:
            write(figure, path)
        return figure

    def _repr_html_(self) -> str:
        from preimage.results.card import sweep_card

        return sweep_card(self)
