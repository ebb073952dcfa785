"""A run in training: its turns, its rows, what happens when it diverges or is taken up again."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from core import RunConfig, RunState
from core.problems.siamese.pairs import load_dataset
from core.run.commands import Fork, MoveLossWeights, SetLive, SetLossWeights
from core.run.config import EVALUATION_PAIRS
from core.run.lanes import Change
from core.run.run import Run
from core.run.simplex import MapConfig
from core.store.tables import row_of
from core.training.batches import BatchOrder
from core.training.lanes import is_finite, unpacked
from core.training.optimizers import OPTIMIZERS
from core.training.session import MADE_UP_FOR, NEVER, TURN, Session
from core.training.speed import speed
from core.training.state import StepSettings, TrainState
from tests.article import ARTICLE
from tests.clock import Clock
from tests.core.training.keras_reference import KerasReference
from tests.siamese import COLUMNS, HEADS, weighted

OTHER = weighted(ctg_out_1=0.2, ctg_out_2=1, bin_out=1)
HUGE = weighted(ctg_out_1=1000, ctg_out_2=1000, bin_out=1000)


def as_run(config, lanes):
    return Run("run", RunState.RUNNING, config, config, tuple(lanes), 0.0, 0, "", heads=HEADS)


@pytest.fixture
def session_of(program_of):
    """A session of the default fixed settings, with others that are not compiled."""

    def session_of(lanes=(ARTICLE,), checkpoint=None, changes=(), recorded=(0, 0.0), **settings):
        run = as_run(RunConfig(**settings), lanes)
        (part,) = run.parts
        return Session(run, part, program_of(), checkpoint, changes, recorded)

    return session_of


def train(session, to=None):
    """Give turns up to a step or the end, as the worker does; the rows by name, and the changes."""
    rows, changes = [], []
    while session.step < (session.config.steps if to is None else to):
        if session.has_changes_due():
            rows += session.rest()
            changes += session.changes_due()
            if session.is_done:
                break
        if to is not None:
            session.budget = to - session.step
        rows += session.turn()
    return named(rows), changes


def named(rows):
    """Records flattened: `loss.bin_out` as `loss_bin_out`."""
    names = [column.replace(".", "_") for column in COLUMNS]
    return [SimpleNamespace(**dict(zip(names, row_of(row, HEADS), strict=True))) for row in rows]


def losses_of(row):
    return [row.loss_ctg_out_1, row.loss_ctg_out_2, row.loss_bin_out]


def weights_of(row):
    return (row.loss_weights_ctg_out_1, row.loss_weights_ctg_out_2, row.loss_weights_bin_out)


def set_weights(weights, lane=0):
    return SetLossWeights(run="run", lane=lane, loss_weights=weights)


def move_weights(lane=0, **weights):
    return MoveLossWeights(run="run", lane=lane, weights=weights)


def set_live(session, **settings):
    return SetLive(run="run", config=session.config.model_copy(update=settings))


def metrics_of(program, lanes, n_steps, seed=0):
    """What the rows are the means of: the metrics of every step, from one chunk."""
    order = BatchOrder(len(load_dataset("digits").training), 64, seed)
    trained = [
        program.train_chunk(
            program.initial_state(seed),
            StepSettings.of(weights, RunConfig()),
            order.batches(0, n_steps),
        )
        for weights in lanes
    ]
    return [state for state, _ in trained], np.stack([found for _, found in trained], axis=1)


# Rows


def test_rows_end_where_they_should(session_of):
    rows, _ = train(session_of(record_every=10, eval_every=85, steps=193))
    ends = [1, *range(10, 81, 10), 85, *range(90, 191, 10), 193]
    assert [row.step for row in rows] == ends
    validated = [row.step for row in rows if row.val_loss_bin_out is not None]
    assert validated == [1, 85, 170, 193]


@pytest.mark.parametrize("record_every", [1, 7, 1000])
def test_rows_end_where_they_should_for_other_intervals(session_of, record_every):
    rows, _ = train(session_of(record_every=record_every, steps=104))
    ends = {1, 100, 104, *range(record_every, 105, record_every)}
    assert [row.step for row in rows] == sorted(ends)


@pytest.mark.parametrize("lanes", [[ARTICLE], [ARTICLE, OTHER], [ARTICLE, *[OTHER] * 5]])
def test_rows_are_the_means_of_their_steps(session_of, program_of, lanes):
    rows, _ = train(session_of(lanes, steps=64, seed=3))
    states, metrics = metrics_of(program_of(), lanes, 64, seed=3)
    validation = np.stack([program_of().evaluate(state).numpy() for state in states])
    assert [row.lane for row in rows[: len(lanes)]] == list(range(len(lanes)))
    assert len(rows) == 8 * len(lanes)
    starts = dict.fromkeys(range(len(lanes)), 0)
    for row in rows:
        loss, accuracy = metrics[starts[row.lane] : row.step, row.lane].mean(axis=0)
        starts[row.lane] = row.step
        np.testing.assert_allclose(losses_of(row), loss, rtol=1e-5)
        found = [row.accuracy_ctg_out_1, row.accuracy_ctg_out_2, row.accuracy_bin_out]
        np.testing.assert_allclose(found, accuracy, atol=1e-6)
        weights = lanes[row.lane].as_tuple()
        assert weights_of(row) == weights
        assert row.total_loss == pytest.approx(np.dot(weights, loss), rel=1e-5)
        assert row.learning_rate == 0.05
    assert set(starts.values()) == {64}
    for row in rows[-len(lanes) :]:
        found = [row.val_loss_ctg_out_1, row.val_loss_ctg_out_2, row.val_loss_bin_out]
        np.testing.assert_allclose(found, validation[row.lane, 0], rtol=1e-4)
        found = [row.val_accuracy_ctg_out_1, row.val_accuracy_ctg_out_2, row.val_accuracy_bin_out]
        np.testing.assert_allclose(found, validation[row.lane, 1], atol=1.01 / EVALUATION_PAIRS)


def test_a_rest_is_a_row_of_the_steps_that_are_left(session_of, program_of):
    session = session_of(steps=40)
    before, _ = train(session, to=13)
    rest = named(session.rest())
    assert session.rest() == []
    after, _ = train(session)
    assert [row.step for row in [*before, *rest, *after]] == [1, 10, 13, 20, 30, 40]
    _, metrics = metrics_of(program_of(), [ARTICLE], 40)
    for start, row in ((10, rest[0]), (13, after[0])):
        np.testing.assert_allclose(
            losses_of(row), metrics[start : row.step, 0, 0].mean(0), rtol=1e-5
        )
    assert rest[0].val_loss_bin_out is None


def test_seconds_rise_and_pauses_do_not_count(session_of, monkeypatch):
    clock = FakeClock(monkeypatch)
    session = session_of(steps=100)
    clock.cost_of_a_step(session, 0.001)
    before, _ = train(session, to=60)
    session.pause()
    clock.now += 1000
    session.go_on()
    after, _ = train(session)
    seconds = [row.time for row in before + after]
    assert seconds == sorted(set(seconds))
    assert [row.step for row in after][-1] == 100
    for row in before + after:  # 1 ms a step, by definition
        assert row.time == pytest.approx(0.001 * row.step)


# Turns


class FakeClock(Clock):
    """Makes steps cost what one likes."""

    def __init__(self, monkeypatch):
        super().__init__(monkeypatch, "core.training.session", "core.training.speed")
        self.turns = []

    def cost_of_a_step(self, session, seconds):
        """From now on a step of the session takes that long, and trains nothing."""
        n_lanes = len(session.weights)

        def train_chunk(state, settings, batches, feed):
            self.now += len(batches) * seconds / n_lanes
            self.turns.append(len(batches))
            return state, np.ones((len(batches), 2, 3), np.float32)

        session.program = SimpleNamespace(
            problem=SimpleNamespace(training=range(20_000)),
            heads=HEADS,
            columns=len(HEADS),
            optimizer=OPTIMIZERS["sgd"],
            feed=lambda batches: SimpleNamespace(of=lambda *_: None),
            train_chunk=train_chunk,
            evaluate=lambda state: tf.ones((2, 3)),
        )


@pytest.fixture
def clock(monkeypatch):
    return FakeClock(monkeypatch)


def test_a_turn_becomes_about_as_long_as_it_should(session_of, clock):
    session = session_of(steps=20_000, eval_every=1000)
    clock.cost_of_a_step(session, 0.0004)
    train(session, to=1001)
    # The first step is a turn alone; then twice as many at most; then 0.05 s / 0.0004 s = 125.
    assert clock.turns[:6] == [1, 2, 4, 8, 16, 32]
    # 937 steps are left to the look: 15 turns alike; then as many of up to 125 as it takes.
    assert clock.turns[6] == 63
    assert set(clock.turns[7:-1]) <= {109, 110, 124, 125}

    clock.turns.clear()
    clock.cost_of_a_step(session, 0.01)  # the machine has become slow
    train(session, to=1600)
    assert set(clock.turns[2:-1]) <= {4, 5}
    assert max(clock.turns) <= 125


@pytest.mark.parametrize(
    ("cost", "wanted"),
    [
        (0.005, 60),  # s of a step of all lanes: as many as take 0.3 s
        (0.02, 32),  # no fewer than that, up to 0.8 s
        (0.03, 26),
        (0.1, 8),
        (2.0, 1),
    ],
)
def test_a_turn_of_many_lanes_has_steps_enough_for_a_call_to_pay(session_of, clock, cost, wanted):
    session = session_of([ARTICLE] * 6, steps=20_000, eval_every=1000)
    clock.cost_of_a_step(session, cost)
    for _ in range(9):
        session.turn()
    assert clock.turns[-1] in (wanted - 1, wanted)


@pytest.mark.parametrize("n_lanes", [1, 6])
def test_turns_up_to_a_look_are_of_the_same_length(session_of, clock, n_lanes):
    session = session_of([ARTICLE] * n_lanes, steps=20_000, eval_every=400)
    clock.cost_of_a_step(session, 0.0004 if n_lanes == 1 else 0.0025)  # 125 steps, or 120
    train(session, to=800)
    del clock.turns[:]
    train(session, to=2000)
    assert sum(clock.turns) == 1200 * n_lanes
    assert set(clock.turns) <= {99, 100}


def test_maps_are_cut_by_looks_alone(program_of, clock):
    """They are not gone back in, so that no state need be kept at any step."""
    run = replace(as_run(RunConfig(steps=500, eval_every=500), []), map=MapConfig(resolution=3))
    session = Session(run, run.parts[0], program_of(), None, [], (0, 0.0))
    clock.cost_of_a_step(session, 0.003)
    train(session, to=480)
    assert max(clock.turns) > session.config.checkpoint_interval


def test_a_turn_is_one_step_where_a_step_is_slow(session_of, clock):
    session = session_of(steps=9)
    clock.cost_of_a_step(session, 3.0)
    train(session)
    assert clock.turns == [1] * 9


@pytest.mark.parametrize("n_lanes", [1, 3])
def test_a_probe_counts_the_steps_of_all_lanes(program_of, clock, n_lanes):
    lane = SimpleNamespace(weights=[ARTICLE])
    clock.cost_of_a_step(lane, 0.002)
    lane.program.initial_state = program_of().initial_state
    train_chunk, lock = lane.program.train_chunk, threading.Lock()

    def one_after_the_other(*arguments):
        with lock:
            return train_chunk(*arguments)

    lane.program.train_chunk = one_after_the_other
    limited = RunConfig(steps=100_000, steps_per_second=7)  # a limit is no speed of the machine
    assert speed(lane.program, limited, n_lanes) == pytest.approx(500)


def test_a_turn_crosses_no_look_no_change_and_no_budget(session_of, clock):
    session = session_of(steps=1000, eval_every=100)
    clock.cost_of_a_step(session, 1e-6)
    ends = []
    while session.step < 100:
        session.turn()
        ends.append(session.step)
    assert ends[0] == 1
    assert ends[-1] == 100

    session.changes.append(Change(133, set_weights(OTHER)))
    while session.step < 133:
        session.turn()
    assert session.step == 133
    session.changes_due()
    session.go_on(7)
    while session.budget > 0:
        session.turn()
    assert session.step == 140
    session.go_on()
    while not session.is_done:
        session.turn()
    assert session.step == 1000


@pytest.mark.parametrize("pace", [1, 30, 200, 5000])
def test_the_speed_limit_is_kept(session_of, clock, pace):
    session = session_of(steps=100_000, steps_per_second=pace)
    clock.cost_of_a_step(session, 1e-6)
    session.turn()
    began, first = clock.now, session.step
    while clock.now < began + 20:
        if session.due <= clock.now:
            session.turn()
        else:
            clock.now = session.due + 1e-9
    reached = (session.step - first) / (clock.now - began)
    assert reached == pytest.approx(pace, rel=0.06)
    # In steps that one can watch, not in bursts.
    assert max(clock.turns) <= max(1, round(pace * TURN))


def test_time_lost_to_others_is_not_made_up_for_in_a_burst(session_of, clock):
    session = session_of(steps=100_000, steps_per_second=20)
    clock.cost_of_a_step(session, 1e-6)
    session.turn()
    clock.now += 60
    steps = session.step
    while session.due <= clock.now:
        session.turn()
    assert session.step - steps <= 20 * MADE_UP_FOR + 1


# Changes


def test_moves_of_different_heads_leave_one_another_alone_and_are_recorded_whole(session_of):
    session = session_of([ARTICLE, ARTICLE], steps=60)
    train(session, to=20)
    session.change(move_weights(lane=1, bin_out=2.0))
    session.change(move_weights(lane=1, ctg_out_1=0.25))
    session.change(move_weights(lane=1, ctg_out_1=0.25))  # which changes nothing
    session.change(move_weights(lane=5, ctg_out_1=0.25))  # which is not there
    rows, changes = train(session)
    first = ARTICLE.moved({"bin_out": 2.0})
    both = first.moved({"ctg_out_1": 0.25})
    expected = [Change(20, set_weights(weights, lane=1)) for weights in (first, both)]
    assert changes == expected
    assert {weights_of(row) for row in rows if row.lane == 1} == {both.as_tuple()}
    assert {weights_of(row) for row in rows if row.lane == 0} == {ARTICLE.as_tuple()}


def test_a_change_of_weights_ends_a_row_and_is_in_the_next(session_of, program_of):
    session = session_of([ARTICLE, ARTICLE], steps=60)
    before, _ = train(session, to=23)
    session.change(set_weights(OTHER, lane=1))
    after, changes = train(session)
    assert changes == [Change(23, set_weights(OTHER, lane=1))]
    rows = before + after
    assert sorted({row.step for row in rows}) == [1, 10, 20, 23, 30, 40, 50, 60]
    for row in rows:
        changed = row.lane == 1 and row.step > 23
        assert weights_of(row) == (OTHER if changed else ARTICLE).as_tuple()

    # The same by hand: 23 steps, then 37 with the other weights.
    program, order = program_of(), BatchOrder(len(load_dataset("digits").training), 64, 0)
    config = RunConfig()
    state, _ = program.train_chunk(
        program.initial_state(0), StepSettings.of(ARTICLE, config), order.batches(0, 23)
    )
    for row, weights in zip(after[-2:], [ARTICLE, OTHER], strict=True):
        settings = StepSettings.of(weights, config)
        _, metrics = program.train_chunk(state, settings, order.batches(23, 37))
        np.testing.assert_allclose(losses_of(row), metrics[-10:, 0].mean(axis=0), rtol=1e-5)


def test_a_changed_learning_rate_is_in_the_next_row(session_of):
    session = session_of(steps=30)
    before, _ = train(session, to=15)
    session.change(set_live(session, learning_rate=0.01))
    after, changes = train(session)
    assert [change.step for change in changes] == [15]
    assert {row.learning_rate for row in before} == {0.05}
    assert [(row.step, row.learning_rate) for row in after] == [(15, 0.05), (20, 0.01), (30, 0.01)]


def test_what_changes_nothing_is_no_change(session_of):
    session = session_of(steps=30)
    train(session, to=15)
    session.change(set_weights(ARTICLE))
    session.change(set_live(session))
    rows, changes = train(session)
    assert changes == []
    assert [row.step for row in rows] == [20, 30]  # none ends at 15


def test_steps_may_be_added_and_taken_away(session_of):
    session = session_of(steps=20)
    train(session, to=15)
    session.change(set_live(session, steps=35))
    rows, _ = train(session)
    assert rows[-1].step == session.step == 35

    session.change(set_live(session, steps=10))
    session.changes_due()
    assert session.is_done


# Divergence


def test_a_run_diverges_at_the_step_where_keras_does(program_of):
    config = RunConfig(dropout=0, learning_rate=50, steps=40)
    run = as_run(config, [ARTICLE])
    session = Session(run, run.parts[0], program_of(dropout=0), None, [], (0, 0.0))
    train(session, to=20)
    optimizer = keras.optimizers.SGD(learning_rate=50.0, momentum=0.9)
    batches = BatchOrder(len(load_dataset("digits").training), 64, 0).batches(0, 20)
    losses = KerasReference(config, optimizer).head_losses(batches)
    first = int(np.flatnonzero(~np.isfinite(losses).all(axis=1))[0])
    assert session.diverged_at.tolist() == [first]
    assert first > 0


def test_a_lane_that_diverges_has_no_rows_after_it_and_the_others_go_on(session_of):
    lanes = [HUGE, ARTICLE, OTHER]
    session = session_of(lanes, steps=60)
    rows, _ = train(session)
    step = int(session.diverged_at[0])
    assert 0 < step < 60
    assert session.diverged_at[1:].tolist() == [NEVER, NEVER]
    assert [row.step for row in rows if row.lane == 0][-1] == step
    alone, _ = train(session_of([ARTICLE, OTHER], steps=60))
    others = [row for row in rows if row.lane > 0]
    assert [row.step for row in others] == [row.step for row in alone]
    for row, expected in zip(others, alone, strict=True):
        np.testing.assert_allclose(losses_of(row), losses_of(expected), rtol=1e-5)
    for row in rows:
        assert all(np.isfinite(v) for v in vars(row).values() if v is not None)


@pytest.mark.parametrize("chunks", [range(1, 41), [1]])  # found at the start of a chunk, and within
def test_a_diverged_lane_stays_in_the_last_state_with_a_finite_loss(session_of, chunks):
    def trained(to, lanes):
        session = session_of(lanes, steps=60)
        for step in chunks:
            session.step < step <= to and train(session, to=step)
            session._steps_a_turn = 40  # all that is left to the next step, at once
        train(session, to=to)
        return session

    session = trained(40, [HUGE, ARTICLE])
    first = int(session.diverged_at[0])
    assert 1 < first < 40
    kept, other = session.states
    assert (int(kept.step), int(other.step)) == (first - 1, 40)
    assert is_finite(kept)
    expected = trained(first - 1, [HUGE]).states[0]
    for array, same in zip(tf.nest.flatten(kept), tf.nest.flatten(expected), strict=True):
        np.testing.assert_array_equal(array, same)
    # One more update, and the loss is no number any more.
    batches = session.order.batches(first - 1, 2)
    settings = StepSettings.of(HUGE, session.config)
    losses = session.program.train_chunk(kept, settings, batches)[1][:, 0]
    assert np.isfinite(losses[0]).all()
    assert not np.isfinite(losses[1]).all()


def test_a_chunk_may_hold_the_divergence_anywhere(session_of):
    metrics = np.ones((8, 4, 2, 3), np.float32)
    metrics[3:, 0, 0, 2] = np.nan
    metrics[0:, 1, 0, 0] = np.inf
    metrics[7:, 2, 0, 1] = -np.inf
    session = session_of([ARTICLE] * 4, steps=100)
    session.step = 20
    session._note_divergence(metrics)
    assert session.diverged_at.tolist() == [23, 20, 27, NEVER]
    session.step = 28
    session._note_divergence(metrics)  # once is enough
    assert session.diverged_at.tolist() == [23, 20, 27, NEVER]


# Forks


def fork(lane=0, new_lane=1, weights=ARTICLE):
    return Fork(run="run", lane=lane, new_lane=new_lane, loss_weights=weights)


def measured(row):
    """All of a row but the lane and the time."""
    return {name: value for name, value in vars(row).items() if name not in ("lane", "time")}


@pytest.mark.parametrize("trunk", ["dense", "conv"])
def test_a_fork_of_the_same_weights_stays_its_source_to_the_last_bit(trunk, program_of):
    run = as_run(RunConfig(trunk=trunk, steps=60, eval_every=80, seed=2), [OTHER, ARTICLE])
    session = Session(run, run.parts[0], program_of(trunk=trunk), None, [], (0, 0.0))
    train(session, to=23)
    session.change(fork(lane=0, new_lane=2, weights=OTHER))
    rows, changes = train(session)
    assert [change.step for change in changes] == [23]
    source, copy, another = ([row for row in rows if row.lane == lane] for lane in (0, 2, 1))
    copied = [measured(row) for row in source if row.step > 23]
    assert [measured(row) for row in copy] == copied
    assert len(copied) == 4  # 30, 40, 50, 60
    assert losses_of(another[-1]) != losses_of(copy[-1])


def test_a_fork_goes_on_from_where_its_source_stood_with_its_own_weights(session_of, program_of):
    session = session_of(steps=50)
    train(session, to=20)
    session.change(fork(weights=OTHER))
    rows, _ = train(session)
    assert session.weights == [ARTICLE, OTHER]
    forked = [row for row in rows if row.lane == 1]
    assert {weights_of(row) for row in forked} == {OTHER.as_tuple()}
    # A state is a value: trained on with the other weights, it gives the same.
    (state,), _ = metrics_of(program_of(), [ARTICLE], 20)
    order = BatchOrder(len(load_dataset("digits").training), 64, 0)
    _, metrics = program_of().train_chunk(
        state, StepSettings.of(OTHER, RunConfig()), order.batches(20, 10)
    )
    expected = metrics[:, 0].mean(axis=0)
    assert forked[0].step == 30
    np.testing.assert_allclose(losses_of(forked[0]), expected, rtol=1e-5)


def test_a_fork_that_was_carried_out_is_not_carried_out_again(session_of):
    session = session_of(steps=50)
    train(session, to=20)
    for _ in range(2):
        session.change(fork())
    _, changes = train(session)
    assert len(changes) == 1
    assert len(session.weights) == len(session.states) == 2
    session.change(fork(lane=7, new_lane=2))  # of a lane that a rewind took away
    assert session.changes_due() == []
    session.change(set_weights(OTHER, lane=5))
    assert session.changes_due() == []


def test_a_fork_of_a_diverged_lane_is_as_diverged(session_of):
    session = session_of([ARTICLE, HUGE], steps=40)
    train(session, to=20)
    session.change(fork(lane=1, new_lane=2))
    rows, _ = train(session)
    assert session.diverged_at[2] == session.diverged_at[1] < 20
    assert [row for row in rows if row.lane == 2] == []


@pytest.mark.parametrize("checkpoint_at", [0, 20, 37, 41, 66])
def test_a_fork_is_made_again_or_is_in_the_checkpoint(session_of, checkpoint_at):
    settings = {"steps": 120}
    session = session_of(**settings)
    rows, changes, checkpoint = [], [], None
    for stop in sorted({37, checkpoint_at, 68}):
        some, made = train(session, to=stop)
        rows, changes = rows + some, changes + made
        if 0 < session.step == checkpoint_at:
            checkpoint = (session.step, session.seconds, [a.copy() for a in session.arrays()])
        if session.step == 37:
            session.change(fork(weights=OTHER))
    recorded = (rows[-1].step, rows[-1].time)
    expected, _ = train(session)
    again = session_of(checkpoint=checkpoint, changes=changes, recorded=recorded, **settings)
    after, made = train(again)
    assert made == []
    assert again.weights == [ARTICLE, OTHER]
    assert [measured(row) for row in after] == [measured(row) for row in expected]
    assert [row.lane for row in after] == [row.lane for row in expected]


# Many lanes


def test_a_part_of_a_map_trains_its_lanes_from_its_seed(program_of):
    config = RunConfig(steps=20, record_every=20)
    run = replace(as_run(config, []), map=MapConfig(resolution=3, seeds=2), lanes_at_once=6)
    assert [(part.lanes, part.seed) for part in run.parts] == [
        (range(5), 0),
        (range(5, 10), 0),
        (range(10, 15), 1),
        (range(15, 20), 1),
    ]
    part = run.parts[3]
    rows, _ = train(Session(run, part, program_of(), None, [], (0, 0.0)))
    assert [row.lane for row in rows if row.step == 20] == list(range(15, 20))
    alone = as_run(RunConfig(steps=20, record_every=20, seed=1), [part.weights[2]])
    expected, _ = train(Session(alone, alone.parts[0], program_of(), None, [], (0, 0.0)))
    found = [row for row in rows if row.lane == 17]
    for row, wanted in zip(found, expected, strict=True):
        assert weights_of(row) == weights_of(wanted)
        assert losses_of(row) == pytest.approx(losses_of(wanted), rel=1e-4)


# Taken up again


def interrupted(session_of, checkpoint_at, killed_at, lanes=(ARTICLE, OTHER), **settings):
    """A run with a change at step 37: all its rows, and what is known when its worker dies.

    Returns:
        rows, and a dict with checkpoint, changes and recorded, for another session.
    """
    session = session_of(lanes, **settings)
    rows, changes, checkpoint = [], [], None
    for stop in sorted({37, checkpoint_at, killed_at}):
        some, made = train(session, to=stop)
        rows, changes = rows + some, changes + made
        if session.step == 37:
            session.change(set_weights(OTHER))
        if 0 < session.step == checkpoint_at:
            arrays = [array.copy() for array in session.arrays()]
            checkpoint = (session.step, session.seconds, arrays)
    known = {
        "checkpoint": checkpoint,
        "changes": list(changes),
        "recorded": (rows[-1].step, rows[-1].time),
    }
    some, _ = train(session)
    return rows, some, known


@pytest.mark.parametrize("checkpoint_at", [0, 20, 33, 37, 41, 66])
@pytest.mark.parametrize("killed_at", [68, 75])
def test_it_goes_on_as_if_nothing_had_happened(session_of, checkpoint_at, killed_at):
    settings = {"lanes": (ARTICLE, OTHER), "steps": 120}
    before, expected, known = interrupted(session_of, checkpoint_at, killed_at, **settings)
    session = session_of(**settings, **known)
    assert session.step == checkpoint_at
    assert session.reached == max(checkpoint_at, before[-1].step)
    after, changes = train(session)
    assert changes == []  # the store knows them
    assert [(row.step, row.lane) for row in after] == [(row.step, row.lane) for row in expected]
    for row, wanted in zip(after, expected, strict=True):
        assert weights_of(row) == weights_of(wanted)
        assert losses_of(row) == pytest.approx(losses_of(wanted), rel=1e-5)
        assert (row.val_loss_bin_out is None) == (wanted.val_loss_bin_out is None)
    assert after[0].time > before[-1].time


def test_a_pause_while_repeating_gives_no_row_and_steps_count_from_the_last_record(session_of):
    _, _, known = interrupted(session_of, 20, 68, steps=120)
    session = session_of((ARTICLE, OTHER), steps=120, **known)
    session.turn()
    assert 20 < session.step < 60
    session.pause()
    assert session.rest() == []
    session.go_on(10)
    rows = []
    while session.budget > 0:
        rows += (
            session.rest() if session.changes and session.changes[0].step <= session.step else []
        )
        session.changes_due()
        rows += session.turn()
    rows += session.rest()
    assert session.step == session.reached == 70
    assert [row.step for row in named(rows)] == [70, 70]


def test_a_change_while_repeating_is_made_after_the_last_record(session_of):
    before, _, known = interrupted(session_of, 20, 68, steps=120)
    session = session_of((ARTICLE, OTHER), steps=120, **known)
    session.turn()
    session.change(set_weights(HUGE.model_copy(update={"ctg_out_1": 0.0}), lane=1))
    _, changes = train(session, to=100)
    assert [change.step for change in changes] == [before[-1].step]


def test_a_row_that_a_pause_ended_is_not_counted_into_the_next(session_of, program_of):
    # The worker died after the row of a pause at step 13 and before the checkpoint there.
    session = session_of(steps=30, recorded=(13, 500.0))
    rows, _ = train(session)
    assert [row.step for row in rows] == [20, 30]
    assert 500 < rows[0].time < rows[1].time  # however fast the repeating was
    _, metrics = metrics_of(program_of(), [ARTICLE], 30)
    np.testing.assert_allclose(losses_of(rows[0]), metrics[13:20, 0, 0].mean(axis=0), rtol=1e-5)


def test_a_lane_that_had_diverged_stays_so(session_of):
    lanes = [HUGE, ARTICLE]
    session = session_of(lanes, steps=60)
    train(session, to=40)
    step = int(session.diverged_at[0])
    arrays = session.arrays()
    assert step < 40
    again = session_of(lanes, steps=60, checkpoint=(40, 1.0, arrays), recorded=(40, 1.0))
    rows, _ = train(again)
    assert again.diverged_at.tolist() == [step, NEVER]
    assert {row.lane for row in rows} == {1}


def test_repeating_knows_no_speed_limit(session_of, clock):
    session = session_of(steps=200, steps_per_second=10, recorded=(100, 10.0))
    clock.cost_of_a_step(session, 0.001)
    began = clock.now
    while session.step < 100:
        assert session.due <= clock.now
        session.turn()
    assert clock.now - began == pytest.approx(0.1)
    assert session.step == 100
    session.turn()
    session.turn()
    assert session.due > clock.now


def test_a_checkpoint_is_the_whole_state_in_plain_arrays(session_of):
    session = session_of((ARTICLE, OTHER), steps=60)
    train(session, to=33)
    arrays = session.arrays()
    assert {array.dtype.kind for array in arrays} <= set("fiu")
    assert all(isinstance(state, TrainState) for state in session.states)
    start = [session.program.initial_state(0)] * 2
    found = tf.nest.flatten(unpacked(start, arrays[2:]))
    for leaf, again in zip(tf.nest.flatten(session.states), found, strict=True):
        assert np.asarray(leaf).tobytes() == np.asarray(again).tobytes()
