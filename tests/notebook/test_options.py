import argparse

import pytest

from preimage.notebook.options import count, engines, fraction, seconds


@pytest.mark.parametrize(
    ("text", "value"), [("60", 60), ("60s", 60), ("2 min", 120), ("2min", 120), ("1.5h", 5400), ("1e2 s", 100)]
)
def test_times(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(("text", "value"), [("1%", 0.01), ("0.01", 0.01), ("0.01 %", 1e-4), ("1e-3", 1e-3)])
def test_gaps(text: str, value: float) -> None:
    assert fraction(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "fast", "60 parsecs", "-3s", "0", "1..2", "nan", "inf", "5%"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a"):
        seconds(text)


@pytest.mark.parametrize("text", ["", "tight", "1 s", "-1%", "0"])
def test_what_is_no_gap(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a"):
        fraction(text)


def test_engines_and_counts() -> None:
    assert engines("branch") == ("branch",)
    assert engines("branch, milp") == ("branch", "milp")
    assert count("4") == 4
    with pytest.raises(argparse.ArgumentTypeError, match="no engine 'simplex'; there are branch"):
        engines("milp,simplex")
    for text in ("0", "-1", "2.5", "many"):
        with pytest.raises(argparse.ArgumentTypeError, match="is not a positive whole number"):
            count(text)
