"""Commands as JSON lines, and run states."""

import dataclasses
import json
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import LossWeights, Record, RunConfig, RunState
from core.problems.siamese.heads import HEAD_NAMES
from core.run.commands import (
    AddProblem,
    AnyCommand,
    Follow,
    Fork,
    MoveLossWeights,
    Pause,
    Prepare,
    Preview,
    Probe,
    Resume,
    Rewind,
    SetLive,
    SetLossWeights,
    StartRun,
    Step,
    Stop,
    Watch,
    parse_command,
)
from core.run.lanes import Change

WEIGHTS = st.builds(LossWeights, *[], **{name: st.floats(0, 1000) for name in HEAD_NAMES})
COMMANDS = st.one_of(
    [st.builds(kind, run=st.text()) for kind in (StartRun, Pause, Resume, Stop)]
    + [st.builds(AddProblem, facts=st.dictionaries(st.text(), st.text()))]
    + [st.builds(Step, run=st.text(), n=st.integers(1))]
    + [st.builds(Probe, run=st.text(), config=st.just(RunConfig()), n_lanes=st.integers(1))]
    + [st.builds(Watch, run=st.text(), lane=st.integers(0, 3), pair=st.integers(0, 511))]
    + [st.builds(kind, run=st.text(), config=st.just(RunConfig())) for kind in (Preview, Prepare)]
    + [st.builds(Rewind, run=st.text(), step=st.integers(0), branch=st.integers(1))]
    + [
        st.builds(
            Fork,
            run=st.text(),
            lane=st.integers(0, 3),
            new_lane=st.integers(1, 3),
            loss_weights=WEIGHTS,
        )
    ]
    + [st.builds(SetLossWeights, run=st.text(), lane=st.integers(0, 1023), loss_weights=WEIGHTS)]
    + [
        st.builds(
            MoveLossWeights,
            run=st.text(),
            lane=st.integers(0, 1023),
            weights=st.dictionaries(st.text(), st.floats(0, 1000)),
        )
    ]
    + [
        st.builds(
            SetLive, run=st.text(), config=st.builds(RunConfig, learning_rate=st.floats(1e-7, 100))
        )
    ]
)


@given(COMMANDS)
def test_a_command_is_one_line_and_comes_back_the_same(command):
    line = command.model_dump_json().encode()
    assert b"\n" not in line
    assert json.loads(line)["do"]  # the standard library reads it too
    back = parse_command(line)
    assert back == command
    assert type(back) is type(command)


def test_every_command_is_tried_above():
    union = typing.get_args(AnyCommand)[0]
    assert set(typing.get_args(union)) == {
        *(StartRun, SetLossWeights, MoveLossWeights, SetLive, Fork, Rewind, Probe, Watch, Preview),
        *(AddProblem, Follow, Prepare, Pause, Resume, Step, Stop),
    }


@pytest.mark.parametrize(
    "line",
    [
        "",
        "pause",
        "{}",
        '{"do": "pause"}',
        '{"do": "erase", "run": "a"}',
        '{"do": "pause", "run": "a", "lane": 1}',
        '{"do": "step", "run": "a", "n": "few"}',
        '{"do": "set_loss_weights", "run": "a", "lane": 0, "loss_weights": {"bin_out": -1}}',
        '{"do": "set_live", "run": "a", "config": {"steps": 0}}',
    ],
)
def test_a_line_that_is_no_command_is_a_value_error(line):
    with pytest.raises(ValueError, match="validation error"):
        parse_command(line)


def test_messages_do_not_change():
    pause = Pause(run="a")
    with pytest.raises(ValueError, match="frozen"):
        pause.run = "b"
    change = Change(step=1, command=pause)
    with pytest.raises(dataclasses.FrozenInstanceError):
        change.step = 2


def test_states_and_which_of_them_are_final():
    # The names are those of the issue; they are in stores and URLs, and so stay.
    assert {state.value: state.is_finished for state in RunState} == {
        "queued": False,
        "running": False,
        "paused": False,
        "finished": True,
        "stopped": True,
        "diverged": True,
        "failed": True,
    }


def test_states_in_which_steps_are_to_be_expected_and_those_that_nobody_wanted():
    assert [state for state in RunState if state.is_moving] == ["queued", "running"]
    assert [state for state in RunState if state.is_grave] == ["diverged", "failed"]


def test_a_record_has_what_the_issue_lists():
    assert [field.name for field in dataclasses.fields(Record)] == [
        *("seq", "step", "lane", "time", "loss", "metric", "val_loss", "val_metric"),
        *("total_loss", "loss_weights", "learning_rate"),
        "branch",  # of the issue on rewinds
    ]
