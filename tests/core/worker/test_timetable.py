"""Whose turn it is: fair among people, then among a person's runs; who is followed goes before."""

import threading
from types import SimpleNamespace

import pytest

from core.run.commands import Pause
from core.training.cores import CORES
from core.training.turns import TURN
from core.worker.timetable import FOLLOWED_FOR, LEAST_TURN, ROUND, UNSEEN, Timetable
from tests.clock import Clock


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch, "core.worker.timetable")


@pytest.fixture
def timetable():
    return Timetable()


def add(timetable, run, person, due=0.0):
    hosted = timetable.add(run, person)
    hosted.session = SimpleNamespace(paused=False, due=due)
    assert timetable.release(hosted)
    return hosted


def serve(timetable, clock, n, cost=lambda run: 1.0):
    """Give so many turns, each of its cost in seconds; the seconds that each run has had."""
    had = {}
    for _ in range(n):
        hosted, _ = timetable.next()
        seconds = cost(hosted.run)
        clock.now += seconds
        timetable.charge(hosted, seconds)
        assert timetable.release(hosted)
        had[hosted.run] = had.get(hosted.run, 0.0) + seconds
    return had


def test_a_persons_share_is_the_same_however_many_runs(timetable, clock):
    for run in ("a1", "a2", "a3"):
        add(timetable, run, "a")
    add(timetable, "b1", "b")
    had = serve(timetable, clock, 600)
    assert had["b1"] == pytest.approx(300, abs=1)
    assert [had[run] for run in ("a1", "a2", "a3")] == pytest.approx([100] * 3, abs=1)


def test_shares_are_of_time_not_of_turns(timetable, clock):
    """A neighbour's large network takes nothing from the others."""
    for run in "abc":
        add(timetable, run, run)
    had = serve(timetable, clock, 1200, lambda run: 10.0 if run == "a" else 1.0)
    assert had["a"] == pytest.approx(had["b"], abs=11)
    assert had["c"] == pytest.approx(had["b"], abs=1)


def test_runs_of_one_kind_are_trained_alike_whatever_else_the_machine_does(timetable, clock):
    """A turn that something else made slow is not charged to the run that had it."""
    steps = dict.fromkeys("ab", 0)
    for run in steps:
        add(timetable, run, run).kind = "dense"
    for _ in range(600):
        hosted, _ = timetable.next()
        seconds = 3.0 if hosted.run == "a" and steps["a"] % 20 else 1.0
        timetable.charge(hosted, seconds, n_steps=10)
        assert timetable.release(hosted)
        steps[hosted.run] += 10
    assert steps["a"] == pytest.approx(steps["b"], rel=0.05)


def test_a_turn_that_was_held_up_at_the_start_leaves_nobody_behind(timetable, clock):
    """The first step is a turn alone, and may wait for much; a later one may, too."""
    steps = dict.fromkeys("ab", 0)
    for run in steps:
        timetable.charge(add(timetable, run, run), 0.0)
        timetable.find(run).kind = run
    timetable.charge(timetable.find("a"), 0.1, n_steps=10)
    timetable.charge(timetable.find("a"), 50.0, n_steps=10)
    for _ in range(300):
        hosted, _ = timetable.next()
        timetable.charge(hosted, 0.1, n_steps=10)
        assert timetable.release(hosted)
        steps[hosted.run] += 10
    assert steps["a"] == pytest.approx(steps["b"], rel=0.1)


@pytest.mark.parametrize(
    ("dearer", "more_steps"), [(1.0, 1.0), (1.9, 1.0), (3.0, 2.5), (4.0, 4.0), (8.0, 8.0)]
)
def test_kinds_that_cost_about_the_same_are_given_as_many_steps_others_as_much_time(
    timetable, clock, dearer, more_steps
):
    steps = dict.fromkeys("ab", 0)
    for run in steps:
        add(timetable, run, run).kind = run
    for _ in range(1000):
        hosted, _ = timetable.next()
        timetable.charge(hosted, dearer if hosted.run == "a" else 1.0, n_steps=10)
        assert timetable.release(hosted)
        steps[hosted.run] += 10
    assert steps["b"] == pytest.approx(more_steps * steps["a"], rel=0.05)


def test_nobody_saves_up_time(timetable, clock):
    first = add(timetable, "a", "a")
    idle = add(timetable, "b", "b")
    idle.session.paused = True
    serve(timetable, clock, 100)
    idle.session.paused = False
    add(timetable, "c", "c")  # who comes late does not catch up either
    had = serve(timetable, clock, 300)
    assert list(had.values()) == pytest.approx([100] * 3, abs=1)
    assert first.run in had


def test_a_run_that_nobody_follows_goes_on_behind_those_that_are_followed(timetable, clock):
    add(timetable, "seen", "a")
    add(timetable, "unseen", "b")

    def follow(run):
        timetable.follow("seen")
        return 1.0

    had = serve(timetable, clock, 500, follow)
    assert had["seen"] == pytest.approx(UNSEEN * had["unseen"], rel=0.02)
    clock.now += FOLLOWED_FOR + 1
    had = serve(timetable, clock, 500)
    assert had["seen"] == pytest.approx(had["unseen"], rel=0.02)


@pytest.mark.parametrize(
    ("n_runs", "seconds"),
    [(1, TURN), (4 * CORES, TURN), (12 * CORES, ROUND / 12), (1000, LEAST_TURN)],
)
def test_turns_are_so_long_that_all_have_one_in_a_round(timetable, clock, n_runs, seconds):
    for run in range(n_runs):
        add(timetable, str(run), str(run))
    assert timetable.next()[1] == pytest.approx(seconds)


def test_a_run_that_is_held_is_given_to_nobody_else(timetable, clock):
    add(timetable, "a", "a")
    add(timetable, "b", "b")
    first, _ = timetable.next()
    second, _ = timetable.next()
    assert {first.run, second.run} == {"a", "b"}
    assert timetable.hold("a") is timetable.hold("b") is None


def test_a_command_goes_to_whoever_holds_the_run(timetable, clock):
    add(timetable, "a", "a")
    held, _ = timetable.next()
    command = Pause(run="a")
    assert timetable.hold("a", command) is None
    assert not timetable.release(held)  # it has a command now
    assert held.inbox.popleft() is command
    assert timetable.release(held)
    assert timetable.hold("a", command) is held
    assert timetable.hold("nobody knows it", command) is None


def test_who_waits_for_a_turn_is_woken(timetable):
    """By a run that is let go, by the end; and by the time at which a run is due."""
    found = []
    waiting = threading.Thread(target=lambda: found.append(timetable.next()))
    waiting.start()
    run = timetable.add("a", "a")
    run.session = SimpleNamespace(paused=False, due=0.0)
    timetable.release(run)
    waiting.join(10)
    assert found[0][0] is run

    waiting = threading.Thread(target=lambda: found.append(timetable.next()))
    waiting.start()
    timetable.close()
    waiting.join(10)
    assert found[1] is None


def test_the_soonest_that_is_due_is_waited_for(timetable):
    import time

    now = time.perf_counter()
    add(timetable, "later", "a", due=now + 60)
    add(timetable, "soon", "b", due=now + 0.1)
    assert timetable.next()[0].run == "soon"
    assert time.perf_counter() >= now + 0.1


def test_what_has_ended_is_forgotten(timetable, clock):
    hosted = add(timetable, "a", "a")
    add(timetable, "b", "b")
    held = timetable.hold("a")
    timetable.remove(held)
    timetable.charge(held, 1.0)
    assert timetable.find("a") is None
    assert [one.run for one in timetable.runs] == ["b"]
    assert hosted.run not in timetable
