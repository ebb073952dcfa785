"""A model of one's own, trained, steered, forked, rewound and stored like any other."""

import os
import signal
import subprocess
import sys
from zipfile import ZipFile

import keras
import pytest

from core import ConfigError, Engine, LossWeights, RunConfig, RunState, Store
from core.export import formats
from core.export.bundle import import_run
from core.places import PROJECT
from core.problems import own
from core.problems.making import file
from core.run.heads import names_of
from tests.waiting import until

TICKETS = PROJECT / "tests" / "core" / "problems" / "tickets.py"
SMALL = {"problem": "tickets", "steps": 300, "record_every": 20, "eval_every": 100}


@pytest.fixture(scope="module")
def own_engine(tmp_path_factory):
    with Engine(tmp_path_factory.mktemp("own") / "runs.sqlite") as engine:
        assert engine.add_problem(TICKETS) == "tickets"
        engine.wait_until_ready()
        yield engine
    own._KNOWN.clear()


def rows(engine, run, lane=0):
    return [(r.step, r.loss, r.metric, r.val_loss) for r in engine.store.records(run, lane=lane)]


def test_it_is_trained_and_becomes_good(own_engine):
    run = own_engine.start(RunConfig(**SMALL | {"steps": 600}), [LossWeights(department=1)])
    ended = own_engine.wait(run, 60)
    assert (ended.state, ended.message) == (RunState.FINISHED, "")
    assert names_of(ended.heads) == ("priority", "department")
    last = own_engine.store.last_validated(run)
    first = next(own_engine.store.records(run))
    assert last.val_metric["priority"] > 0.85
    assert last.val_loss["department"] < 0.6 * first.loss["department"]
    assert last.total_loss == pytest.approx(sum(last.loss.values()))
    assert last.learning_rate == 0.002


def test_a_seed_gives_the_same_records_and_another_seed_others(own_engine):
    runs = [own_engine.start(RunConfig(**SMALL, seed=seed)) for seed in (5, 5, 6)]
    for run in runs:
        own_engine.wait(run, 60)
    first, again, other = (rows(own_engine, run) for run in runs)
    assert first == again
    assert first[0] != other[0]


def test_lanes_of_a_race_are_those_of_single_runs(own_engine):
    lanes = [LossWeights(department=weight) for weight in (0.2, 2.0)]
    race = own_engine.start(RunConfig(**SMALL, seed=1), lanes)
    alone = own_engine.start(RunConfig(**SMALL, seed=1), lanes[1:])
    for run in (race, alone):
        own_engine.wait(run, 60)
    assert rows(own_engine, race, 1) == rows(own_engine, alone)
    assert rows(own_engine, race, 0) != rows(own_engine, alone)


def test_it_is_steered_in_mid_run(own_engine):
    run = own_engine.start(RunConfig(**SMALL | {"steps": 100_000, "steps_per_second": 400}))
    until(lambda: own_engine.store.run(run).step > 50)
    own_engine.move_loss_weights(run, 0, department=4)
    own_engine.set_live(run, learning_rate=0.01)
    until(lambda: list(own_engine.store.records(run))[-1].learning_rate == 0.01)
    assert list(own_engine.store.records(run))[-1].loss_weights["department"] == 4
    with pytest.raises(ConfigError, match="source cannot change within a run"):
        own_engine.set_live(run, source="another")
    own_engine.stop(run)
    own_engine.wait(run, 20)


def test_a_fork_is_its_source_to_the_bit(own_engine):
    run = own_engine.start(RunConfig(**SMALL | {"steps": 3000, "steps_per_second": 500}))
    until(lambda: own_engine.store.run(run).step > 100)
    own_engine.pause(run)
    assert own_engine.fork(run) == 1
    own_engine.set_live(run, steps_per_second=0)
    own_engine.resume(run)
    own_engine.wait(run, 60)
    forked = own_engine.store.run(run).lanes_now[1].since
    one = [row for row in rows(own_engine, run, 0) if row[0] > forked]
    assert one == [row for row in rows(own_engine, run, 1) if row[0] > forked]
    assert len(one) > 10


def test_a_rewind_repeats_what_was_to_the_bit(own_engine):
    run = own_engine.start(RunConfig(**SMALL))
    own_engine.wait(run, 60)
    before = rows(own_engine, run)
    own_engine.rewind(run, 120)
    own_engine.resume(run)
    own_engine.wait(run, 60)
    after = rows(own_engine, run)[len(before) :]
    assert after == [row for row in before if row[0] > 120]


def test_a_worker_that_dies_is_replaced_by_one_that_knows_it(own_engine):
    run = own_engine.start(RunConfig(**SMALL | {"steps": 4000, "steps_per_second": 800}))
    undisturbed = own_engine.start(RunConfig(**SMALL | {"steps": 4000}))
    until(lambda: own_engine.store.run(run).step > 1500)
    os.kill(own_engine.worker_pid, signal.SIGKILL)
    for each in (run, undisturbed):
        assert own_engine.wait(each, 90).state is RunState.FINISHED
    one, other = (
        {r.step: (r.loss, r.metric) for r in own_engine.store.records(each)}
        for each in (run, undisturbed)
    )
    assert one == other


def test_its_speed_can_be_measured(own_engine):
    assert own_engine.probe(RunConfig(**SMALL), 1) > 10


# Taken away


def test_its_model_opens_and_says_what_the_run_recorded(own_engine, tmp_path):
    run = own_engine.start(RunConfig(**SMALL, seed=2), [LossWeights(), LossWeights(department=2)])
    own_engine.wait(run, 60)
    out = tmp_path / "model.keras"
    command = ["--store", str(own_engine.store.path), "--format", "keras", "--lane", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "core.export", run, *command, "--out", out, "--problem", TICKETS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    model = keras.saving.load_model(out, safe_mode=True)
    examples = file.read(TICKETS).validation
    outputs = model.predict(examples.inputs, verbose=0)
    right = outputs["department"].argmax(axis=1) == examples.targets[1].argmax(axis=1)
    last = own_engine.store.last_validated(run, 1)
    assert right.mean() == pytest.approx(last.val_metric["department"], abs=1e-6)
    model.evaluate(examples.inputs, dict(zip(outputs, examples.targets, strict=True)), verbose=0)


def test_a_bundle_brings_its_heads_and_records(own_engine, tmp_path):
    run = own_engine.start(RunConfig(**SMALL | {"steps": 20}))
    own_engine.wait(run, 60)
    bundle = tmp_path / "one.run.zip"
    formats.write("bundle", own_engine.store, [run], bundle)
    elsewhere = Store(tmp_path / "elsewhere.sqlite")
    arrived = elsewhere.run(import_run(elsewhere, bundle).run)
    assert arrived.heads == own_engine.store.run(run).heads
    assert [r.metric for r in elsewhere.records(arrived.id)] == [
        r.metric for r in own_engine.store.records(run)
    ]
    elsewhere.close()


def test_a_bundle_from_elsewhere_names_no_file(own_engine, tmp_path):
    """What it brings is shown; nothing in it leads to code that is carried out."""
    run = own_engine.start(RunConfig(**SMALL | {"steps": 20}))
    own_engine.wait(run, 60)
    bundle = tmp_path / "one.run.zip"
    formats.write("bundle", own_engine.store, [run], bundle)
    with ZipFile(bundle) as archive:
        assert str(TICKETS) not in archive.read("manifest.json").decode()
