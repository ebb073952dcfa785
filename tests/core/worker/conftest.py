"""A worker in this process, its loop in a thread, and what tests tell it."""

import queue
import threading

import pytest

from core.run.commands import StartRun
from core.worker.worker import Worker
from tests.article import ARTICLE
from tests.core.worker.forever import FOREVER
from tests.waiting import until


@pytest.fixture
def worker(store, program_of):
    """A worker with its loop in a thread, and `told`, the notices that it gives."""
    lines, closing, told = queue.SimpleQueue(), threading.Event(), []
    worker = Worker(store, lines, told.append, closing)
    worker.told = told
    worker.programs.kept[worker.programs.key(FOREVER)] = program_of()
    loop = threading.Thread(target=worker.work, daemon=True)
    worker.send = lambda command: lines.put(command.model_dump_json().encode())

    def close():
        lines.put(None)
        loop.join(30)
        assert not loop.is_alive()

    worker.close = close
    loop.start()
    yield worker
    close()


@pytest.fixture
def start(worker, store):
    """Start a run and give back its id."""

    def start(config=FOREVER, lanes=(ARTICLE,)):
        run = store.add_run(config, list(lanes), "1-test")
        worker.send(StartRun(run=run))
        return run

    return start


@pytest.fixture
def state(store):
    """Wait until a run is in a state; give back the run."""

    def state(run, wanted):
        return until(lambda: (found := store.run(run)).state is wanted and found)

    return state
