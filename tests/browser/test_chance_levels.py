"""What is written on the levels of chance: to be read on every axis, at every width."""

import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Explorer

pytestmark = pytest.mark.browser

# Boxes of all words on levels, of the axes' numbers and of the plot, by chart, once all are drawn.
BOXES = """() => {
    const charts = [...document.querySelectorAll(".live-chart")]
    if (!charts.length || charts.some((chart) => !chart._fullLayout)) return null
    return charts.map((chart) => {
        const box = (node) => node.getBoundingClientRect().toJSON()
        const shown = (nodes) => [...nodes].filter((node) => node.textContent).map(box)
        const words = [...chart.querySelectorAll(".scatterlayer .textpoint text")]
            .filter((node) => node.textContent.startsWith("chance"))
        return {
            name: chart.dataset.quantity + chart.dataset.head,
            told: words.map((node) => node.textContent).join(),
            words: shown(words),
            others: shown(chart.querySelectorAll(
                ".xtick text, .ytick text, .annotation text, .gtitle")),
            plot: box(chart.querySelector(".nsewdrag")),
        }
    })
}"""
RACE = "lanes=1,1,0.5;0,0,1"


def overlap(one, other):
    return (
        min(one["right"], other["right"]) - max(one["left"], other["left"]) > 0.5
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 0.5
    )


@pytest.fixture(scope="module")
def runs(new_tab):
    """A run that learns, one whose losses exploded, and a race."""
    page = new_tab()
    found = {}
    for name, query, end in (
        ("one", "steps=60", "Finished"),
        ("exploded", "learning_rate=50", "Diverged"),
        ("race", f"steps=60&{RACE}", "Finished"),
    ):
        explorer = Explorer(page).open(query)
        found[name] = explorer.train()
        expect(explorer.status).to_contain_text(end)
    page.close()
    return found


@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("log_loss", [False, True], ids=["linear", "log"])
@pytest.mark.parametrize("kind", ["one", "exploded", "race"])
def test_words_on_levels_lie_in_the_plot_and_over_nothing(new_tab, runs, kind, log_loss, width):
    page = new_tab(width)
    Explorer(page).open(f"run={runs[kind]}&log_loss={str(log_loss).lower()}")
    n_charts = 6 if kind == "race" else 2
    expect(page.locator(".live-chart .main-svg .textpoint")).not_to_have_count(0)
    page.wait_for_function(f"n => ({BOXES})()?.filter(one => one.told).length === n", arg=n_charts)
    if kind == "one" or (kind == "exploded" and log_loss):
        page.wait_for_function(f"() => ({BOXES})()[0].told.includes('ln 2')")
    for chart in page.evaluate(BOXES):
        words, plot = chart["words"], chart["plot"]
        for k, box in enumerate(words):
            for other in (*words[:k], *chart["others"]):
                assert not overlap(box, other), (chart["name"], chart["told"])
            assert plot["left"] - 1 <= box["left"], chart["name"]
            assert box["right"] <= plot["right"] + 1, chart["name"]
            assert plot["top"] - 1 <= box["top"], chart["name"]
            assert box["bottom"] <= plot["bottom"] + 1, chart["name"]
    page.close()
