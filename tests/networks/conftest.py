"""What the tests of networks share."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _quiet_torch():
    """Keep torch from tracing its compiler into the log that pytest captures: it makes exports three times slower."""
    logger = logging.getLogger("torch.__trace")
    before, logger.disabled = logger.disabled, True
    yield
    logger.disabled = before
