"""One hub for all tests of the class."""

import pytest

from tests.classroom.hub import Hub


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    """A running hub with its class service."""
    running = Hub(tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()
