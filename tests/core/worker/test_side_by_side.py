"""Runs beside one another: the same records as alone, and nobody waits for what others ask for."""

import threading

import pytest

from core import RunConfig, RunState
from core.inside.observer import Observer
from core.run.commands import Pause, Prepare, Preview, StartRun, Stop, Watch
from core.training.programs import Programs
from tests.article import ARTICLE
from tests.siamese import weighted
from tests.waiting import until


@pytest.fixture
def gate():
    """Two events: somebody has come, and may go on; open at the end."""
    come, go_on = threading.Event(), threading.Event()
    yield come, go_on
    go_on.set()


@pytest.fixture
def slow_compiler(monkeypatch, gate):
    """Whoever compiles another architecture than the default waits until it may go on."""
    come, go_on = gate
    prepared = Programs.prepared

    def wait(self, config, *how, **more):
        if config.embedding_size != RunConfig().embedding_size:
            come.set()
            assert go_on.wait(60)
        return prepared(self, config, *how, **more)

    monkeypatch.setattr(Programs, "prepared", wait)
    return gate


def goes_on(store, run):
    now = store.run(run).step
    until(lambda: store.run(run).step > now + 100)


def test_a_run_has_the_records_that_it_has_alone(start, state, store):
    def rows(run):
        return [
            (row.step, row.lane, *row.loss.values(), *(row.val_loss or {}).values())
            for row in store.records(run)
        ]

    config = RunConfig(steps=250, seed=11)
    alone = start(config, [ARTICLE, weighted(bin_out=2)])
    state(alone, RunState.FINISHED)
    others = [start(RunConfig(steps=1_000_000, seed=seed)) for seed in range(3)]
    beside = start(config, [ARTICLE, weighted(bin_out=2)])
    state(beside, RunState.FINISHED)
    assert all(store.run(other).step > 0 for other in others)
    assert rows(beside) == rows(alone) != []


def test_nobody_waits_while_somebody_compiles(start, state, store, slow_compiler):
    come, go_on = slow_compiler
    other = start()
    until(lambda: store.run(other).step > 10)
    run = start(RunConfig(steps=20, embedding_size=8))
    assert come.wait(60)
    goes_on(store, other)
    assert store.run(run).state is RunState.QUEUED
    late = start(RunConfig(steps=30, seed=5))  # of what is compiled, so it overtakes
    state(late, RunState.FINISHED)
    go_on.set()
    state(run, RunState.FINISHED)


def test_what_is_told_while_a_run_is_made_counts(start, state, store, worker, slow_compiler):
    come, go_on = slow_compiler
    run = start(RunConfig(steps=1_000_000, embedding_size=8))
    assert come.wait(60)
    worker.send(StartRun(run=run))  # again, which is nothing new
    worker.send(Pause(run=run))
    worker.send(Stop(run=run))
    go_on.set()
    assert state(run, RunState.STOPPED).step == 0


def test_what_cannot_be_made_ends_that_run_alone(start, state, store, monkeypatch):
    other = start()
    prepared = Programs.prepared

    def fail(self, config):
        if config.embedding_size == 8:
            raise MemoryError("no room")
        return prepared(self, config)

    monkeypatch.setattr(Programs, "prepared", fail)
    failed = state(start(RunConfig(embedding_size=8)), RunState.FAILED)
    assert failed.message == "Training failed: MemoryError: no room"
    goes_on(store, other)


def test_no_look_holds_up_a_command_or_a_turn(start, state, store, worker, monkeypatch, gate):
    come, go_on = gate
    ended, run = start(RunConfig(steps=20)), start()
    state(ended, RunState.FINISHED)
    monkeypatch.setattr(Observer, "look_back", lambda *_: (come.set(), go_on.wait(60)))
    worker.send(Watch(run=ended, lane=0, pair=0))
    assert come.wait(60)
    for pair in range(300):
        worker.send(Watch(run=ended, lane=0, pair=pair))
    goes_on(store, run)
    worker.send(Pause(run=run))
    state(run, RunState.PAUSED)


def test_of_many_previews_the_newest_is_answered(worker, monkeypatch, gate):
    come, go_on = gate
    seen = []

    def preview(self, command, is_training):
        seen.append(command.run)
        come.set()
        assert go_on.wait(60)

    monkeypatch.setattr(Observer, "preview", preview)
    for number in range(300):
        worker.send(Preview(run=f"start {number}", config=RunConfig(embedding_size=2 + number)))
        assert number or come.wait(60)
    until(lambda: worker.lines.empty())
    go_on.set()
    until(lambda: seen[-1] == "start 299")
    assert len(seen) == 2


def test_what_may_be_trained_next_is_compiled_unless_anything_trains(worker, start, store):
    chosen, other = (RunConfig(embedding_size=size, batch_size=16) for size in (8, 9))
    worker.send(Prepare(run="", config=chosen))
    until(lambda: worker.programs.is_prepared(chosen), 60)
    start()
    until(lambda: worker.timetable.is_training)
    worker.send(Prepare(run="", config=other))
    worker.send(Preview(run="after it", config=chosen))
    until(lambda: any(told.get("answer") == "after it" for told in worker.told))
    assert not worker.programs.is_prepared(other)
