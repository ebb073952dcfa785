"""The page Map of a model of one's own with two losses: a line, from the first press to a point."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core import Store
from core.analysis.maps import weight_map
from tests.browser.axe import violations_on_both_grounds
from tests.browser.mapper import Mapper
from tests.browser.server import PROJECT, Server
from tests.browser.widgets import overflow

pytestmark = pytest.mark.browser

FILE = Path(__file__).with_name("tickets.py")
LINE = "problem=tickets&resolution=4&map_steps=60"

# Where a point of the line is in the window, by its index.
PLACE = """point => {
    const line = document.querySelector(".map-line")
    const {margin, xaxis, yaxis} = line._fullLayout
    const box = line.getBoundingClientRect()
    const {x, y, customdata} = line.data.find(({meta}) => meta.role === "values")
    const k = customdata.indexOf(point)
    return [box.left + xaxis._offset + xaxis.l2p(x[k]), box.top + yaxis._offset + yaxis.l2p(y[k])]
}"""


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """A server that was given the file."""
    command = [sys.executable, "-m", "core.problems", "check", str(FILE), "--json"]
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    facts = json.dumps([json.loads(told.stdout)])
    server = Server(tmp_path_factory.mktemp("own"), EXPLORER_PROBLEMS=facts)
    yield server
    server.close()


@pytest.fixture
def line(own_server, page):
    """The page Map of that problem in a tab."""
    page.goto(f"{own_server.url}/map?{LINE}")
    expect(page.locator(".map-line .main-svg").first).to_be_visible()
    return Mapper(page)


@pytest.fixture(scope="module")
def recorded(own_server):
    store = Store(own_server.store)
    yield store
    store.close()


def trace(page, role):
    return page.evaluate(
        """role => {
            const {data} = document.querySelector(".map-line")
            const {x, y, customdata} = data.find(({meta}) => meta.role === role)
            return {x, y, points: customdata}
        }""",
        role,
    )


def test_a_line_is_trained_read_and_picked_from(line, recorded):
    page = line.page
    expect(page.get_by_text("The whole line of loss weights between two heads")).to_be_visible()
    expect(page.get_by_text("5 settings, 60 steps: 300 model-steps")).to_be_visible()
    run = line.finish()
    found = weight_map(recorded, run)
    assert found.over.heads == ("priority", "department")
    worst = found.mean["val_accuracy"][:, 2]
    values = trace(page, "values")
    assert values["x"] == [1, 0.75, 0.5, 0.25, 0], "the share of the first head"
    assert values["y"] == pytest.approx(worst.tolist())
    assert trace(page, "best")["points"] == [found.best("val_accuracy", "worst")]
    page.locator(".map-line").scroll_into_view_if_needed()
    page.mouse.move(*page.evaluate(PLACE, 1))
    said = page.locator(".map-overlay[data-point='1'] .map-readout")
    expect(said).to_contain_text("priority 1.875")
    expect(said).to_contain_text(f"{100 * worst[1]:.1f} ±")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(lambda url: "weight.priority=1.875" in url and "point=1" in url)
    panel = page.locator(".map-point")
    expect(panel).to_contain_text("Picked: weights 1.875, 0.625, now in the sliders.")
    expect(panel.get_by_role("row")).to_have_count(1 + 2 + 2)
    for head, weight in (("priority", "1.875"), ("department", "0.625")):
        slider = page.get_by_role("group", name=head, exact=True).get_by_role("slider")
        expect(slider).to_have_value(weight)
    # The other quantity, and what is less is better.
    page.get_by_role("radio", name="loss", exact=True).click()
    losses = found.mean["val_loss"][:, 2]
    page.wait_for_function(
        """value => document.querySelector(".map-line").data
            .find(({meta}) => meta.role === "values").y[0] === value""",
        arg=losses[0],
    )
    assert trace(page, "best")["points"] == [int(losses.argmin())]


def test_a_map_opened_by_its_address_has_its_problem_and_keys_pick_its_points(
    line, own_server, recorded
):
    page, run = line.page, recorded.runs()[0].id
    page.goto(f"{own_server.url}/map?map={run}")
    expect(line.status).to_contain_text("Finished")
    use = page.locator(".map-table tbody tr").nth(1).get_by_role("button", name="Use")
    use.focus()
    expect(page.locator(".map-overlay .map-readout")).to_be_visible()
    point = int(page.locator(".map-overlay").get_attribute("data-point"))
    use.press("Enter")
    page.wait_for_url(re.compile(rf"point={point}"))
    found = weight_map(recorded, run)
    expect(page.locator(".map-point")).to_contain_text(found.points[point].in_short())
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert [float(row["loss_weights.priority"]) for row in rows] == [2.5, 1.875, 1.25, 0.625, 0]


def test_a_map_of_another_problem_is_not_shown_under_these_sliders(line, own_server, recorded):
    page, run = line.page, recorded.runs()[0].id
    page.goto(f"{own_server.url}/map?map={run}&problem=siamese")
    expect(page.get_by_text("is of the problem tickets, and not shown")).to_be_visible()
    expect(page.locator(".map-drawing")).to_be_visible()
    page.get_by_role("button", name="Newest map", exact=True).click()
    expect(page.locator(".map-line .main-svg").first).to_be_visible()
    expect(line.status).to_contain_text("Finished")
    expect(page.get_by_role("group", name="department", exact=True)).to_be_visible()


def test_no_scroll_bar_and_nothing_that_axe_finds(line, own_server, recorded):
    page, run = line.page, recorded.runs()[0].id
    for width in (1400, 400):
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(f"{own_server.url}/map?map={run}&point=2")
        expect(page.locator(".map-front .main-svg").first).to_be_visible()
        page.wait_for_timeout(1000)
        assert overflow(page) <= 0
        assert violations_on_both_grounds(page) == []
