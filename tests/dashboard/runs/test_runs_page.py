"""The script of the page Runs over a store with runs, run by Streamlit's own test harness."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core import LossWeights, RunConfig, RunState
from core.places import PROJECT
from core.run.simplex import MapConfig
from dashboard.client import component as views
from tests.dashboard.reading import read
from tests.own_runs import own_run
from tests.siamese import weighted

pytestmark = pytest.mark.usefixtures("page_engine")

SCRIPT = PROJECT / "dashboard" / "runs" / "page.py"


@pytest.fixture
def shown(monkeypatch):
    """What the browser is given, by the last script run."""
    given = {}

    def component(data, **_):
        given.clear()
        given.update(json.loads(data))

    monkeypatch.setattr(views, "_component", lambda page: component)
    return given


@pytest.fixture
def ended(page_store):
    """A run that has ended."""
    run = page_store.add_run(RunConfig(seed=5, dropout=0), [weighted(bin_out=2)], "1-test")
    page_store.set_state(run, RunState.STOPPED)
    return run


def opened(*runs, **parameters):
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    if runs:
        page.query_params["runs"] = ",".join(runs)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def press(page, key):
    page.button(key=key).click().run()
    assert not page.exception
    return page


def test_without_a_selection_there_is_nothing_to_press(shown, ended):
    page = opened(list="sort=Seed&order=up&evil=1")
    for key in ("compare", "use_settings", "pin"):
        assert page.button(key=key).disabled
    assert shown["selected"] == []
    assert shown["table"] == {"sort": "Seed", "order": "up"}


def test_a_run_that_is_not_there_is_told_and_the_others_stay(shown, ended):
    page = opened("nobody", ended)
    assert "No run has the id 'nobody'" in read(page.error[0])
    assert shown["selected"] == [ended]
    assert page.query_params["runs"] in (ended, [ended])


def test_deleting_is_undone_and_then_for_good(shown, ended, page_store):
    page = press(opened(ended), "delete")
    assert ended not in [run.id for run in page_store.runs()]
    assert "1 run deleted" in page.markdown[0].value
    press(page, "undo")
    assert ended in [run.id for run in page_store.runs()]
    page = press(opened(ended), "delete")
    press(page, "purge")
    assert page_store.undelete([ended]) == 0


def test_settings_and_lanes_go_to_the_page_explore(shown, ended, page_store):
    press(opened(ended), "use_settings")
    assert shown["leave"] == "./?steps_per_second=0&dropout=0.0&seed=5&bin_out=2"
    race = page_store.add_run(RunConfig(), [weighted(), weighted(bin_out=0)], "1-test")
    press(opened(race), "use_settings")
    assert "lanes=1%2C1%2C0.5%3B1%2C1%2C0&lane=1" in shown["leave"]


def test_a_weight_map_is_neither_compared_nor_put_into_sliders(shown, page_store):
    over = MapConfig(resolution=3)
    run = page_store.add_run(RunConfig(), [], "1-test", map_config=over, lanes_at_once=7)
    page = opened(run)
    assert page.button(key="compare").disabled
    assert page.button(key="use_settings").disabled
    assert not page.button(key="pin").disabled


def test_keras_code_has_the_heads_weights_and_optimizer_of_the_run(shown, ended, page_store):
    call, script = (block.value for block in opened(ended).code)
    assert "optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9)," in call
    assert 'loss_weights={"ctg_out_1": 1.0, "ctg_out_2": 1.0, "bin_out": 2.0},' in call
    assert "def build_model" in script
    detector = page_store.add_run(RunConfig(problem="detector"), [LossWeights()], "1-test")
    call, script = (block.value for block in opened(detector).code)
    assert "optimizer=keras.optimizers.Adam(learning_rate=0.003)," in call
    for code in (call, script):
        assert '"rpn_class_loss": 1.0,' in code
        assert "ctg_out" not in code
    doses = own_run(page_store)
    page = opened(doses)
    (call,) = (block.value for block in page.code)
    assert 'loss_weights={"dose": 0.3, "kind": 1.0, "rest": 0.1},' in call
    assert "The file of problem 'doses' was not read" in read(page.info[0])


def test_a_name_that_is_none_is_told(shown, ended, page_store):
    page = opened(ended)
    page_store.rename(ended, "before")
    page.text_input(key=f"name_{ended}").set_value("a\x07b")
    next(button for button in page.button if button.label == "Save").click().run()
    assert "printable characters" in read(page.error[0])
    assert page_store.run(ended).name == "before"
