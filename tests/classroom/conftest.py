"""One hub for all tests of the class."""

import pytest

from tests.browser.lab import browser
from tests.classroom.hub import Hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    """A running hub with its class service."""
    running = Hub(tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium."""
    with browser() as running:
        yield running
