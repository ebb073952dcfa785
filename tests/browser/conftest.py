"""A page of its own for each browser test."""

from contextlib import suppress

import pytest
from playwright.sync_api import expect

from core import Store
from tests.browser.complaints import complaints_of
from tests.browser.mapper import Mapper
from tests.browser.widgets import WAIT, button

expect.set_options(timeout=WAIT)


@pytest.fixture
def store(server):
    """What the server has recorded."""
    store = Store(server.store)
    yield store
    store.close()


@pytest.fixture(scope="session")
def new_tab(chrome):
    """Opens a tab of a size, in light or dark; whoever opens it closes it."""

    def new_tab(width=1400, height=1000, scheme="light"):
        tab = chrome.new_page()
        # What Streamlit keeps of an earlier tab, such as its sidebar.
        tab.add_init_script("window.name || localStorage.clear(); window.name = 'ours'")
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=scheme)
        tab.set_default_timeout(WAIT)
        return tab

    return new_tab


@pytest.fixture
def page(new_tab):
    """A page that must not log an error, opened at nothing yet; its run is stopped afterwards."""
    page = new_tab()
    complaints = complaints_of(page)
    yield page
    # Not as a person clicks: a run that has just ended by itself would be waited for.
    button(page, "Stop").evaluate_all("all => all.forEach((button) => button.click())")
    # Or else the click may be lost with the page, and the run goes on under all other tests.
    for stop in button(page, "Stop").all():
        with suppress(AssertionError):
            expect(stop).to_be_disabled(timeout=5000)
    page.close()
    assert complaints == []


@pytest.fixture
def mapper(page):
    """The page Map in that tab, opened at nothing yet; its map is cancelled afterwards."""
    mapper = Mapper(page)
    yield mapper
    mapper.cancel()
