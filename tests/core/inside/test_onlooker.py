"""Looks have slots, keep to their share while anything trains, and lapse."""

import threading
import time

import pytest

from core.inside import onlooker
from core.inside.onlooker import SAVINGS, SHARE, Allowance, Onlooker
from tests.clock import Clock
from tests.waiting import until


@pytest.fixture
def looker():
    made = []

    def looker(is_training=lambda: False):
        made.append(Onlooker(is_training))
        return made[-1]

    yield looker
    for one in made:
        one.close()


def held(looker):
    """Keep it busy; give back what lets it go on."""
    begun, go_on = threading.Event(), threading.Event()
    looker.ask("busy", lambda: (begun.set(), go_on.wait(10)))
    assert begun.wait(10)
    return go_on


def test_the_newest_look_has_the_slot(looker):
    one, seen = looker(), []
    go_on = held(one)
    for number in range(300):
        one.ask("start", lambda number=number: seen.append(number))
    one.ask("another", lambda: seen.append("another"))
    go_on.set()
    until(lambda: len(seen) == 2)
    assert set(seen) == {299, "another"}


def test_who_looks_no_more_costs_nothing(looker, monkeypatch):
    monkeypatch.setattr(onlooker, "PATIENCE", 0.05)
    one, seen = looker(), []
    go_on = held(one)
    one.ask("old", lambda: seen.append("old"))
    time.sleep(0.1)
    one.ask("new", lambda: seen.append("new"))
    go_on.set()
    until(lambda: seen)
    assert seen == ["new"]


def test_what_was_looked_at_before_anything_trained_is_not_charged(looker):
    training, seen = False, []
    one = looker(lambda: training)

    def look():
        nonlocal training
        time.sleep(0.5)
        training = True

    one.ask("first", look)
    one.ask("second", lambda: seen.append("second"))
    until(lambda: seen, 3)  # charged, it would be after 9.5 s


def test_looks_keep_to_their_share_while_anything_trains(looker):
    training, spent = True, []
    one = looker(lambda: training)

    def look():
        began = time.perf_counter()
        time.sleep(0.01)
        spent.append(time.perf_counter() - began)

    began = time.perf_counter()
    while time.perf_counter() < began + 1.5:
        for slot in range(10):
            one.ask(slot, look)
        time.sleep(0.01)
    assert len(spent) > 1
    # The last one is being paid for.
    assert sum(spent[:-1]) <= SHARE * (time.perf_counter() - began)
    training, before = False, len(spent)
    for slot in range(10):
        one.ask(slot, look)
    until(lambda: len(spent) >= before + 10)  # all of the time is its own


def test_what_goes_wrong_in_a_look_ends_no_other(looker, capsys):
    one, seen = looker(), []

    def fail():
        raise RuntimeError("what a look may lead to")

    one.ask("a", fail)
    one.ask("b", lambda: seen.append("b"))
    until(lambda: seen)


def test_an_allowance_is_saved_up_and_spent(monkeypatch):
    clock = Clock(monkeypatch, "core.inside.onlooker")
    allowance = Allowance()
    assert allowance.is_there()
    allowance.spend(SAVINGS + 1)
    assert not allowance.is_there()
    clock.now += 0.9 / SHARE
    assert not allowance.is_there()
    clock.now += 0.2 / SHARE
    assert allowance.is_there()
    clock.now += 10_000 * SAVINGS
    allowance.spend(SAVINGS)  # no more than that is ever saved
    assert not allowance.is_there()
