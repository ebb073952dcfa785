"""The judge of the kill campaign, by rows made up here."""

from tests.benchmarks.kills import BACK_WITHIN, compared

WANTED = {(0, 0, step): (("row", step),) for step in (1, 10, 20)}


def test_what_is_lost_changed_or_doubled_is_found():
    assert compared("x", WANTED, WANTED).is_good
    lost = {at: rows for at, rows in WANTED.items() if at[2] != 10}
    changed = {**WANTED, (0, 0, 10): (("other", 10),)}
    doubled = {**WANTED, (0, 0, 10): (("row", 10), ("row", 10))}
    more = {**WANTED, (0, 0, 15): (("row", 15),)}
    found = [compared("x", WANTED, rows) for rows in (lost, changed, doubled, more)]
    assert [(o.lost, o.changed, o.doubled) for o in found] == [
        (1, 0, 0),
        (0, 1, 0),
        (0, 0, 1),
        (0, 1, 0),
    ]
    assert not any(o.is_good for o in found)


def test_who_is_back_too_late_is_found():
    outcome = compared("x", WANTED, WANTED)
    outcome.seconds = [BACK_WITHIN, BACK_WITHIN + 0.1]
    assert not outcome.is_good
