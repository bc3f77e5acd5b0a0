"""What all tests share: the hypothesis profile and the place of the data that is measured against."""

import os
import signal
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("preimage", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "preimage"))

# What a shell starts in the background ignores Ctrl-C, and so would all that the tests start and interrupt.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What a user has tightened has no say in a test.
os.environ["PREIMAGE_CACHE"] = tempfile.mkdtemp(prefix="preimage-cache-")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of published networks and tasks; skips where it is missing."""
    folder = Path(os.environ.get("PREIMAGE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data to measure against: set PREIMAGE_DATA ({folder} is missing)")
    return folder
