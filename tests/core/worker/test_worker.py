"""The training process: inside, with its loop in a thread, and outside, as a process."""

import contextlib
import gc
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from core import RunConfig, RunState
from core.analysis.hints import hints
from core.places import PROJECT
from core.run.commands import (
    Fork,
    Pause,
    Resume,
    Rewind,
    SetLive,
    SetLossWeights,
    StartRun,
    Step,
    Stop,
)
from core.run.lanes import Lane
from core.run.simplex import MapConfig
from core.training.program import Program
from core.training.programs import KEPT
from core.training.session import Session
from core.worker.recorder import Recorder
from tests.article import ARTICLE
from tests.clock import Clock
from tests.core.worker.forever import FOREVER
from tests.siamese import weighted
from tests.waiting import until

HUGE = weighted(ctg_out_1=1000, ctg_out_2=1000, bin_out=1000)


def steps(store, run, lane=0):
    return [record.step for record in store.records(run) if record.lane == lane]


# Its loop


def test_a_run_is_trained_to_its_end(start, state, store):
    run = start(RunConfig(steps=25))
    ended = state(run, RunState.FINISHED)
    assert (ended.step, ended.message) == (25, "")
    assert steps(store, run) == [1, 10, 20, 25]


@pytest.mark.parametrize("trunk", ["dense", "conv"])
def test_a_run_says_why_it_is_not_one_program(start, state, store, trunk):
    run = start(RunConfig(steps=3, trunk=trunk, embedding_size=8))
    ended = state(run, RunState.FINISHED)
    assert ("Conv2D" in ended.unfused) == (trunk == "conv")
    assert hints(ended, None, 512) == ([ended.unfused] if trunk == "conv" else [])


def test_several_runs_take_turns(start, store, worker):
    runs = [start(RunConfig(steps=1_000_000, seed=seed)) for seed in range(3)]
    until(lambda: all(store.run(run).step > 100 for run in runs))
    furthest = [store.run(run).step for run in runs]
    until(lambda: all(store.run(run).step > max(furthest) for run in runs))


def test_pause_step_and_resume_go_by_exact_steps(start, state, store, worker):
    run = start()
    until(lambda: store.run(run).step > 10)
    worker.send(Pause(run=run))
    first = state(run, RunState.PAUSED).step
    assert steps(store, run)[-1] == first  # a pause ends a row
    for n in (1, 10, 123):
        worker.send(Step(run=run, n=n))
        until(lambda n=n, first=first: store.run(run).step == first + n)
        first = state(run, RunState.PAUSED).step
    worker.send(Resume(run=run))
    until(lambda: store.run(run).step > first + 50)
    assert store.run(run).state is RunState.RUNNING


def test_a_run_paused_before_its_first_step_waits(start, state, store, worker):
    run = start()
    worker.send(Pause(run=run))
    paused = state(run, RunState.PAUSED)
    worker.send(Step(run=run, n=5))
    until(lambda: store.run(run).step == paused.step + 5)


def test_stop_ends_a_run_and_keeps_what_it_did(start, state, store, worker):
    run = start()
    until(lambda: store.run(run).step > 10)
    worker.send(Stop(run=run))
    stopped = state(run, RunState.STOPPED)
    assert stopped.message == f"Stopped at step {stopped.step}."
    worker.send(Resume(run=run))
    worker.send(SetLossWeights(run=run, lane=0, loss_weights=HUGE))
    worker.send(StartRun(run=run))  # as to a new worker
    other = start(RunConfig(steps=30))
    state(other, RunState.FINISHED)
    assert store.run(run) == stopped
    assert run not in worker.timetable


def test_changes_are_made_and_noted(start, state, store, worker):
    run = start(lanes=[ARTICLE, ARTICLE])
    until(lambda: store.run(run).step > 10)
    other = weighted(ctg_out_1=0, ctg_out_2=0.5, bin_out=1)
    worker.send(SetLossWeights(run=run, lane=1, loss_weights=other))
    until(lambda: len(store.run(run).changes) == 1)
    config = RunConfig(steps=1_000_000, learning_rate=0.01)
    worker.send(SetLive(run=run, config=config))
    until(lambda: len(store.run(run).changes) == 2)
    at_weights, at_rate = (change.step for change in store.run(run).changes)
    assert [lane.loss_weights for lane in store.lanes(run)] == [ARTICLE, other]
    assert store.run(run).config == config
    until(lambda: store.run(run).step > at_rate + 20)
    for record in store.records(run):
        changed = record.lane == 1 and record.step > at_weights
        assert record.loss_weights == (other if changed else ARTICLE).model_dump()
        assert record.learning_rate == (0.01 if record.step > at_rate else 0.05)
    assert {at_weights, at_rate} <= set(steps(store, run))  # each ends a row


def test_a_run_that_diverges_says_where_and_what_to_do(start, state, store):
    other = start()
    run = start(RunConfig(learning_rate=50))
    ended = state(run, RunState.DIVERGED)
    last = steps(store, run)[-1]
    assert ended.step == last
    assert ended.message == (
        f"The loss stopped being a finite number (at step {last}). Try a smaller learning rate "
        "(it was 50) or smaller loss weights."
    )
    now = store.run(other).step
    until(lambda: store.run(other).step > now + 50)


def test_a_run_that_is_lost_before_its_first_update_blames_no_setting(start, state, monkeypatch):
    begin = Program.initial_state

    def broken(program, seed):
        sound = begin(program, seed)
        return sound._replace(variables=[variable * np.nan for variable in sound.variables])

    monkeypatch.setattr(Program, "initial_state", broken)
    message = state(start(), RunState.DIVERGED).message
    assert "before the first update, so no setting is to blame" in message
    assert "learning rate" not in message


def test_a_lane_that_diverges_is_told_at_the_end(start, state, store):
    run = start(RunConfig(steps=60), [ARTICLE, HUGE])
    ended = state(run, RunState.FINISHED)
    last = steps(store, run, lane=1)[-1]
    assert last < 60 == ended.step
    assert f"(lane 2 at step {last})" in ended.message  # as the page counts them


def test_a_run_diverges_once_all_its_lanes_have(start, state):
    huger = weighted(ctg_out_1=999, ctg_out_2=999, bin_out=999)
    ended = state(start(lanes=[HUGE, huger]), RunState.DIVERGED)
    assert "lane 1 at step" in ended.message
    assert "lane 2 at step" in ended.message


def test_a_rewind_waits_at_the_checkpoint_and_a_new_branch_begins(start, state, store, worker):
    run = start(RunConfig(steps=200, seed=3))
    state(run, RunState.FINISHED)
    before = list(store.records(run))
    assert store.checkpoints(run) == [0, *range(20, 201, 20)]
    store.reopen(run, "1-test")
    worker.send(Rewind(run=run, step=60, branch=1))
    rewound = state(run, RunState.PAUSED)
    assert (rewound.step, rewound.branches) == (60, (0, 60))
    assert store.checkpoints(run) == [0, 20, 40, 60]
    worker.send(Rewind(run=run, step=20, branch=1))  # as to a new worker
    worker.send(Step(run=run, n=5))
    until(lambda: store.run(run).step == 65)
    assert store.run(run).branches == (0, 60)
    worker.send(Resume(run=run))
    state(run, RunState.FINISHED)
    records = list(store.records(run))
    assert records[: len(before)] == before  # the abandoned future stays
    again = {record.step: record for record in records if record.branch == 1}
    assert set(again) == {65, *range(70, 201, 10)}
    for record in before:
        if record.step in again and record.step != 70:
            assert again[record.step].loss == record.loss
            assert again[record.step].val_accuracy == record.val_accuracy


def test_a_rewind_brings_back_weights_settings_and_lanes(start, state, store, worker):
    run = start(RunConfig(steps=1000, steps_per_second=500))
    until(lambda: store.run(run).step > 250)
    worker.send(Pause(run=run))
    state(run, RunState.PAUSED)
    other = weighted(ctg_out_1=0, ctg_out_2=0.5, bin_out=1)
    config = RunConfig(steps=1000, learning_rate=0.01)
    worker.send(Fork(run=run, lane=0, new_lane=1, loss_weights=other))
    worker.send(SetLossWeights(run=run, lane=0, loss_weights=other))
    worker.send(SetLive(run=run, config=config))
    until(lambda: len(store.run(run).changes) == 3)  # although it waits
    since = store.lanes(run)[1].since
    assert store.lanes(run) == [Lane(other), Lane(other, 0, since)]
    worker.send(Rewind(run=run, step=200, branch=1))
    until(lambda: store.run(run).branches == (0, 200))
    assert store.lanes(run) == [Lane(ARTICLE)]
    assert store.run(run).config.learning_rate == 0.05
    worker.send(Resume(run=run))
    until(lambda: store.run(run).step > 220)
    last = list(store.records(run))[-1]
    assert (last.lane, last.learning_rate, last.loss_weights) == (0, 0.05, ARTICLE.model_dump())


def test_a_rewind_to_the_start_begins_with_the_same_values(start, state, store, worker):
    run = start(RunConfig(steps=40, seed=9))
    state(run, RunState.FINISHED)
    store.reopen(run, "1-test")
    worker.send(Rewind(run=run, step=0, branch=1))
    until(lambda: store.run(run).branches == (0, 0))
    worker.send(Resume(run=run))
    state(run, RunState.FINISHED)
    first, second = ([r for r in store.records(run) if r.branch == b] for b in (0, 1))
    assert [r.loss for r in second] == [r.loss for r in first]


def test_the_last_state_is_kept_wherever_a_run_is_stopped(worker, state, store):
    run = store.add_run(RunConfig(steps=100_000), [ARTICLE], "1-test")
    worker.send(StartRun(run=run))
    until(lambda: store.run(run).step > 20)
    worker.send(Stop(run=run))
    ended = state(run, RunState.STOPPED)
    assert store.last_checkpoint(run)[0] == ended.step
    assert store.checkpoints(run)[-1] == ended.step


def test_a_map_is_trained_part_by_part_and_knows_its_progress(worker, state, store):
    over, config = MapConfig(resolution=2, seeds=2), RunConfig(steps=20)
    run = store.add_run(config, [], "1-test", map_config=over, lanes_at_once=4)
    assert store.run(run).progress == 0
    worker.send(StartRun(run=run))
    seen = set()
    until(lambda: seen.add(store.run(run).progress) or store.run(run).state.is_finished)
    assert sorted(seen)[-1] == 1
    assert all(0 <= progress <= 1 for progress in seen)
    ended = state(run, RunState.FINISHED)
    assert (ended.parts_done, len(ended.parts), ended.message) == (4, 4, "")
    assert [(result.lane, result.step) for result in store.results(run)] == [
        (lane, 20) for lane in range(12)
    ]
    assert store.checkpoints(run) == [0]


def test_a_map_tells_how_many_of_its_lanes_diverged(worker, state, store):
    over = MapConfig(resolution=1, total=1000)
    run = store.add_run(RunConfig(steps=60), [], "1-test", map_config=over, lanes_at_once=99)
    worker.send(StartRun(run=run))
    ended = until(lambda: (found := store.run(run)).state.is_finished and found)
    lost = 3 - store.n_lanes_at(run, 60)
    assert lost > 0
    assert f"in {lost} of 3 lanes" in ended.message
    assert (ended.state is RunState.DIVERGED) == (lost == 3)


def test_what_goes_wrong_in_a_run_ends_that_run_alone(start, state, store, monkeypatch):
    other = start()
    until(lambda: store.run(other).step > 10)
    turn = Session.turn

    def fail(session, seconds):
        if session.config.seed == 13:
            raise MemoryError("no room for 13")
        return turn(session, seconds)

    monkeypatch.setattr(Session, "turn", fail)
    failed = state(start(RunConfig(seed=13)), RunState.FAILED)
    assert failed.message == "Training failed: MemoryError: no room for 13"
    now = store.run(other).step
    until(lambda: store.run(other).step > now + 50)


def test_closing_stops_what_trains_and_keeps_all(start, state, store, worker):
    run, paused = start(), start()
    until(lambda: store.run(run).step > 10)
    worker.send(Pause(run=paused))
    state(paused, RunState.PAUSED)
    worker.close()
    for one in (run, paused):
        ended = store.run(one)
        assert ended.state is RunState.STOPPED
        assert ended.message == (
            f"The server was closed at step {ended.step}. What was recorded is kept."
        )


def test_programs_are_compiled_once_and_few_are_kept(worker):
    program = worker.programs.of(FOREVER)
    live = {"seed": 5, "steps": 7, "learning_rate": 1.0, "record_every": 3, "eval_every": 9}
    assert worker.programs.of(RunConfig(**live)) is program
    sizes = range(2, 2 + KEPT)
    others = [worker.programs.of(RunConfig(embedding_size=n)) for n in sizes]
    assert len(worker.programs.kept) == KEPT
    assert worker.programs.of(RunConfig(embedding_size=sizes[1])) is others[1]
    worker.programs.of(RunConfig(embedding_size=100))  # the one used least lately goes
    assert worker.programs.of(RunConfig(embedding_size=sizes[1])) is others[1]
    assert worker.programs.of(FOREVER) is program, "it is not gone while somebody has it"
    gone = weakref.ref(program)
    for n in range(100, 101 + KEPT):
        worker.programs.of(RunConfig(embedding_size=n))
    del program
    gc.collect()
    assert gone() is None


# Checkpoints


def test_checkpoints_are_taken_as_it_goes_whatever_the_rows(start, store, monkeypatch):
    monkeypatch.setattr("core.worker.recorder.CHECKPOINT_EVERY", 0.05)
    # Here a row is 1,000 steps long, and rarely ends where a turn does.
    run = start(RunConfig(steps=1_000_000, record_every=1000, eval_every=1_000_000))
    taken = set()

    def several():
        checkpoint = store.last_checkpoint(run)
        taken.update([checkpoint[0]] if checkpoint else [])
        return len(taken) >= 4

    until(several)


def test_a_checkpoint_too_large_for_the_store_is_not_taken(start, state, store, monkeypatch):
    monkeypatch.setattr("core.worker.recorder.CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr("core.worker.recorder.LARGEST_CHECKPOINT", 1000)
    run = start(RunConfig(steps=300))
    until(lambda: store.run(run).step > 50)
    assert store.last_checkpoint(run) is None
    state(run, RunState.FINISHED)


@pytest.mark.parametrize("is_map", [False, True])
@pytest.mark.parametrize("packing", [0.0, 0.1])
@pytest.mark.parametrize("cost", [0.001, 0.02, 0.2, 3.0])
def test_saving_takes_a_twentieth_of_the_time_at_most(cost, packing, is_map, monkeypatch):
    monkeypatch.setattr("core.worker.recorder.CORES", 2)
    clock, saved = Clock(monkeypatch, "core.worker.recorder"), []

    def add_checkpoint(*_):
        saved.append(clock.now)
        clock.now += cost

    def arrays():
        clock.now += packing
        return [np.zeros(3)]

    session = SimpleNamespace(
        run="run",
        step=1,
        seconds=0.0,
        can_rewind=not is_map,
        config=RunConfig(steps=1000),
        arrays=arrays,
    )
    recorder = Recorder(SimpleNamespace(add_checkpoint=add_checkpoint), None, None)
    began = clock.now
    while clock.now < began + 300:
        clock.now += 0.05  # a turn
        recorder.save_if_due(session)
        recorder.settle("run")
    # Beside the training, on one of two cores; but what is written is taken between two turns.
    of_all = packing + (cost / 2 if is_map else cost)
    # The last one is being paid for by the time until the next.
    assert of_all * (len(saved) - 1) <= 0.05 * (clock.now - began)
    assert len(saved) >= 4
    # It is not put off for longer than that, and a second.
    assert (
        np.diff(saved).max() <= max(0.5 if is_map else 1.0, 20 * of_all) + packing + cost + 2 * 0.05
    )


def test_a_weight_map_trains_on_while_its_state_is_written_and_waits_at_its_end(monkeypatch):
    monkeypatch.setattr("core.worker.recorder.MAP_STATE_EVERY", 0.0)
    written, go_on = [], threading.Event()

    def add_checkpoint(_, step, *rest):
        assert go_on.wait(30)
        written.append(step)

    session = SimpleNamespace(
        run="map", step=1, seconds=0.0, can_rewind=False, arrays=lambda: [np.zeros(3)], rest=list
    )
    recorder = Recorder(SimpleNamespace(add_checkpoint=add_checkpoint), None, None)
    for session.step in (1, 2, 3):
        recorder.save_if_due(session)
    assert written == []
    threading.Timer(0.2, go_on.set).start()
    recorder.complete(session)
    assert written == [1], "those after it are left out"


def test_no_part_of_a_map_ends_while_its_state_is_being_written(worker, state, store, monkeypatch):
    """Or else the next part would begin with it."""
    monkeypatch.setattr("core.worker.recorder.MAP_STATE_EVERY", 0.0)
    add, finish, under_way, at_ends = store.add_checkpoint, store.finish_parts, [], []

    def add_checkpoint(*given):
        under_way.append(given)
        time.sleep(0.1)
        add(*given)
        under_way.pop()

    def finish_parts(*given):
        at_ends.append(len(under_way))
        finish(*given)

    monkeypatch.setattr(store, "add_checkpoint", add_checkpoint)
    monkeypatch.setattr(store, "finish_parts", finish_parts)
    over = MapConfig(resolution=2)
    run = store.add_run(RunConfig(steps=40), [], "1-test", map_config=over, lanes_at_once=2)
    worker.send(StartRun(run=run))
    state(run, RunState.FINISHED)
    assert at_ends == [0, 0, 0]


def test_a_state_that_cannot_be_written_beside_the_training_is_missed_by_nobody(monkeypatch):
    monkeypatch.setattr("core.worker.recorder.MAP_STATE_EVERY", 0.0)

    def add_checkpoint(*_):
        raise MemoryError

    session = SimpleNamespace(
        run="map", step=1, seconds=0.0, can_rewind=False, arrays=lambda: [np.zeros(3)], rest=list
    )
    recorder = Recorder(SimpleNamespace(add_checkpoint=add_checkpoint), None, None)
    recorder.save_if_due(session)
    recorder.settle("map")
    until(lambda: not recorder._beside)
    recorder.save_if_due(session)
    recorder.complete(session)


# A store that cannot be written


def test_a_locked_store_holds_the_run_until_it_is_free(start, store, worker, monkeypatch):
    store._db.execute("PRAGMA busy_timeout = 20")  # instead of 10 s
    run = start()
    until(lambda: store.run(run).step > 50)
    closing, attempts = worker.recorder.closing, []

    def wait(seconds):
        attempts.append(seconds)
        return closing.wait(seconds)

    monkeypatch.setattr(worker.recorder, "closing", SimpleNamespace(wait=wait))
    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: worker.told)
        held = store.run(run).step
        attempted = len(attempts)
        until(lambda: len(attempts) >= attempted + 3)
        assert store.run(run).step == held
        (fault,) = worker.told  # told once
        assert "cannot be written: database is locked" in fault["fault"]
    until(lambda: len(worker.told) == 2)
    assert worker.told[1] == {"fault": ""}
    until(lambda: store.run(run).step > held + 100)
    found = steps(store, run)
    assert found == [1, *range(100, found[-1] + 1, 100)]  # no row is missing or doubled


# The process


@pytest.fixture
def process(store):
    """`python -m core.worker` as it is started by an engine, its notices line by line."""
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ}
    with subprocess.Popen(
        [sys.executable, "-m", "core.worker", str(store.path)],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield process
        process.kill()


def test_the_process_ends_by_itself_when_its_input_closes(process, store):
    # A second one is closed while it still loads TensorFlow.
    with subprocess.Popen(
        process.args, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as closed_at_once:
        assert json.loads(process.stdout.readline()) == {"ready": True, "fault": ""}
        run = store.add_run(FOREVER, [ARTICLE], "1-test")
        process.stdin.write(StartRun(run=run).model_dump_json().encode() + b"\n")
        process.stdin.flush()
        until(lambda: store.run(run).step > 10)
        process.stdin.close()
        assert process.wait(10) == 0  # 1 would say that it had to be cut short
        assert store.run(run).state is RunState.STOPPED
        assert process.stdout.read() == b""  # nothing but notices
        assert closed_at_once.wait(20) == 0
