"""Runs on disk: what is kept, in which order, for whom, and what cannot be opened."""

import contextlib
import dataclasses
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import threading

import numpy as np
import pytest

from core import CommandError, RunConfig, RunNotFound, RunState, Store, StoreError
from core.analysis.maps import weight_map
from core.places import PROJECT
from core.problems.seen import as_json
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.problems.siamese.layers import layers_of
from core.run.commands import Fork, Rewind, SetLive, SetLossWeights
from core.run.heads import names_of
from core.run.lanes import Change, Lane
from core.run.layers import Layer
from core.run.simplex import MapConfig
from core.store import results
from core.store.checkpoints import KEPT_CHECKPOINTS, REWINDABLE_RUNS
from core.store.tables import VERSION, selected
from tests.article import ARTICLE
from tests.core.store.rows import looked, row, values_of
from tests.siamese import COLUMNS, HEADS, HEADS_TEXT, RESULT, weighted

OTHER = weighted(ctg_out_1=0.25, ctg_out_2=0, bin_out=2)
REMEDY = "Check that the folder is there and writable and the disk has room"


@pytest.fixture
def run(store):
    return store.add_run(RunConfig(), [ARTICLE], "1-test")


# Runs


def test_a_new_run_is_queued_with_what_it_was_asked(store):
    config = RunConfig(steps=77, trunk="conv", learning_rate=0.012345678901234567)
    lanes = [ARTICLE, OTHER]
    run = store.run(store.add_run(config, lanes, "1-test"))
    assert (run.state, run.step, run.message) == (RunState.QUEUED, 0, "")
    assert run.config == run.first_config == config
    assert run.lanes == tuple(lanes)
    assert run.created > 1.6e9
    assert run.person == ""
    assert store.run(store.add_run(config, lanes, "1-test", person="me")).person == "me"


def test_runs_are_listed_newest_first_and_by_owner(store):
    ids = [store.add_run(RunConfig(), [ARTICLE], owner) for owner in ("1-a", "2-b", "1-a")]
    assert len(set(ids)) == 3
    assert [run.id for run in store.runs()] == ids[::-1]
    assert [run.id for run in store.runs(owner="1-a")] == [ids[2], ids[0]]
    assert store.runs(owner="3-c") == []
    assert store.owners_of_unfinished() == {"1-a", "2-b"}
    store.set_state(ids[1], RunState.FAILED)
    assert store.owners_of_unfinished() == {"1-a"}


def test_an_unknown_run_is_told(store):
    with pytest.raises(RunNotFound, match=r"No run has the id 'nobody'.*Store\.runs\(\)"):
        store.run("nobody")
    with pytest.raises(LookupError):
        list(store.records("nobody"))
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.append("nobody", [row(1)])


@pytest.mark.parametrize("final", [state for state in RunState if state.is_finished])
def test_a_finished_run_never_changes(store, run, final):
    store.set_state(run, RunState.RUNNING)
    store.append(run, [row(1)])
    store.set_state(run, final, "the end")
    ended, records = store.run(run), list(store.records(run))
    assert (ended.state, ended.message) == (final, "the end")

    for state in RunState:
        store.set_state(run, state, "again")
    store.append(run, [row(2)])
    command = SetLive(run=run, config=RunConfig(steps=9))
    store.add_change(run, 1, command, command.config)
    store.add_checkpoint(run, 1, 0.1, [np.zeros(2)])
    assert store.run(run) == ended
    assert list(store.records(run)) == records
    assert list(store.run(run).changes) == []
    assert store.last_checkpoint(run) is None


def test_an_unfinished_run_changes(store, run):
    for state in (RunState.RUNNING, RunState.PAUSED, RunState.RUNNING):
        store.set_state(run, state)
        assert store.run(run).state is state


# Records


def test_a_record_comes_back_as_it_went_in(store, run):
    store.append(run, [row(7, lane=3)])
    (record,) = store.records(run)
    given = values_of(7, lane=3)
    for name in ("step", "lane", "time", "total_loss", "learning_rate"):
        assert getattr(record, name) == given[name]
    for quantity in ("loss", "accuracy", "val_loss", "val_accuracy", "loss_weights"):
        by_head = getattr(record, quantity)
        assert by_head == {name: given[f"{quantity}.{name}"] for name in HEAD_NAMES}
        assert list(by_head) == [head.name for head in OUTPUTS]
    assert record.seq == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.step = 8


def test_what_was_not_looked_at_is_none(store, run):
    store.append(run, [row(1, looked=False)])
    (record,) = store.records(run)
    assert record.val_loss is None
    assert record.val_accuracy is None


def test_a_cursor_gives_each_record_once(store, run):
    other = store.add_run(RunConfig(), [ARTICLE], "1-test")
    seen, cursor = [], 0
    for step in range(1, 8):
        store.append(run, [row(step), row(step, lane=1)])
        store.append(other, [row(100 + step)])
        if step % 3 == 0:
            new = list(store.records(run, after=cursor))
            seen, cursor = seen + new, new[-1].seq
    seen += store.records(run, after=cursor)
    assert [(r.step, r.lane) for r in seen] == [(s, lane) for s in range(1, 8) for lane in (0, 1)]
    assert [r.seq for r in seen] == sorted({r.seq for r in seen})
    assert seen == list(store.records(run))
    assert list(store.records(run, after=seen[-1].seq)) == []
    assert list(store.records(run, after=10**15)) == []


def test_columns_by_cursor_limit_and_lane(store, run):
    given = [(step, lane) for step in range(1, 6) for lane in range(2)]
    store.append(run, [row(step, lane=lane) for step, lane in given])
    whole = store.columns(run)
    assert list(whole) == ["seq", *COLUMNS]
    for column in COLUMNS:
        assert whole[column] == tuple(values_of(*one)[column] for one in given)

    def part(places):
        return {name: tuple(values[i] for i in places) for name, values in whole.items()}

    assert store.columns(run, after=4, limit=3) == part([4, 5, 6])
    assert store.columns(run, after=4, limit=2, lane=1) == part([5, 7])
    assert not any(store.columns("nobody").values())
    assert list(store.records(run, after=4, lane=1)) == list(store.records(run))[5::2]


def test_many_records_come_in_order(store, run):
    store.append(run, [row(step) for step in range(1, 2502)])  # more than one page
    assert [record.step for record in store.records(run)] == list(range(1, 2502))


def test_a_step_of_a_lane_is_recorded_once(store, run):
    store.append(run, [row(10, total_loss=1.0)])
    store.append(run, [row(10, total_loss=2.0), row(10, lane=1), row(20)])
    records = list(store.records(run))
    assert [(r.step, r.lane) for r in records] == [(10, 0), (10, 1), (20, 0)]
    assert records[0].total_loss == 1.0


def test_rows_are_appended_all_or_none(store, run):
    with pytest.raises(StoreError):
        store.append(run, [row(1), dataclasses.replace(row(2), time=object())])
    assert list(store.records(run)) == []
    store.append(run, [row(1)])
    assert len(list(store.records(run))) == 1


def test_a_run_is_as_far_as_any_of_its_lanes(store):
    run = store.add_run(RunConfig(), [ARTICLE] * 3, "1-test")
    assert store.run(run).step == 0
    assert store.last_recorded(run, range(3)) == (0, 0.0)
    store.append(run, [row(10, lane) for lane in range(3)])
    store.append(run, [row(13, 0), row(20, 1), row(17, 2)])  # two diverged
    assert store.run(run).step == store.runs()[0].step == 20
    store.append(run, [row(30, 1)])
    assert store.run(run).step == store.runs()[0].step == 30
    assert store.last_recorded(run, range(3)) == (30, 0.03)
    assert store.last_recorded(run, range(2, 3)) == (17, 0.017)


def test_the_last_validated_record_of_a_lane(store, run):
    assert store.last_validated(run) is None
    store.append(run, [row(10), row(10, lane=1), row(20), row(30, looked=False)])
    assert store.last_validated(run).step == 20
    assert store.last_validated(run, lane=1).step == 10
    assert store.last_validated(run, lane=2) is None


# Changes and checkpoints


def test_changes_come_back_in_order_and_settings_are_those_in_force(store):
    run = store.add_run(RunConfig(), [ARTICLE, ARTICLE], "1-test")
    first = SetLossWeights(run=run, lane=1, loss_weights=OTHER)
    second = SetLive(run=run, config=RunConfig(steps=99))
    store.add_change(run, 5, first, RunConfig())
    store.add_change(run, 7, second, second.config)
    assert list(store.run(run).changes) == [Change(5, first), Change(7, second)]
    assert store.run(run).config.steps == 99
    assert store.run(run).first_config.steps == 1500
    assert store.run(run).lanes == (ARTICLE, ARTICLE)  # as it began
    assert store.lanes(run) == [Lane(ARTICLE), Lane(OTHER)]


def test_a_checkpoint_comes_back_exactly(store, run):
    arrays = [
        np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32),
        np.array(7, np.int32),
        np.array([1, 2**62], np.int64),
        np.array([np.nan, np.inf], np.float32),
        np.empty((0, 2, 2, 3), np.float32),
    ]
    arrays += [np.array([i]) for i in range(10)]  # arr_10 sorts before arr_2
    assert store.last_checkpoint(run) is None
    store.add_checkpoint(run, 12, 3.25, arrays)
    step, seconds, back = store.last_checkpoint(run)
    assert (step, seconds) == (12, 3.25)
    assert len(back) == len(arrays)
    for one, other in zip(arrays, back, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def n_checkpoints(store):
    with sqlite3.connect(store.path) as db:
        found = db.execute("SELECT count(*) FROM checkpoints").fetchone()[0]
    db.close()
    return found


def test_the_newest_checkpoint_takes_the_place_of_the_one_before(store, run):
    for step in range(1, 20):
        store.add_checkpoint(run, step, 0.0, [np.zeros(5)])
        assert n_checkpoints(store) == 1
    assert store.last_checkpoint(run)[0] == 19
    store.add_checkpoint(run, 19, 1.0, [np.ones(5)])
    assert store.last_checkpoint(run)[1] == 1.0
    assert store.checkpoints(run) == [0]
    store.set_state(run, RunState.STOPPED)
    assert n_checkpoints(store) == 0


def test_a_checkpoint_to_keep_takes_the_place_of_one_that_was_not(store, run):
    store.add_checkpoint(run, 5, 0.0, [np.zeros(5)], kept=True)
    store.add_checkpoint(run, 7, 0.0, [np.ones(5)])
    store.add_checkpoint(run, 9, 0.0, [np.full(5, 2)], kept=True)
    assert store.checkpoints(run) == [0, 5, 9]
    store.add_checkpoint(run, 9, 1.0, [np.full(5, 3)])
    assert n_checkpoints(store) == 2
    assert store.last_checkpoint(run)[2][0].tolist() == [3] * 5


def test_checkpoints_to_rewind_to_are_few_and_spread_evenly(store, run):
    for step in range(10, 10 * (2 * KEPT_CHECKPOINTS) + 1, 10):
        store.add_checkpoint(run, step, 0.0, [np.zeros(5)], kept=True)
        store.add_checkpoint(run, step + 3, 0.0, [np.zeros(5)])
        assert n_checkpoints(store) <= KEPT_CHECKPOINTS + 1
    start, *steps = store.checkpoints(run)
    assert (start, len(steps)) == (0, KEPT_CHECKPOINTS)
    assert max(np.diff([start, *steps])) <= 30
    assert store.last_checkpoint(run)[0] == 10 * 2 * KEPT_CHECKPOINTS + 3
    store.set_state(run, RunState.FINISHED)
    assert store.checkpoints(run) == [start, *steps]


def test_older_runs_keep_only_their_last_one_but_for_pinned_ones(store):
    runs = [store.add_run(RunConfig(), [ARTICLE], "1-test") for _ in range(REWINDABLE_RUNS + 4)]
    store.pin(runs[1])
    for run in runs:
        for step in (100, 200):
            store.add_checkpoint(run, step, 0.0, [np.zeros(5)], kept=True)
    for run in runs[1:]:
        store.set_state(run, RunState.FINISHED)
    assert [run for run in runs if store.checkpoints(run) == [0, 200]] == runs[2:4]
    assert store.checkpoints(runs[0]) == [0, 100, 200], "it goes on"
    assert store.checkpoints(runs[1]) == [0, 100, 200], "it is pinned"


def test_the_trained_model_of_very_old_runs_goes(store, monkeypatch):
    monkeypatch.setattr("core.store.checkpoints.TRAINED_RUNS", REWINDABLE_RUNS + 1)
    runs = [store.add_run(RunConfig(), [ARTICLE], "1-test") for _ in range(REWINDABLE_RUNS + 3)]
    for run in runs:
        store.add_checkpoint(run, 100, 0.0, [np.zeros(5)], kept=True)
        store.set_state(run, RunState.FINISHED)
    assert [run for run in runs if store.last_checkpoint(run) is None] == runs[:2]


# Results, names, deletion


def test_the_best_worst_head_is_that_of_one_look(store, run):
    store.append(run, [looked(10, (0.9, 0.1, 0.5))])
    store.append(run, [looked(20, (0.3, 0.4, 0.6)), row(25, looked=False)])
    store.append(run, [looked(30, (0.2, 0.2, 0.7))])
    (result,) = store.results(run)
    assert (result.step, result.val_accuracy) == (30, (0.2, 0.2, 0.7))
    assert (result.best, result.best_worst) == ((0.9, 0.4, 0.7), 0.3)
    assert store.all_results() == {run: [result]}


def test_a_name_and_a_note_are_kept_as_they_are_written(store, run):
    before = store.token()
    store.rename(run, "  <script>alert(1)</script> ü 数字 ")
    store.annotate(run, "**bold**\n<script>alert(1)</script>")
    found = store.run(run)
    assert found.name == "<script>alert(1)</script> ü 数字"
    assert found.label == f"#1 · {found.name}"
    assert found.note == "**bold**\n<script>alert(1)</script>"
    assert store.token() != before
    store.rename(run, "")
    assert store.run(run).label == "#1 · 1, 1, 0.5"


@pytest.mark.parametrize("name", ["x" * 10_000, "two\nlines", "\x00"])
def test_a_name_that_is_none_is_refused_in_a_sentence(store, run, name):
    store.rename(run, "old")
    with pytest.raises(CommandError, match="at most 200 printable characters"):
        store.rename(run, name)
    assert store.run(run).name == "old"


def test_a_note_has_an_end(store, run):
    store.annotate(run, "x" * 20_000)
    with pytest.raises(CommandError, match="20,001 characters"):
        store.annotate(run, "x" * 20_001)
    with pytest.raises(RunNotFound):
        store.annotate("nobody", "x")


def test_a_deleted_run_is_out_of_sight_until_it_is_brought_back(store, run):
    other = store.add_run(RunConfig(), [ARTICLE], "1-test")
    store.append(run, [row(1)])
    store.set_state(run, RunState.FINISHED)
    with pytest.raises(CommandError, match="is queued and was not deleted, nor were the others"):
        store.delete([run, other], "1-test")
    store.delete([run], "1-test")
    assert [one.id for one in store.runs()] == [other]
    with pytest.raises(RunNotFound):
        store.run(run)
    assert store.deleters() == {"1-test"}
    assert store.undelete([run, other]) == 1
    assert [record.step for record in store.records(run)] == [1]


def test_deleting_for_good_frees_the_space(store, run):
    kept = store.add_run(RunConfig(), [ARTICLE], "1-test")
    store.append(kept, [row(1)])
    before = size(store)
    store.append(run, [row(step) for step in range(20_000)])
    store.set_state(run, RunState.STOPPED)
    full = size(store)
    store.delete([run], "1-test")
    store.purge("2-other")
    assert store.undelete([run]) == 1
    store.delete([run], "1-test")
    store.purge("1-test")
    assert store.undelete([run]) == 0
    assert [record.step for record in store.records(kept)] == [1]
    assert size(store) - before < 0.02 * (full - before)


def size(store):
    """Bytes of the file and of what is not in it yet."""
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return sum(path.stat().st_size for path in store.path.parent.glob("runs.sqlite*"))


def test_a_list_of_runs_costs_no_more_where_they_have_more_records(store):
    """Counted in instructions of SQLite's machine; tests.benchmarks measures the seconds."""
    config, lanes = RunConfig().model_dump_json(), json.dumps([ARTICLE.model_dump()])
    db, instructions = store._db, []

    def cost_with_records(first, last):
        with db.writing():
            values = ", ".join("n * 0.0005" for _ in COLUMNS[3:])
            db.execute(
                f"INSERT INTO records (run, {selected(HEADS)}) WITH RECURSIVE steps(n) AS "
                f"(SELECT {first} UNION ALL SELECT n + 1 FROM steps WHERE n < {last}) "
                f"SELECT id, n, 0, 0, {values} FROM runs CROSS JOIN steps"
            )
        instructions.clear()
        db._connection.set_progress_handler(lambda: instructions.append(1), 1)
        runs, found = store.runs(), store.all_results()
        db._connection.set_progress_handler(None, 0)
        assert (len(runs), len(found)) == (100, 100)
        assert (runs[0].step, runs[0].seconds) == (last, pytest.approx(0.0005 * last))
        return len(instructions)

    with db.writing():
        db.executemany(
            "INSERT INTO runs (id, owner, state, first_config, config, lanes, heads, created) "
            "VALUES (?, '1-test', 'finished', ?, ?, ?, ?, ?)",
            [(f"{i:012x}", config, config, lanes, HEADS_TEXT, i) for i in range(100)],
        )
        db.execute(
            f"INSERT INTO results (run, lane, step, {results.NAMES}) "
            f"SELECT id, 0, 10, {RESULT} FROM runs"
        )
    few = cost_with_records(1, 10)
    assert cost_with_records(11, 1000) <= few


# Branches


def test_a_rewind_undoes_what_came_after_but_no_record(store):
    run = store.add_run(RunConfig(), [ARTICLE], "1-test")
    early = SetLossWeights(run=run, lane=0, loss_weights=OTHER)
    rate = SetLive(run=run, config=RunConfig(learning_rate=0.01))
    forked = Fork(run=run, lane=0, new_lane=1, loss_weights=ARTICLE)
    late = SetLive(run=run, config=RunConfig(learning_rate=0.02))
    store.append(run, [row(step) for step in (10, 20, 30, 40)])
    for step, command in ((10, early), (20, rate), (30, forked), (40, late)):
        store.add_change(run, step, command, RunConfig())
    for step in (20, 40):
        store.add_checkpoint(run, step, step / 1000, [np.zeros(2)], kept=True)
    assert store.lanes(run) == [Lane(OTHER), Lane(ARTICLE, source=0, since=30)]

    store.rewind(run, 40, Rewind(run=run, step=20, branch=1))
    assert list(store.run(run).changes) == [Change(10, early), Change(20, rate)]
    assert store.lanes(run) == [Lane(OTHER)]
    assert store.checkpoints(run) == [0, 20]
    rewound = store.run(run)
    assert (rewound.state, rewound.branches, rewound.step) == (RunState.PAUSED, (0, 20), 20)
    assert rewound.config == rate.config
    assert store.last_recorded(run, range(1), branch=1) == (0, 0.0)
    assert [record.step for record in store.records(run)] == [10, 20, 30, 40]

    assert [result.step for result in store.results(run)] == [20], "what is left behind is out"

    store.append(run, [row(30, branch=1, total_loss=-1)])  # beside the one of the old branch
    assert [(r.step, r.branch) for r in store.records(run)][-2:] == [(40, 0), (30, 1)]
    assert store.run(run).step == 30
    assert store.last_validated(run).branch == 1
    store.add_change(run, 30, early, rate.config)
    store.rewind(run, 30, Rewind(run=run, step=0, branch=2))
    assert list(store.run(run).changes) == []
    assert store.run(run).branches == (0, 20, 0)
    assert store.run(run).config == RunConfig()


def test_a_finished_run_can_be_reopened_for_another_engine(store, run):
    store.set_state(run, RunState.DIVERGED, "the end")
    store.reopen(run, "2-other")
    found = store.run(run)
    assert (found.state, found.message) == (RunState.QUEUED, "")
    assert [one.id for one in store.runs(owner="2-other")] == [run]
    store.append(run, [row(1)])
    assert len(list(store.records(run))) == 1


# Maps


def test_a_map_is_kept_with_what_it_covers(store):
    over = MapConfig(resolution=3, total=1, spacing="log", seeds=2)
    run = store.run(store.add_run(RunConfig(), [], "1-test", map_config=over, lanes_at_once=7))
    assert (run.map, run.lanes_at_once, run.parts_done) == (over, 7, 0)
    assert run.lanes == over.points(HEAD_NAMES)
    assert len(run.parts) == 4
    store.add_checkpoint(run.id, 5, 0.0, [np.zeros(2)])
    store.finish_parts(run.id)
    assert store.run(run.id).parts_done == 1
    assert store.last_checkpoint(run.id) is None
    assert store.run(run.id).progress == 1 / 4


def test_results_are_the_last_and_the_best_of_each_lane(store):
    over = MapConfig(resolution=1)
    run = store.add_run(RunConfig(), [], "1-test", map_config=over, lanes_at_once=7)
    for step in (10, 20):
        store.append(run, [row(step, lane) for lane in (2, 0)])
    store.append(run, [row(30, 2, looked=False), row(40, 0)])
    found = store.results(run)
    assert [(result.lane, result.step) for result in found] == [(0, 40), (2, 20)]
    last = row(40)
    assert found[0].val_loss == tuple(last.val_loss.values())
    assert found[0].val_accuracy == tuple(last.val_accuracy.values())
    assert store.n_lanes_at(run, 10) == 2
    assert store.n_lanes_at(run, 40) == 1


def test_no_pickle_goes_in_or_out(store, run):
    with pytest.raises(ValueError, match="allow_pickle=False"):
        store.add_checkpoint(run, 1, 0.0, [np.array([object()])])
    file = io.BytesIO()
    np.savez(file, np.array([{"an": "object"}]), allow_pickle=True)
    with sqlite3.connect(store.path) as db:
        db.execute("INSERT INTO checkpoints VALUES (?, 1, 0.0, 1, ?)", (run, file.getvalue()))
    db.close()
    with pytest.raises(ValueError, match="allow_pickle=False"):
        store.last_checkpoint(run)


# The file


def test_the_file_is_in_wal_mode_and_made_with_its_folder(tmp_path):
    path = tmp_path / "new" / "folder" / "runs.sqlite"
    store = Store(path)
    store.close()
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()


def test_a_relative_path_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Store("runs.sqlite")
    monkeypatch.chdir("/")
    assert store.path == tmp_path / "runs.sqlite"
    store.close()


def test_what_is_there_is_found_again(store, run):
    store.append(run, [row(1)])
    again = Store(store.path)
    assert again.run(run) == store.run(run)
    assert list(again.records(run)) == list(store.records(run))
    again.close()


def test_a_store_of_version_1_opens_with_all_that_is_in_it(tmp_path):
    """The file was written by the program of that version; what it held was printed then."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_1.sqlite", path)
    store = Store(path)
    assert [(run.id, run.state, run.step, run.branches) for run in store.runs()] == [
        ("7ccf2c6e1eb5", RunState.FINISHED, 40, (0,)),
        ("5fe59c051acf", RunState.FINISHED, 40, (0,)),
        ("3cf4b2d4dce1", RunState.STOPPED, 85, (0, 40)),
        ("9770414b2f72", RunState.FINISHED, 40, (0,)),
    ]
    assert all((run.name, run.note, run.pinned) == ("", "", False) for run in store.runs())
    for run in store.runs():
        looks = [record for record in store.records(run.id) if record.val_accuracy]
        last = {record.lane: record for record in looks}
        found = store.results(run.id)
        if len(run.branches) > 1:
            assert [(result.lane, result.step) for result in found] == [(0, 80), (1, 80)]
            continue
        assert [result.lane for result in found] == sorted(last)
        for result in found:
            assert result.step == last[result.lane].step
            assert result.val_accuracy == tuple(last[result.lane].val_accuracy.values())
    assert len(weight_map(store, "5fe59c051acf").points) == 3
    assert store.last_checkpoint("9770414b2f72")[0] == 40
    store.rename("9770414b2f72", "an old one")
    store.close()
    again = Store(path)
    assert again.run("9770414b2f72").name == "an old one"
    again.close()


def test_a_store_of_version_2_opens_and_takes_what_is_measured_inside(tmp_path):
    """The file was written by the program of that version; what it held was printed then."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_2.sqlite", path)
    store = Store(path)
    (found,) = store.runs()
    assert (found.id, found.name, found.state) == ("6ead45ee3b11", "two lanes", RunState.FINISHED)
    assert len(list(store.records(found.id))) == 14
    assert store.last_checkpoint(found.id)[0] == 30
    assert store.inside.gradients(found.id) == []
    store.inside.add_gradients(found.id, 1, 0, 30, (1, 1, 2), np.ones((5, 3, 3)))
    store.close()
    again = Store(path)
    (one,) = again.inside.gradients(found.id)
    assert (one.lane, one.step, one.loss_weights, one.grams.sum()) == (1, 30, (1, 1, 2), 45)
    again.close()


def test_a_store_of_version_3_opens_with_its_runs_numbered_as_they_came(tmp_path):
    """The file was written by the program of that version, then vacuumed; it had a fourth run."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_3.sqlite", path)
    store = Store(path)
    small = "pairs 200 · conv · embedding 2"
    assert [(run.id, run.label) for run in store.runs()] == [
        ("1d813392c771", f"#3 · map of 6 weights · {small} · steps 20"),
        ("2f38744fca22", "#2 · steered"),
        ("9db0e8a61294", f"#1 · 1, 1, 0.5 · {small} · steps 40"),
    ]
    assert [lane.loss_weights.as_tuple() for lane in store.lanes("2f38744fca22")] == [
        (1, 1, 3),
        (0, 0, 1),
        (1, 1, 2),
    ]
    assert len(list(store.records("2f38744fca22"))) == 59
    assert store.run(store.add_run(RunConfig(), [weighted()], "1-test")).number == 4
    store.close()


def test_a_store_of_version_4_opens_with_runs_of_the_command_line(tmp_path):
    """The file was written by the program of that version, and lost its oldest run and most
    checkpoints; what it held was printed then."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_4.sqlite", path)
    store = Store(path)
    small = "pairs 200 · conv · embedding 2"
    assert [(run.id, run.label, run.state, run.step, run.person) for run in store.runs()] == [
        ("ecbb076a9aa0", f"#3 · 1, 1, 0.5 · {small} · steps 4000", RunState.STOPPED, 17, ""),
        ("4ad72820ae14", "#2 · before persons", RunState.FINISHED, 20, ""),
    ]
    assert store.lanes("ecbb076a9aa0")[0].loss_weights.as_tuple() == (1, 1, 3)
    assert [len(list(store.records(run.id))) for run in store.runs()] == [4, 6]
    assert store.checkpoints("4ad72820ae14") == [0, 10, 20]
    mine = store.add_run(RunConfig(), [weighted()], "1-test", person="somebody")
    store.close()
    again = Store(path)
    assert (again.run(mine).person, again.run(mine).number) == ("somebody", 4)
    again.close()


def test_a_store_of_version_5_opens_with_its_heads_and_gradients(tmp_path):
    """The file was written by the program of that version, and lost snapshots, pictures and most
    checkpoints; what it held was printed then."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_5.sqlite", path)
    store = Store(path)
    (run,) = store.runs()
    assert (run.id, run.person, run.step, run.heads) == ("234f9f2aac5f", "somebody", 227, HEADS)
    assert len(list(store.records(run.id))) == 28
    assert [lane.loss_weights.as_tuple() for lane in run.lanes_now] == [
        (1.0, 1.0, 0.5),
        (0.25, 1.0, 0.5),
    ]
    measured = store.inside.gradients(run.id)
    assert [(m.step, m.lane, m.loss_weights) for m in measured] == [
        (71, 1, (1.0, 1.0, 2.0)),
        (163, 1, (0.25, 1.0, 0.5)),
    ]
    assert measured[1].grams.shape == (6, 3, 3)
    assert store.inside.layers(run.id) == layers_of(run.first_config)
    assert measured[1].grams.sum() == pytest.approx(2.645466566)
    _, second = store.results(run.id)
    assert second.val_accuracy == (0.080078125, 0.080078125, 0.619140625)
    assert second.best == (0.080078125, 0.080078125, 0.62109375)
    store.close()


def test_a_store_of_version_6_opens_with_accuracies_as_metrics(tmp_path):
    """The file was written by the program of that version, and lost most checkpoints; what it held
    was printed then."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_6.sqlite", path)
    store = Store(path)
    (run,) = store.runs()
    assert (run.id, run.step, run.heads) == ("9784eec0036e", 30, HEADS)
    record = store.last_validated(run.id, 1)
    assert list(record.accuracy.values()) == [0.0296875, 0.0296875, 0.4828125]
    assert list(record.val_accuracy.values()) == [0.01171875, 0.00390625, 0.5]
    assert record.total_loss == 10.528279161453248
    for result in store.results(run.id):
        assert result.best == (0.015625, 0.00390625, 0.5)
        assert result.best_worst == 0.00390625
    assert len(list(store.records(run.id))) == 8
    store.close()


def test_a_store_of_version_7_opens_with_the_layers_of_its_gradients_and_its_snapshot(tmp_path):
    """The file was written by the program of that version, and lost pictures and most checkpoints;
    what it held was printed then."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_7.sqlite", path)
    store = Store(path)
    (run,) = store.runs()
    names = ("hidden", "embedding", *names_of(HEADS))
    layers = store.inside.layers(run.id)
    assert [layer.name for layer in layers] == list(names)
    assert [layer.heads for layer in layers] == [(0, 1, 2), (0, 1, 2), (0,), (1,), (2,)]
    *_, newest = store.inside.gradients(run.id)
    assert (newest.step, newest.grams.shape) == (30, (5, 3, 3))
    assert newest.grams.sum() == pytest.approx(1.1709126234)
    kept = store.inside.snapshot(run.id, 0)
    told = as_json(kept.arrays, kept.pair, run.first_config)
    assert (kept.step, kept.pair, told["pair"]["index"]) == (30, 3, 3)
    assert told["distance"][:3] == [0.259, 0.3471, 0.2812]
    assert sum(told["right"]["bin_out"]) == pytest.approx(254.45604, abs=1e-3)
    store.close()


def test_a_store_of_version_8_opens_and_does_not_know_what_is_fused(tmp_path):
    """The file was written by the program of that version, and lost pictures and checkpoints."""
    path = tmp_path / "runs.sqlite"
    shutil.copy(PROJECT / "tests" / "stores" / "version_8.sqlite", path)
    store = Store(path)
    (run,) = store.runs()
    assert (run.config.trunk, run.step, run.unfused) == ("conv", 20, "")
    *_, last = store.records(run.id)
    assert last.loss["bin_out"] == pytest.approx(0.6963865697)
    store.set_unfused(run.id, "It has a reason.")
    assert store.run(run.id).unfused == "It has a reason."
    store.close()


def test_layers_go_with_their_run(store):
    run = store.add_run(RunConfig(), [weighted()], "e")
    assert store.inside.layers(run) is None
    layers = (Layer("a.b", (0, 2)), Layer("own", (1,)), Layer("nobody's", ()))
    store.inside.add_layers(run, layers)
    store.inside.add_layers(run, ())  # what is there stays
    assert store.inside.layers(run) == layers
    store.set_state(run, RunState.STOPPED)
    store.delete([run], "e")
    store.purge("e")
    assert store.inside.layers(run) is None
    store.inside.add_layers(run, layers)
    assert store.inside.layers(run) is None


def test_a_number_is_never_given_twice_and_outlives_a_vacuum(store):
    first, second, third = (store.add_run(RunConfig(), [weighted()], "e") for _ in range(3))
    for run in (first, third):
        store.set_state(run, RunState.STOPPED)
    store.delete([first, third], "e")
    store.purge("e")
    with sqlite3.connect(store.path) as db:
        db.execute("VACUUM")
    db.close()
    later = store.add_run(RunConfig(), [weighted()], "e")
    assert [(run.id, run.number) for run in store.runs()] == [(later, 4), (second, 2)]


def test_a_newer_store_is_refused_in_a_sentence_and_left_as_it_is(store):
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match=rf"is of version 99; this program reads up to {VERSION}"):
        Store(store.path)
    db = sqlite3.connect(store.path)
    assert db.execute("PRAGMA user_version").fetchone() == (99,)
    db.close()


def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Not a database, but somebody's notes. " * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"notes\.txt cannot be opened: .*{REMEDY}"):
        Store(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "other.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE runs (marathon TEXT)")
    db.commit()
    with pytest.raises(StoreError, match="cannot be opened: table runs already exists"):
        Store(path)
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("runs",)]
    db.close()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    unwritable = [tmp_path / "file" / "runs.sqlite", tmp_path]
    if sys.platform == "linux":  # where not even root can make a file
        unwritable += ["/proc/runs.sqlite", "/proc/new/runs.sqlite"]
    for path in unwritable:
        with pytest.raises(OSError, match=f"cannot be opened: .*{REMEDY}") as told:
            Store(path)
        assert isinstance(told.value, StoreError)


def test_a_locked_file_is_told_and_works_again_afterwards(store, run):
    store._db.execute("PRAGMA busy_timeout = 50")  # instead of 10 s
    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="cannot be written: database is locked"):
            store.append(run, [row(1)])
        assert list(store.records(run)) == []  # reading goes on
    store.append(run, [row(1)])
    assert len(list(store.records(run))) == 1


def test_a_closed_store_says_so(store, run):
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.run(run)
    store.close()


def test_a_full_disk_is_told_and_works_again_afterwards(store, run):
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=f"database or disk is full.*{REMEDY}"):
        store.append(run, [row(step) for step in range(1, 1000)])
    assert list(store.records(run)) == []
    store._db.execute("PRAGMA max_page_count = 1000000")
    store.append(run, [row(step) for step in range(1, 1000)])
    assert len(list(store.records(run))) == 999


# Several at once

WRITE = """
import sys
from core import Store
from tests.siamese import COLUMNS, record_of
store = Store(sys.argv[1])
for step in range(1, 501):
    store.append(sys.argv[2], [
        record_of((0, *({"step": step, "lane": lane, "branch": 0}.get(c, 0.5) for c in COLUMNS)))
        for lane in (0, 1)
    ])
"""


def test_readers_see_whole_appends_while_another_process_writes(store, run):
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(store.path), run], cwd=PROJECT
    ) as writer:
        seen, reads_in_between = [], 0
        while writer.poll() is None or not reads_in_between:
            new = list(store.records(run, after=seen[-1].seq if seen else 0))
            reads_in_between += 0 < len(seen) + len(new) < 1000
            assert len(new) % 2 == 0
            seen += new
    seen += store.records(run, after=seen[-1].seq)
    assert writer.returncode == 0
    assert reads_in_between > 1
    assert [(r.step, r.lane) for r in seen] == [(s, lane) for s in range(1, 501) for lane in (0, 1)]


def test_one_object_serves_several_threads(store, run):
    other = store.add_run(RunConfig(), [ARTICLE], "1-test")
    faults = []

    def use(run):
        try:
            for step in range(1, 101):
                store.append(run, [row(step)])
                assert store.run(run).step == step
                assert len(list(store.records(run))) == step
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=use, args=(one,)) for one in (run, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert [len(list(store.records(one))) for one in (run, other)] == [100, 100]


def test_a_file_that_another_is_just_making_is_waited_for(tmp_path):
    path = tmp_path / "runs.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, other.execute, ["COMMIT"]).start()
    store = Store(path)
    assert store.runs() == []
    store.close()
    other.close()


def test_several_may_make_the_file_at_once(tmp_path):
    barrier, answers = threading.Barrier(6), []

    def make(path):
        barrier.wait(30)
        try:
            store = Store(path)
            answers.append(store.add_run(RunConfig(), [ARTICLE], "1-test"))
            store.close()
        except Exception as error:
            answers.append(error)

    for attempt in range(3):
        path = tmp_path / f"{attempt}.sqlite"
        answers.clear()
        threads = [threading.Thread(target=make, args=(path,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        store = Store(path)
        assert {run.id for run in store.runs()} == set(answers)
        store.close()


def test_importing_the_store_and_using_it_needs_no_tensorflow():
    script = "import sys; from core.store import Store; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, timeout=30)


def test_columns_are_plain_numbers_for_json(store, run):
    store.append(run, [row(1, looked=False)])
    columns = {name: list(values) for name, values in store.columns(run).items()}
    assert json.loads(json.dumps(columns)) == columns
