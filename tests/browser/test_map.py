"""The page Map, used as a person uses it."""

import csv
import io

import pytest
from playwright.sync_api import expect

from core import RunConfig, RunState
from core.analysis.maps import weight_map
from core.run.simplex import grid
from tests.browser.axe import violations_on_both_grounds
from tests.browser.explorer import Explorer
from tests.browser.mapper import Mapper
from tests.browser.widgets import button, overflow, texts_of
from tests.waiting import until

pytestmark = pytest.mark.browser

SMALL = "resolution=4&map_steps=200"
TRIANGLE = "document.querySelector('.map-triangle')"
IS_MEASURED = """() => [...document.querySelectorAll(".map-cells path")]
    .some((cell) => cell.getAttribute("fill") !== "none")"""


@pytest.fixture
def map_page(mapper):
    """A function that opens the page, and waits until the triangle is drawn."""
    page = mapper.page

    def open_map(query=SMALL):
        page.goto(f"/map?{query}")
        expect(page.locator(".map-drawing")).to_be_visible()
        expect(page.locator(".map-status")).not_to_be_empty()
        return page

    return open_map


@pytest.fixture(scope="module")
def finished(trainer):
    """A map as the page would train it with these settings; its id."""
    run = trainer.start_map(RunConfig(steps=200), resolution=4)
    assert trainer.wait(run, 90).state is RunState.FINISHED
    return run


def colour_range(values):
    """From the best accuracy to three times as far below the median, at most to the worst."""
    best, median = max(values), sorted(values)[len(values) // 2]
    return max(min(values), best - 3 * (best - median)), best


def test_a_map_is_live_and_ends_as_the_store_has_it(map_page, store):
    page = map_page()
    for corner in ("only ctg_out_1", "only ctg_out_2", "only bin_out"):
        expect(page.locator(".map-drawing").get_by_text(corner, exact=True)).to_be_visible()
    button(page, "Train map").click()
    page.wait_for_function(IS_MEASURED)
    page.evaluate(f"() => {{ window.kept = {TRIANGLE} }}")
    expect(page.locator(".map-status")).to_contain_text("Finished", timeout=90_000)
    assert page.evaluate(f"() => window.kept === {TRIANGLE}"), "made once, and redrawn"
    run = page.url.split("map=")[-1].split("&")[0]
    found = weight_map(store, run)
    mapper = Mapper(page)

    def check(column, name):
        """Colours from what the bar says, and the star on the best."""
        values = found.mean["val_accuracy"][:, column]
        mapper.check_colours(values, *colour_range(values))
        place = [i / 4 for i in grid(4)[found.best("val_accuracy", name)]]
        assert mapper.marked("best") == [pytest.approx(place, abs=0.01)]

    check(3, "worst")
    page.get_by_role("radio", name="bin_out", exact=True).click()
    expect(page.locator(".map-bar")).to_contain_text("Validation accuracy of bin_out")
    check(2, "bin_out")


def test_hover_shows_exact_values_and_a_click_puts_the_weights_into_the_sliders(
    map_page, store, finished
):
    run, page = finished, map_page(f"{SMALL}&map={finished}")
    expect(page.locator(".map-status")).to_contain_text("Finished")
    point = grid(4).index((1, 2, 1))
    said = Mapper(page).hover(point)
    expect(said).to_contain_text("ctg_out_2 1.25")
    accuracy = weight_map(store, run).mean["val_accuracy"][point, 3]
    expect(said).to_contain_text(f"{100 * accuracy:.1f} ±")
    Mapper(page).click(point)
    page.wait_for_url(lambda url: "ctg_out_2=1.25" in url and f"point={point}" in url)
    for head, weight in (("ctg_out_1", "0.625"), ("ctg_out_2", "1.25"), ("bin_out", "0.625")):
        slider = page.get_by_role("group", name=head, exact=True).get_by_role("slider")
        expect(slider).to_have_value(weight)
    expect(page.locator(".map-point")).to_contain_text("weights 0.625, 1.25, 0.625")
    page.wait_for_function("() => document.querySelectorAll('.map-curves .main-svg').length >= 2")
    button(page, "Train a run with these weights").click()
    page.wait_for_url(lambda url: "run=" in url and "/map" not in url)
    explorer = Explorer(page)
    explorer.wait_for_step(10)
    (lane,) = store.run(explorer.run).lanes
    assert lane.as_tuple() == (0.625, 1.25, 0.625)


def test_the_table_is_sortable_and_the_csv_has_its_numbers(map_page, store, finished):
    page = map_page(f"{SMALL}&map={finished}")
    expect(page.locator(".map-status")).to_contain_text("Finished")
    found = weight_map(store, finished)
    title = page.locator(".map-table thead th:nth-child(8)")
    expect(title).to_have_text("bin_out")
    title.get_by_role("button").click()
    expect(title).to_have_attribute("aria-sort", "descending")
    column = texts_of(page.locator(".map-table tbody tr td:nth-child(8)"))
    shown = [float(text.split()[0]) for text in column]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] == pytest.approx(100 * found.mean["val_accuracy"][:, 2].max(), abs=0.051)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    means = [float(row["val_accuracy.bin_out"]) for row in rows]
    assert means == pytest.approx(found.mean["val_accuracy"][:, 2].tolist())
    page.locator(".map-table tbody tr").first.get_by_role("button", name="Use").click()
    best = found.points[means.index(max(means))]
    page.wait_for_url(lambda url: "point=" in url)
    expect(page.locator(".map-point")).to_contain_text(best.in_short())


def test_a_cancelled_map_stays_on_the_page_and_is_found_after_a_reload(map_page, store):
    page = map_page("resolution=4&map_steps=100000")
    button(page, "Train map").click()
    page.wait_for_function(IS_MEASURED, timeout=60_000)
    expect(page.locator(".map-status")).to_contain_text("left")
    button(page, "Cancel").click()
    expect(page.locator(".map-status")).to_contain_text("Stopped")
    run = page.url.split("map=")[-1].split("&")[0]
    assert until(lambda: store.run(run).state is RunState.STOPPED)
    assert list(Mapper(page).colours()) == list(range(15))
    page.reload()
    page.wait_for_function(IS_MEASURED)
    assert list(Mapper(page).colours()) == list(range(15))


def test_no_scroll_bar_and_nothing_that_axe_finds(page, finished):
    for width in (1400, 400):
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(f"/map?{SMALL}&map={finished}&point=7")
        expect(page.locator(".map-front .main-svg").first).to_be_visible()
        page.wait_for_timeout(1000)
        assert overflow(page) <= 0
        assert violations_on_both_grounds(page) == []
