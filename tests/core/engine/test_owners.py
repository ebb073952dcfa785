"""Who counts as gone: real processes alive and dead, and names as other machines write them."""

import contextlib
import os
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import CommandError, Engine, RunConfig, RunState
from core.engine import owners
from core.engine.owners import LOST
from core.places import PROJECT
from core.run import owner as names
from core.run.owner import Owner, Standing, standing_of
from core.run.run import Can
from core.store import upkeep
from core.store.__main__ import main
from tests.article import ARTICLE
from tests.waiting import until

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs what Linux tells of processes")
CHILD = """
from core.run.owner import Owner
print(Owner.new(), flush=True)
input()
"""


@contextlib.contextmanager
def other_process():
    """A process that has an engine of its own, by its name, and is alive."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process, Owner.read(process.stdout.readline().rstrip("\n"))
        process.kill()


@pytest.fixture(scope="module")
def living():
    """The engine of another process, which is alive."""
    with other_process() as (_, owner):
        yield owner


def forget_machine():
    """Have it asked anew what this machine is called."""
    for function in (names._machine, names._container, names._boot, names._pids):
        function.cache_clear()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A function that lets this process believe that it is elsewhere.

    Its arguments are the random id of the boot, the number of the namespace of process ids, the
    file that is mounted as host name (in a container), and the host name; by process id, the
    start of a process in ticks.
    """
    monkeypatch.setattr(names, "PROC", tmp_path)

    def machine(boot="b-1", pids="7", container="", host="here", started=None):
        monkeypatch.setattr(names, "node", lambda: host)
        (tmp_path / "sys" / "kernel" / "random").mkdir(parents=True, exist_ok=True)
        (tmp_path / "sys" / "kernel" / "random" / "boot_id").write_text(f"{boot}\n")
        (tmp_path / "self" / "ns").mkdir(parents=True, exist_ok=True)
        (tmp_path / "self" / "ns" / "pid").unlink(missing_ok=True)
        (tmp_path / "self" / "ns" / "pid").symlink_to(f"pid:[{pids}]")
        mounts = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
        if container:
            mounts += f"23 22 8:1 {container} /etc/hostname rw - ext4 /dev/sda1 rw\n"
        (tmp_path / "self" / "mountinfo").write_text(mounts)
        for pid, ticks in (started or {}).items():
            (tmp_path / str(pid)).mkdir(exist_ok=True)
            told = ["S", *map(str, range(18)), ticks, *map(str, range(30))]
            (tmp_path / str(pid) / "stat").write_text(f"{pid} (a) Z 1 (b) {' '.join(told)}\n")
        forget_machine()

    yield machine
    forget_machine()


def started_here(**told):
    """A name as an engine of this process wrote it, and is no more."""
    owner = Owner.new()
    names.forget(str(owner))
    return replace(owner, **told)


# What is known of an engine


def test_engines_of_one_process_are_told_apart():
    first, second = Owner.new(), Owner.new()
    assert first != second
    names.forget(str(first))
    assert first.standing is Standing.GONE
    assert second.standing is Standing.HERE
    names.forget(str(second))
    assert second.standing is Standing.GONE


def test_a_process_is_there_until_it_has_ended():
    with other_process() as (process, owner):
        assert owner.standing is Standing.HERE
        process.kill()
        process.wait()
        assert owner.standing is Standing.GONE


@linux
def test_a_process_that_nobody_has_waited_for_is_gone():
    with other_process() as (process, owner):
        process.kill()
        until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
        assert owner.standing is Standing.GONE


@linux
def test_the_start_of_a_process_is_what_psutil_says(living):
    since_boot = psutil.Process(living.pid).create_time() - psutil.boot_time()
    assert int(living.started) / os.sysconf("SC_CLK_TCK") == pytest.approx(since_boot, abs=1.5)


@linux
def test_what_differs_in_a_name_tells_whether_its_engine_is_gone(living):
    assert living.standing is Standing.HERE
    later = str(int(living.started) - 1)
    assert replace(living, started=later).standing is Standing.GONE, "the id was used again"
    assert replace(living, boot="another").standing is Standing.GONE, "the machine was started anew"
    assert replace(living, machine="another").standing is Standing.ELSEWHERE
    assert replace(living, machine="another", boot="another").standing is Standing.ELSEWHERE
    gone = replace(living, pid=2**22 + 1)  # beyond what Linux gives out
    assert gone.standing is Standing.GONE
    assert replace(gone, machine="another").standing is Standing.ELSEWHERE


def test_a_restart_of_the_machine_ends_what_ran_before_it(machine):
    machine(boot="b-1", started={os.getppid(): "500"})
    before = started_here(pid=os.getppid(), started="500")
    assert before.standing is Standing.HERE
    machine(boot="b-2", started={os.getppid(): "500"})
    assert before.standing is Standing.GONE


def test_a_name_within_brackets_does_not_hide_the_start_of_a_process(machine):
    machine(started={os.getppid(): "500"})  # of a process called "a) Z 1 (b"
    assert started_here(pid=os.getppid(), started="500").standing is Standing.HERE
    assert started_here(pid=os.getppid(), started="499").standing is Standing.GONE


DOCKER = "/var/lib/docker/containers/{}/hostname"


def test_a_container_that_is_started_again_is_not_what_it_was(machine):
    there = {"container": DOCKER.format("one"), "started": {os.getppid(): "500"}}
    machine(pids="7", **there)
    before = started_here(pid=os.getppid(), started="500")
    machine(pids="8", **there)
    assert before.standing is Standing.GONE
    machine(pids="7", **there)  # Linux gives the number out again
    assert before.standing is Standing.HERE
    assert replace(before, started="499").standing is Standing.GONE


@pytest.mark.parametrize("host", ["here", "there"])
def test_another_container_is_another_machine_even_of_one_name_and_boot(machine, host):
    machine(pids="7", container=DOCKER.format("one"))
    other = started_here()
    machine(pids="8", container=DOCKER.format("two"), host=host)
    assert other.standing is Standing.ELSEWHERE
    machine(pids="4026531836", host=host)  # on the machine itself
    assert other.standing is Standing.ELSEWHERE


def test_where_processes_are_hidden_from_one_another_nothing_is_concluded(machine):
    machine(pids="7")
    other = started_here()
    machine(pids="8")
    assert other.standing is Standing.ELSEWHERE
    assert "another container of this machine" in names.told_of(str(other))


def test_another_machine_stays_another_one_when_it_was_started_anew(machine):
    machine(host="there")
    other = started_here()
    machine(host="here", boot="b-2")
    assert other.standing is Standing.ELSEWHERE
    assert names.told_of(str(other)) == f"on there, by process {os.getpid()} there"


def test_without_what_linux_tells_only_what_is_certain_counts(tmp_path, monkeypatch):
    """As on macOS; in such names, boot, process ids and start are empty."""
    monkeypatch.setattr(names, "PROC", tmp_path / "nowhere")
    forget_machine()
    with other_process() as (process, told):
        owner = replace(started_here(), pid=told.pid)
        assert (owner.boot, owner.pids, owner.started) == ("", "", "")
        assert owner.standing is Standing.HERE
        assert replace(owner, machine="another").standing is Standing.ELSEWHERE
        # The clock counts from the start of the machine, and goes back by another one alone.
        assert replace(owner, uptime=owner.uptime + 60).standing is Standing.GONE
        process.kill()
        process.wait()
        assert owner.standing is Standing.GONE
    forget_machine()


# Names


@given(st.integers(0, 2**22), st.text())
def test_a_name_is_read_as_it_was_written(pid, host):
    owner = Owner(pid, "0a1b", "m", "b", 12, "7", "500", host)
    assert Owner.read(str(owner)) == owner


@given(st.text())
def test_any_text_can_be_asked_for(text):
    assert standing_of(text) in Standing
    assert names.told_of(text)


def test_a_name_of_an_older_version_is_a_process_id_alone(living):
    assert Owner.read("4242-0a1b2c3d") == Owner(4242, "0a1b2c3d")
    assert standing_of(f"{living.pid}-0a1b2c3d") is Standing.HERE
    assert standing_of(f"{os.getpid()}-0a1b2c3d") is Standing.GONE, "this process has a new name"
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    assert standing_of(f"{gone.pid}-0a1b2c3d") is Standing.GONE
    assert standing_of("0-taken-in") is Standing.GONE


def test_an_older_version_finds_the_process_id_where_it_was(living):
    assert int(str(living).split("-")[0]) == living.pid


def test_of_a_name_in_a_form_to_come_nothing_is_concluded():
    for name in ("", "engine", "4242-0a1b|new|form", "4242-0a1b|m|b|soon|7|500|host"):
        assert standing_of(name) is Standing.ELSEWHERE
    assert names.told_of("v9:engine") == (
        "by an engine whose name, 'v9:engine', this version cannot read"
    )


# Their runs


@pytest.fixture
def three(store, living):
    """A run and a deleted run of each: an engine here, one that is gone, one elsewhere."""
    gone = replace(living, boot="another", uptime=2**40)
    there = replace(living, machine="another", host="gpu-3")
    deleted, left = [], []
    for owner in map(str, (living, gone, there)):
        deleted.append(store.add_run(RunConfig(), [ARTICLE], owner))
        store.set_state(deleted[-1], RunState.FINISHED)
        store.delete(deleted[-1:], owner)
        left.append(store.add_run(RunConfig(), [ARTICLE], owner))
    names = ("here", "gone", "there")
    return SimpleNamespace(store=store, deleted=deleted, **dict(zip(names, left, strict=True)))


def test_only_what_is_certainly_gone_is_cleaned_up(three):
    owners.clean_up(three.store)
    found = three.store.run(three.gone)
    assert (found.state, found.message) == (RunState.STOPPED, LOST)
    assert found.elsewhere == ""
    assert (
        three.store.run(three.here).state is three.store.run(three.there).state is RunState.QUEUED
    )
    assert [three.store.undelete([run]) for run in three.deleted] == [1, 0, 1]


def test_a_run_says_that_it_is_trained_elsewhere(three, living):
    assert three.store.run(three.here).elsewhere == ""
    assert three.store.run(three.here).can == Can(*(True, True, False, True, True), delete=False)
    elsewhere = three.store.run(three.there)
    assert elsewhere.can == Can(
        *(False, False, False, False, True), delete=False, why=elsewhere.elsewhere
    )
    told = three.store.run(three.there).elsewhere
    assert f"is trained on gpu-3, by process {living.pid} there: steer and stop it there" in told
    assert "core.store release" in told
    three.store.set_state(three.there, RunState.FINISHED)
    assert three.store.run(three.there).elsewhere == ""


def test_an_engine_neither_ends_nor_steers_what_is_trained_elsewhere(three, engine, monkeypatch):
    monkeypatch.setattr(engine, "store", three.store)
    monkeypatch.setattr(engine._outbox, "store", three.store)
    for steer in (engine.pause, engine.stop, engine.fork):
        with pytest.raises(CommandError, match="is trained on gpu-3"):
            steer(three.there)
    with pytest.raises(TimeoutError, match=r"is queued at step 0 .* is trained on gpu-3"):
        engine.wait(three.there, timeout=0)
    assert three.store.run(three.there).state is RunState.QUEUED


def test_a_check_says_where_runs_are_trained_and_is_no_complaint(three, capsys):
    told = three.store.run(three.there).elsewhere
    assert main(["check", str(three.store.path)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [told, "It is sound."]


def test_what_was_elsewhere_and_is_gone_can_be_released(three, living, capsys):
    assert main(["release", str(three.store.path)]) == 0
    assert capsys.readouterr().out == "1 runs that were trained elsewhere are stopped.\n"
    found = three.store.run(three.there)
    assert found.state is RunState.STOPPED
    assert f"It was trained on gpu-3, by process {living.pid} there" in found.message
    assert three.store.run(three.here).state is RunState.QUEUED
    assert [three.store.undelete([run]) for run in three.deleted] == [1, 1, 0]
    assert upkeep.release(three.store.path) == 0


def test_a_run_that_another_engine_trains_here_is_refused_and_not_lost_in_silence(tmp_path):
    """What this engine sends reaches its own worker, which knows nothing of the run."""
    with Engine(tmp_path / "runs.sqlite") as one, Engine(tmp_path / "runs.sqlite") as other:
        run = one.start(RunConfig(steps=1_000_000, batch_size=4, embedding_size=4))
        for command in (
            lambda: other.move_loss_weights(run, 0, bin_out=0.9),
            lambda: other.set_live(run, steps=5),
            lambda: other.pause(run),
            lambda: other.fork(run),
            lambda: other.rewind(run, 0),
        ):
            with pytest.raises(CommandError, match="by another program of this machine, process"):
                command()
        one.stop(run)
        one.wait(run, 60)
        assert other.pause(run) is False, "it has ended: there is nothing to refuse"
