"""PNG and SVG of a chart from its own toolbar, on the pages Explore and Map."""

import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Explorer
from tests.browser.mapper import Mapper
from tests.browser.toolbar import check, saved

pytestmark = pytest.mark.browser


def test_each_chart_gives_its_picture(page):
    explorer = Explorer(page).open("steps=60&lanes=1,1,0.5;0,0,1")
    run = explorer.train()
    expect(explorer.status).to_contain_text("Finished")
    chart = page.locator(".live-chart[data-quantity=loss][data-head=bin_out]")
    # The legend is beside the small charts on the page, and must not be missed in the file.
    check(chart, f"run-{run}-loss-bin_out", "bin_out: loss", "lane 1", "lane 2 (val)")
    assert chart.evaluate("chart => chart._fullLayout.showlegend") is False
    mapper = Mapper(page).open()
    check(page.locator(".map-triangle"), "map-none-val_accuracy-worst", "bin_out")
    check(page.locator(".map-front"), "map-none-front-ctg_out_1-and-bin_out")
    assert mapper.parameter("map") is None


def test_in_a_dark_page_the_file_has_its_dark_ground(new_tab):
    tab = new_tab(scheme="dark")
    explorer = Explorer(tab).open("steps=20")
    explorer.train()
    expect(explorer.status).to_contain_text("Finished")
    chart = explorer.page.locator(".live-chart").first
    _, content = saved(chart, "SVG")
    assert "rgb(23, 22, 20)" in content.decode()  # #171614, see tests/colours.py
    tab.close()
