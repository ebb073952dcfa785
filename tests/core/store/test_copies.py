"""A run forked into one of somebody else's: what goes along, and what a rewind left behind."""

import math

import numpy as np
import pytest

from core import CommandError, RunConfig, RunNotFound, RunState
from core.problems.siamese.heads import HEAD_NAMES
from core.run.commands import Rewind, SetLive, SetLossWeights
from core.run.records import Record
from core.run.simplex import MapConfig
from core.store.copies import copy_run
from tests.article import ARTICLE
from tests.siamese import weighted

OTHER = weighted(bin_out=2)


def row(step, loss, branch=0, lane=0):
    values = [loss] * len(HEAD_NAMES)
    look = [values, [0.5] * len(HEAD_NAMES)]
    return Record.of(step, lane, branch, step / 10, values, values, look, ARTICLE, 0.05)


@pytest.fixture
def run(store):
    """To step 30, back to 10, and on to step 40; checkpoints at 10 and 20."""
    run = store.add_run(RunConfig(), [ARTICLE], "1-test", person="them")
    store.rename(run, "theirs")
    store.pin(run)
    store.append(run, [row(step, 1.0) for step in (10, 20, 30)])
    store.add_checkpoint(run, 10, 1.0, [np.full(2, 10.0)], kept=True)
    faster = RunConfig(learning_rate=0.5)
    store.add_change(run, 25, SetLive(run=run, config=faster), faster)
    store.rewind(run, 30, Rewind(run=run, step=10, branch=1))
    store.append(run, [row(step, 2.0, branch=1) for step in (20, 30, 40)])
    store.add_checkpoint(run, 20, 2.0, [np.full(2, 20.0)], kept=False)
    for step, weights in ((15, OTHER), (35, weighted(bin_out=3))):
        store.add_change(
            run, step, SetLossWeights(run=run, lane=0, loss_weights=weights), RunConfig()
        )
    return run


def test_a_copy_stands_at_the_newest_checkpoint_with_what_led_to_it(store, run):
    before = store.run(run), list(store.records(run))
    copy = store.run(copy_run(store, run, "2-mine", "me"))
    assert (copy.state, copy.step, copy.branches) == (RunState.PAUSED, 20, (0,))
    assert (copy.person, copy.owner, copy.name, copy.pinned) == ("me", "2-mine", "", False)
    assert copy.note == f"Forked from run #1, {run}, at step 20."
    losses = [(r.step, r.branch, r.loss["bin_out"]) for r in store.records(copy.id)]
    assert losses == [(10, 0, 1.0), (20, 0, 2.0)]
    assert [(c.step, c.command.run) for c in copy.changes] == [(15, copy.id)]
    assert copy.lanes_now[0].loss_weights == OTHER
    assert copy.config == RunConfig(), "what a rewind undid is not in force"
    step, seconds, (array,) = store.last_checkpoint(copy.id)
    assert (step, seconds, array.tolist()) == (20, 2.0, [20.0, 20.0])
    assert [result.step for result in store.results(copy.id)] == [20]
    assert store.checkpoints(copy.id) == [0, 20]
    assert (store.run(run), list(store.records(run))) == before


def test_a_run_without_a_checkpoint_is_copied_at_its_start(store):
    run = store.add_run(RunConfig(seed=4), [ARTICLE, OTHER], "1-test")
    store.append(run, [row(10, 1.0)])
    copy = store.run(copy_run(store, run, "2-mine", "me"))
    assert (copy.step, copy.config.seed, copy.lanes) == (0, 4, (ARTICLE, OTHER))
    assert list(store.records(copy.id)) == []
    assert store.last_checkpoint(copy.id) is None


def test_a_run_that_has_diverged_is_copied_before_that(store, run):
    store.append(run, [row(41, math.inf, branch=1)])
    store.add_checkpoint(run, 30, 3.0, [np.zeros(2)], kept=True)
    store.add_checkpoint(run, 41, 4.0, [np.zeros(2)], kept=True)
    store.set_state(run, RunState.DIVERGED)
    assert store.run(copy_run(store, run, "2-mine", "me")).step == 30


def test_a_map_and_a_run_that_is_not_there_are_not_copied(store):
    over = store.add_run(RunConfig(), [], "1-test", MapConfig(), 1)
    with pytest.raises(CommandError, match="is a weight map and is not forked"):
        copy_run(store, over, "2-mine", "me")
    with pytest.raises(RunNotFound):
        copy_run(store, "nobody", "2-mine", "me")
    assert len(store.runs()) == 1


def test_the_space_is_freed_of_ones_own_and_of_what_one_has_deleted(store):
    mine, theirs, other, nobodys = (
        store.add_run(RunConfig(), [ARTICLE], "1-test", person=person)
        for person in ("me", "them", "them", "")
    )
    for run in (mine, theirs, other, nobodys):
        store.set_state(run, RunState.STOPPED)
    store.delete([mine, theirs, other, nobodys], "1-test")
    store.purge("1-test", "me", [theirs])
    assert store.undelete([mine, theirs, other, nobodys]) == 2
    assert {run.id for run in store.runs()} == {other, nobodys}
    store.delete([nobodys], "1-test")
    store.purge("1-test", "")
    assert store.undelete([nobodys]) == 1, "who has no cookie owns nothing"
