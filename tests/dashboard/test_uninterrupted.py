"""A message is taken in whole, whatever else the browser tells meanwhile: by Streamlit's parts."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from streamlit.runtime.scriptrunner.script_runner import RerunException, ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.state import SafeSessionState, SessionState

from core.errors import CommandError
from dashboard.state.uninterrupted import take_in_messages_whole


class Pressed(SessionState):
    """A session for which a message has been told, and what its callback does."""

    def __init__(self, callback):
        super().__init__()
        self.callback = callback

    def on_script_will_rerun(self, *args, **kwargs):
        self.callback()


@pytest.fixture
def session(monkeypatch):
    """Makes the state of a session whose script begins, while another message waits."""
    original = getattr(SafeSessionState.on_script_will_rerun, "__wrapped__", None)
    if original is not None:
        monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", original)

    def make(callback, of=None):
        runner = ScriptRunner.__new__(ScriptRunner)
        monkeypatch.setattr(runner, "_is_in_script_thread", lambda: True)
        runner._execing, runner._requests = True, ScriptRequests()
        assert runner._requests.request_rerun(RerunData())
        heed = runner._maybe_handle_execution_control_request
        return SafeSessionState(Pressed(callback) if of is None else of, heed)

    # Whatever this test changes of Streamlit's class is as before after it.
    monkeypatch.setattr(
        SafeSessionState, "on_script_will_rerun", SafeSessionState.on_script_will_rerun
    )
    return make


def test_streamlit_alone_forgets_a_press_over_the_next_message(session):
    done = []
    with pytest.raises(RerunException):
        session(lambda: done.append("pressed")).on_script_will_rerun(None)
    assert done == []  # once this fails, Streamlit needs no mending any more


def test_a_press_is_done_whole_and_the_next_message_heeded_after_it(session):
    take_in_messages_whole()
    done = []

    def callback():
        begun["run"] = "1"  # Streamlit would heed messages here
        done.append(begun["run"])

    begun = session(callback)
    begun.on_script_will_rerun(None)
    assert done == ["1"]
    with pytest.raises(RerunException):
        begun["run"] = "2"


def test_what_a_callback_raises_comes_out_and_the_script_can_be_ended_again(session):
    take_in_messages_whole()
    take_in_messages_whole()  # a second time changes nothing

    def callback():
        raise CommandError("refused")

    begun = session(callback)
    with pytest.raises(CommandError):
        begun.on_script_will_rerun(None)
    with pytest.raises(RerunException):
        begun["run"] = "1"


def test_where_no_script_runs_there_is_nothing_to_hold_up(session):
    take_in_messages_whole()
    done = []
    SafeSessionState(Pressed(lambda: done.append(1)), lambda: None).on_script_will_rerun(None)
    assert done == [1]


def test_the_next_message_waits_in_its_thread_until_all_is_done(session):
    """Or else its script shows that no run was begun, while a press of Train is beginning one."""
    take_in_messages_whole()
    done, begun, may_end = [], threading.Event(), threading.Event()

    def callback():
        if not begun.is_set():
            begun.set()
            assert may_end.wait(10)
        done.append(threading.current_thread())

    state = Pressed(callback)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(session(callback, state).on_script_will_rerun, None)
        assert begun.wait(10)
        others = [pool.submit(session(callback, state).on_script_will_rerun, None) for _ in "23"]
        assert not wait(others, timeout=0.2).done
        elsewhere = session(lambda: None)  # another session does not wait
        elsewhere.on_script_will_rerun(None)
        may_end.set()
        for one in (first, *others):
            one.result(10)
    assert len(done) == 3
