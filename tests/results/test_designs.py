"""Several designs and their worst cases: in words, as tables, in pictures, and checked again."""

import dataclasses
from pathlib import Path

import pytest
from results.samples import four_inks, robust_designs

from preimage import BrokenCertificate
from preimage.results import Candidate, Result
from preimage.results.candidates import ranking
from preimage.results.card import result_card
from preimage.results.designs import designs_in_words, designs_table, worst_in_words


def changed(place: int, **changes: object) -> Result:
    """The sample with another first worst case of one design."""
    result = robust_designs()
    candidate = result.designs[place]
    first, *others = candidate.worst_cases
    cases = (dataclasses.replace(first, **changes), *others)  # type: ignore[arg-type]
    designs = [*result.designs]
    designs[place] = dataclasses.replace(candidate, worst_cases=cases)
    return dataclasses.replace(result, designs=tuple(designs))


def test_the_most_robust_design_comes_first() -> None:
    assert ranking(robust_designs().designs) == [1, 0, 2]
    assert ranking(changed(1, bound=None).designs) == [0, 2, 1]
    fewer_is_worse = changed(0, sense="minimise", bound=0.9)
    assert ranking(fewer_is_worse.designs)[0] == 0


def test_the_table() -> None:
    head, rows = designs_table(robust_designs())
    assert head == ("design", "objective", "within 0.01", "drift of y within 0.01", "values")
    assert [row[:4] for row in rows] == [
        ("2", "0.50200", "0.53001", "–"),
        ("1", "0.50000", "0.60001", "–"),
        ("3", "0.50500", "0.70001", "–"),
    ]


def test_words() -> None:
    objective, drift = robust_designs().worst_cases
    said = "it gets no worse than 0.60001 (proved; 0.60000 found, 0.50000 as it stands)"
    assert worst_in_words(objective) == said
    assert worst_in_words(drift) == "nothing is proved; 0.10000 found"
    open_ = dataclasses.replace(objective, status="feasible", bound=0.7, gap=1.0)
    assert "100 % of the loss is open" in worst_in_words(open_)
    assert designs_in_words(robust_designs()) == (
        "3 of the 4 designs within 2 % of the best that were asked for: no other is apart from these (proved)"
    )
    assert designs_in_words(four_inks()) == ""


def test_the_card_shows_the_table() -> None:
    card = result_card(robust_designs())
    assert "no other is apart from these" in card
    assert card.index(">0.53001<") < card.index(">0.60001<")
    assert "<th" not in result_card(four_inks())


@pytest.mark.parametrize("result", [robust_designs(), four_inks(), changed(0, bound=None)])
def test_pictures(tmp_path: Path, result: Result) -> None:
    figure = result.plot_designs(tmp_path / "designs.png")
    assert (tmp_path / "designs.png").read_bytes().startswith(b"\x89PNG")
    statements = [case.statement for case in result.worst_cases]
    assert [title for axes in figure.axes if (title := axes.get_title(loc="left"))] == statements


BROKEN = {
    "a worst case beyond its bound": (changed(1, worst=0.6), "robust within 0.01, design 2"),
    "a worst case better than the design": (changed(0, nominal=0.65), "robust within 0.01, design 1"),
    "a gap from nowhere": (changed(2, gap=0.5), "its gap does not fit"),
    "another first design": (
        dataclasses.replace(robust_designs(), designs=robust_designs().designs[1:]),
        "the first one is the answer",
    ),
    "designs out of order": (
        dataclasses.replace(
            robust_designs(), designs=(*robust_designs().designs, Candidate(design={"x": [0, 0]}, objective=0.4))
        ),
        "the best first",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_hold_is_told(name: str) -> None:
    result, said = BROKEN[name]
    with pytest.raises(BrokenCertificate, match=said):
        result.check()
