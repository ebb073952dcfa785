"""What several test files share: a store, a warm engine, a server, compiled programs."""

import os
from functools import cache

import hypothesis
import pytest

from core import Engine, RunConfig, Store
from core.places import KERAS_HOME
from tests.article import ARTICLE
from tests.browser import chromium
from tests.browser.server import Server
from tests.scopes import LONG_SCOPES, scope_of
from tests.scripts import Chromium, Node
from tests.siamese import weighted
from tests.waiting import train_to, until

# As the engine sets them for its worker: TensorFlow is quiet, Keras writes nothing outside.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("KERAS_HOME", str(KERAS_HOME))

# A slow machine is no fault of what is tested.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the longest scopes first; within one, tests stay as they are written."""
    places = {scope: place for place, scope in enumerate(LONG_SCOPES)}
    items.sort(key=lambda item: places.get(scope_of(item.nodeid), len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Scopes go to whichever process has time, in the order in which they were collected."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return scope_of(nodeid)

    config.option.loadscopereorder = False  # by the number of tests, which says nothing of seconds
    return Scheduling(config, log)


@pytest.fixture
def store(tmp_path):
    """A store that begins empty."""
    store = Store(tmp_path / "runs.sqlite")
    yield store
    store.close()


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """One engine for all tests that neither kill it nor close it."""
    with Engine(tmp_path_factory.mktemp("engine") / "runs.sqlite") as engine:
        yield engine


@pytest.fixture(scope="session")
def race(engine):
    """A race that has ended. Lane 1 was steered, lane 2 forked from it, all slowed down."""
    engine.wait_until_ready()
    config = RunConfig(steps=110, batch_size=128, eval_every=40, seed=7, steps_per_second=1)
    run = engine.start(config, [ARTICLE, weighted(bin_out=2)])
    engine.pause(run)
    until(lambda: engine.store.run(run).state == "paused")
    engine.set_live(run, steps_per_second=0)

    train_to(engine, run, 30)
    engine.set_loss_weights(run, weighted(ctg_out_1=0.2, bin_out=1.5), lane=1)
    train_to(engine, run, 60)
    engine.fork(run, weighted(bin_out=0), lane=1)
    engine.set_live(run, learning_rate=0.02)
    train_to(engine, run, 70)
    engine.set_live(run, momentum=0.5)
    engine.resume(run)
    assert engine.wait(run, 60).state == "finished"
    return run


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests over HTTP; its worker may have loaded TensorFlow already."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def engine_of_server(server):
    """An engine that writes into the server's file, as a script beside the page would."""
    with Engine(server.store) as engine:
        yield engine


@pytest.fixture(scope="module")
def trainer(engine_of_server):
    """The same; what a file has left in training is stopped after it."""
    yield engine_of_server
    for run in engine_of_server.store.runs(engine_of_server.owner):
        if not run.state.is_finished:
            engine_of_server.stop(run.id)
            engine_of_server.wait(run.id, 30)


@pytest.fixture(scope="session")
def program_of():
    """The compiled training of some fixed settings, made once for all tests."""
    from core.problems.build import problem_of
    from core.training.program import Program

    @cache
    def program_of(**fixed_settings):
        config = RunConfig(**fixed_settings)
        return Program(problem_of(config), config)

    return program_of


@pytest.fixture(scope="session")
def playwright():
    """Drives browsers; there can be one in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chrome(playwright, server, tmp_path_factory):
    """The Chromium of the machine, which keeps what it has loaded, as a person's does."""
    chrome = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("chromium"),
        base_url=server.url,
        executable_path=chromium.needed(),
        args=chromium.OPTIONS,
    )
    yield chrome
    chrome.close()


@pytest.fixture(scope="session")
def _scripts(request):
    scripts = Node.found() or Chromium(request.getfixturevalue("chrome"))
    yield scripts
    scripts.close()


@pytest.fixture
def script(_scripts):
    """Gives for names of modules, each with its path, a call of expressions of them and `given`."""

    def script(**modules):
        return lambda expression, **given: _scripts.call(modules, expression, given)

    return script
