"""A callback is done whole, whatever else the browser tells meanwhile: by Streamlit's own parts."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner.script_runner import RerunException, ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.state import SafeSessionState, SessionState

from core.errors import CommandError
from dashboard.state.uninterrupted import whole


@pytest.fixture
def session(monkeypatch):
    """The state of a session whose script runs, while another message of the browser waits."""
    runner = ScriptRunner.__new__(ScriptRunner)
    monkeypatch.setattr(runner, "_is_in_script_thread", lambda: True)
    runner._execing, runner._requests = True, ScriptRequests()
    session = SafeSessionState(SessionState(), runner._maybe_handle_execution_control_request)
    context = SimpleNamespace(session_state=session)
    monkeypatch.setattr("dashboard.state.uninterrupted.get_script_run_ctx", lambda: context)
    assert runner._requests.request_rerun(RerunData())
    return session


def test_streamlit_ends_a_script_where_it_looks_at_its_state(session):
    with pytest.raises(RerunException):
        session["run"] = "1"


def test_not_within_a_callback_but_right_after_it(session):
    with whole():
        session["run"] = "1"
        with whole():
            assert session["run"] == "1"
        session["run"] = "2"
    with pytest.raises(RerunException):
        session["run"] = "3"


def test_what_a_callback_raises_comes_out_and_the_script_can_be_ended_again(session):
    with pytest.raises(CommandError), whole():
        raise CommandError("refused")
    with pytest.raises(RerunException):
        session["run"] = "1"


def test_where_no_script_runs_there_is_nothing_to_hold_up(monkeypatch):
    monkeypatch.setattr("dashboard.state.uninterrupted.get_script_run_ctx", lambda: None)
    with whole():
        pass
