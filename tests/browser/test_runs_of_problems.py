"""Runs of two problems on the pages Runs and Compare: listed by turns, never over one another."""

import re

import pytest
from playwright.sync_api import expect

from core import RunConfig, Store
from core.run.states import RunState
from tests.browser.axe import violations_on_both_grounds
from tests.browser.comparer import Comparer, seeded
from tests.browser.complaints import complaints_of
from tests.browser.server import Server
from tests.browser.widgets import all_of, button, overflow, texts_of
from tests.own_runs import own_run
from tests.siamese import weighted

pytestmark = pytest.mark.browser

FIRST = [(step, {"dose": 8 - step / 50, "kind": step / 400, "rest": 3}) for step in (100, 200, 300)]
OTHER = [(step, {"dose": 6 - step / 50, "kind": step / 500, "rest": 2}) for step in (100, 200)]
MAE = "mean absolute error dose"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A server whose store has a run of the default problem, and two of another one's file."""
    server = Server(tmp_path_factory.mktemp("problems"))
    store = Store(server.store)
    pairs = seeded(store, RunConfig(), [weighted()], strength=0)
    store.set_state(pairs, RunState.FINISHED)
    doses = [own_run(store, looks=FIRST), own_run(store, looks=OTHER, seed=7)]
    yield server, pairs, doses
    store.close()
    server.close()


@pytest.fixture
def tab(new_tab):
    """A tab that must not log an error."""
    page = new_tab()
    complaints = complaints_of(page)
    yield page
    page.close()
    assert complaints == []


def listed(page, server, query=""):
    page.goto(f"{server.url}/runs?{query}")
    expect(page.locator(".runs-table tbody tr").first).to_be_visible()
    return page


def titles(page) -> list[str]:
    return texts_of(page.locator(".runs-table thead button"))


def cells(page, title: str) -> list[str]:
    """What stands in a column, row by row."""
    column = titles(page).index(title)
    rows = all_of(page.locator(".runs-table tbody tr"))
    return [row.locator("td").nth(1 + column).inner_text().strip() for row in rows]


def choose(page, problem: str) -> None:
    page.get_by_label("Problem").select_option(problem)


def test_the_list_has_the_columns_of_the_chosen_problem(tab, place):
    server, *_ = place
    listed(tab, server)
    expect(tab.locator(".runs-status")).to_have_text("2 runs of doses.")
    assert titles(tab) == [
        *("Run", "State", "w dose", "w kind", "w rest", MAE, "kind", "loss rest"),
        *("Started", "Duration", "Steps", f"best {MAE}", "best kind", "Note"),
    ]
    assert cells(tab, MAE) == ["2.000", "2.000"]
    assert cells(tab, "kind") == ["40.0 %", "75.0 %"]
    assert cells(tab, "loss rest") == ["2.000", "3.000"]
    trunk = tab.locator(".runs-filters > label", has_text="Trunk")
    expect(trunk).to_be_hidden()
    # A curve of an error goes from its greatest value to its least, one of an accuracy from 0 to 1.
    curves = tab.locator(".runs-table tbody tr").nth(1).locator("polyline")
    expect(curves.first).to_have_attribute("points", "20.0,1.0 40.0,9.0 60.0,17.0")
    expect(curves.nth(1)).to_have_attribute("points", "20.0,13.0 40.0,9.0 60.0,5.0")
    choose(tab, "siamese")
    expect(tab.locator(".runs-status")).to_have_text("1 run of siamese.")
    assert titles(tab)[2:9] == [
        *("w ctg_out_1", "w ctg_out_2", "w bin_out", "ctg_out_1", "ctg_out_2", "bin_out"),
        "Worst head",
    ]
    expect(trunk).to_be_visible()
    tab.wait_for_url(re.compile("problem%3Dsiamese|problem=siamese"))
    link = tab.url
    choose(tab, "all")
    expect(tab.locator(".runs-status")).to_have_text("3 runs.")
    assert titles(tab) == ["Run", "State", "Problem", "Started", "Duration", "Steps", "Note"]
    assert cells(tab, "Problem") == ["doses", "doses", "siamese"]
    tab.get_by_label("Filter").fill("problem=doses seed=7")
    expect(tab.locator(".runs-table tbody tr")).to_have_count(1)
    # It is remembered, and a link brings its own.
    listed(tab, server)
    assert "Problem" in titles(tab)
    listed(tab, server, link.split("?")[1])
    assert "w bin_out" in titles(tab)


def test_the_best_comes_first_where_less_is_better(tab, place):
    server, *_ = place
    listed(tab, server, "list=problem%3Ddoses")
    for title, wanted in (("best kind", ["75.0 %", "40.0 %"]), ("loss rest", ["2.000", "3.000"])):
        tab.get_by_role("button", name=title, exact=True).click()
        sort = "ascending" if title == "loss rest" else "descending"
        expect(tab.locator(f"th[aria-sort={sort}]")).to_have_text(title)
        assert cells(tab, title) == wanted


def test_a_problem_that_no_run_is_of_is_told_until_another_is_chosen(tab, place):
    server, *_ = place
    listed(tab, server, "list=problem%3D**no**such")
    expect(tab.locator(".runs-status")).to_have_text("2 runs of doses.")
    missed = tab.locator(".runs-missed")
    expect(missed).to_have_text("There is no run of **no**such.")
    choose(tab, "siamese")
    expect(missed).to_be_hidden()


def test_columns_of_settings_are_chosen_by_problem_and_none_is_lost(tab, place):
    server, *_ = place
    listed(tab, server, "list=problem%3Ddoses")
    columns = tab.locator(".runs-columns")
    columns.locator("summary").click()
    expect(columns.get_by_text("Trunk")).to_have_count(0)
    columns.get_by_text("Source", exact=True).click()
    expect(tab.get_by_role("button", name="Source")).to_be_visible()
    assert cells(tab, "Source") == ["abc", "abc"]
    tab.keyboard.press("Escape")
    choose(tab, "siamese")
    columns.locator("summary").click()
    columns.get_by_text("Trunk", exact=True).click()
    expect(tab.get_by_role("button", name="Trunk")).to_be_visible()
    assert "Source" not in titles(tab)
    tab.keyboard.press("Escape")
    choose(tab, "doses")
    expect(tab.get_by_role("button", name="Source")).to_be_visible()


def test_runs_of_two_problems_are_not_laid_over_one_another(tab, place):
    server, pairs, doses = place
    first, other = doses
    listed(tab, server, "list=problem%3D*")
    for run in (first, pairs, other):
        row = tab.locator(".runs-table tbody tr").filter(has=tab.locator(f"a[href*='{run}']"))
        row.get_by_role("checkbox").check()
    tab.wait_for_url(re.compile(rf"runs=[^&]*{other}"))
    expect(button(tab, "Compare")).to_be_enabled()
    button(tab, "Compare").click()
    tab.wait_for_url("**/compare?*")
    comparer = Comparer(tab)
    comparer.wait_for_curves(2)
    expect(comparer.status).to_have_text("2 curves of 2 runs")
    said = tab.get_by_test_id("stAlert")
    expect(said).to_contain_text("is left out: it trains siamese, and run #2")
    assert set(comparer.curves("validation", "mean_absolute_error", "dose")) == {
        *(f"{run}-1" for run in doses),
    }
    boxes = tab.locator(".compare-chart")
    assert boxes.evaluate_all("all => all.map((box) => box.layout.title.text)") == [
        "dose: loss (unweighted): mean squared error",
        "kind: loss (unweighted, nats)",
        "rest: loss (unweighted): mean absolute error",
        "dose: mean absolute error",
        "kind: accuracy",
    ]
    # The best end of the axis of an error is the least one.
    axes = tab.locator(".compare-parallel").evaluate(
        "chart => chart.data.map(({y, text}) => text.map((words, k) => [words, y[k]]))"
    )
    assert ["accuracy kind 75.0 %", 1] in axes[0]
    assert ["accuracy kind 40.0 %", 0] in axes[1]
    assert ["loss rest 3.000", 0] in axes[0]
    assert ["loss rest 2.000", 1] in axes[1]
    headings = texts_of(tab.locator(".compare-results h2"))
    assert headings == ["Validation metrics", "Validation loss (unweighted)"]
    (one, two) = (row[1:] for row in comparer.rows("results"))
    assert one == ["300", "2.000", "75.0 %", "2.000", "75.0 %"]
    assert two == ["200", "2.000", "40.0 %", "2.000", "40.0 %"]


@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_is_too_wide_and_axe_finds_nothing(tab, place, width):
    server, pairs, doses = place
    tab.set_viewport_size({"width": width, "height": 900})
    for problem in ("doses", "*"):
        listed(tab, server, f"list=problem%3D{problem}&runs={doses[0]}")
        expect(tab.get_by_label("Name")).to_be_visible()
        assert overflow(tab) <= 0
        assert violations_on_both_grounds(tab) == []
    tab.goto(f"{server.url}/compare?runs={doses[0]},{pairs},{doses[1]}&baseline={doses[0]}-1")
    Comparer(tab).wait_for_curves(2)
    assert overflow(tab) <= 0
    assert violations_on_both_grounds(tab) == []
