"""A model of one's own: from the command line to a moved slider and a fork; on every page."""

import re

import pytest
from playwright.sync_api import expect

from core import RunConfig, RunState, Store
from core.places import PROJECT
from core.problems import heads_of, known
from tests.browser.axe import violations_on_both_grounds
from tests.browser.complaints import complaints_of
from tests.browser.explorer import Explorer
from tests.browser.server import Server
from tests.browser.widgets import button, overflow
from tests.waiting import until

TICKETS = PROJECT / "tests" / "core" / "problems" / "tickets.py"
HEADS = ["priority", "department"]


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """The command line's own way to a page with a model of one's own."""
    folder = tmp_path_factory.mktemp("own")
    options = ("--problem", str(TICKETS), "--store", str(folder / "runs.sqlite"), "--open")
    server = Server(folder, ("-m", "dashboard", *options, "--no-browser", "--port"))
    yield server
    server.close()


@pytest.fixture
def own_store(own_server):
    store = Store(own_server.store)
    yield store
    store.close()


@pytest.fixture
def tickets(page, own_server):
    """The page Explore with that problem chosen; a run from it lasts as long as it is looked at."""
    page.goto(f"{own_server.url}/?problem=tickets&steps=100000&steps_per_second=200")
    expect(page.get_by_role("slider", name="priority")).to_be_visible()
    expect(page.locator(".desk-said")).not_to_be_empty()
    return page


def sliders(page):
    return page.locator(".desk-range").evaluate_all("all => all.map((one) => one.ariaLabel)")


def test_its_losses_have_a_slider_each_and_train_from_what_they_were_compiled_with(
    tickets, own_store
):
    page, explorer = tickets, Explorer(tickets)
    assert sliders(page) == HEADS
    weights = page.locator(".desk-number").evaluate_all("all => all.map((one) => one.value)")
    assert weights == ["1", "0.2"]
    expect(page.locator(".task")).to_contain_text("Is it urgent?")
    run = explorer.train()
    until(lambda: own_store.run(run).step > 20, 60)
    stored = own_store.run(run)
    assert stored.config.problem == "tickets"
    assert stored.lanes[0].model_dump() == {"priority": 1.0, "department": 0.2}
    # A drag in mid-run is sent as it is for the network.
    slider = page.get_by_role("slider", name="department")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    moved = float(slider.input_value())
    assert moved > 0.2
    until(lambda: list(own_store.records(run))[-1].loss_weights["department"] == moved, 60)
    charts = page.locator(".live-chart")
    expect(charts).to_have_count(2)
    titles = [chart.get_attribute("aria-label") for chart in charts.all()]
    assert titles == ["Loss (unweighted, nats)", "Accuracy"]
    assert set(explorer.traces("loss")) == {*HEADS, *(f"{head} (val)" for head in HEADS)}
    button(page, "Fork here").click()
    until(lambda: len(own_store.run(run).lanes_now) == 2, 60)
    expect(page.locator(".live-chart")).to_have_count(4)
    assert violations_on_both_grounds(page) == []
    button(page, "Stop").click()
    until(lambda: own_store.run(run).state is RunState.STOPPED)
    expect(page.locator(".live-rewind button").first).to_be_visible()
    page.get_by_role("button", name="Rewind to step 0", exact=True).click()
    until(lambda: own_store.run(run).state is RunState.PAUSED, 60)


def test_reload_and_a_link_show_the_same_run_and_weights(tickets, own_server, new_tab):
    page = tickets
    slider = page.get_by_role("slider", name="department")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"weight\.department=0\.25"))
    other = new_tab()
    other.goto(page.url)
    expect(other.get_by_role("slider", name="department")).to_have_value("0.25")
    assert sliders(other) == HEADS
    other.close()


def test_another_problem_has_its_own_sliders_and_settings(tickets):
    page = tickets
    page.get_by_role("combobox", name=re.compile("Problem")).click()
    page.get_by_role("option", name="siamese", exact=True).click()
    expect(page.get_by_role("slider", name="bin_out")).to_be_visible()
    assert sliders(page) == ["ctg_out_1", "ctg_out_2", "bin_out"]
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.05")
    assert "tickets" not in page.url


def test_a_run_in_training_keeps_its_problem(tickets, own_store):
    page, explorer = tickets, Explorer(tickets)
    run = explorer.train()
    until(lambda: own_store.run(run).step > 5)
    page.get_by_role("combobox", name=re.compile("Problem")).click()
    page.get_by_role("option", name="siamese", exact=True).click()
    expect(page.get_by_text("stop it to choose another problem")).to_be_visible()
    assert sliders(page) == HEADS
    assert own_store.run(run).config.problem == "tickets"


@pytest.mark.parametrize("problem", known())
def test_an_address_opens_each_problem_that_comes_with_the_program(page, own_server, problem):
    page.goto(f"{own_server.url}/?problem={problem}")
    heads = [head.name for head in heads_of(RunConfig(problem=problem))]
    expect(page.locator(".desk-range")).to_have_count(len(heads))
    assert sliders(page) == heads
    expect(page.get_by_role("combobox", name=re.compile("Problem"))).to_have_value(problem)
    expect(page.get_by_text("The address asks for")).to_have_count(0)
    assert violations_on_both_grounds(page) == []


def test_its_keras_code_has_its_heads_and_imports_its_file(tickets, own_server, own_store):
    page, run = tickets, Explorer(tickets).train()
    until(lambda: own_store.run(run).step > 5, 60)
    page.goto(f"{own_server.url}/runs?runs={run}")
    page.get_by_text("Copy as Keras code").click()
    codes = page.locator("[data-testid=stCode]")
    expect(codes).to_have_count(2)
    call, script = codes.all()
    expect(call).to_contain_text("optimizer=keras.optimizers.RMSprop(learning_rate=0.002),")
    expect(call).to_contain_text('loss_weights={"priority": 1.0, "department": 0.2},')
    expect(script).to_contain_text(f'FILE = Path("{TICKETS}")')
    assert violations_on_both_grounds(page) == []
    button(page, "Take away").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Keras code").click()
    assert "class ByHead" in download.value.path().read_text(encoding="utf-8")


def test_nonsense_in_the_address_is_told(page, own_server):
    page.goto(f"{own_server.url}/?problem=nosuch&weight.priority=-3")
    expect(page.get_by_role("slider", name="bin_out")).to_be_visible()
    expect(page.get_by_text("The address asks for what cannot be used")).to_contain_text("nosuch")
    page.goto(f"{own_server.url}/?problem=tickets&weight.priority=-3")
    expect(page.get_by_role("slider", name="priority")).to_be_visible()
    told = page.get_by_text("The address asks for what cannot be used")
    expect(told).to_contain_text("weight.priority = '-3'")


@pytest.mark.parametrize("path", ["", "inside", "learn", "map", "runs", "compare"])
def test_every_page_says_what_it_can_do_with_it_also_on_a_phone(new_tab, own_server, path):
    page = new_tab(width=400, height=800)
    complaints = complaints_of(page)
    page.goto(f"{own_server.url}/{path}?problem=tickets")
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text("unforeseen error")).to_have_count(0)
    assert overflow(page) <= 0
    page.close()
    assert complaints == []
