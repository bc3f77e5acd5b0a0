import argparse

import pytest

from preimage.language.options import seconds
from preimage.notebook.options import count, typed


def test_counts() -> None:
    assert count("4") == 4
    for text in ("0", "-1", "2.5", "many"):
        with pytest.raises(ValueError, match="is not a positive whole number"):
            count(text)


def test_what_is_typed_wrongly_is_told() -> None:
    assert typed(seconds)("2 min") == 120
    with pytest.raises(argparse.ArgumentTypeError, match="'fast' is not a time; write 60s, 2min or 1h"):
        typed(seconds)("fast")
