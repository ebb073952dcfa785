"""Text of others is shown as it is: no link, no formula, no emphasis is made of it."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from core import RunConfig, RunState, Store
from core.run.owner import Owner
from tests.browser.server import Server
from tests.own_runs import DOSES, KIND, own_run
from tests.siamese import weighted

pytestmark = pytest.mark.browser

TAGS = "<b>a</b>&lt;%{y} "
HOSTILE = "[x](./map) *a* $b$ _c_ <d> :red[e]"


def check(told):
    expect(told).to_contain_text(HOSTILE)
    assert told.locator("a, em, code, .katex, span[class*=red]").count() == 0


@pytest.mark.parametrize(
    "query", ["run={}", "trunk={}", "map?map={}", "map?point={}", "compare?runs={}", "runs?runs={}"]
)
def test_what_an_address_asks_for_is_told_as_it_is(page, query):
    page.goto("/" + (query if "?" in query else "?" + query).format(quote(HOSTILE)))
    check(page.get_by_test_id("stAlert"))


def test_a_name_of_a_run_is_told_as_it_is(page, trainer, store):
    run = trainer.start_map(RunConfig(steps=1), resolution=1)
    trainer.wait(run, 90)
    store.rename(run, HOSTILE)
    page.goto(f"/?run={run}")
    told = page.get_by_test_id("stAlert")
    expect(told).to_contain_text("is a weight map: see it on the page Map")
    check(told)


def test_code_in_what_is_told_is_code(page, store, trainer):
    there = replace(Owner.read(trainer.owner), machine="another", host="gpu_3_*")
    run = store.add_run(RunConfig(), [weighted()], str(there))
    page.goto(f"/?run={run}")
    told = page.get_by_test_id("stAlert")
    expect(told).to_contain_text("gpu_3_*")
    expect(told.locator("code")).to_have_text("python3 -m core.store release")
    store.set_state(run, RunState.STOPPED)


# In charts, which take some tags and fill in what stands in braces


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A server with runs whose names, and whose heads, Plotly would take for something else."""
    server = Server(tmp_path_factory.mktemp("names"))
    store = Store(server.store)

    def run_of(*heads, **settings):
        named = tuple(head.model_copy(update={"name": TAGS + head.name}) for head in heads)
        looks = [(step, {head.name: step / 400 for head in named}) for step in (100, 200, 300)]
        run = own_run(store, named, looks, **settings)
        store.rename(run, TAGS)
        return run

    others = (KIND, KIND.model_copy(update={"name": "other", "chance": 0.5}))
    yield server, run_of(*DOSES), run_of(*DOSES, seed=1), run_of(*others)
    store.close()
    server.close()


def test_names_in_charts_are_drawn_as_they_are(page, place):
    server, one, other, _ = place
    page.goto(f"{server.url}/compare?runs={one},{other}&baseline={one}-1")
    chart = page.locator(".compare-chart").first
    title = f"{TAGS}dose: loss (unweighted): mean squared error"
    expect(chart.locator(".gtitle")).to_have_text(title)
    expect(chart).to_have_attribute("aria-label", re.compile(re.escape(title)))
    chart.evaluate(
        """chart => {
            const role = ({ meta, x }) => meta.role === "validation" && x.length
            Plotly.Fx.hover(chart, [{curveNumber: chart.data.findIndex(role), pointNumber: 1}])
        }"""
    )
    expect(chart.locator(".hovertext .name")).to_contain_text(TAGS)
    parallel = page.locator(".compare-parallel")
    expect(parallel.locator(".annotation-text").first).to_have_text(f"weight{TAGS[:13]}…")
    parallel.evaluate("chart => Plotly.Fx.hover(chart, [{curveNumber: 0, pointNumber: 1}])")
    expect(parallel.locator(".hovertext .nums")).to_contain_text(TAGS)
    expect(parallel.locator(".hovertext .name")).to_contain_text(TAGS)


def test_heads_in_live_charts_are_drawn_as_they_are(page, place):
    server, *_, run = place
    page.goto(f"{server.url}/?run={run}")
    chart = page.locator(".live-chart").last
    expect(chart.locator(".legendtext").first).to_have_text(f"{TAGS}kind")
    expect(chart.locator(".textpoint").filter(has_text=f"{TAGS}other")).to_be_visible()
