"""The script of the page Learn, run by Streamlit's own test harness."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig
from core.places import PROJECT
from core.run.states import RunState
from dashboard import service
from dashboard.client import component as views
from dashboard.learn.figures.charts import FIGURES
from dashboard.learn.lessons import PARTS
from tests.siamese import weighted
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("page_engine")

PAGE = PROJECT / "dashboard" / "learn" / "page.py"


@pytest.fixture
def shown(monkeypatch):
    """What the browser is given for each figure, by the last script run."""
    given = {}

    def component(data, **_):
        found = json.loads(data)
        if "figure" in found:  # or else it is the desk
            given[found["figure"]] = found

    monkeypatch.setattr(views, "_component", lambda page: component)
    return given


def opened(**parameters):
    """The page as a link with these query parameters opens it, its script by itself."""
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.query_params.update(parameters)
    page.run()
    assert not page.exception
    return page


def test_all_parts_and_figures_are_there_without_a_run(shown):
    page = opened()
    assert [one.value for one in page.header if one.anchor] == [part.title for part in PARTS]
    assert set(shown) == {"status", *FIGURES}
    assert {one["run"] for one in shown.values()} == {service.EXAMPLE}
    assert {one["isExample"] for one in shown.values()} == {True}
    assert shown["start"]["sliders"] == [1, 1, 0.5]
    assert shown["start"]["classes"] == [100, 100, 2]
    assert not page.error


def test_a_run_of_the_address_is_what_the_figures_show(page_store, shown):
    run = page_store.add_run(RunConfig(trunk="conv"), [weighted()] * 2, "an engine")
    page_store.set_state(run, RunState.FINISHED)
    opened(run=run)
    assert {one["run"] for one in shown.values()} == {run}
    assert {one["isExample"] for one in shown.values()} == {False}
    assert {one["state"] for one in shown.values()} == {"finished"}
    assert shown["reach"]["trunkLayers"] == ["conv_1", "conv_2", "embedding"]


def test_trying_something_sets_sliders_and_settings_and_says_so(shown):
    page = opened(embedding_size="32", dropout="0.3")
    page.button(key="try_overfit").click().run()
    assert not page.exception
    assert page.number_input(key="training_pairs").value == 200
    assert page.number_input(key="dropout").value == 0
    assert page.number_input(key="embedding_size").value == 64, "another try sets it"
    assert shown["start"]["config"]["training_pairs"] == 200
    told = [one.value for one in page.markdown if one.value.startswith("Set: ")]
    assert len(told) == 1
    assert "training pairs 200, dropout 0. Press **Train it**." in told[0]
    page.button(key="try_inverse_log").click().run()
    assert shown["start"]["sliders"] == [0.217, 0.217, 1.443]
    assert page.number_input(key="training_pairs").value == 200, "it is about weights alone"
    told = [one.value for one in page.markdown if one.value.startswith("Set: ")]
    assert told[0].startswith("Set: ctg_out_1 0.217, ctg_out_2 0.217, bin_out 1.443. Press")


def test_a_run_in_training_takes_the_weights_at_once(page_store, shown):
    engine = service.engine()
    run = engine.start(RunConfig(steps=100_000, steps_per_second=50), [weighted()])
    until(lambda: page_store.run(run).step > 0, 60)
    page = opened(run=run)
    assert page.button(key="train").disabled
    page.button(key="try_steer").click().run()
    until(lambda: page_store.lanes(run)[0].loss_weights == weighted(bin_out=2))
    told = next(one.value for one in page.markdown if one.value.startswith("Set: "))
    assert "has the weights already" in told
    page.button(key="try_slow").click().run()
    told = next(one.value for one in page.markdown if one.value.startswith("Set: "))
    assert "Press **Stop the run**, then **Train it**" in told
    page.button(key="stop_slow").click().run()
    engine.wait(run, 60)
    page.run()
    assert not page.button(key="train_slow").disabled
