"""On page Inside nothing moves by itself: what is to come has its place."""

import re

import pytest
from playwright.sync_api import expect

from core.problems.siamese.heads import HEAD_NAMES
from tests.browser.insider import Inside
from tests.browser.widgets import all_of, button

pytestmark = pytest.mark.browser

# Where each part of the view is, from its upper end on, looked at before each frame; and which part
# has been elsewhere once it was there.
RECORD = """() => {
    const parts = ".inside-status, .inside-contents, .inside-contents button, .inside-notice, " +
        ".inside-tug > *, .inside-box, .inside-seen, .inside-seen > *, .inside-card, " +
        ".inside-bar, .inside-layer, .inside-seen canvas, .inside-says, .inside-top"
    const first = new Map()
    window.moved = []
    const look = () => {
        const view = document.querySelector(".inside-view")
        const top = view?.getBoundingClientRect().top
        for (const part of view?.querySelectorAll(parts) ?? []) {
            if (!part.offsetParent) continue
            const at = Math.round(part.getBoundingClientRect().top - top)
            if (!first.has(part)) first.set(part, at)
            else if (Math.abs(at - first.get(part)) > 1) {
                window.moved.push([part.className || part.tagName, first.get(part), at])
                first.set(part, at)
            }
        }
        requestAnimationFrame(look)
    }
    look()
}"""
ENDS = ("prediction", "weighted", "share", "layers", "histogram", "plane", "digits.ctg_out_2")


@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_moves_before_a_run_nor_while_it_is_measured(new_tab, width):
    page = new_tab(width)
    inside = Inside(page).open("trunk=conv&steps=100000&steps_per_second=100")
    page.evaluate(RECORD)
    inside.filled("prediction")
    assert page.evaluate("window.moved") == [], "before a run"
    button(page, "Train").click()
    expect(page.locator(".inside-seen")).to_be_visible()
    at = page.locator(".inside-of")
    for name in ENDS:
        inside.filled(name)
        before = at.inner_text()
        expect(at).not_to_have_text(before)  # another snapshot
    assert page.evaluate("window.moved")[:6] == [], "in training"
    button(page, "Stop").click()
    expect(inside.status).to_contain_text("Stopped")
    assert page.evaluate("window.moved") == [], "with a filter"
    page.close()


@pytest.fixture(scope="module")
def ended(new_tab):
    """A short run that was looked into while it trained."""
    page = new_tab()
    inside = Inside(page).open("steps=60")
    button(page, "Train").click()
    expect(inside.status).to_contain_text("Finished")
    expect(page.locator(".inside-seen")).to_be_visible()
    run = re.search(r"run=(\w+)", page.url)[1]
    page.close()
    return run


def test_another_run_takes_the_place_of_the_last_one(new_tab, ended):
    """The page does not shrink while nothing is known of the new run, nor is the old one shown."""
    page = new_tab()
    inside = Inside(page).open(f"run={ended}")
    inside.filled("digits.ctg_out_2")
    page.evaluate(RECORD)
    # Until then the server tells nothing of what is measured.
    held, late = [], []
    page.route("**/inside?*", lambda route: route.continue_() if late else held.append(route))
    button(page, "Train").click()
    page.wait_for_url(lambda url: f"run={ended}" not in url)
    parts = page.locator(".inside-seen, .inside-tug > .inside-charts, .inside-predicted")
    for part in all_of(parts):
        expect(part).to_be_hidden()
        assert part.evaluate("node => node.offsetHeight") > 300
    late.append(True)
    for route in held:
        route.continue_()
    expect(page.locator(".inside-seen")).to_be_visible()
    assert page.evaluate("window.moved") == []
    page.close()


def all_but_three_are_right(route):
    """The answer with a snapshot in which the labels are what the heads say, of all but 3 pairs."""
    answer = route.fetch(url=re.sub(r"seen=\d+", "seen=none", route.request.url)).json()
    seen = answer["snapshot"]
    tops = [seen["top"][name]["classes"] for name in HEAD_NAMES[:2]]
    for i in range(3, len(seen["labels"])):
        seen["labels"][i] = [*(top[i][0] for top in tops), int(seen["same"][i] >= 0.5)]
        seen["right"]["bin_out"][i] = 1
    route.fulfill(json=answer)


def test_pairs_that_are_right_by_now_leave_their_place(new_tab, ended):
    page = new_tab()
    Inside(page).open(f"run={ended}")
    page.locator(".inside-pairs").scroll_into_view_if_needed()
    page.get_by_role("radio", name="wrong only").check()
    cards = page.locator(".inside-card:visible")
    expect(cards).to_have_count(12)
    page.evaluate(RECORD)
    page.route("**/inside?*", all_but_three_are_right)
    expect(page.locator(".inside-page")).to_contain_text(re.compile(r"^[123] of 512 pairs"))
    assert cards.count() <= 3
    assert page.evaluate("window.moved") == []
    page.get_by_role("radio", name="all").check()
    expect(cards).to_have_count(12)
    page.unroute_all(behavior="wait")
    page.close()


# How often each chart is drawn from now on.
COUNT = """() => {
    window.drawn = {}
    for (const chart of document.querySelectorAll(".inside-view .js-plotly-plot"))
        chart.on("plotly_afterplot", () => {
            const name = chart.dataset.quantity
            window.drawn[name] = (window.drawn[name] ?? 0) + 1
        })
}"""


def test_nothing_is_drawn_of_a_run_that_rests(new_tab):
    page = new_tab(1400)
    inside = Inside(page).open("steps=100000&steps_per_second=100")
    button(page, "Train").click()
    inside.filled("prediction")
    page.evaluate(COUNT)
    page.wait_for_function("() => window.drawn.prediction >= 2", timeout=30_000)
    button(page, "Pause").click()
    expect(inside.status).to_contain_text("Paused")
    page.wait_for_timeout(4000)  # for what was measured last
    page.evaluate("() => { window.drawn = {} }")
    with page.expect_response(lambda response: "/inside?" in response.url):
        pass
    with page.expect_response(lambda response: "/inside?" in response.url):
        pass
    page.wait_for_timeout(500)
    assert page.evaluate("window.drawn") == {}
    button(page, "Stop").click()
    page.close()
