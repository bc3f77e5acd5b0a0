"""Every test has a cache of its own."""

from pathlib import Path

import pytest

from preimage.bounds import cache


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    cache._memory.clear()
    return tmp_path / "cache"
