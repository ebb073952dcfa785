"""What somebody sees who has never seen the page: the task, the network, words explained."""

import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Explorer
from tests.browser.widgets import all_of, overflow, texts_of

pytestmark = pytest.mark.browser


@pytest.fixture
def explorer(page):
    return Explorer(page)


def width(explorer, head):
    """How wide the wire is that carries the loss of the head of that index, in units of the SVG."""
    wires = explorer.page.locator(".task-wire")
    return wires.nth(head).evaluate("wire => parseFloat(getComputedStyle(wire).strokeWidth)")


def test_the_desk_is_there_before_plotly_holds_the_page_up(page):
    page.add_init_script("""new MutationObserver(() => {
        if (document.querySelectorAll(".desk-range").length === 3)
            window.plotlyBeforeDesk ??= "Plotly" in window
    }).observe(document, {childList: true, subtree: true})""")
    Explorer(page).open()
    page.wait_for_function("() => 'Plotly' in window")  # for the run that will be
    assert page.evaluate("() => window.plotlyBeforeDesk") is False


def test_before_anything_was_trained_the_task_is_shown_and_no_empty_chart(explorer):
    page = explorer.open().page
    pairs = page.locator(".task-pairs li")
    expect(pairs).to_have_count(6)
    for pair in pairs.all():
        one, other, answer = texts_of(pair.locator(".task-answers span"))
        assert answer == ("same" if one == other else "different")
        for number, image in zip((one, other), all_of(pair.locator("canvas")), strict=True):
            assert image.get_attribute("aria-label").endswith(number)
            ink = image.evaluate(
                "c => Math.max(...c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
            )
            assert ink == 255
    expect(page.locator(".task-questions li")).to_have_count(3)
    expect(
        page.locator(".live-chart, .live-total table, .live-bar").filter(visible=True)
    ).to_have_count(0)
    drawn = page.locator(".task-drawing")
    for text in ("img_1", "img_2", "trunk", "ctg_out_1", "ctg_out_2", "bin_out", "total"):
        expect(drawn.get_by_text(text, exact=True)).to_be_visible()
    for size in (1400, 400):
        page.set_viewport_size({"width": size, "height": 1000})
        assert overflow(page) == 0


def test_a_wire_follows_its_slider_and_is_broken_at_no_weight(explorer):
    page = explorer.open().page
    before = [width(explorer, head) for head in range(3)]
    explorer.slide("bin_out", +10)
    expect(page.locator(".task-drawing").get_by_text("\u00d7 1", exact=True)).to_have_count(3)
    after = [width(explorer, head) for head in range(3)]
    assert after[:2] == before[:2]
    assert after[2] > before[2]
    wire = page.locator(".task-wire").nth(2)
    assert wire.get_attribute("stroke-dasharray") is None
    explorer.slider("bin_out").press("Home")
    expect(wire).to_have_attribute("stroke-dasharray", "3 5")


def test_its_button_trains_and_the_drawing_makes_room_for_the_curves(explorer):
    explorer.open("steps=60")
    explorer.press("Train this network")
    expect(explorer.page.locator(".live-chart .main-svg").first).to_be_visible()
    expect(explorer.page.locator(".task")).to_be_hidden()
    expect(explorer.status).to_contain_text("Finished")


def test_words_are_explained_on_hover_and_by_the_keyboard(explorer):
    page = explorer.open().page
    word = page.locator(".term", has_text="validation").first
    bubble = word.get_by_role("tooltip")
    expect(bubble).to_be_hidden()
    word.hover()
    expect(bubble).to_contain_text("never trained on")
    page.mouse.move(5, 5)
    expect(bubble).to_be_hidden()
    word.focus()
    expect(bubble).to_be_visible()


def test_of_other_data_no_pairs_of_the_default_are_shown(explorer):
    page = explorer.open("dataset=mnist").page
    expect(page.locator(".task-drawing svg")).to_be_visible()
    assert page.locator(".task-pairs").count() == 0


def test_learn_shows_an_example_where_there_is_no_run(page):
    page.goto("/learn")
    status = page.locator(".learn-view[data-figure=status] .learn-told")
    expect(status).to_contain_text("the figures show an example, the default run")
    total = page.locator(".learn-view[data-figure=total]")
    total.scroll_into_view_if_needed()
    expect(total.locator(".learn-told")).to_contain_text("At step 1500: total")
    expect(total.locator(".learn-chart .main-svg").first).to_be_visible()
