"""States of weight maps in training: in files beside the store, for the next worker alone."""

import contextlib
import errno
import os
import sqlite3

import numpy as np
import pytest

from core import RunConfig, RunState, Store
from core.run.simplex import MapConfig


@pytest.fixture
def weight_map(store):
    run = store.add_run(RunConfig(), [], "e", MapConfig(resolution=2, seeds=2), 6)
    store.set_state(run, RunState.RUNNING)
    return run


def files_of(store):
    return sorted(path.name for path in store.path.parent.iterdir() if "sqlite-" in path.name)


def test_the_state_of_a_map_is_in_a_file_beside_the_store_until_its_part_is_done(store, weight_map):
    before = files_of(store)
    assert store.last_checkpoint(weight_map) is None
    arrays = [np.arange(6), np.ones((2, 3), np.float32), np.array(3, np.int32)]
    for step in (10, 20):
        store.add_checkpoint(weight_map, step, step / 10, arrays)
        assert files_of(store) == sorted([*before, f"{store.path.name}-{weight_map}-0.state"])
        at, seconds, back = store.last_checkpoint(weight_map)
        assert (at, seconds) == (step, step / 10)
        for array, wanted in zip(back, arrays, strict=True):
            assert array.dtype == wanted.dtype
            np.testing.assert_array_equal(array, wanted)
    with contextlib.closing(sqlite3.connect(store.path)) as db:
        assert db.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
    store.finish_parts(weight_map)
    assert (store.last_checkpoint(weight_map), files_of(store)) == (None, before)


def test_the_state_of_a_part_of_a_map_is_not_taken_for_one_of_the_next(
    store, weight_map, monkeypatch
):
    """A worker may be killed after the part is noted as done, and before its file is gone."""
    store.add_checkpoint(weight_map, 10, 1.0, [np.zeros(6)])
    monkeypatch.setattr("core.store.map_states.remove", lambda *_: None)
    store.finish_parts(weight_map)
    assert store.last_checkpoint(weight_map) is None


def test_a_state_is_removed_whatever_the_store_is_called(tmp_path):
    store = Store(tmp_path / "runs [1]*.sqlite")
    run = store.add_run(RunConfig(), [], "e", MapConfig(resolution=2), 6)
    store.add_checkpoint(run, 10, 1.0, [np.zeros(6)])
    assert len(list(tmp_path.glob("*.state"))) == 1
    store.set_state(run, RunState.STOPPED)
    assert list(tmp_path.glob("*.state")) == []
    store.close()


@pytest.mark.parametrize("state", [state for state in RunState if state.is_finished])
def test_no_state_of_a_map_that_has_ended_stays(store, weight_map, state):
    before = files_of(store)
    store.add_checkpoint(weight_map, 10, 1.0, [np.zeros(6)])
    (store.path.parent / f"{store.path.name}-{weight_map}-0.new").touch()  # killed while writing
    store.set_state(weight_map, state)
    assert files_of(store) == before
    store.add_checkpoint(weight_map, 20, 2.0, [np.zeros(6)])
    assert files_of(store) == before


def test_a_state_of_a_map_that_cannot_be_written_leaves_the_one_before(
    store, weight_map, monkeypatch
):
    store.add_checkpoint(weight_map, 10, 1.0, [np.zeros(6)])
    before = files_of(store)

    def full(file, *_, **__):
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    store.add_checkpoint(weight_map, 20, 2.0, [np.ones(6)])
    assert files_of(store) == before
    assert store.last_checkpoint(weight_map)[0] == 10


def test_a_map_whose_state_is_written_shows_a_sign_of_life(store, weight_map):
    store.add_checkpoint(weight_map, 10, 1.0, [np.zeros(6)])
    before = store.signs_of_life("e")[weight_map]
    os.utime(store.path.parent / f"{store.path.name}-{weight_map}-0.state", (1, 1))
    assert store.signs_of_life("e")[weight_map] != before
