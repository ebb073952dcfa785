"""Stores that are gone, may only be read, or whose disk is full: told, and nothing is lost."""

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from core import Engine, RunConfig, RunState, Store, StoreError
from core.places import PROJECT
from core.run.commands import StartRun
from core.store import upkeep
from core.store.__main__ import main
from core.worker.recorder import Recorder
from tests.article import ARTICLE
from tests.core.store.rows import row
from tests.waiting import until

LANES = [ARTICLE]


@pytest.fixture
def disk(tmp_path):
    """A function that mounts a small disk of its own, and the folder that it is mounted at."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*options):
        done = subprocess.run(
            ["mount", "-t", "tmpfs", *options, "tmpfs", folder], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("no disk can be mounted here")
        return folder

    if sys.platform != "linux":
        pytest.skip("needs Linux' own means")
    yield mount
    subprocess.run(["umount", "--lazy", folder], capture_output=True, check=False)


# Gone


@pytest.mark.parametrize("how", ["folder", "file", "another"])
def test_a_store_that_is_gone_is_told_and_goes_on_where_it_is_back(tmp_path, how):
    path = tmp_path / "there" / "runs.sqlite"
    store = Store(path)
    run = store.add_run(RunConfig(), LANES, "1-test")
    assert store.problem == ""
    away = tmp_path / "away"
    shutil.move(path.parent if how == "folder" else path, away)
    if how == "another":
        path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"is gone: .* Runs wait.*runs\.rescued-\d{8}\.sqlite"):
        store.append(run, [row(1)])
    assert "removed" in store.problem or "another file" in store.problem
    assert store.run(run).id == run  # what was there can still be seen
    shutil.move(away, path.parent if how == "folder" else path)
    assert store.problem == ""
    store.append(run, [row(1)])
    assert len(list(store.records(run))) == 1
    assert store.rescue() is None
    store.close()


def test_all_of_a_store_that_is_gone_is_rescued(tmp_path):
    path = tmp_path / "there" / "runs.sqlite"
    store = Store(path)
    run = store.add_run(RunConfig(), LANES, "1-test")
    store.append(run, [row(1)])
    shutil.rmtree(path.parent)
    closing, told = threading.Event(), []
    closing.set()
    Recorder(store, told.append, closing).append(run, [row(2)])
    store.set_state(run, RunState.STOPPED)
    store.close()
    (rescued,) = path.parent.glob("runs.rescued-*.sqlite")
    assert rescued.name in told[0]["fault"]
    assert main(["check", str(rescued)]) == 0
    with_all = Store(rescued)
    assert [record.step for record in with_all.records(run)] == [1, 2]
    assert with_all.run(run).state is RunState.STOPPED
    with_all.close()


def test_an_engine_whose_store_is_gone_says_so_and_rescues_its_runs(tmp_path):
    path = tmp_path / "there" / "runs.sqlite"
    engine = Engine(path)
    run = engine.start(RunConfig(steps=1_000_000))
    until(lambda: engine.store.run(run).step > 100, 60)
    shutil.rmtree(path.parent)
    began = time.monotonic()
    until(lambda: "is gone" in engine.fault, 2)
    assert time.monotonic() - began < 2
    with pytest.raises(StoreError, match="is gone"):
        engine.start()
    time.sleep(0.3)  # some turns, were it not held
    seen = engine.store.run(run).step
    engine.close()
    (rescued,) = path.parent.glob("runs.rescued-*.sqlite")
    store = Store(rescued)
    ended = store.run(run)
    assert ended.state is RunState.STOPPED
    assert ended.step >= seen
    steps = [record.step for record in store.records(run)]
    assert steps == sorted(set(steps))
    store.close()


# Read only


def test_a_store_on_a_disk_that_may_not_be_written_is_read(disk, capsys):
    folder = disk()
    store = Store(folder / "runs.sqlite")
    run = store.add_run(RunConfig(), LANES, "1-test")
    store.append(run, [row(1)])
    store.set_state(run, RunState.STOPPED)
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    assert main(["check", str(folder / "runs.sqlite")]) == 0
    assert "It is sound." in capsys.readouterr().out
    exported = folder.parent / "out.csv"
    subprocess.run(
        [
            *(sys.executable, "-m", "core.export", run, "--format", "csv"),
            *("--store", folder / "runs.sqlite", "--out", exported),
        ],
        cwd=PROJECT,
        check=True,
    )
    assert len(exported.read_text().splitlines()) == 2
    with Engine(folder / "runs.sqlite", patience=600) as engine:
        assert [one.id for one in engine.store.runs()] == [run]
        assert "can be read only" in engine.fault
        with pytest.raises(StoreError, match="none can be trained"):
            engine.start()


def test_an_older_store_that_may_not_be_written_is_told(disk):
    folder = disk()
    shutil.copy(PROJECT / "tests" / "stores" / "version_3.sqlite", folder / "runs.sqlite")
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    with pytest.raises(StoreError, match=r"is of version 3, may not be written.*Copy it"):
        Store(folder / "runs.sqlite")


# Full


@contextmanager
def filled(folder, leave=0):
    """The disk is full, but for so many bytes, until the end."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:  # others write as well
        file.write(bytes(max(0, shutil.disk_usage(folder).free - leave)))
    yield ballast
    ballast.unlink()


def fill_up(store, run):
    """Append for ever."""
    while True:
        at = store.run(run).step
        store.append(run, [row(step) for step in range(at + 1, at + 5000)])


def test_a_full_disk_is_told_with_the_room_that_is_missing(disk):
    folder = disk("-o", "size=30m")
    store = Store(folder / "runs.sqlite")
    run = store.add_run(RunConfig(), LANES, "1-test")
    for leave in (0, 1_000_000):  # it is full again after some was freed
        with filled(folder, leave), pytest.raises(StoreError) as told:
            fill_up(store, run)
        assert "free at least" in str(told.value)
        assert "MB more, and it goes on by itself." in str(told.value)
    store.append(run, [row(1_000_000)])
    store.close()


def test_closing_on_a_full_disk_is_a_sentence(disk):
    folder = disk("-o", "size=60m")
    store = Store(folder / "runs.sqlite")
    with subprocess.Popen(
        [sys.executable, "-m", "core.worker", store.path],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        run = store.add_run(RunConfig(steps=1_000_000), LANES, "1-test")
        process.stdin.write(StartRun(run=run).model_dump_json().encode() + b"\n")
        process.stdin.flush()
        until(lambda: store.run(run).step > 50, 60)
        with filled(folder):
            while b"fault" not in (line := process.stdout.readline()) or b'""' in line:
                pass
            _, said = process.communicate(timeout=20)
    assert b"Traceback" not in said
    assert said.count(b"\n") == 1
    assert said.startswith(b"The training process ends. The store ")
    assert b"free at least" in said
    assert process.returncode == 1
    assert store.run(run).step > 50
    store.close()


# Damaged


@pytest.mark.parametrize("do", [Store, upkeep.check, upkeep.vacuum, upkeep.backup])
def test_a_schema_that_is_no_utf_8_any_more_is_told_in_a_sentence(do, tmp_path):
    path = tmp_path / "runs.sqlite"
    Store(path).close()
    content = path.read_bytes()
    path.write_bytes(content.replace(b"tablerecordsrecords", b"tablerec\x97rdsrecords"))
    with pytest.raises(StoreError, match=r"cannot be (opened|used): ") as told:
        do(path)
    assert isinstance(told.value.__cause__, UnicodeDecodeError)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("config", '{"steps": 20'),
        ("first_config", "\x00"),
        ("lanes", "[[1, 2]]"),
        ("branches", "{}"),
        ("state", "asleep"),
        ("heads", "3"),
    ],
)
def test_a_run_whose_row_is_damaged_is_told_by_its_name(column, value, tmp_path):
    store = Store(tmp_path / "runs.sqlite")
    run = store.add_run(RunConfig(), LANES, "1-test")
    store.close()
    with sqlite3.connect(tmp_path / "runs.sqlite") as db:
        db.execute(f"UPDATE runs SET {column} = ?", (value,))
    db.close()
    store = Store(tmp_path / "runs.sqlite")
    for read in (store.runs, lambda: store.run(run)):
        with pytest.raises(StoreError, match=f"Run {run} cannot be read.*core.store check"):
            read()
    store.close()
