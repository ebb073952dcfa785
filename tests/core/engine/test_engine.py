"""The handle and the real process behind it: steering, and what is left after a kill."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile

import psutil
import pytest

from core import (
    CommandError,
    ConfigError,
    Engine,
    RunConfig,
    RunNotFound,
    RunState,
    Store,
    StoreError,
    WorkerError,
)
from core.engine import process as core_process
from core.engine.outbox import DEATHS_ALLOWED
from core.engine.owners import LOST
from core.places import PROJECT
from core.run.commands import (
    MoveLossWeights,
    Pause,
    Resume,
    SetLive,
    SetLossWeights,
    StartRun,
    Step,
    parse_command,
)
from core.run.records import Record
from tests.article import ARTICLE
from tests.siamese import weighted
from tests.waiting import has_ended, until

FOREVER = RunConfig(steps=1_000_000)
OTHER = weighted(ctg_out_1=0, ctg_out_2=0.5, bin_out=2)
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux' own means")


def state_of(engine, run, wanted):
    """Wait until a run is in a state; give back the run."""
    return until(lambda: (found := engine.store.run(run)).state is wanted and found)


def beyond(engine, run, step):
    """Wait until a run has recorded more than `step` steps; give back the run."""
    return until(lambda: (found := engine.store.run(run)).step > step and found)


def records_of(engine, run):
    return list(engine.store.records(run))


def weights_of(engine, run):
    return [lane.loss_weights for lane in engine.store.lanes(run)]


def without_time(record):
    """All of a record that the seed settles."""
    names = ("step", "lane", "loss", "accuracy", "val_loss", "val_accuracy", "total_loss")
    return {name: getattr(record, name) for name in (*names, "loss_weights", "learning_rate")}


# Runs


def test_a_run_is_trained_to_its_end(engine):
    run = engine.start(RunConfig(steps=120))
    ended = engine.wait(run, timeout=60)
    assert (ended.state, ended.step, ended.message) == (RunState.FINISHED, 120, "")
    assert ended.lanes == (weighted(),)
    assert engine.is_ready
    records = records_of(engine, run)
    assert [record.step for record in records] == [1, *range(10, 121, 10)]
    assert [record.time for record in records] == sorted(record.time for record in records)
    assert records[-1].loss["ctg_out_1"] < records[0].loss["ctg_out_1"]


def test_tensorflow_is_in_the_worker_alone(engine):
    engine.wait_until_ready()
    loaded = {os.path.basename(f.path) for f in psutil.Process(engine.worker_pid).memory_maps()}
    assert any("tensorflow" in name for name in loaded)
    script = "import sys; from core import Engine; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, timeout=30)


@pytest.mark.parametrize("lanes", [[ARTICLE], [ARTICLE, OTHER]])
def test_a_fixed_seed_gives_the_same_records_twice(engine, lanes):
    config = RunConfig(steps=150, seed=11)
    runs = [engine.start(config, lanes) for _ in range(2)]  # side by side, so cut up differently
    other = engine.start(RunConfig(steps=150, seed=12), lanes)
    for run in (*runs, other):
        engine.wait(run, timeout=60)
    one, again, third = ([without_time(r) for r in records_of(engine, r)] for r in (*runs, other))
    assert one == again
    assert len(one) == 16 * len(lanes)
    assert one[0]["loss"] != third[0]["loss"]


@pytest.mark.parametrize("n_lanes", [1, 66])
def test_any_number_of_lanes(engine, n_lanes):
    lanes = [weighted(bin_out=i / 66) for i in range(n_lanes)]
    run = engine.start(RunConfig(steps=20), lanes)
    assert engine.wait(run, timeout=60).state is RunState.FINISHED
    records = records_of(engine, run)
    assert [(r.step, r.lane) for r in records] == [
        (step, lane) for step in (1, 10, 20) for lane in range(n_lanes)
    ]
    assert [r.loss_weights["bin_out"] for r in records[-n_lanes:]] == [w.bin_out for w in lanes]


@pytest.mark.parametrize(
    "settings",
    [
        {"trunk": "conv", "distance": "euclidean", "optimizer": "adam", "learning_rate": 0.001},
        {"embedding_size": 2, "batch_size": 1, "dropout": 0.0},
    ],
)
def test_other_fixed_settings_are_trained_too(engine, settings):
    run = engine.start(RunConfig(steps=12, **settings))
    ended = engine.wait(run, timeout=60)
    assert (ended.state, ended.step) == (RunState.FINISHED, 12)


def test_two_runs_train_side_by_side(engine):
    runs = [engine.start(RunConfig(steps=1_000_000, seed=seed)) for seed in (1, 2)]
    for run in runs:
        beyond(engine, run, 300)
    before = [engine.store.run(run).step for run in runs]
    until(lambda: sum(engine.store.run(run).step for run in runs) > sum(before) + 2000)
    gained = [engine.store.run(run).step - step for run, step in zip(runs, before, strict=True)]
    assert min(gained) > max(gained) / 3
    for run in runs:
        assert engine.stop(run)
        assert engine.wait(run, timeout=30).state is RunState.STOPPED


def test_a_run_that_diverges_ends_with_advice_and_others_go_on(engine):
    other = engine.start(FOREVER)
    ended = engine.wait(engine.start(RunConfig(learning_rate=50)), timeout=60)
    assert ended.state is RunState.DIVERGED
    assert f"(at step {ended.step})" in ended.message
    assert "Try a smaller learning rate (it was 50)" in ended.message
    beyond(engine, other, engine.store.run(other).step + 100)
    engine.stop(other)
    engine.wait(other, timeout=30)


def test_a_speed_limit_is_kept_and_can_be_lifted(engine):
    # That it is reached, too, test_session.py shows by a clock of its own.
    run = engine.start(RunConfig(steps=1_000_000, steps_per_second=20))
    beyond(engine, run, 40)
    first, *_, last = records_of(engine, run)
    assert (last.step - first.step) / (last.time - first.time) < 1.1 * 20
    engine.set_live(run, steps_per_second=0)
    beyond(engine, run, 3000)  # at the limit it would take minutes
    engine.stop(run)
    engine.wait(run, timeout=30)


# Steering


def test_pause_step_and_resume_go_by_exact_steps(engine):
    run = engine.start(FOREVER)
    beyond(engine, run, 20)
    assert engine.pause(run)
    step = state_of(engine, run, RunState.PAUSED).step
    for n in (1, 10, 99):
        assert engine.step(run, n)
        until(lambda n=n, step=step: engine.store.run(run).step == step + n)
        assert state_of(engine, run, RunState.PAUSED).step == step + n
        step += n
    assert engine.resume(run)
    beyond(engine, run, step + 50)
    engine.stop(run)
    ended = engine.wait(run, timeout=30)
    assert (ended.state, ended.message) == (RunState.STOPPED, f"Stopped at step {ended.step}.")


def test_weights_and_settings_change_while_it_trains(engine):
    run = engine.start(FOREVER, [ARTICLE, ARTICLE])
    beyond(engine, run, 20)
    assert engine.set_loss_weights(run, OTHER, lane=1)
    until(lambda: weights_of(engine, run) == [ARTICLE, OTHER])
    assert engine.set_live(run, learning_rate=0.02, momentum=0.5)
    assert engine.set_live(run, steps=999_999)  # what was set just before stays
    until(lambda: engine.store.run(run).config.steps == 999_999)
    assert engine.store.run(run).config.learning_rate == 0.02
    assert engine.store.run(run).config.momentum == 0.5
    assert engine.store.run(run).first_config == FOREVER
    at = [change.step for change in engine.store.run(run).changes]
    assert len(at) == 3
    assert at == sorted(at)
    beyond(engine, run, at[-1] + 50)
    engine.stop(run)
    engine.wait(run, timeout=30)
    for record in records_of(engine, run):
        changed = record.lane == 1 and record.step > at[0]
        assert record.loss_weights == (OTHER if changed else ARTICLE).model_dump()
        assert record.learning_rate == (0.02 if record.step > at[1] else 0.05)


def test_heads_are_moved_one_by_one_while_it_trains(engine):
    run = engine.start(FOREVER, [ARTICLE, ARTICLE])
    beyond(engine, run, 20)
    assert engine.move_loss_weights(run, lane=1, bin_out=2)
    assert engine.move_loss_weights(run, lane=1, ctg_out_1=0)
    both = ARTICLE.moved({"bin_out": 2, "ctg_out_1": 0})
    until(lambda: weights_of(engine, run) == [ARTICLE, both])
    for weights, told in (
        ({"bin_out": -1}, "bin_out = -1 is refused"),
        ({"bin_out": float("nan")}, "bin_out = nan is refused"),
        ({"box": 1}, "'box' is refused: there is no such head"),
    ):
        with pytest.raises(ConfigError, match=told):
            engine.move_loss_weights(run, **weights)
    with pytest.raises(CommandError, match="lane = 2 is refused"):
        engine.move_loss_weights(run, lane=2, bin_out=1)
    engine.stop(run)
    engine.wait(run, timeout=30)
    assert not engine.move_loss_weights(run, bin_out=1)
    assert weights_of(engine, run) == [ARTICLE, both]


def test_steps_may_be_added_while_it_trains(engine):
    run = engine.start(RunConfig(steps=2000, steps_per_second=2000))
    beyond(engine, run, 20)
    assert engine.set_live(run, steps=2345, steps_per_second=0)
    ended = engine.wait(run, timeout=60)
    assert (ended.state, ended.step) == (RunState.FINISHED, 2345)


def test_a_run_that_has_ended_takes_no_commands(engine):
    run = engine.start(RunConfig(steps=1))
    ended = engine.wait(run, timeout=60)
    assert not engine.pause(run)
    assert not engine.resume(run)
    assert not engine.step(run)
    assert not engine.stop(run)
    assert not engine.set_loss_weights(run, OTHER)
    assert not engine.set_live(run, steps=5)
    assert engine.store.run(run) == ended


# Refusals, all in the caller's process


@pytest.mark.parametrize(
    ("config", "lanes", "told"),
    [
        ({"steps": 5}, None, "config = {'steps': 5} is refused: expected a RunConfig"),
        (RunConfig(), [], "lanes: 0 lanes are refused"),
        (RunConfig(), range(10**9), "lanes: 1000000000 lanes are refused"),
        (RunConfig(), [(1, 1, 1)], r"lanes\[0\] = \(1, 1, 1\) is refused"),
        (RunConfig(), ARTICLE, "lanes = LossWeights.* is refused"),
    ],
)
def test_a_bad_start_is_refused_and_leaves_no_run(engine, config, lanes, told):
    before = engine.store.runs()
    with pytest.raises(ConfigError, match=told):
        engine.start(config, lanes)
    assert engine.store.runs() == before


@pytest.fixture
def waiting(engine):
    """A run that is paused."""
    run = engine.start(FOREVER)
    engine.pause(run)
    state_of(engine, run, RunState.PAUSED)
    yield run
    engine.stop(run)


@pytest.mark.parametrize("lane", [-1, 1, 10**9, None, "0", 0.0])
def test_a_lane_that_is_not_there_is_refused(engine, waiting, lane):
    with pytest.raises(CommandError, match=rf"lane = {lane!r} is refused: .* lanes 0 to 0\."):
        engine.set_loss_weights(waiting, OTHER, lane=lane)


@pytest.mark.parametrize("weights", [None, (1, 1, 0.5), {"bin_out": 1}])
def test_what_are_no_weights_is_refused(engine, waiting, weights):
    with pytest.raises(ConfigError, match="expected LossWeights"):
        engine.set_loss_weights(waiting, weights)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"embedding_size": 32}, "embedding_size cannot change within a run.*Start a new run"),
        ({"seed": 1}, "seed cannot change within a run. Live are: learning_rate, momentum, steps,"),
        ({"unheard_of": 1}, "unheard_of cannot change"),
        ({"steps": 0}, "steps = 0 is refused: .*from 1 to 1,000,000 steps"),
        ({"learning_rate": float("nan")}, "learning_rate = nan is refused"),
        ({"momentum": 1}, "momentum = 1 is refused"),
    ],
)
def test_a_bad_live_setting_is_refused_and_changes_nothing(engine, waiting, settings, told):
    with pytest.raises(ConfigError, match=told):
        engine.set_live(waiting, **settings)
    assert engine.set_live(waiting, learning_rate=0.03)  # nothing bad was kept for later
    engine.step(waiting, 20)
    until(lambda: engine.store.run(waiting).step >= 20)
    assert engine.store.run(waiting).config == FOREVER.model_copy(update={"learning_rate": 0.03})


@pytest.mark.parametrize("n", [0, -1, 1.5, True, None, "5"])
def test_a_bad_number_of_steps_is_refused(engine, waiting, n):
    with pytest.raises(CommandError, match=rf"n = {n!r} is refused: expected a whole number"):
        engine.step(waiting, n)


def test_an_unknown_run_is_refused_by_every_command(engine):
    for command in (engine.pause, engine.resume, engine.step, engine.stop, engine.wait):
        with pytest.raises(RunNotFound, match="'nobody'"):
            command("nobody")
    with pytest.raises(RunNotFound):
        engine.set_loss_weights("nobody", OTHER)
    with pytest.raises(RunNotFound):
        engine.set_live("nobody", steps=5)


def test_waiting_ends_with_words(engine, waiting):
    with pytest.raises(TimeoutError, match=r"is paused at step \d+ of 1000000 after 0.1 s"):
        engine.wait(waiting, timeout=0.1)


def test_a_store_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="cannot be opened"):
        Engine(tmp_path / "file" / "runs.sqlite")


# A store that cannot be written


@contextlib.contextmanager
def unwritable_store(pid):
    """Take from a process the right to write files, as a full disk would, even from root."""
    import resource

    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@linux
def test_a_store_that_cannot_be_written_is_told_and_nothing_is_lost(engine):
    run = engine.start(RunConfig(steps=100_000))
    beyond(engine, run, 200)
    with unwritable_store(engine.worker_pid):
        fault = until(lambda: engine.fault)
        assert "runs.sqlite cannot be written: disk I/O error. Check that" in fault
        held = engine.store.run(run)
        assert held.state is RunState.RUNNING
        attempts = psutil.Process(engine.worker_pid).io_counters
        attempted = attempts().write_count
        until(lambda: attempts().write_count >= attempted + 3)
        assert engine.store.run(run).step == held.step
    until(lambda: engine.fault == "")
    beyond(engine, run, held.step + 200)
    engine.stop(run)
    ended = engine.wait(run, timeout=30)
    assert ended.state is RunState.STOPPED
    found = [record.step for record in records_of(engine, run)]
    assert found == sorted({1, *range(10, ended.step + 1, 10), ended.step})


# A worker that dies


# Races, forks, rewinds and maps


def test_a_fork_in_mid_run_is_there_at_once_and_stays_its_source(engine):
    run = engine.start(RunConfig(steps=1000, seed=4), [OTHER, ARTICLE])
    beyond(engine, run, 50)
    assert engine.fork(run, lane=1) == 2
    since = engine.store.lanes(run)[2].since
    assert engine.wait(run, timeout=60).state is RunState.FINISHED
    lanes = {lane: {} for lane in range(3)}
    for record in records_of(engine, run):
        lanes[record.lane][record.step] = {**without_time(record), "lane": None}
    assert min(lanes[2]) > since
    assert lanes[2] == {step: one for step, one in lanes[1].items() if step > since}
    assert engine.fork(run) is None  # it has ended


def test_a_forked_lane_is_steered_alone(engine):
    run = engine.start(FOREVER)
    beyond(engine, run, 20)
    assert engine.fork(run, OTHER) == 1
    assert engine.set_loss_weights(run, weighted(bin_out=2), lane=1)
    until(lambda: weights_of(engine, run) == [ARTICLE, weighted(bin_out=2)])
    engine.stop(run)


def test_a_fifth_lane_is_refused_and_the_run_goes_on(engine):
    run = engine.start(FOREVER, [ARTICLE] * 3)
    assert engine.fork(run, lane=2) == 3
    with pytest.raises(CommandError, match=r"has 4 lanes, and a race has 2 to 4\. Start another"):
        engine.fork(run)
    with pytest.raises(CommandError, match=r"lane = 4 is refused: run .* has the lanes 0 to 3"):
        engine.fork(run, lane=4)
    beyond(engine, run, engine.store.run(run).step + 50)
    engine.stop(run)


def test_a_finished_run_can_be_rewound_and_goes_another_way(engine):
    run = engine.start(RunConfig(steps=500, seed=8))
    engine.wait(run, timeout=60)
    with pytest.raises(CommandError, match=r"step = 123 is refused: .* step 0, 50, 100, 150") as no:
        engine.rewind(run, 123)
    assert "500. Other checkpoints are gone" in str(no.value)
    assert engine.store.run(run).state is RunState.FINISHED
    engine.rewind(run, 250)
    rewound = engine.store.run(run)
    assert (rewound.state, rewound.step, rewound.branches) == (RunState.PAUSED, 250, (0, 250))
    engine.set_loss_weights(run, weighted(ctg_out_1=0, ctg_out_2=0, bin_out=1))
    engine.resume(run)
    assert engine.wait(run, timeout=60).state is RunState.FINISHED
    first, second = {}, {}
    for record in records_of(engine, run):
        (second if record.branch else first)[record.step] = record
    assert set(second) == set(range(260, 501, 10))
    assert second[500].loss["ctg_out_1"] > first[500].loss["ctg_out_1"]
    assert second[260].time > first[250].time


def test_a_diverged_run_can_be_rewound_and_saved(engine):
    run = engine.start(RunConfig(steps=400, steps_per_second=2000))
    beyond(engine, run, 100)
    engine.set_live(run, learning_rate=100)
    assert engine.wait(run, timeout=60).state is RunState.DIVERGED
    engine.rewind(run, 80)
    assert engine.store.run(run).config.learning_rate == 0.05
    engine.resume(run)
    assert engine.wait(run, timeout=60).state is RunState.FINISHED


def test_a_run_keeps_whose_it_is(engine):
    nobodys = engine.start(RunConfig(steps=20))
    mine = engine.start(RunConfig(steps=20), person="me")
    over = engine.start_map(RunConfig(steps=20), resolution=2, person="you")
    for run in (nobodys, mine, over):
        engine.wait(run, 60)
    engine.rewind(mine, 20)
    assert [engine.store.run(run).person for run in (nobodys, mine, over)] == ["", "me", "you"]
    engine.stop(mine)


def test_a_run_is_forked_into_another_that_waits_and_goes_the_same_way(engine):
    run = engine.start(RunConfig(steps=400, seed=6, steps_per_second=400), [ARTICLE, OTHER])
    beyond(engine, run, 100)
    copy = engine.fork_run(run, person="me")
    waits = engine.store.run(copy)
    assert (waits.state, waits.person) == (RunState.PAUSED, "me")
    assert 0 < waits.step <= engine.store.run(run).step < 400
    engine.set_loss_weights(run, OTHER)  # of the source alone
    engine.wait(run, 60)
    assert engine.store.run(copy) == waits, "not a step without being told"
    engine.set_live(copy, steps_per_second=0)
    engine.resume(copy)
    assert engine.wait(copy, 60).state is RunState.FINISHED
    alone = engine.start(RunConfig(steps=400, seed=6, steps_per_second=0), [ARTICLE, OTHER])
    engine.wait(alone, 60)
    last = [[r.loss for r in records_of(engine, one)][-2:] for one in (copy, alone)]
    assert last[0] == last[1], "to the last bit"


def test_a_map_is_trained_and_cannot_be_steered(engine):
    run = engine.start_map(RunConfig(steps=40, steps_per_second=1), resolution=3, total=3)
    for refused in (
        lambda: engine.set_loss_weights(run, ARTICLE),
        lambda: engine.set_live(run, learning_rate=1),
        lambda: engine.fork(run),
        lambda: engine.rewind(run, 0),
    ):
        with pytest.raises(CommandError, match="is a weight map: its settings stay as they are"):
            refused()
    ended = engine.wait(run, timeout=60)
    assert (ended.state, ended.parts_done) == (RunState.FINISHED, 1)
    records = records_of(engine, run)
    assert {record.lane for record in records} == set(range(10))
    assert all(sum(r.loss_weights.values()) == pytest.approx(3, abs=1e-5) for r in records)


def test_a_map_larger_than_memory_is_trained_in_parts(engine, monkeypatch):
    monkeypatch.setattr("core.engine.engine.lanes_that_fit", lambda config: 4)
    run = engine.start_map(RunConfig(steps=20), resolution=3, seeds=2)
    assert engine.wait(run, timeout=60).parts_done == 6
    whole = engine.start(RunConfig(steps=20), list(engine.store.run(run).lanes))
    engine.wait(whole, timeout=60)
    of_map, of_run = engine.store.results(run), engine.store.results(whole)
    assert [result.lane for result in of_map] == list(range(20))
    for one, other in zip(of_map[:10], of_run, strict=True):
        assert one.val_loss == pytest.approx(other.val_loss, rel=1e-4)
        assert one.val_accuracy == pytest.approx(other.val_accuracy, abs=1 / 512)


def test_a_large_map_is_trained_in_parts_of_which_each_turn_is_short(engine):
    run = engine.store.run(engine.start_map(RunConfig(steps=2000), resolution=30))
    engine.stop(run.id)
    engine.wait(run.id, timeout=60)
    assert [len(part.lanes) for part in run.parts] == [248, 248]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"resolution": 0}, "resolution = 0 is refused"),
        ({"resolution": 500}, "resolution = 500 is refused"),
        ({"total": 0}, "total = 0 is refused"),
        ({"total": float("inf")}, "total = inf is refused"),
        ({"seeds": 0}, "seeds = 0 is refused"),
        ({"spacing": "odd"}, "spacing = 'odd' is refused"),
    ],
)
def test_a_bad_map_is_refused_and_leaves_no_run(engine, settings, told):
    before = len(engine.store.runs())
    with pytest.raises(ConfigError, match=told):
        engine.start_map(**settings)
    assert len(engine.store.runs()) == before


def test_a_cancelled_map_keeps_what_it_measured(engine):
    run = engine.start_map(RunConfig(steps=2000), resolution=4, seeds=2)
    until(lambda: engine.store.results(run), timeout=30)
    assert engine.stop(run)
    ended = engine.wait(run, timeout=30)
    assert (ended.state, ended.parts_done) == (RunState.STOPPED, 0)
    assert len(engine.store.results(run)) == 15
    assert 0 < ended.progress < 0.5


def test_what_cannot_be_probed_is_told(engine):
    with pytest.raises(WorkerError, match=r"cannot be measured: .*fashion_mnist"):
        engine.probe(RunConfig(dataset="fashion_mnist"))


def test_a_probe_tells_model_steps_per_second_and_leaves_no_run(engine):
    before = len(engine.store.runs())
    # How much it is, test_session.py asks by a clock of its own, and tests.benchmarks by a run.
    assert all(engine.probe(RunConfig(), n_lanes) > 0 for n_lanes in (1, 66))
    assert len(engine.store.runs()) == before


@pytest.fixture(scope="module")
def mortal(tmp_path_factory):
    """An engine whose worker may be killed."""
    with Engine(tmp_path_factory.mktemp("mortal") / "runs.sqlite") as engine:
        engine.wait_until_ready()
        yield engine


def kill(engine):
    """kill -9 the worker; return once another has taken its place: tests.benchmarks measures it."""
    pid = engine.worker_pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: engine.worker_pid != pid)
    assert not engine.is_ready


def start_and_change_weights_at(engine, step, config):
    """Start a run that gets other weights at that step."""
    run = engine.start(config)
    engine.pause(run)
    now = state_of(engine, run, RunState.PAUSED).step
    engine.step(run, step - now)
    until(lambda: engine.store.run(run).step == step)
    state_of(engine, run, RunState.PAUSED)
    engine.set_loss_weights(run, OTHER)
    engine.resume(run)
    return run


def test_a_killed_worker_is_replaced_and_its_run_goes_on_as_if_nothing_had_happened(mortal, engine):
    config = RunConfig(steps=3000, seed=5, steps_per_second=1000)
    disturbed = start_and_change_weights_at(mortal, 200, config)
    undisturbed = start_and_change_weights_at(engine, 200, config)
    until(
        lambda: (
            mortal.store.run(disturbed).step > 1000 + mortal.store.last_checkpoint(disturbed)[0] / 2
        )
    )
    kill(mortal)
    killed_at = mortal.store.run(disturbed).step
    again_from = mortal.store.last_checkpoint(disturbed)[0]
    # A checkpoint may lie within a row, whose first steps are then kept in it.
    assert 0 < again_from < killed_at + config.record_every
    assert killed_at - again_from < 2 * 1000  # 2 s of steps
    before = records_of(mortal, disturbed)

    ended = mortal.wait(disturbed, timeout=60)
    assert (ended.state, ended.step) == (RunState.FINISHED, 3000)
    after = records_of(mortal, disturbed)
    assert after[: len(before)] == before  # what was recorded stays
    found = [record.step for record in after]
    assert found == sorted(set(found))
    assert set(found) >= {1, *range(10, 3001, 10)}
    times = [record.time for record in after]
    assert times == sorted(times)

    engine.wait(undisturbed, timeout=60)
    # Up to step 200 the rows may be cut elsewhere, where the first pause came.
    wanted = [without_time(r) for r in records_of(engine, undisturbed) if r.step > 200]
    assert [without_time(r) for r in after if r.step > 200] == wanted
    assert {r["loss_weights"]["bin_out"] for r in wanted} == {2.0}


def test_steering_goes_on_while_the_worker_is_replaced(mortal):
    mortal.wait_until_ready()
    paused = mortal.start(FOREVER)
    beyond(mortal, paused, 20)
    mortal.set_loss_weights(paused, OTHER)
    until(lambda: weights_of(mortal, paused) == [OTHER])
    mortal.pause(paused)
    at = state_of(mortal, paused, RunState.PAUSED).step
    kill(mortal)
    # Nobody is there to listen for some seconds.
    started = mortal.start(RunConfig(steps=30))
    assert mortal.set_live(paused, learning_rate=0.01)
    assert mortal.wait(started, timeout=60).state is RunState.FINISHED
    assert mortal.store.run(paused).state is RunState.PAUSED
    assert mortal.store.run(paused).step == at
    mortal.step(paused, 25)
    until(lambda: mortal.store.run(paused).step == at + 25)
    last = records_of(mortal, paused)[-1]
    assert last.loss_weights == OTHER.model_dump()  # set before the kill
    assert last.learning_rate == 0.01  # set while it was dead
    mortal.stop(paused)
    mortal.wait(paused, timeout=30)


def test_forks_rewinds_and_maps_survive_a_killed_worker(mortal):
    mortal.wait_until_ready()
    config = RunConfig(steps=2000, steps_per_second=1000, seed=6)
    run = mortal.start(config, [ARTICLE])
    beyond(mortal, run, 500)
    mortal.rewind(run, 400)
    mortal.fork(run, lane=0)
    mortal.resume(run)
    beyond(mortal, run, 700)
    over = mortal.start_map(RunConfig(steps=300), resolution=2, seeds=2)
    until(lambda: mortal.store.run(over).parts_done == 1, timeout=30)
    before = records_of(mortal, run)
    kill(mortal)
    assert mortal.wait(run, timeout=60).state is RunState.FINISHED
    ended = mortal.wait(over, timeout=60)
    assert (ended.state, ended.parts_done) == (RunState.FINISHED, 2)
    assert {result.step for result in mortal.store.results(over)} == {300}
    after = records_of(mortal, run)
    assert after[: len(before)] == before
    assert len({(r.branch, r.lane, r.step) for r in after}) == len(after)
    lanes = [{}, {}]
    for record in after:
        if record.branch == 1 and record.step > 400:
            lanes[record.lane][record.step] = {**without_time(record), "lane": None}
    assert set(lanes[0]) == set(range(410, 2001, 10))
    assert lanes[0] == lanes[1]


@linux
def test_a_worker_killed_while_it_cannot_write_leaves_no_fault_behind(mortal):
    mortal.wait_until_ready()
    run = mortal.start(RunConfig(steps=1_000_000))
    beyond(mortal, run, 50)
    with unwritable_store(mortal.worker_pid):
        until(lambda: mortal.fault)
        kill(mortal)
    step = mortal.store.run(run).step
    until(lambda: mortal.fault == "")
    beyond(mortal, run, step)
    mortal.stop(run)
    mortal.wait(run, timeout=30)


def test_memory_stays_within_bounds(mortal):
    mortal.wait_until_ready()
    for seed in range(3):
        mortal.wait(mortal.start(RunConfig(steps=100, seed=seed)), timeout=60)
    assert psutil.Process(mortal.worker_pid).memory_info().rss < 1.2e9


# An engine that dies

SERVER = """
import sys, time
from core import Engine, RunConfig
engine = Engine(sys.argv[1])
engine.start(RunConfig(steps=1_000_000))
print(engine.worker_pid, flush=True)
time.sleep(600)
"""


def test_no_worker_survives_its_engine(tmp_path):
    path = tmp_path / "runs.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(path)], cwd=PROJECT, stdout=subprocess.PIPE
    ) as server:
        worker = int(server.stdout.readline())
        store = Store(path)
        until(lambda: store.runs()[0].step > 20)
        assert not has_ended(worker)
        server.kill()
        until(lambda: has_ended(worker), timeout=7)
    run = store.runs()[0]
    assert run.state is RunState.STOPPED
    assert "The server was closed at step" in run.message
    store.close()


# The handle alone, with a stand-in that writes down the commands it gets

STAND_IN = """
import sys
print('{"ready": true, "fault": ""}', flush=True)
with open(sys.argv[1], "ab", buffering=0) as log:
    for line in sys.stdin.buffer:
        log.write(line)
"""


DEAF = STAND_IN.split("with")[0] + "import time; time.sleep(600)"


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A function that makes an engine whose worker runs some script instead."""
    log = tmp_path / "commands"
    engines = []

    def stand_in(script=STAND_IN, is_ready=True, **how):
        def start_worker(store, scratch, *more):
            log.write_bytes(b"")
            return subprocess.Popen(
                [sys.executable, "-c", stand_in.script, str(log)],
                env={**os.environ, "EXPLORER_SCRATCH": scratch},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )

        stand_in.script = script
        monkeypatch.setattr(core_process, "start_worker", start_worker)
        engine = Engine(tmp_path / "runs.sqlite", **how)
        engines.append(engine)
        if is_ready:
            engine.wait_until_ready(10)
        return engine

    def commands(n=None):
        """The commands that the present worker got, once there are `n`, which are all."""
        until(lambda: len(log.read_bytes().splitlines()) >= (n or 0))
        found = [parse_command(line) for line in log.read_bytes().splitlines()]
        assert n in (None, len(found))
        return found

    stand_in.commands = commands
    yield stand_in
    for engine in engines:
        engine.close()


def replace(engine):
    pid = engine.worker_pid
    engine._worker._process.kill()
    until(lambda: engine.worker_pid not in (pid, None))


def test_a_new_worker_is_told_what_counts(stand_in):
    engine = stand_in()
    run, other = engine.start(lanes=[ARTICLE] * 2), engine.start()
    engine.set_loss_weights(run, OTHER, lane=1)
    engine.set_loss_weights(run, ARTICLE, lane=0)
    engine.set_loss_weights(run, OTHER, lane=0)  # of each kind the last
    engine.set_live(run, learning_rate=1)
    engine.set_live(run, momentum=0.5)
    engine.pause(run)
    engine.resume(run)
    engine.step(other, 7)
    stand_in.commands(10)
    live = RunConfig(learning_rate=1, momentum=0.5)
    replace(engine)
    engine.wait_until_ready(10)
    found = stand_in.commands(7)
    assert found[0] == StartRun(run=run)
    assert sorted(found[1:5], key=repr) == sorted(
        [
            SetLossWeights(run=run, lane=1, loss_weights=OTHER),
            SetLossWeights(run=run, lane=0, loss_weights=OTHER),
            SetLive(run=run, config=live),
            Resume(run=run),
        ],
        key=repr,
    )
    # Steps may have been trained already, so they are not trained again.
    assert found[5:] == [StartRun(run=other), Pause(run=other)]

    engine.store.set_state(run, RunState.FINISHED)
    replace(engine)
    assert stand_in.commands(2) == [StartRun(run=other), Pause(run=other)]


def test_a_new_worker_is_told_all_heads_that_were_moved_and_no_others(stand_in):
    engine = stand_in()
    run = engine.start(lanes=[ARTICLE] * 2)
    engine.move_loss_weights(run, bin_out=1)
    engine.move_loss_weights(run, ctg_out_1=0.25)
    engine.move_loss_weights(run, bin_out=2)
    engine.set_loss_weights(run, OTHER, lane=1)
    engine.move_loss_weights(run, lane=1, bin_out=0.125)
    stand_in.commands(6)
    replace(engine)
    moved = {"bin_out": 2.0, "ctg_out_1": 0.25}
    both = OTHER.moved({"bin_out": 0.125})
    assert stand_in.commands(3) == [
        StartRun(run=run),
        MoveLossWeights(run=run, lane=0, weights=moved),
        SetLossWeights(run=run, lane=1, loss_weights=both),
    ]


def test_steps_that_no_worker_could_have_trained_are_asked_for_again(stand_in):
    never_ready = STAND_IN.replace('"ready": true', '"ready": false')
    engine = stand_in(never_ready, is_ready=False)
    run = engine.start()
    engine.pause(run)
    engine.step(run, 7)
    stand_in.commands(3)
    stand_in.script = STAND_IN
    replace(engine)
    assert stand_in.commands(2) == [StartRun(run=run), Step(run=run, n=7)]


def test_a_command_that_meets_a_dead_worker_does_no_harm(stand_in):
    engine = stand_in(DEAF)
    run = engine.start()
    # The pipe is full and a command waits in the buffer before it as the worker dies.
    pipe = engine._worker._process.stdin.fileno()
    os.set_blocking(pipe, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(pipe, b" " * 4096)
    os.set_blocking(pipe, True)
    engine._worker._process.stdin.write(b"{")
    stand_in.script = STAND_IN
    replace(engine)
    assert stand_in.commands(1) == [StartRun(run=run)]
    replace(engine)
    assert stand_in.commands(1) == [StartRun(run=run)]


def die(engine):
    """Let the worker die once it is ready."""
    engine.wait_until_ready(10)
    replace(engine)


def test_a_run_whose_worker_always_dies_fails_in_the_end(stand_in):
    engine = stand_in()
    run = engine.start()
    for _ in range(DEATHS_ALLOWED):
        assert engine.store.run(run).state is RunState.QUEUED
        die(engine)
    die(engine)
    ended = engine.wait(run, timeout=10)
    assert ended.state is RunState.FAILED
    assert "The training process died 4 times at step 0." in ended.message
    assert engine.start()  # others may still be tried


# Does as it is told where a run is to wait.
PAUSING = """
import sys
sys.path.insert(0, {project!r})
from core import RunState, Store
from core.run.commands import Pause, parse_command
store = Store({store!r})
print('{{"ready": true, "fault": ""}}', flush=True)
with open(sys.argv[1], "ab", buffering=0) as log:
    for line in sys.stdin.buffer:
        command = parse_command(line)
        if isinstance(command, Pause):
            store.set_state(command.run, RunState.PAUSED)
        log.write(line)
"""


def test_a_run_that_waits_in_peace_is_not_blamed_for_what_others_do(stand_in, tmp_path):
    store = str(tmp_path / "runs.sqlite")
    engine = stand_in(PAUSING.format(project=str(PROJECT), store=store))
    run, killer = engine.start(), engine.start()
    engine.pause(run)
    for _ in range(DEATHS_ALLOWED + 1):
        until(lambda: Pause(run=run) in stand_in.commands())
        die(engine)
    assert engine.wait(killer, timeout=10).state is RunState.FAILED
    assert engine.store.run(run).state is RunState.PAUSED
    assert stand_in.commands(2) == [StartRun(run=run), Pause(run=run)]


@pytest.mark.parametrize("sign", ["record", "checkpoint", "part"])
def test_a_run_that_gets_on_is_not_blamed(stand_in, sign):
    engine = stand_in()
    run = engine.start()
    store = engine.store
    for n in range(1, 2 * DEATHS_ALLOWED):
        if sign == "record":
            loss = dict.fromkeys(ARTICLE.model_dump(), 0.5)
            place = {"seq": 0, "step": n, "lane": 0, "branch": 0, "time": 0.0}
            rates = {"total_loss": 1.0, "learning_rate": 0.1}
            store.append(
                run,
                [
                    Record(
                        **place,
                        **rates,
                        loss=loss,
                        metric=loss,
                        val_loss=None,
                        val_metric=None,
                        loss_weights=loss,
                    )
                ],
            )
        elif sign == "checkpoint":
            store.add_checkpoint(run, n, 0.0, [])
        else:
            store.finish_parts(run)
        die(engine)
    assert engine.store.run(run).state is RunState.QUEUED


def test_no_run_is_always_behind_the_one_that_kills(stand_in):
    engine = stand_in()
    runs = [engine.start() for _ in range(3)]
    orders = []
    for _ in range(2):
        die(engine)
        orders.append([command.run for command in stand_in.commands(3)])
    assert orders == [runs, runs[::-1]]


def test_no_run_is_blamed_for_a_worker_that_never_was_ready(stand_in):
    engine = stand_in("raise SystemExit(3)", is_ready=False)
    for _ in range(2 * DEATHS_ALLOWED):
        run = engine.start()  # has it tried again
        until(lambda: engine.worker_pid is None)
    stand_in.script = STAND_IN
    assert engine.start()
    until(lambda: StartRun(run=run) in stand_in.commands())
    assert {run.state for run in engine.store.runs()} == {RunState.QUEUED}


def test_a_rewound_run_waits_on_after_a_death(stand_in):
    engine = stand_in()
    run = engine.start()
    engine.rewind(run, 0)
    engine.store.set_state(run, RunState.PAUSED)
    rewind = stand_in.commands(2)[1]
    die(engine)
    assert stand_in.commands(3) == [StartRun(run=run), rewind, Pause(run=run)]


def test_a_worker_that_cannot_start_is_tried_again_until_it_can(stand_in, monkeypatch):
    monkeypatch.setattr(core_process, "FIRST_PAUSE", 0.05)
    engine = stand_in("raise SystemExit(3)", is_ready=False)
    run = engine.start()
    until(lambda: engine.fault)
    assert "ends as soon as it starts (exit code 3)" in engine.fault
    assert "python -m core.worker" in engine.fault
    assert "tried again" in engine.fault
    with pytest.raises(TimeoutError, match=r"was not ready within 0\.1 s. .*as soon as it starts"):
        engine.wait_until_ready(0.1)
    with pytest.raises(TimeoutError, match=r"is queued at step 0 .*as soon as it starts"):
        engine.wait(run, 0.1)
    stand_in.script = STAND_IN
    assert stand_in.commands(1) == [StartRun(run=run)]
    until(lambda: engine.fault == "")


def test_pauses_grow_and_the_next_train_does_not_wait_for_their_end(stand_in, monkeypatch):
    monkeypatch.setattr(core_process, "FIRST_PAUSE", 50)
    monkeypatch.setattr(core_process, "LONGEST_PAUSE", 80)
    waited = []
    monkeypatch.setattr(
        core_process.threading.Event, "wait", recorded(waited, core_process.threading.Event.wait)
    )
    engine = stand_in("raise SystemExit(3)", is_ready=False)
    until(lambda: 50 in waited)
    engine.start()
    until(lambda: 80 in waited)
    stand_in.script = STAND_IN
    run = engine.start()
    assert run in {command.run for command in stand_in.commands(2)}
    engine.wait_until_ready(10)


def recorded(waited, wait):
    def recording(event, timeout=None):
        waited.append(timeout)
        return wait(event, timeout)

    return recording


def test_an_interpreter_that_is_gone_is_told_until_it_is_back(tmp_path, monkeypatch):
    with monkeypatch.context() as gone:
        gone.setattr(sys, "executable", str(tmp_path / "gone"))
        engine = Engine(tmp_path / "runs.sqlite")
        told = r"cannot be started: .*Check that .*gone can be run.* Runs wait\."
        assert re.search(told, engine.fault)
        waiting = engine.start()
    engine.start()
    engine.wait_until_ready(60)
    assert engine.fault == ""
    until(lambda: engine.store.run(waiting).state is RunState.RUNNING)
    engine.close()


def test_nothing_of_a_killed_worker_is_left_behind(stand_in, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    leave = "import os, sys; open(os.environ['EXPLORER_SCRATCH'] + '/left.py', 'w').close()\n"
    engine = stand_in(leave + STAND_IN)
    replace(engine)
    engine.wait_until_ready(10)
    assert len(list(scratch.glob("explorer-worker-*"))) == 1
    engine.close()
    assert list(scratch.glob("explorer-worker-*")) == []


def test_a_fault_is_shown_until_it_is_gone(stand_in):
    script = STAND_IN.replace("with", 'print(\'{"fault": "no room"}\', flush=True)\nwith')
    engine = stand_in(script)
    until(lambda: engine.fault == "no room")
    stand_in.script = STAND_IN
    replace(engine)
    until(lambda: engine.fault == "")


def test_a_store_that_fails_while_a_worker_is_replaced_is_tried_again(stand_in, monkeypatch):
    engine = stand_in()
    run = engine.start()
    runs, failures = engine.store.runs, [StoreError("locked"), StoreError("locked")]

    def fail_twice(owner=None):
        if failures:
            raise failures.pop()
        return runs(owner)

    monkeypatch.setattr(engine.store, "runs", fail_twice)
    engine._worker._process.kill()
    until(lambda: not failures)
    assert stand_in.commands(1) == [StartRun(run=run)]


def test_a_patient_engine_starts_its_worker_when_something_is_asked_of_it(stand_in):
    engine = stand_in(is_ready=False, patience=600)
    assert engine.worker_pid is None
    run = engine.start()
    assert stand_in.commands(1) == [StartRun(run=run)]
    engine.wait_until_ready(10)
    assert engine.worker_pid


def test_a_patient_engine_starts_its_worker_by_itself_in_the_end(stand_in):
    engine = stand_in(is_ready=False, patience=0.1)
    until(lambda: engine.worker_pid)
    engine.wait_until_ready(10)


def test_a_patient_engine_is_closed_at_once(stand_in):
    engine = stand_in(is_ready=False, patience=600)
    engine.close()
    assert engine.worker_pid is None
    with pytest.raises(WorkerError, match="This engine is closed"):
        engine.start()


def test_closing_stops_what_is_left_even_if_the_worker_does_not(stand_in, tmp_path):
    engine = stand_in(DEAF)
    run = engine.start()
    pid = engine.worker_pid
    engine.close(timeout=0.2)
    assert has_ended(pid)
    store = Store(tmp_path / "runs.sqlite")
    assert (store.run(run).state, store.run(run).message) == (RunState.STOPPED, LOST)
    store.close()


def test_a_closed_engine_says_so(stand_in):
    engine = stand_in()
    with engine as same:
        assert same is engine
    engine.close()  # once more does nothing
    with pytest.raises(WorkerError, match=r"closed. Make a new one: Engine\(store\)"):
        engine.start()


def test_runs_of_a_dead_engine_are_stopped_and_those_of_living_ones_are_not(stand_in, tmp_path):
    living = stand_in()
    mine = living.start()
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    store = living.store
    lost = [store.add_run(RunConfig(), [ARTICLE], f"{gone.pid}-abc") for _ in range(2)]
    theirs = store.add_run(RunConfig(), [ARTICLE], f"{os.getppid()}-abc")
    earlier = store.add_run(RunConfig(), [ARTICLE], f"{os.getpid()}-closed")
    done = store.add_run(RunConfig(), [ARTICLE], f"{gone.pid}-abc")
    store.set_state(done, RunState.FINISHED, "before")
    stand_in()
    for run in (*lost, earlier):
        assert (store.run(run).state, store.run(run).message) == (RunState.STOPPED, LOST)
    for run in (mine, theirs):
        assert store.run(run).state is RunState.QUEUED
    assert store.run(done).message == "before"
