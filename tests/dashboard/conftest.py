"""What the tests of the pages' scripts share: one engine, as the server would have started it."""

import sys

import pytest
from streamlit.runtime.context import ContextProxy

from core import Engine, RunState
from dashboard import service


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The engine behind the pages of all files, since each takes seconds to start."""
    with Engine(tmp_path_factory.mktemp("pages") / "runs.sqlite") as engine:
        yield engine


@pytest.fixture(scope="module")
def page_engine(served):
    """The engine of the page; its store is empty before and after the tests of a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_STORE", str(served.store.path))
        # Streamlit's harness has made up cookies. A room where all may do everything needs none.
        patch.setattr(ContextProxy, "cookies", {})
        patch.setenv("EXPLORER_OPEN", "1")
        patch.setattr(service, "_engine", served)
        # After each script run Streamlit clears Keras, if it is loaded: never in a server, but
        # maybe here, by another test.
        patch.delitem(sys.modules, "keras", raising=False)
        yield served
    store = served.store
    for run in store.runs(served.owner):
        if not run.is_finished:
            served.stop(run.id)
            served.wait(run.id, 60)
    for run in store.runs():
        store.set_state(run.id, RunState.STOPPED)  # those that a test has made up
    store.delete([run.id for run in store.runs()], served.owner)
    for owner in store.deleters():
        store.purge(owner)


@pytest.fixture(scope="module")
def page_store(page_engine):
    """The store of the page."""
    return page_engine.store
