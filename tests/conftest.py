"""What several test files share: a store, a warm engine, a server, compiled programs."""

import os
from functools import cache

import hypothesis
import pytest

from core import Engine, LossWeights, RunConfig, Store
from core.engine import PROJECT
from tests.browser.server import Server

# As the engine sets them for its worker: TensorFlow is quiet, Keras writes nothing outside.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("KERAS_HOME", str(PROJECT / ".runs" / "keras"))

# A slow machine is no fault of what is tested.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

ARTICLE = LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=0.5)


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
def server(tmp_path_factory):
    """One server for all tests over HTTP; its worker may have loaded TensorFlow already."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def program_of():
    """The compiled training of some fixed settings, made once for all tests."""
    from core.data import dataset_of
    from core.training import Program

    @cache
    def program_of(**fixed_settings):
        config = RunConfig(**fixed_settings)
        return Program(config, dataset_of(config))

    return program_of
