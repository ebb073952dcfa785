"""The page Learn in a browser: every figure, what is dragged and chosen, while a run trains."""

import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from dashboard.learn.figures.charts import FIGURES
from tests.browser.axe import violations
from tests.browser.toolbar import check
from tests.browser.widgets import button

pytestmark = pytest.mark.browser


def figure(page, name):
    """One figure, scrolled to."""
    found = page.locator(f".learn-view[data-figure={name}]")
    found.scroll_into_view_if_needed()
    return found


def told(page, name):
    """The sentence of a figure."""
    return figure(page, name).locator(".learn-told")


def traces(page, name) -> list[dict]:
    """Role, head, x and y of the traces of a chart."""
    return figure(page, name).evaluate(
        """view => view.querySelector(".learn-chart").data
            .map(({meta, x, y, z}) => ({role: meta.role, head: meta.head, x, y, z}))"""
    )


def opened(page, query=""):
    """The page, once it can be used."""
    page.goto(f"/learn?{query}")
    expect(figure(page, "curve").locator(".main-svg").first).to_be_visible()
    return page


def sizes(page):
    """Width of what the page would scroll, and of the window."""
    return page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")


def test_figures_without_a_run_show_the_example(page):
    opened(page)
    expect(page.locator(".katex-error")).to_have_count(0)
    assert page.locator(".katex-display").count() >= 8
    expect(told(page, "status")).to_contain_text("No run is shown")
    # The slider of the curve.
    slider = figure(page, "curve").get_by_role("slider")
    slider.fill("0.5")
    expect(told(page, "curve")).to_contain_text("0.693 nats")
    chosen = next(one for one in traces(page, "curve") if one["role"] == "chosen")
    assert chosen["y"] == pytest.approx([math.log(2)])
    slider.press("ArrowRight")
    expect(told(page, "curve")).to_contain_text("At p = 0.501")
    check(
        figure(page, "curve").locator(".learn-chart"),
        "run-example-learn-curve",
        "your p",
        "guess, 1 of 100",
    )
    # One term of a hundred.
    expect(told(page, "terms")).to_contain_text("nats")
    term = next(one for one in traces(page, "terms") if one["role"] == "term")
    assert sum(y != 0 for y in term["y"]) == 1
    assert 0 < sum(term["y"]) < math.log(100)
    # Which layers a loss reaches, and shares at the start, of the total and of the first step.
    expect(told(page, "reach")).to_contain_text("measured at step")
    (reach,) = traces(page, "reach")
    reached = [[z > 0 for z in row] for row in reach["z"]]
    assert reach["y"] == ["hidden", "embedding", "ctg_out_1", "ctg_out_2", "bin_out"]
    assert reached == [[True] * 3] * 2 + [[i == j for j in range(3)] for i in range(3)]
    expect(told(page, "start")).to_contain_text("Of the first step they pay")
    shares = traces(page, "start")
    assert len(shares[0]["y"]) == 6
    for row in range(6):
        assert sum(trace["x"][row] for trace in shares) == pytest.approx(1)
    assert [trace["x"][4] for trace in shares] == pytest.approx([1 / 3] * 3, abs=0.001)
    gram = np.array(page.evaluate("async () => (await (await fetch('/api/start')).json()).gram"))
    of_step = {1: [1, 1, 1], 3: [1, 1, 0.5], 5: [0.217, 0.217, 1.443]}
    for row, weights in of_step.items():
        paid = weights * (gram @ weights)  # <w_h g_h, g> for each head
        assert [trace["x"][row] for trace in shares] == pytest.approx(paid / paid.sum(), abs=1e-4)
    total = 2 * math.log(100) + math.log(2)
    assert shares[2]["x"][0] == pytest.approx(math.log(2) / total)


def test_every_figure_shows_the_run_and_moves_while_it_trains(page):
    opened(page, "steps=100000&steps_per_second=400")
    button(page, "Train").click()
    page.wait_for_url(re.compile("run="))
    run = re.search(r"run=(\w+)", page.url)[1]
    for name in FIGURES:
        chart = figure(page, name).locator(".learn-chart")
        expect(chart.locator(".main-svg").first).to_be_visible()
        expect(told(page, name)).not_to_contain_text(re.compile("Press|Waiting|sking|Nothing"))
        page.wait_for_function(
            """name => document.querySelector(`[data-figure=${name}] .learn-chart`).data
                .some(({meta, x}) => meta.role !== "curve" && x?.length)""",
            arg=name,
        )
        assert chart.get_attribute("aria-label")
    for name in (
        "curve",
        "total",
        "histogram",
        "fit",
    ):  # "standing" tells an extreme, which may stay
        before = told(page, name).inner_text()
        expect(told(page, name)).not_to_have_text(before)
    # A pair is picked: its picture, its terms.
    expect(figure(page, "terms").locator("canvas")).to_have_count(2)
    button(page, "Next pair").click()
    expect(told(page, "terms")).to_contain_text(re.compile(r"^Pair 1 at step"))
    figure(page, "terms").get_by_role("combobox").select_option("bin_out")
    expect(told(page, "terms")).to_contain_text("The sum of all 2 terms")
    inked = figure(page, "terms").evaluate(
        """view => [...view.querySelectorAll("canvas")].map(canvas => new Set(canvas
            .getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size)"""
    )
    assert min(inked) > 3, "pictures with shades of grey"
    box = figure(page, "terms").locator("canvas").last.bounding_box()
    assert (box["width"], box["height"]) == pytest.approx((192, 96), abs=3), "two digits of 8x8"
    # A slider's new value becomes a stair of the loss weights.
    button(page, "Try it: bin_out to 2").click()
    expect(told(page, "weights")).to_contain_text("bin_out 0.5 → 2")
    expect(page.get_by_text("The run in training has the weights already")).to_be_visible()
    check(figure(page, "weights").locator(".learn-chart"), f"run-{run}-learn-weights", "bin_out")
    # What the page asks for.
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    figure(page, "weights")
    with page.expect_request(lambda request: "/records" in request.url):
        pass
    asked.clear()
    with page.expect_request(lambda request: "/records" in request.url):
        pass
    assert not any("/inside" in url for url in asked), "no figure on screen needs it"
    # The end is told wherever the page is scrolled to.
    button(page, "Stop the run").click()
    expect(told(page, "status")).to_contain_text("Stopped at step")
    expect(button(page, "Train it")).to_be_enabled()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 400)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(new_tab, store, scheme, width):
    page = new_tab(width, scheme=scheme)
    runs = [run.id for run in store.runs() if run.state.is_finished and not run.map]
    opened(page, f"run={runs[0]}" if runs else "")
    button(page, "Try it: an embedding of 2").click()
    expect(page.get_by_text("too few for so many classes")).to_be_visible()
    page.wait_for_timeout(300)  # what has just appeared fades in
    assert violations(page) == []
    scrolled, window = sizes(page)
    assert scrolled <= window
    page.close()
