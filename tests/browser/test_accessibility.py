"""The page for those who do not see it, or not well, or have no mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import put_into, violations, violations_on_both_grounds
from tests.browser.explorer import LONG, Explorer
from tests.browser.widgets import tab_to

pytestmark = pytest.mark.browser


@pytest.fixture(params=[1400, 400])
def width(request):
    return request.param


@pytest.fixture
def explorer(page, width):
    """The page in a window of some width."""
    page.set_viewport_size({"width": width, "height": 1000})
    return Explorer(page)


def open_all(explorer, width):
    """Show the sidebar, and the settings of a new run."""
    page = explorer.page
    if width < 768:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_text("New run: take effect").click()
    expect(page.get_by_label("Embedding size", exact=True)).to_be_visible()
    page.wait_for_timeout(500)  # they slide and fade in


def test_axe_finds_nothing_before_during_and_after_a_run(explorer, width):
    explorer.open(f"{LONG}&ctg_out_1=0")
    assert violations_on_both_grounds(explorer.page) == []
    explorer.press("Keys")
    assert violations_on_both_grounds(explorer.page, passes=8) == []
    explorer.press("Close")
    explorer.train()
    explorer.wait_for_x(100)
    explorer.slide("bin_out", +5)
    expect(explorer.marks("loss")).to_have_count(1)
    expect(explorer.page.locator(".live-hints li")).to_have_count(1)
    assert violations_on_both_grounds(explorer.page) == []
    explorer.press("Stop")
    expect(explorer.status).to_contain_text("Stopped")
    assert violations_on_both_grounds(explorer.page) == []
    open_all(explorer, width)
    assert violations_on_both_grounds(explorer.page) == []


def test_axe_finds_nothing_in_a_race_forked_and_rewound(explorer, width):
    explorer.open("steps=2000&steps_per_second=200&lanes=1,1,0.5;1,1,0;0,0,1")
    assert violations_on_both_grounds(explorer.page) == []
    explorer.train()
    explorer.wait_for_step(220)
    explorer.press("Fork here")
    expect(explorer.page.locator(".live-race tbody tr")).to_have_count(4)
    explorer.wait_for_step(320)
    explorer.press("Pause")
    expect(explorer.status).to_contain_text("Paused")
    assert violations_on_both_grounds(explorer.page) == []
    explorer.rewind(200)
    expect(explorer.page.locator(".live-race tbody tr")).to_have_count(3)
    assert violations_on_both_grounds(explorer.page) == []
    explorer.press("Stop")
    expect(explorer.status).to_contain_text("Stopped")
    open_all(explorer, width)
    assert violations_on_both_grounds(explorer.page) == []


def test_axe_finds_nothing_where_something_went_wrong(page):
    explorer = Explorer(page).open("run=nosuchrun")
    expect(explorer.page.get_by_test_id("stAlert")).to_be_visible()
    assert violations_on_both_grounds(explorer.page) == []
    explorer.open("learning_rate=50").train()
    expect(explorer.status).to_contain_text("Diverged")
    assert violations_on_both_grounds(explorer.page) == []


def test_axe_would_find_text_that_is_too_faint(page):
    explorer = Explorer(page).open()
    explorer.status.evaluate("line => line.style.color = '#bbb'")
    assert any("color-contrast" in found for found in violations(page))


def test_the_grounds_are_those_that_the_colours_were_chosen_for(page):
    Explorer(page).open()
    for scheme in ("light", "dark"):
        put_into(page, scheme, "stSidebar")


def test_everything_is_reached_and_done_without_a_mouse(page):
    explorer = Explorer(page).open(LONG)
    tab_to(explorer.button("Only pairs"))
    page.keyboard.press("Enter")
    explorer.wait_for_parameters(ctg_out_1="0", ctg_out_2="0", bin_out="1")
    for name in ("ctg_out_1", "ctg_out_2", "bin_out"):
        tab_to(page.get_by_role("group", name=name, exact=True).get_by_role("slider"))
    page.keyboard.press("ArrowLeft")
    explorer.wait_for_parameters(bin_out="0.95")
    tab_to(explorer.button("Train"))
    page.keyboard.press("Enter")
    explorer.wait_for_x(20)
    tab_to(explorer.button("Pause"))
    page.keyboard.press("Enter")
    expect(explorer.status).to_contain_text("Paused")
    for name in ("Resume", "Step", "Stop"):
        expect(explorer.button(name)).to_be_enabled()
        tab_to(explorer.button(name))
    page.keyboard.press("Enter")
    expect(explorer.status).to_contain_text("Stopped")


def test_lanes_and_rewinds_are_reached_and_done_without_a_mouse(page):
    explorer = Explorer(page).open("steps=3000&lanes=1,1,0.5;0,0,1")
    tab_to(page.get_by_role("radio", name="Lane 1"))
    page.keyboard.press("ArrowRight")
    explorer.wait_for_parameters(lane="2")
    expect(explorer.slider("bin_out")).to_have_value("1")
    tab_to(explorer.button("Add lane"))
    page.keyboard.press("Enter")
    explorer.wait_for_parameters(lanes="1,1,0.5;0,0,1;0,0,1", lane="3")
    tab_to(explorer.button("Remove lane"))
    page.keyboard.press("Enter")
    explorer.wait_for_parameters(lanes="1,1,0.5;0,0,1", lane="2")
    explorer.train()
    explorer.wait_for_step(320)
    tab_to(explorer.button("Fork here"))
    page.keyboard.press("Enter")
    explorer.wait_for_parameters(lane="3")
    tab_to(explorer.button("Rewind to step 300"))
    page.keyboard.press("Enter")
    expect(explorer.status).to_contain_text("Paused · step 300 of")
    expect(page.locator(".live-spoken")).to_contain_text("Paused")


# The clock of the page can be put forward; what is read out is kept in `spoken`.
LISTEN = """() => {
    const now = performance.now.bind(performance)
    window.forward = 0
    performance.now = () => now() + window.forward
    window.spoken = []
    const line = document.querySelector(".live-spoken")
    new MutationObserver(() => spoken.push(line.textContent)).observe(line, {childList: true})
    window.shown = new Set()
    const status = document.querySelector(".live-status")
    new MutationObserver(() => shown.add(status.textContent)).observe(status, {childList: true})
}"""


def test_the_status_is_read_out_at_changes_of_state_and_else_every_ten_seconds(page):
    explorer = Explorer(page).open(LONG)
    line = page.get_by_role("status").and_(page.locator(".live-spoken"))
    expect(line).to_have_text("Press Train to begin.")
    assert line.get_attribute("aria-live") in (None, "polite")  # role=status is polite by itself
    explorer.train()
    explorer.wait_for_x(50)
    page.evaluate(LISTEN)
    page.wait_for_function("() => shown.size > 10")
    assert len(page.evaluate("spoken")) <= 1, "ten lines shown in two seconds, not read out"
    page.evaluate("spoken.length = 0; window.forward += 10000")
    page.wait_for_function("() => spoken.length > 0")
    page.evaluate("spoken.length = 0")
    page.evaluate("shown.clear()")
    page.wait_for_function("() => shown.size > 5")
    assert page.evaluate("spoken") == []
    explorer.press("Pause")
    expect(line).to_contain_text("Paused")
    explorer.press("Stop")
    expect(line).to_contain_text("Stopped")
    assert len(page.evaluate("spoken")) <= 3
