"""The problems that come with the program, in mid-run: steered, looked at on a phone, reloaded."""

import pytest
from playwright.sync_api import expect

from core import RunConfig, RunState, Store
from core.problems import heads_of
from tests.browser.axe import violations_on_both_grounds
from tests.browser.explorer import Explorer
from tests.browser.widgets import button, overflow
from tests.waiting import until

FIRST_STEPS = 120  # s, its compiling beside other tests included


@pytest.fixture
def store(server):
    store = Store(server.store)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("problem", "n_charts"), [("detector", 4), ("autoencoder", 5)], ids=["detector", "autoencoder"]
)
def test_it_is_steered_forked_reloaded_and_seen_on_a_phone(
    page, new_tab, server, store, problem, n_charts
):
    heads = [head.name for head in heads_of(RunConfig(problem=problem))]
    page.goto(f"{server.url}/?problem={problem}&steps=100000&steps_per_second=100")
    expect(page.locator(".desk-range")).to_have_count(len(heads))
    explorer = Explorer(page)
    run = explorer.train()
    until(lambda: store.run(run).step > 20, FIRST_STEPS)
    slider = page.get_by_role("slider", name=heads[-1], exact=True)
    slider.focus()
    page.keyboard.press("ArrowRight")
    moved = float(slider.input_value())
    until(lambda: list(store.records(run))[-1].loss_weights[heads[-1]] == moved, 60)
    expect(page.locator(".live-chart")).to_have_count(n_charts)
    assert violations_on_both_grounds(page) == []

    phone = new_tab(width=400, height=800)
    phone.goto(page.url)
    of_phone = phone.get_by_role("slider", name=heads[-1], exact=True)
    expect(of_phone).to_have_value(slider.input_value())
    expect(phone.locator(".live-chart .main-svg").first).to_be_visible()
    assert overflow(phone) <= 0
    assert violations_on_both_grounds(phone) == []
    # What one tab moves, the other one shows.
    of_phone.focus()
    phone.keyboard.press("ArrowRight")
    expect(slider).to_have_value(of_phone.input_value())
    phone.close()

    page.reload()
    expect(slider).not_to_have_value(str(moved))
    expect(explorer.status).to_contain_text("Running")
    button(page, "Fork here").click()
    until(lambda: len(store.run(run).lanes_now) == 2, FIRST_STEPS)
    button(page, "Stop").click()
    until(lambda: store.run(run).state is RunState.STOPPED, 60)
    page.get_by_role("link", name="Runs").click()
    expect(page.locator(".runs-table tbody tr").first).to_contain_text("stopped")
    page.go_back()
    expect(explorer.status).to_contain_text("Stopped")
    expect(page.locator(".desk-range")).to_have_count(len(heads))
