"""`python3 -m core.store`: a store is checked, made smaller and copied."""

import shutil
import sqlite3
import subprocess
import sys

import pytest

from core import Engine, RunConfig, RunState, Store
from core.places import PROJECT
from core.store.__main__ import main
from core.store.tables import VERSION
from tests.siamese import weighted

OLD = PROJECT / "tests" / "stores" / "version_1.sqlite"
LANES = [weighted()]


@pytest.fixture
def told(capsys):
    """A function that gives exit code and output of a command."""

    def told(*arguments):
        code = main([str(argument) for argument in arguments])
        found = capsys.readouterr()
        return code, found.out + found.err

    return told


def test_it_starts_from_the_command_line():
    """The module is within a package that it is imported from: no warning of Python's."""
    done = subprocess.run(
        [sys.executable, "-m", "core.store", "check", str(OLD)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "version 1, 4 runs" in done.stdout
    assert f"becomes version {VERSION}" in done.stdout


def test_a_sound_store_is_told_to_be_so_and_stays_as_it_is(store, told):
    store.add_run(RunConfig(), LANES, "1-test")
    code, text = told("check", store.path)
    assert code == 0
    assert "1 runs, 0 records." in text
    assert "It is sound." in text


def test_what_is_wrong_is_told(store, told):
    run = store.add_run(RunConfig(), LANES, "1-test")
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("INSERT INTO results (run, lane, step) VALUES ('nobody', 0, 1)")
        db.execute("UPDATE runs SET config = '{}', first_config = '{\"steps\": -1}'")
    db.close()
    code, text = told("check", store.path)
    assert code == 1
    assert "results belongs to a run that is not there" in text
    with sqlite3.connect(store.path) as db:
        db.execute("DELETE FROM results")
    db.close()
    code, text = told("check", store.path)
    assert code == 1
    assert f"Run {run} cannot be read" in text


@pytest.mark.parametrize("verb", ["check", "vacuum", "backup"])
def test_a_file_that_is_none_is_refused_in_a_sentence_and_none_is_made(verb, told, tmp_path):
    assert told(verb, tmp_path / "no") == (
        1,
        f"There is no store {tmp_path / 'no'}: give the path of its SQLite file.\n",
    )
    text = tmp_path / "text"
    text.write_text("no database" * 1000)
    code, said = told(verb, text)
    assert code == 1
    assert "file is not a database" in said
    sqlite3.connect(tmp_path / "other").close()
    code, said = told(verb, tmp_path / "other")
    assert code == 1
    assert "no store of runs" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "text"]


def test_vacuum_gives_back_space_and_from_then_on_deleting_does(tmp_path, told):
    path = tmp_path / "old.sqlite"
    shutil.copy(OLD, path)
    store = Store(path)
    store.delete([run.id for run in store.runs()], "1-test")
    store.purge("1-test")
    store.close()
    before = path.stat().st_size
    code, text = told("vacuum", path)
    assert code == 0
    assert f"{before:,} bytes before, {path.stat().st_size:,} after" in text
    assert path.stat().st_size < before / 2
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


def test_a_backup_holds_what_was_there_while_it_is_in_use(store, told, tmp_path):
    run = store.add_run(RunConfig(), LANES, "1-test")
    copy = tmp_path / "copy.sqlite"
    assert told("backup", store.path, "--to", copy) == (0, f"Copied to {copy}.\n")
    later = store.add_run(RunConfig(), LANES, "1-test")
    other = Store(copy)
    assert [one.id for one in other.runs()] == [run]
    assert [one.id for one in store.runs()] == [later, run]
    other.close()
    code, text = told("backup", store.path, "--to", copy)
    assert code == 1
    assert "is there already" in text
    assert told("backup", store.path)[0] == 0
    assert len(list(tmp_path.glob("runs-*.sqlite"))) == 1


def test_two_engines_on_one_store_do_not_corrupt_it(engine, told):
    """Both train and record at once, and one deletes; each run is whole."""
    path, other = engine.store.path, engine
    config = RunConfig(steps=300, record_every=1)
    with Engine(path) as one:
        one.wait_until_ready()  # so that they do train at once
        runs = {engine: [engine.start(config) for _ in range(3)] for engine in (one, other)}
        for engine, own in runs.items():
            for run in own:
                assert engine.wait(run, timeout=90).state is RunState.FINISHED
        first, *rest = runs[one]
        one.store.delete([first], one.owner)
        ours = {*runs[one], *runs[other]}
        assert ours & {run.id for run in other.store.runs()} == {*rest, *runs[other]}
    store = Store(path)
    assert store.undelete([first]) == 0, "purged with its engine"
    for run in (*rest, *runs[other]):
        assert [record.step for record in store.records(run)] == list(range(1, 301))
    store.close()
    assert told("check", path)[0] == 0
