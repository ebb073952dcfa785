"""Whose run it is, on the pages: what somebody else, the teacher and no cookie can do there."""

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from core import RunConfig, RunState
from core.places import PROJECT
from core.run.simplex import MapConfig
from dashboard.gate.access import PERSON, visitor_of
from dashboard.steering import run_controls, settings, weights
from tests.dashboard.reading import read
from tests.siamese import weighted

STEERING = {"pause", "step", "fork", "stop"}


@pytest.fixture
def come(monkeypatch, page_engine):
    """Opens a page as somebody; nobody without a cookie."""
    monkeypatch.setenv("EXPLORER_OPEN", "")
    monkeypatch.setenv("EXPLORER_TEACHER", "the-teachers-own")

    def come(person="", script="main.py", teacher=False, **query):
        cookies = {PERSON: person} if person else {}
        cookies |= {"explorer_teacher_8501": "the-teachers-own"} if teacher else {}
        monkeypatch.setattr(ContextProxy, "cookies", cookies)
        page = AppTest.from_file(PROJECT / "dashboard" / script, default_timeout=60)
        page.query_params.update(query)
        page.run()
        assert not page.exception
        return page

    return come


@pytest.fixture
def runs(page_engine):
    """A paused run of Ann's, an ended one and a map of hers, and a script's: by name."""
    ann, store = visitor_of({PERSON: "ann"}).person, page_engine.store
    lanes, owner = [weighted()], page_engine.owner
    runs = {
        "paused": store.add_run(RunConfig(), lanes, owner, person=ann),
        "ended": store.add_run(RunConfig(seed=5), lanes, owner, person=ann),
        "map": store.add_run(RunConfig(), [], owner, MapConfig(), 66, person=ann),
        "script": store.add_run(RunConfig(), lanes, owner),
    }
    for name, run in runs.items():
        store.set_state(run, RunState.STOPPED if name == "ended" else RunState.PAUSED)
    yield runs
    for run in runs.values():
        store.set_state(run, RunState.STOPPED)


def keys(page):
    return {button.key for button in page.button if not button.disabled}


@pytest.mark.parametrize("name", ["paused", "ended", "script"])
def test_a_run_of_others_can_be_forked_and_not_steered(come, runs, name):
    run = runs[name]
    for page in (come("bob", run=run), come(run=run)):
        assert {"train", "fork_run"} <= keys(page)
        assert not STEERING & {button.key for button in page.button}


def test_ones_own_run_and_every_run_for_the_teacher_is_steered(come, runs):
    for name, who in (("paused", ("ann",)), ("paused", ("bob", "main.py", True))):
        page = come(*who, run=runs[name])
        assert keys(page) >= STEERING
        assert "fork_run" not in keys(page)
    assert any("teacher's link" in read(one) for one in page.caption)
    assert keys(come(teacher=True, run=runs["script"])) >= STEERING


def test_a_run_belongs_to_whoever_presses_train_or_forks_it(come, runs, page_engine):
    store = page_engine.store
    page = come("bob", run=runs["paused"])
    page.button(key="fork_run").click().run()
    assert not page.exception
    bob = visitor_of({PERSON: "bob"}).person
    fork = store.run(page.query_params["run"])
    assert (fork.person, fork.state, fork.note[:11]) == (bob, RunState.PAUSED, "Forked from")
    assert keys(page) >= STEERING
    page.button(key="stop").click().run()
    page_engine.wait(fork.id, 60)
    page.number_input(key="steps").set_value(20).run()
    page.button(key="train").click().run()
    trained = page.query_params["run"]
    assert trained != fork.id
    assert store.run(trained).person == bob
    page_engine.wait(trained, 60)


def test_a_setting_moved_beside_a_run_of_others_waits_for_the_next(come, runs, page_engine):
    page = come("bob", run=runs["paused"])
    page.number_input(key="learning_rate").set_value(0.2).run()
    assert [read(info) for info in page.info] == [
        "For the next run: learning_rate 0.05 → 0.2. The one shown keeps its own."
    ]
    assert page_engine._outbox.last(runs["paused"], "live") is None


# A page that was opened before, or a client that is none: what is pressed is asked again.

FORCED = {
    "steer": (run_controls.command, ("pause",)),
    "fork": (run_controls.fork, ()),
    "rewind": (run_controls.rewind, (0,)),
    "weights": (lambda: run_controls.telling(weights.take_weights)(weighted(bin_out=3)), ()),
}


@pytest.mark.parametrize("name", FORCED)
def test_what_is_forced_is_refused_in_a_sentence(monkeypatch, runs, page_engine, name, come):
    from dashboard import service, state

    come("bob")
    run, told = page_engine.store.run(runs["paused"]), []
    monkeypatch.setattr(state, "run", lambda: run)
    monkeypatch.setattr(state, "complain", told.append)
    for method in ("pause", "fork", "rewind", "move_loss_weights"):
        monkeypatch.setattr(service.engine(), method, lambda *_, **__: pytest.fail("done"))
    action, arguments = FORCED[name]
    action(*arguments)
    assert [said.split(":")[0] for said in told] == [f"Run #{run.number} is somebody else's"]


def test_a_live_setting_that_is_forced_is_not_sent(monkeypatch, runs, page_engine, come):
    from dashboard import service, state

    come("bob")
    run = page_engine.store.run(runs["paused"])
    monkeypatch.setattr(state, "run", lambda: run)
    monkeypatch.setattr(service.engine(), "set_live", lambda *_, **__: pytest.fail("done"))
    settings.steer_setting("learning_rate")


# The pages Runs and Map


def test_runs_of_others_are_taken_away_and_not_changed(come, runs):
    page = come("bob", "runs/page.py", runs=runs["ended"])
    assert {"compare", "use_settings"} <= keys(page)
    assert not {"pin", "delete", "save_labels"} & keys(page)
    assert page.text_input(key=f"name_{runs['ended']}").disabled
    assert any("is renamed by them alone" in read(caption) for caption in page.caption)
    page = come("ann", "runs/page.py", runs=runs["ended"])
    assert {"pin", "delete", "save_labels"} <= keys(page)
    both = ",".join([runs["ended"], runs["script"]])
    assert not {"pin", "delete"} & keys(come("ann", "runs/page.py", runs=both))
    assert "pin" in keys(come("bob", "runs/page.py", True, runs=both))


def test_what_was_deleted_by_others_is_not_freed(come, runs, page_engine):
    store = page_engine.store
    bobs = store.add_run(
        RunConfig(), [weighted()], "1-test", person=visitor_of({PERSON: "bob"}).person
    )
    store.set_state(bobs, RunState.STOPPED)
    store.delete([runs["ended"]], page_engine.owner)  # as Ann does
    page = come("bob", "runs/page.py", runs=bobs)
    page.button(key="delete").click().run()
    page.button(key="purge").click().run()
    assert not page.exception
    assert store.undelete([bobs, runs["ended"]]) == 1
    assert store.run(runs["ended"])


def test_a_map_of_others_goes_on_beside_one_of_ones_own(come, runs):
    page = come("bob", "map/page.py", map=runs["map"])
    assert "train_map" in keys(page)
    assert not {"pause_map", "cancel_map"} & keys(page)
    assert any("is steered by them alone" in read(caption) for caption in page.caption)
    page = come("ann", "map/page.py", map=runs["map"])
    assert {"pause_map", "cancel_map"} <= keys(page)
    assert "train_map" not in keys(page)


def test_a_browser_without_cookies_is_told(come):
    assert any("keeps no cookies" in read(caption) for caption in come().caption)
    assert not any("cookies" in read(caption) for caption in come("ann").caption)
