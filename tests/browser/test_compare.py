"""Runs compared: chosen, turned about, pinned, sent as a link, watched while they train."""

import pytest
from playwright.sync_api import expect

from core import RunConfig
from core.analysis.comparison import curves_of
from core.run.states import RunState
from tests.browser.axe import violations
from tests.browser.comparer import Comparer, grow, seeded, value_at
from tests.browser.toolbar import check
from tests.siamese import weighted

pytestmark = pytest.mark.browser

ARTICLE = weighted(ctg_out_1=1, ctg_out_2=1, bin_out=0.5)
CLASSES = weighted(ctg_out_1=1, ctg_out_2=1, bin_out=0)


@pytest.fixture
def comparer(page):
    return Comparer(page)


@pytest.fixture
def runs(store):
    """A run and a race of two, in training; they are ended afterwards."""
    runs = [
        seeded(store, RunConfig(batch_size=100), [ARTICLE], strength=0),
        seeded(store, RunConfig(batch_size=50, seed=3), [ARTICLE, CLASSES], strength=4),
    ]
    yield runs
    for run in runs:
        store.set_state(run, RunState.STOPPED)


def called(store, run, lane=0):
    """The name of a curve."""
    return curves_of(store.run(run))[lane].name


def test_two_runs_are_compared_and_the_link_shows_the_same(comparer, runs, store):
    one, race = runs
    for run in runs:
        store.set_state(run, RunState.FINISHED)
    page = comparer.open().page
    comparer.wait_for_parameters(runs=f"{race},{one}")
    comparer.wait_for_curves(3)
    expect(comparer.status).to_have_text("3 curves of 2 runs")
    curves = comparer.curves("validation")
    assert set(curves) == {f"{race}-1", f"{race}-2", f"{one}-1"}
    assert curves[f"{one}-1"]["x"] == [100, 200]
    assert curves[f"{one}-1"]["y"] == [value_at(step, 0)["loss"] / 2 for step in (100, 200)]
    assert comparer.rows("settings") == [
        [called(store, race, 0), "0.5", "50", "3"],
        [called(store, race, 1), "0", "50", "3"],
        [called(store, one), "0.5", "100", "0"],
    ]
    # By epochs, of 20,000 pairs; on logarithmic axes.
    page.get_by_role("radio", name="epochs").click()
    comparer.turn_on("Log horizontal", "Log vertical")
    comparer.wait_for_chart("chart._fullLayout.yaxis.type === 'log' && chart.data.at(-1).x[0] < 5")
    curves = comparer.curves("validation")
    assert curves[f"{one}-1"]["x"] == pytest.approx([100 * 100 / 20_000, 1])
    assert curves[f"{race}-1"]["x"] == pytest.approx([100 * 50 / 20_000, 0.5])
    assert comparer.chart().evaluate("chart => chart._fullLayout.xaxis.type") == "log"
    # Pinned, the others are drawn and told as differences. At half the epochs of the baseline the
    # race has made as many steps as it at all.
    page.get_by_test_id("stSelectbox").get_by_role("combobox").click()
    page.get_by_role("option", name=called(store, one)).click()
    comparer.wait_for_parameters(baseline=f"{one}-1")
    comparer.turn_on("Draw differences")
    comparer.wait_for_chart("chart.layout.title.text.includes('minus')")
    curves = comparer.curves("validation")
    assert curves[f"{one}-1"]["y"] == [0, 0]
    at_100 = value_at(200, 4)["loss"] / 2 - value_at(100, 0)["loss"] / 2
    assert curves[f"{race}-1"]["x"] == pytest.approx([0.5])
    assert curves[f"{race}-1"]["y"] == pytest.approx([at_100])
    accuracy = value_at(200, 4)["accuracy"]
    points = 100 * (accuracy - value_at(200, 0)["accuracy"])
    told = f"{100 * accuracy:.1f} % (\N{MINUS SIGN}{-points:.1f})"
    assert comparer.rows("results")[0] == [called(store, race, 0), "200", *[told] * 8]
    # The same again from the address alone.
    before = {role: comparer.curves(role, "accuracy") for role in ("smooth", "validation")}
    told = comparer.rows("results", 1)
    comparer.wait_for_parameters(by="epochs", log_x="true", log_y="true", differences="true")
    comparer.open(page.url.split("?")[1])
    comparer.wait_for_curves(3)
    comparer.wait_for_chart("chart.layout.title.text.includes('minus')")
    assert {role: comparer.curves(role, "accuracy") for role in before} == before
    assert comparer.rows("results", 1) == told
    assert "Total losses are left out" in page.locator(".compare-results").inner_text()
    check(
        comparer.chart(),
        f"compare-{race}-{one}-loss-bin_out",
        f"minus {called(store, one)}",
        called(store, race, 1),
    )
    check(page.locator(".compare-parallel"), f"compare-{race}-{one}-parallel", "weight")


def test_curves_grow_while_runs_train_and_nothing_that_was_set_is_lost(comparer, runs, store):
    one, race = runs
    comparer.open(f"runs={one},{race}&smooth=0").wait_for_curves(3)
    page = comparer.page
    expect(comparer.status).to_have_text("3 curves of 2 runs · 2 still in training")
    page.locator(".compare-legend").get_by_role("button", name=called(store, race, 0)).click()
    comparer.wait_for_chart("chart.data.every(({meta}) => meta.key !== value)", f"{race}-1")
    chart = comparer.chart()
    chart.scroll_into_view_if_needed()
    box = chart.locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.9 * box["height"], steps=5)
    page.mouse.up()
    comparer.wait_for_chart("chart._fullLayout.xaxis.range[0] > 50")
    zoomed = chart.evaluate(
        "chart => [chart._fullLayout.xaxis.range, chart._fullLayout.yaxis.range]"
    )
    grow(store, one, 0, 200, 400)
    other = ".compare-chart[data-quantity=loss][data-head=ctg_out_1]"
    page.wait_for_function(
        """([at, key]) => document.querySelector(at).data
            .find(({meta}) => meta.role === "smooth" && meta.key === key).x.at(-1) === 400""",
        arg=[other, f"{one}-1"],
    )
    assert comparer.curves("smooth", head="ctg_out_1")[f"{one}-1"]["y"][-1] == pytest.approx(
        value_at(400, 0)["loss"]
    )
    for run in runs:
        store.set_state(run, RunState.FINISHED)
    expect(comparer.status).to_have_text("3 curves of 2 runs")
    ranges = "chart => [chart._fullLayout.xaxis.range, chart._fullLayout.yaxis.range]"
    assert chart.evaluate(ranges) == zoomed
    assert f"{race}-1" not in comparer.curves("smooth")
    assert comparer.rows("results")[0][1] == "400"


@pytest.mark.parametrize(("scheme", "width"), [("light", 400), ("dark", 1400)])
def test_axe_finds_nothing(new_tab, runs, scheme, width):
    tab = new_tab(width, scheme=scheme)
    comparer = Comparer(tab).open()
    assert violations(comparer.page) == []
    one, race = runs
    comparer.open(f"runs=nosuchrun,{one},{race}&baseline={one}-1").wait_for_curves(3)
    expect(comparer.page.get_by_test_id("stAlert")).to_contain_text("no run 'nosuchrun'")
    assert violations(comparer.page) == []
    tab.close()
