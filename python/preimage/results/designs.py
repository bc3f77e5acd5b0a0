"""Several designs, and how bad each gets where it is a little off, in words and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preimage.results.candidates import Candidate, WorstCase, ranking
from preimage.results.numbers import number, percent
from preimage.results.values import describe
from preimage.results.words import proved

if TYPE_CHECKING:
    from preimage.results.result import Result

MOST_VALUES = 60
"""Characters of a design in a table."""

Row = tuple[str, ...]


def worst_in_words(case: WorstCase) -> str:
    """Return what one `robust` statement came to: what is proved, and what was found."""
    limit, found = proved(case.bound, case.sense), number(case.worst)
    if case.drift:
        known, rest = f"it moves by no more than {limit}", f"{found} found"
    else:
        known, rest = f"it gets no worse than {limit}", f"{found} found, {number(case.nominal)} as it stands"
    if case.bound is None:
        return f"nothing is proved; {rest}"
    wide = "" if case.status == "optimal" else f"; {percent(case.gap)} of the loss is open"
    return f"{known} (proved; {rest}{wide})"


def designs_in_words(result: Result) -> str:
    """Return how many designs there are of those asked for; nothing for one alone."""
    asked = result.provenance.get("designs")
    if not asked:
        return f"{len(result.designs)} designs" if len(result.designs) > 1 else ""
    found, wanted = len(result.designs), int(asked["wanted"])
    within = f" within {percent(float(asked['share']))} of the best" if result.objective is not None else ""
    if found >= wanted:
        return f"{found} designs{within}, apart from one another"
    why = "no other is apart from these (proved)" if asked.get("all") else "no others were found"
    return f"{found} of the {wanted} designs{within} that were asked for: {why}"


def designs_table(result: Result) -> tuple[Row, list[Row]]:
    """Return the head and the rows of a table of the designs, the best proved worst case first.

    Designs are numbered in the order of their objectives.
    """
    statements = [case.statement for case in result.designs[0].worst_cases] if result.designs else []
    single = len(statements) == 1
    head = ["design", "objective"] if result.objective is not None else ["design"]
    for statement in statements:
        head += ["worst", "proved"] if single else [statement.removeprefix("robust ")]
    rows = [_row(result, place, len(statements)) for place in ranking(result.designs)]
    return (*head, "values"), rows


def _row(result: Result, place: int, statements: int) -> Row:
    candidate = result.designs[place]
    cells = [str(place + 1)]
    if result.objective is not None:
        cells.append(number(candidate.objective))
    for k in range(statements):
        case = candidate.worst_cases[k] if k < len(candidate.worst_cases) else None
        limit = "–" if case is None else proved(case.bound, case.sense)
        cells += ["–" if case is None else number(case.worst), limit] if statements == 1 else [limit]
    return (*cells, _values(result, candidate))


def _values(result: Result, candidate: Candidate) -> str:
    parts = {name: describe(array, result.labels.get(name, ())) for name, array in candidate.design.items()}
    text = " · ".join(f"{name}: {value}" if len(parts) > 1 else value for name, value in parts.items())
    return text if len(text) <= MOST_VALUES else f"{text[: MOST_VALUES - 2]} …"
