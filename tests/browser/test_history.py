"""Back and Forward, through pages, runs and lanes: one entry for each, with its sliders."""

import pytest
from playwright.sync_api import expect

from core import RunConfig
from tests.browser.explorer import Explorer
from tests.siamese import weighted

pytestmark = pytest.mark.browser

SHORT = "steps=40&steps_per_second=0"
HEADS = ("ctg_out_1", "ctg_out_2", "bin_out")


@pytest.fixture
def explorer(page):
    return Explorer(page)


@pytest.fixture(scope="module")
def run(trainer):
    """A run that has ended."""
    run = trainer.start(RunConfig(steps=5), [weighted(bin_out=1.5)])
    trainer.wait(run, 60)
    return run


def follow(explorer, name, title):
    """Go to a page by its link."""
    explorer.page.get_by_role("link", name=name, exact=True).first.click()
    expect(explorer.page.get_by_role("heading", level=1)).to_have_text(title)


def expect_shown(explorer, title, run, **weights):
    """Wait until the page, the run in its address and sliders are these."""
    expect(explorer.page.get_by_role("heading", level=1)).to_have_text(title)
    for head, weight in weights.items():
        expect(explorer.slider(head)).to_have_value(weight)
    assert explorer.run == run


def settle(explorer):
    """Wait until no script runs: whoever goes back faster than the page may miss a setting."""
    done = "[data-testid=stApp][data-test-script-state=notRunning]"
    expect(explorer.page.locator(done)).to_have_count(1)
    explorer.page.wait_for_timeout(500)  # news of a run may have one more begin
    expect(explorer.page.locator(done)).to_have_count(1)


def length(explorer):
    return explorer.page.evaluate("history.length")


def learning_rate(explorer):
    return explorer.page.get_by_label("Learning rate", exact=True)


def test_back_and_forward_bring_back_pages_runs_and_sliders(explorer):
    explorer.open(SHORT)
    began = length(explorer)
    explorer.slide("bin_out", +4)
    explorer.wait_for_parameters(bin_out="0.7")
    first = explorer.train()
    expect(explorer.status).to_contain_text("Finished")
    explorer.slide("ctg_out_1", -4)
    explorer.wait_for_parameters(ctg_out_1="0.8")
    learning_rate(explorer).fill("0.02")
    learning_rate(explorer).press("Enter")
    explorer.wait_for_parameters(learning_rate="0.02")
    explorer.press("Train")
    explorer.page.wait_for_function("run => !location.href.includes(run)", arg=first)
    second = explorer.run
    expect(explorer.status).to_contain_text("Finished")
    follow(explorer, "Inside", "Inside the model")
    follow(explorer, "Map", "Weight map")
    explorer.wait_for_parameters(learning_rate="0.02", ctg_out_1="0.8")
    follow(explorer, "Runs", "Runs")
    assert length(explorer) == began + 5, "two runs and three pages"
    explored, inside = "Loss-Weight Explorer", "Inside the model"
    entries = [
        ("Weight map", None, "0.8", "0.7", "0.02"),
        (inside, second, "0.8", "0.7", "0.02"),
        (explored, second, "0.8", "0.7", "0.02"),
        (explored, first, "0.8", "0.7", "0.02"),
        (explored, None, "1", "0.7", "0.05"),
    ]
    for go, order in (
        (explorer.page.go_back, entries),
        (explorer.page.go_forward, entries[-2::-1]),
    ):
        for title, run, ctg_out_1, bin_out, rate in order:
            settle(explorer)
            go()
            expect_shown(explorer, title, run, ctg_out_1=ctg_out_1, bin_out=bin_out)
            if title != "Weight map":
                expect(learning_rate(explorer)).to_have_value(rate)
    assert length(explorer) == began + 5


def test_lanes_come_back_with_their_entry(explorer, run):
    explorer.open("lanes=1,1,0.5;1,1,0&lane=2")
    began = length(explorer)
    explorer.page.get_by_role("radio", name="Lane 1").click()
    explorer.wait_for_parameters(lane="1")
    explorer.press("Only pairs")
    explorer.wait_for_parameters(lanes="0,0,1;1,1,0")
    assert length(explorer) == began, "none of that makes an entry"
    follow(explorer, "Learn", "Learn")
    explorer.page.go_back()
    expect_shown(explorer, "Loss-Weight Explorer", None, ctg_out_1="0", bin_out="1")
    expect(explorer.page.get_by_role("radio", name="Lane 1")).to_be_checked()
    explorer.page.get_by_role("radio", name="Lane 2").click()
    expect(explorer.slider("bin_out")).to_have_value("0")
    explorer.wait_for_parameters(lane="2")
    explorer.page.goto(f"/?run={run}")
    expect_shown(explorer, "Loss-Weight Explorer", run, bin_out="1.5")
    explorer.page.go_back()
    expect_shown(explorer, "Loss-Weight Explorer", None, bin_out="0")
    expect(explorer.page.get_by_role("radio", name="Lane 2")).to_be_checked()


def test_a_setting_in_an_address_goes_before_that_of_the_run_in_it(explorer, run):
    explorer.open(f"run={run}&learning_rate=0.02&steps=many")
    expect(learning_rate(explorer)).to_have_value("0.02")
    expect(explorer.page.get_by_label("Steps", exact=True)).to_have_value("5")
    expect(explorer.page.get_by_text("steps = 'many'")).to_be_visible()
    explorer.wait_for_parameters(learning_rate="0.02", run=run, settings="own")
    # As it is where one goes on before the script has seen what was chosen.
    address = explorer.page.url.replace("&settings=own", "")
    explorer.page.evaluate("to => history.replaceState(history.state, '', to)", address)
    explorer.press("Train")
    explorer.page.wait_for_function("run => !location.href.includes(run)", arg=run)
    expect(explorer.status).to_contain_text("Finished")
    settle(explorer)
    explorer.page.go_back()
    explorer.wait_for_parameters(run=run, settings="own")
    expect(learning_rate(explorer)).to_have_value("0.02")


def test_a_reload_shows_the_same(explorer, run):
    explorer.open(f"run={run}")
    expect(explorer.slider("bin_out")).to_have_value("1.5")
    explorer.slide("bin_out", -4)
    explorer.wait_for_parameters(bin_out="1.3", ctg_out_1="1")
    before = explorer.page.url
    explorer.page.reload()
    expect_shown(explorer, "Loss-Weight Explorer", run, bin_out="1.3", ctg_out_1="1")
    assert explorer.page.url == before


def test_options_of_a_page_stay_while_one_goes_back_and_forth_elsewhere(explorer, run):
    page = explorer.page
    page.goto(f"/compare?runs={run}")
    page.get_by_role("radio", name="epochs").click()
    explorer.wait_for_parameters(by="epochs")
    follow(explorer, "Runs", "Runs")
    page.get_by_label("Filter").fill(f"seed=0 {run}")
    page.wait_for_url("**list=filter*")
    follow(explorer, "Learn", "Learn")
    settle(explorer)
    page.go_back()
    expect(page.get_by_label("Filter")).to_have_value(f"seed=0 {run}")
    expect(page.locator(".runs-table tbody tr")).to_have_count(1)
    settle(explorer)
    page.go_back()
    expect(page.get_by_role("radio", name="epochs")).to_be_checked()
    settle(explorer)
    page.go_forward()
    expect(page.get_by_label("Filter")).to_have_value(f"seed=0 {run}")
    settle(explorer)
    follow(explorer, "Compare", "Compare")
    expect(page.get_by_role("radio", name="epochs")).to_be_checked()
    explorer.wait_for_parameters(by="epochs")
