"""Measuring while somebody looks: what, when, at what cost; runs that have ended or diverged."""

import json
import sqlite3
import time
from types import SimpleNamespace

import numpy as np
import pytest

from core import RunConfig, RunState
from core.inside import breakdown
from core.inside.measurements import Measurements
from core.inside.observer import WATCHED_FOR, Observer, branch_of
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.layers import layers_of
from core.run.commands import Preview, SetLossWeights, Watch
from core.store import Store
from core.training.batches import BatchOrder
from core.training.session import Session
from core.training.state import TrainState
from tests.article import ARTICLE
from tests.clock import Clock
from tests.core.inside.scene import COMPILED, Scene
from tests.siamese import HEADS, weighted
from tests.waiting import until

HUGE = weighted(ctg_out_1=1000, ctg_out_2=1000, bin_out=1000)


@pytest.fixture
def scene(store, program_of):
    def scene(lanes=(ARTICLE,), **settings):
        return Scene(store, program_of(), RunConfig(**settings), lanes)

    return scene


def test_nothing_is_measured_unless_somebody_looks(scene):
    here = scene(steps=60)
    here.train(60, look=True)
    here.end()
    assert here.steps() == []
    assert here.store.inside.snapshot(here.run, 0) is None
    assert here.store.inside.pictures(here.run) is None


def test_a_watched_lane_is_measured_until_nobody_looks_any_more(scene, monkeypatch):
    here = scene([ARTICLE, weighted(bin_out=2)], steps=100)
    here.watch(lane=1, pair=5)
    here.train(20)
    here.observer.look(here.session, is_training=False)
    assert (here.steps(0), here.steps(1)) == ([], [(0, 20)])
    found = here.store.inside.snapshot(here.run, 1)
    assert (found.step, found.branch, found.pair, found.broke) == (20, 0, 5, "")
    # The gradients are those of the batch that comes next, and the weights those in force.
    (one,) = here.store.inside.gradients(here.run)
    batch = BatchOrder(20_000, 64, 0).batches(20, 1)[0]
    measurements = Measurements(here.session.program, here.session.config)
    np.testing.assert_array_equal(one.grams, measurements.measure(here.session.states[1], batch)[0])
    assert one.loss_weights == (1, 1, 2)
    here.observer.look(here.session, is_training=False)  # nothing is new
    assert here.steps(1) == [(0, 20)]
    assert here.store.inside.snapshot(here.run, 1).seq == found.seq
    here.watch(lane=1, pair=6)
    here.observer.look(here.session, is_training=False)
    assert here.store.inside.snapshot(here.run, 1).pair == 6
    later = time.perf_counter() + WATCHED_FOR + 0.1
    here.train(25)
    monkeypatch.setattr("core.inside.observer.time.perf_counter", lambda: later)
    here.observer.look(here.session, is_training=False)
    assert here.steps(1) == [(0, 20)]


def test_measuring_takes_a_twentieth_of_the_time_at_most(scene, monkeypatch):
    """By a clock that only training and measuring put forward, each measurement at another cost."""
    here = scene(steps=100_000)
    clock, looks = Clock(monkeypatch, "core.inside.observer"), []
    here.watch()
    here.train(10)
    here.observer.look(here.session, is_training=False)  # compiled

    def cost(whose, name, kind, seconds):
        """Let a call cost up to twice these seconds."""
        real = getattr(whose, name)

        def slow(*arguments):
            spent = seconds * (1 + len(looks) % 11 / 10)
            clock.now += spent
            looks[-1][kind] += spent
            return real(*arguments)

        monkeypatch.setattr(whose, name, slow)

    cost(Measurements, "measure", "gradients", 0.02)
    cost(here.store.inside, "add_gradients", "gradients", 0.01)
    cost(Measurements, "look", "snapshots", 0.04)
    cost(here.store.inside, "add_snapshot", "snapshots", 0.02)
    began = clock.now
    while clock.now < began + 40:
        here.watch()
        here.train(here.session.step + 1)
        clock.now += 0.1
        looks.append({"gradients": 0.0, "snapshots": 0.0})
        before = clock.now
        here.observer.look(here.session, is_training=True)
        assert clock.now - before == pytest.approx(sum(looks[-1].values()))
    costs = {kind: [look[kind] for look in looks if look[kind]] for kind in looks[0]}
    assert min(map(len, costs.values())) > 10
    # The last one of each kind is being paid for by the time until the next.
    assert sum(sum(seconds[:-1]) for seconds in costs.values()) <= 0.05 * (clock.now - began)
    assert sum(map(sum, costs.values())) > 0.04 * (clock.now - began), "nor much less"


def test_what_is_watched_trains_as_if_it_was_not(scene):
    watched, alone = scene(steps=40), scene(steps=40)
    for here in (watched, alone):
        here.watch()
        here.train(40, look=here is watched, is_training=False)
    for one, other in zip(watched.session.arrays(), alone.session.arrays(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert watched.steps()


def test_a_run_that_has_ended_is_measured_from_what_is_kept(scene):
    here = scene(steps=50)
    here.train(30)
    here.session.change(SetLossWeights(run=here.run, lane=0, loss_weights=weighted(bin_out=3)))
    for change in here.session.changes_due():
        here.store.add_change(here.run, change.step, change.command, here.session.config)
    here.train(50)
    here.end()
    here.look_back()
    assert here.steps() == [(0, step) for step in (0, *range(5, 51, 5))]
    weights = {one.step: one.loss_weights[2] for one in here.store.inside.gradients(here.run)}
    assert (weights[25], weights[35]) == (0.5, 3)
    found = here.store.inside.snapshot(here.run, 0)
    assert found.step == 50
    assert here.store.inside.has_pictures(here.run)
    here.look_back(pair=9)
    assert here.store.inside.snapshot(here.run, 0).pair == 9
    assert len(here.steps()) == 11
    assert here.store.run(here.run).state is RunState.FINISHED
    assert here.told == []


def test_while_another_run_trains_an_ended_one_is_measured_one_state_at_a_time(scene):
    here = scene(steps=50)
    here.train(50)
    here.end()
    COMPILED.clear()
    here.look_back(is_training=True)  # compiles it beside the training
    assert here.steps() == []
    until(lambda: here.look_back(is_training=True) or here.steps())
    for n in range(2, 5):
        here.look_back(is_training=True)
        assert len(here.steps()) == n


@pytest.mark.parametrize("ended", [False, True])
def test_a_diverged_lane_shows_its_last_sound_state_and_what_broke_it(scene, ended):
    here = scene([HUGE, ARTICLE], steps=60)
    here.train(60)
    if ended:
        here.end()
        here.look_back()
    else:
        here.watch()
        here.observer.look(here.session, is_training=False)
    at = int(here.session.diverged_at[0])
    found = here.store.inside.snapshot(here.run, 0)
    assert found.step == at - 1
    assert all(np.isfinite(array).all() for array in found.arrays.values())
    broke = json.loads(found.broke)
    assert broke["step"] == at
    assert set(broke["heads"]) <= set(HEAD_NAMES)
    assert all(head in broke["why"] for head in broke["heads"])
    assert here.told == []


def test_the_head_that_broke_is_the_one_with_the_weight(scene):
    here = scene([weighted(ctg_out_1=0, ctg_out_2=1000, bin_out=0)], learning_rate=10, steps=60)
    here.train(60)
    assert here.session.diverged_at[0] < 60
    here.end(RunState.DIVERGED)
    here.look_back()
    assert here.told == []
    found = here.store.inside.snapshot(here.run, 0)
    assert json.loads(found.broke)["heads"] == ["ctg_out_2"]
    assert found.step < here.session.diverged_at[0]


def test_where_all_losses_are_lost_at_once_the_strongest_weighted_pull_broke_them():
    metrics = np.ones((2, 2, 3), np.float32)
    metrics[1] = np.nan
    gram = np.stack([np.diag([1.0, 4.0, 9.0])] * 2 + [np.zeros((3, 3))] * 3)  # norms 1 : 2 : 3
    state = TrainState([np.zeros(2)], [], [], [], [], np.int32(7))
    session = SimpleNamespace(
        states=[state],
        weights=[weighted(ctg_out_1=6, ctg_out_2=1, bin_out=1)],
        diverged_at=np.array([8]),
        config=RunConfig(),
        order=BatchOrder(100, 4, 0),
        program=SimpleNamespace(heads=HEADS, train_chunk=lambda *_: (None, metrics)),
    )
    measurements = SimpleNamespace(
        measure=lambda *_: (gram, np.ones(3)), layers=layers_of(RunConfig()), is_shared=True
    )
    found = breakdown.of(measurements, session, 0)
    assert (found["step"], found["heads"]) == (8, ["ctg_out_1"])
    assert "55 %" in found["why"]  # 6 of 6 + 2 + 3
    metrics[1, 0, 1] = 1  # ctg_out_2 is not lost
    assert breakdown.of(measurements, session, 0)["heads"] == ["ctg_out_1", "bin_out"]


def test_what_goes_wrong_while_measuring_is_told_and_ends_no_run(scene, monkeypatch):
    here = scene(steps=60)

    def fail(*arguments):
        raise MemoryError("no room")

    here.watch()
    here.train(10, look=True, is_training=False)
    monkeypatch.setattr(Measurements, "measure", fail)
    here.train(20, look=True, is_training=False)
    assert here.session.step == 20
    assert here.told[0]["answer"] == f"inside {here.run}"
    assert "MemoryError: no room" in here.told[0]["told"]
    assert len(here.told) == 1, "it is not tried again until somebody asks again"
    monkeypatch.undo()
    here.watch()
    here.train(30, look=True, is_training=False)
    assert here.told[1:] == [{"answer": f"inside {here.run}", "told": ""}]
    assert here.steps()[-1] == (0, here.session.step)


def test_the_start_of_a_run_is_told_before_it_is_trained(scene):
    here = scene(steps=60)
    config = RunConfig(seed=3)
    here.observer.preview(Preview(run="q", config=config), is_training=True)
    assert here.told[0]["gram"] is None
    assert "in training" in here.told[0]["told"]
    here.observer.preview(Preview(run="q", config=config), is_training=False)
    program = here.session.program
    grams, _ = Measurements(program, config).measure(
        program.initial_state(3), BatchOrder(20_000, 64, 3).batches(0, 1)[0]
    )
    np.testing.assert_allclose(here.told[1]["gram"], grams[:2].sum(axis=0), rtol=1e-5)
    here.observer.preview(Preview(run="q", config=RunConfig(dataset="mnist")), is_training=False)
    assert "not here yet" in here.told[2]["told"]


def test_steps_are_kept_in_rising_order_after_a_worker_was_lost(scene):
    here = scene(steps=60)
    here.train(40)
    here.watch()
    here.observer.look(here.session, is_training=False)
    run = here.store.run(here.run)
    session = Session(run, run.parts[0], here.session.program, None, [], (40, 0.0))
    session.turn()
    again = Observer(here.store, here.recorder.write, here.observer._programs, None, print)
    again._compiled._of = COMPILED
    again.watch(Watch(run=here.run, lane=0, pair=0))
    again.look(session, is_training=False)
    assert here.steps() == [(0, 40)]


def test_a_state_belongs_to_the_branch_that_it_was_trained_in(store):
    run = store.run(store.add_run(RunConfig(), [ARTICLE], "owner"))
    object.__setattr__(run, "branches", (0, 400, 200))
    assert [branch_of(run, step) for step in (0, 100, 200, 300, 500)] == [0, 0, 0, 2, 2]


def test_measurements_go_with_their_run_and_a_snapshot_has_a_bound(scene):
    here = scene(steps=30)
    here.train(30)
    here.watch()
    here.observer.look(here.session, is_training=False)
    here.end()
    with pytest.raises(ValueError, match="at most 2,000,000"):
        here.store.inside.add_snapshot(
            here.run, 0, 0, 30, 0, {"noise": np.random.default_rng(0).random(300_000)}
        )
    here.store.delete([here.run], "owner")
    here.store.purge("owner")
    here.store.inside.add_gradients(here.run, 0, 0, 40, (1, 1, 1), np.zeros((5, 3, 3)))
    with sqlite3.connect(here.store.path) as db:
        for table in ("gradients", "snapshots", "pictures"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    db.close()


def test_what_broke_a_lane_is_news_even_where_its_last_snapshot_stays(scene):
    here = scene(steps=30)
    here.train(30)
    here.watch()
    here.observer.look(here.session, is_training=False)
    before = here.store.inside.snapshot(here.run, 0)
    here.store.inside.note_break(here.run, 0, "{}")
    after = here.store.inside.snapshot(here.run, 0)
    assert (after.broke, after.step) == ("{}", before.step)
    assert after.seq > before.seq
    here.store.inside.note_break(here.run, 0, "{}")
    assert here.store.inside.snapshot_seq(here.run, 0) == after.seq


def test_a_store_is_read_by_another_object(scene):
    here = scene(steps=30)
    here.train(30)
    here.watch()
    here.observer.look(here.session, is_training=False)
    other = Store(here.store.path)
    (one,) = other.inside.gradients(here.run)
    assert other.inside.gradients(here.run, after=one.seq) == []
    assert other.inside.newest_gradients(here.run, 0).step == 30
    assert other.inside.snapshot_seq(here.run, 0) == other.inside.snapshot(here.run, 0).seq
    assert other.inside.pictures(here.run).startswith(b"\x89PNG")
    other.close()
