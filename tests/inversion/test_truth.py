"""Random small problems against brute force: no bound above the truth, no design that fails, the optimum found."""

from __future__ import annotations

import pytest
from inversion.random_problems import Maker
from inversion.trial import check

CHUNK = 10


def check_chunk(chunk: int) -> None:
    for seed in range(CHUNK * chunk, CHUNK * (chunk + 1)):
        check(Maker(seed).problem(), f"seed {seed}")


@pytest.mark.parametrize("chunk", range(6))
def test_random_problems(chunk: int) -> None:
    check_chunk(chunk)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(6, 56))
def test_many_random_problems(chunk: int) -> None:
    check_chunk(chunk)
