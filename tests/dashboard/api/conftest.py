"""What the tests of all routes share: a client of the server, and what the server has recorded."""

import httpx
import pytest

from core import Store
from tests.browser.server import OF_A_PAGE


@pytest.fixture(scope="session")
def client(server):
    """Asks the server over real HTTP."""
    with httpx.Client(
        base_url=server.url, headers=OF_A_PAGE, trust_env=False, timeout=120
    ) as client:
        yield client


@pytest.fixture(scope="session")
def recorded(server):
    """What is in the server's file, read past the server."""
    store = Store(server.store)
    yield store
    store.close()
