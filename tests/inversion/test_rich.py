"""More of the language against brute force: targets, selections, products, logic, quantifiers, sweeps."""

from __future__ import annotations

import pytest
from inversion.rich_problems import RichMaker
from inversion.trial import check_all

CHUNK = 10


def check(seed: int) -> None:
    check_all(lambda row: RichMaker(seed, sweep_row=row).problem(), f"seed {seed}")


@pytest.mark.parametrize("chunk", range(4))
def test_rich_problems(chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(4, 34))
def test_many_rich_problems(chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        check(seed)
