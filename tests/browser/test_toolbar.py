"""PNG and SVG of a chart from its own toolbar, on the pages Explore and Map."""

import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Explorer
from tests.browser.mapper import Mapper

pytestmark = pytest.mark.browser

PNG = b"\x89PNG\r\n\x1a\n"


def saved(chart, form: str) -> tuple[str, bytes]:
    """Name and content of the file that the toolbar of a chart gives, reached by the keyboard."""
    button = chart.get_by_role("button", name=f"Download as {form}")
    with chart.page.expect_download() as download:
        button.focus()
        chart.page.keyboard.press("Enter")
    return download.value.suggested_filename, download.value.path().read_bytes()


def check(chart, name: str, *said: str) -> None:
    """Whether both files are what they are called, and the drawing has these words in it."""
    called, content = saved(chart, "PNG")
    assert (called, content[:8]) == (f"{name}.png", PNG)
    assert len(content) > 5000, "something is drawn in it"
    called, content = saved(chart, "SVG")
    assert (called, content[:5]) == (f"{name}.svg", b"<svg ")
    for words in said:
        assert words in content.decode()


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


def test_in_a_dark_page_the_file_has_its_dark_ground(browser, server):
    context = browser.new_context(base_url=server.url, color_scheme="dark")
    explorer = Explorer(context.new_page()).open()
    chart = explorer.page.locator(".live-chart").first
    _, content = saved(chart, "SVG")
    assert (
        "rgb(23, 22, 20)" in content.decode()
    )  # #171614, see tests/dashboard/charts/test_live_figures.py
    context.close()
