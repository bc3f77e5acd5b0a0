"""Options are spelled as in a `solve` line."""

import pytest

from preimage.language.options import engines, fraction, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60", 60),
        ("60s", 60),
        ("2 min", 120),
        ("2min", 120),
        ("1.5h", 5400),
        ("1e2 s", 100),
        (".5", 0.5),
        ("2 MIN", 120),
    ],
)
def test_times(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(("text", "value"), [("1%", 0.01), ("0.01", 0.01), ("0.01 %", 1e-4), ("1e-3", 1e-3)])
def test_gaps(text: str, value: float) -> None:
    assert fraction(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "fast", "60 parsecs", "-3s", "0", "1..2", "nan", "inf", "1e999", "5%"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        seconds(text)


@pytest.mark.parametrize("text", ["", "tight", "1 s", "-1%", "0"])
def test_what_is_no_gap(text: str) -> None:
    with pytest.raises(ValueError, match="is not a gap"):
        fraction(text)


def test_engines() -> None:
    assert engines("branch") == ("branch",)
    assert engines("branch, milp") == ("branch", "milp")
    with pytest.raises(ValueError, match="no engine 'simplex'; there are branch"):
        engines("milp,simplex")


def test_ways_of_milp() -> None:
    assert engines("branch, milp with highs") == ("branch", "milp with highs")
    assert engines("milp  with plain and  highs") == ("milp with highs and plain",)
    with pytest.raises(ValueError, match="no milp with 'gurobi'; there is milp with highs"):
        engines("milp with gurobi")
    with pytest.raises(ValueError, match="sos1 and highs do not go together: HiGHS knows no special ordered sets"):
        engines("milp with sos1 and highs")
    with pytest.raises(ValueError, match="only milp can be had with plain, not branch"):
        engines("branch with plain")
