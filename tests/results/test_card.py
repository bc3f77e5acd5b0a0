import dataclasses
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from results.samples import EVERY, four_inks, infeasible, sweep
from results.strategies import results

from preimage.results import Result, Sweep
from preimage.results.card import gap_svg


def parsed(html: str) -> ElementTree.Element:
    """The card as a tree; it raises if a tag is left open."""
    return ElementTree.fromstring(html)


@pytest.mark.parametrize("make", EVERY)
def test_cards_are_well_formed_and_say_the_message(make: object) -> None:
    answer = make()  # type: ignore[operator]
    words = "".join(parsed(answer._repr_html_()).itertext())
    assert (answer.summary if isinstance(answer, Sweep) else answer.message) in words


@given(results)
def test_whatever_stands_in_a_result_is_escaped(result: Result) -> None:
    card = result._repr_html_()
    named = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", card)
    parsed(named)


def test_a_hostile_name_is_only_text() -> None:
    nasty = "<script>alert('x')</script>"
    result = dataclasses.replace(
        four_inks(),
        design={nasty: [1.0]},
        provenance={"text": nasty},
        statistics={nasty: 3},
        status="infeasible",
        clashes=((1, nasty),),
    )
    card = result._repr_html_()
    assert "<script" not in card
    assert card.count("&lt;script&gt;") >= 4


def test_nothing_is_loaded_and_no_colour_of_the_page_is_assumed() -> None:
    card = four_inks()._repr_html_() + sweep()._repr_html_()
    assert "http" not in card
    assert "<link" not in card
    assert not re.search(r"(?<!border-)(?<!-)\bcolor:", card)
    assert "currentColor" in card


def test_the_facts_stand_in_the_card() -> None:
    words = "\n".join(parsed(four_inks()._repr_html_()).itertext())
    for fact in (
        "0.7427700",
        "0.7427000",
        "0.0095 %",
        "cyan 0.1200",
        "magenta 0",
        "97 open",
        "412",
        "select 2 of inks",
    ):
        assert fact in words
    assert "require stretch[0] - stretch[1] >= 0.38" in "\n".join(parsed(infeasible()._repr_html_()).itertext())


def test_the_picture_falls_and_rises() -> None:
    picture = parsed(gap_svg(four_inks()))
    bound, best = (
        [float(point.split(",")[1]) for point in line.attrib["points"].split()] for line in picture.iter("polyline")
    )
    assert best == sorted(best)  # down the page
    assert bound == sorted(bound, reverse=True)
    assert best[-1] == pytest.approx(bound[-1], abs=0.2)
    assert gap_svg(infeasible()) == ""


def test_long_sweeps_are_cut() -> None:
    many = Sweep([four_inks()] * 60)
    assert "and 10 more" in many._repr_html_()
    assert many._repr_html_().count("<tr>") == 51
