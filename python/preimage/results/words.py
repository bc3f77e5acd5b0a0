"""What an answer says, in a sentence: the same words in the terminal, in the notebook and in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from preimage.engines.search import ABSOLUTE_GAP, relative_gap
from preimage.language.problem import Sense
from preimage.results.numbers import NOISE, duration, number, percent
from preimage.results.plain import Array


class Answer(Protocol):
    """What a sentence needs to know."""

    @property
    def status(self) -> str:
        """As in `Result.status`."""

    @property
    def objective(self) -> float | None:
        """As in `Result.objective`."""

    @property
    def bound(self) -> float | None:
        """As in `Result.bound`."""

    @property
    def gap(self) -> float | None:
        """As in `Result.gap`."""

    @property
    def seconds(self) -> float:
        """As in `Result.seconds`."""

    @property
    def sense(self) -> Sense:
        """As in `Result.sense`."""

    @property
    def design(self) -> Mapping[str, Array]:
        """As in `Result.design`."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """As in `Result.provenance`."""

    @property
    def clashes(self) -> tuple[tuple[int, str], ...]:
        """As in `Result.clashes`."""


def proved(bound: float | None, sense: Sense, digits: int = 5) -> str:
    """Return a proved bound in digits that are proved too."""
    return number(bound, digits, "down" if sense == "minimise" else "up")


def solver_of(answer: Answer) -> str | None:
    """Return the solver whose word the bound is, or that no design holds; None where that is proved."""
    _, _, solver = str(answer.provenance.get("bound_by", "")).partition(", by ")
    return solver or None


def warrant(answer: Answer) -> str:
    """Return what stands behind a bound: ``proved``, or ``by SCIP's word``."""
    solver = solver_of(answer)
    return f"by {solver}'s word" if solver else "proved"


def distance(objective: float | None, bound: float | None) -> str:
    """Return the gap in percent, or ``< 1e-6`` where the two are so close to zero that a ratio says nothing."""
    gap = relative_gap(objective, bound)
    if gap is not None and gap > 0.01 and abs((objective or 0.0) - (bound or 0.0)) <= ABSOLUTE_GAP:
        return "< 1e-6"
    return percent(gap)


def closeness(objective: float | None, bound: float | None) -> str:
    """Return how well an optimum is proved: ``to 0.01 %``, ``to within 1e-6``, or nothing where it is exact."""
    gap = relative_gap(objective, bound)
    if gap is None or gap <= NOISE:
        return ""
    return f" to {distance(objective, bound).replace('< ', 'within ')}"


def headline(answer: Answer) -> str:
    """Return the status in a few words, for the top of a card or a plot."""
    if answer.status == "optimal":
        if answer.objective is None:
            return "a design that holds"
        return f"optimal{closeness(answer.objective, answer.bound)}"
    if answer.design and of_structure(answer):
        ended = "finished" if finished(answer) else answer.status
        return f"{ended} · compliance {number(answer.objective)}, bound {proved(answer.bound, answer.sense)}"
    if answer.design and answer.gap is not None:
        return f"{answer.status} · gap {distance(answer.objective, answer.bound)}"
    return answer.status


def of_structure(answer: Answer) -> bool:
    """Tell whether an answer is about a structure."""
    return "structure" in answer.provenance


def finished(answer: Answer) -> bool:
    """Tell whether a search about a structure took all the steps that it was to take."""
    return of_structure(answer) and answer.provenance.get("stopped_by") == "exhausted"


def sentence(answer: Answer) -> str:
    """Return what was found and how good it is, in one sentence."""
    limit = proved(answer.bound, answer.sense)
    best = number(answer.objective)
    if answer.status == "infeasible":
        return f"Infeasible: {_clash(answer.clashes)} ({warrant(answer)})."
    if answer.status == "optimal" and answer.objective is None:
        return "A design that holds was found."
    robust = "robust_design" in answer.provenance
    least = f"no design's worst case is better than {limit}" if robust else f"no design does better than {limit}"
    word = f", {warrant(answer)}" if solver_of(answer) else ""
    if answer.status == "optimal":
        return f"Optimal{closeness(answer.objective, answer.bound)}: {least}{word}."
    ended = "Interrupted after" if answer.status == "interrupted" else "Stopped after"
    if not answer.design:
        known = "whether one exists is open"
        if answer.bound is not None:
            known = f"if one exists, it does no better than {limit}{word}"
        return f"{ended} {duration(answer.seconds)} without a design: {known}."
    if answer.objective is None:
        return f"{ended} {duration(answer.seconds)} with a design that holds."
    if answer.bound is None:
        return f"{ended} {duration(answer.seconds)}: the best design gives {best}; no bound was proved."
    return (
        f"{ended} {duration(answer.seconds)}: the best {'worst case is' if robust else 'design gives'} {best}, "
        f"and {least}{word} (gap {distance(answer.objective, answer.bound)})."
    )


def outlook(half_width: float, boxes: float, seconds: float) -> str:
    """Return what to expect of branching over inputs: see `preimage.engines.critical_width`."""
    count = f"{boxes:.0e}".replace("e+0", "e").replace("e+", "e")
    return (
        f"a box's bound says something once its half-width is below {number(half_width, 2)} of the range: "
        f"about {count} boxes come first ({_span(seconds)} of processor time); fix inputs or narrow their ranges"
    )


def summary(statuses: Sequence[str]) -> str:
    """Return how many answers there are of each status, the best first: ``22 optimal, 2 feasible``."""
    order = ("optimal", "feasible", "infeasible", "no design found", "interrupted")
    known = [status for status in order if status in statuses]
    known += sorted(set(statuses) - set(order))
    return ", ".join(f"{statuses.count(status)} {status}" for status in known) or "no results"


def _clash(clashes: tuple[tuple[int, str], ...]) -> str:
    lines = [str(line) for line, _ in clashes]
    if not lines:
        return "no design meets every statement"
    if len(lines) == 1:
        return f"the statement in line {lines[0]} cannot hold"
    return f"the statements in lines {', '.join(lines[:-1])} and {lines[-1]} cannot hold together"


def _span(seconds: float) -> str:
    """Return the order of a time span."""
    for unit, length in (("years", 365 * 86400.0), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 0.9 * length:
            return unit
    return "seconds"
