"""Whose run is whose to steer: the rule as a table, as the issue has it."""

from dataclasses import replace

import pytest

from core import RunConfig, RunState
from core.errors import NotAllowed
from core.run.simplex import MapConfig
from core.run.visitor import Deed, Visitor
from tests.siamese import weighted

ME, YOU = "a" * 32, "b" * 32
ALL = set(Deed)
BUT_PINNED = {Deed.STEER, Deed.LABEL}


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize(
    ("visitor", "of_mine", "of_the_command_line", "of_mine_pinned", "of_the_command_line_pinned"),
    [
        (Visitor(ME), ALL, set(), ALL, set()),
        (Visitor(YOU), set(), set(), set(), set()),
        (Visitor(""), set(), set(), set(), set()),
        (Visitor("", is_teacher=True), ALL, ALL, ALL, ALL),
        (Visitor(YOU, is_teacher=True), ALL, ALL, ALL, ALL),
        (Visitor(ME, is_open=True), ALL, ALL, ALL, BUT_PINNED),
        (Visitor(YOU, is_open=True), ALL, ALL, BUT_PINNED, BUT_PINNED),
        (Visitor("", is_open=True), ALL, ALL, BUT_PINNED, BUT_PINNED),
        (Visitor(YOU, is_teacher=True, is_open=True), ALL, ALL, ALL, ALL),
    ],
)
def test_who_may_do_what(
    visitor, of_mine, of_the_command_line, of_mine_pinned, of_the_command_line_pinned, pinned
):
    mine = of_mine_pinned if pinned else of_mine
    command_lines = of_the_command_line_pinned if pinned else of_the_command_line
    assert {deed for deed in Deed if visitor.may(deed, ME, pinned)} == mine
    assert {deed for deed in Deed if visitor.may(deed, "", pinned)} == command_lines


@pytest.fixture
def run(store):
    """A run of mine that waits."""
    run = store.add_run(RunConfig(), [weighted()], "1-test", person=ME)
    store.set_state(run, RunState.PAUSED)
    return store.run(run)


def test_what_can_be_done_is_told_by_whose_it_is(run):
    assert run.can_by(Visitor(ME)) == run.can_by(Visitor(is_teacher=True)) == run.can
    assert run.can.steer
    assert run.can.pause
    can = run.can_by(Visitor(YOU))
    assert can == replace(
        run.can,
        **dict.fromkeys(("steer", "pause", "fork", "rewind", "label", "pin", "delete"), False),
        why="Run #1 is somebody else's: it is steered by them alone, or with the teacher's link, "
        "which is on the server's terminal. You can fork it into a run of your own.",
    )
    assert can.look_inside


def test_a_pinned_run_in_an_open_room_is_steered_by_all_and_deleted_by_few(store, run):
    store.set_state(run.id, RunState.STOPPED)
    store.pin(run.id)
    run = store.run(run.id)
    you = Visitor(YOU, is_open=True)
    can = run.can_by(you)
    assert (can.rewind, can.label, can.pin, can.delete, can.why) == (True, True, False, False, "")
    assert run.can_by(Visitor(ME, is_open=True)) == run.can
    run.check(you)
    with pytest.raises(NotAllowed, match="is pinned, so it is deleted by whoever started it alone"):
        run.check(you, Deed.DELETE)


def test_what_nobody_started_in_a_browser_says_so(store):
    run = store.run(store.add_run(RunConfig(), [weighted()], "1-test"))
    with pytest.raises(PermissionError, match=r"was not started here: .* steered by a script, or"):
        run.check(Visitor(""))
    over = store.run(store.add_run(RunConfig(), [], "1-test", MapConfig(), 1, person=ME))
    assert "fork" not in over.refusal(Visitor(YOU)), "a map is not forked"
