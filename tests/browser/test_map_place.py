"""The page Map: what stands where, and that nothing jumps, hides or covers anything."""

import re

import pytest
from playwright.sync_api import expect

from core import RunConfig, RunState
from core.run.simplex import grid
from tests.browser.mapper import SMALL, Mapper
from tests.browser.widgets import button
from tests.waiting import until

pytestmark = pytest.mark.browser

POINTS = 15
MIDDLE = grid(4).index((2, 1, 1))
PHONE = {"width": 400, "height": 900}

# Whether something covers a hexagon, or leaves the picture.
COVERS = """name => {
    const box = document.querySelector(name).getBoundingClientRect()
    const picture = document.querySelector(".map-triangle").getBoundingClientRect()
    const traces = [...document.querySelectorAll(".map-triangle .scatterlayer .trace")]
    const values = traces.map((trace) => [...trace.querySelectorAll("path.point")])
        .find((points) => points.length === 15)
    const hexagons = values.map((node) => node.getBoundingClientRect())
    const isOutside = box.left < picture.left - 1 || box.right > picture.right + 1
    return isOutside || hexagons.some((hexagon) =>
        hexagon.left < box.right && hexagon.right > box.left &&
        hexagon.top < box.bottom && hexagon.bottom > box.top)
}"""

# From now on, all boxes that these elements have, by their place on the page, each once.
WATCH = """names => {
    const boxes = window.boxes = Object.fromEntries(names.map((name) => [name, []]))
    const main = document.querySelector("[data-testid=stMain]")
    const look = () => {
        for (const name of names) {
            const {top, left, width, height} = document.querySelector(name).getBoundingClientRect()
            const box = [left, top + main.scrollTop, width, height].map(Math.round).join()
            if (!boxes[name].includes(box)) boxes[name].push(box)
        }
        requestAnimationFrame(look)
    }
    look()
}"""


@pytest.fixture
def mapper(page):
    mapper = Mapper(page)
    yield mapper
    mapper.cancel()


@pytest.fixture(scope="module")
def finished(trainer):
    run = trainer.start_map(RunConfig(steps=100, embedding_size=16), resolution=4)
    assert trainer.wait(run, 90).state is RunState.FINISHED
    return run


def open_at_end(mapper, finished, more=""):
    """Open a map that has ended, and wait until it is drawn."""
    mapper.open(f"map={finished}{more}")
    expect(mapper.status).to_contain_text("Finished")
    until(lambda: len(mapper.trace("values")["a"]) == POINTS)


def test_progress_is_what_is_trained_and_time_is_told_once_it_is_known(mapper, store):
    mapper.open(f"{SMALL}&map_steps=20000")
    mapper.page.evaluate(
        """() => {
            window.told = []
            const line = document.querySelector(".map-status")
            new MutationObserver(() => window.told.push(line.textContent))
                .observe(line, {childList: true, subtree: true, characterData: true})
        }"""
    )
    run = mapper.train()
    expect(mapper.status).to_contain_text(re.compile(r"about [\d,]+ s left"), timeout=60_000)
    button(mapper.page, "Pause").click()
    expect(mapper.status).to_contain_text("Paused")
    found = store.run(run)
    assert found.newest[1] > 1
    done = POINTS * found.newest[1]
    expect(mapper.status).to_contain_text(f", {done:,} of 300,000 model-steps trained")
    value = mapper.page.locator(".map-progress").evaluate("bar => bar.value")
    assert value == pytest.approx(done / 300_000)
    expect(mapper.status).not_to_contain_text("left")
    told = mapper.page.evaluate("() => window.told")
    steps = [re.search(r"([\d,]+) of 300,000", text) for text in told if "left" not in text]
    known = {
        match[1] for match in steps[: told.index(next(t for t in told if "left" in t))] if match
    }
    assert len(known - {"0"}) >= 2, "a step and a chunk come before"
    assert not any("measured" in text for text in told)


def test_the_picture_does_not_jump_when_the_desk_comes(mapper, finished, width):
    page, held = mapper.page, []
    page.set_viewport_size({"width": width, "height": 1000})
    page.route("**/steering/view.js", lambda route: held.append(route))
    page.goto(f"/map?map={finished}")
    picture = page.locator(".map-triangle")
    expect(page.locator(".map-triangle .main-svg").first).to_be_visible()
    expect(mapper.status).to_contain_text("Finished")
    expect(page.locator(".desk")).to_have_count(0)
    page.evaluate(WATCH, [".map-triangle"])
    until(lambda: page.wait_for_timeout(50) or held)
    for route in held:
        route.continue_()
    expect(page.locator(".desk")).to_be_visible()
    mapper.place(0)
    assert len(page.evaluate("() => window.boxes['.map-triangle']")) == 1
    expect(picture).to_be_visible()


def test_a_wide_table_says_that_there_is_more_and_goes_there(mapper, finished):
    mapper.page.set_viewport_size(PHONE)
    open_at_end(mapper, finished)
    line = mapper.page.locator(".view-sideways")
    on, back = mapper.button("Columns to the right"), mapper.button("Columns to the left")
    line.scroll_into_view_if_needed()
    expect(line).to_contain_text("more columns to the right")
    expect(back).to_be_disabled()
    last = mapper.page.locator(".map-table thead th").last
    use = mapper.page.locator(".map-table tbody tr").first.get_by_role("button")
    expect(last).not_to_be_in_viewport()
    place = on.bounding_box()
    for _ in range(10):
        if on.is_disabled():
            break
        on.click()
        expect(line).to_contain_text(re.compile("on both sides|to the left"))
        mapper.page.wait_for_timeout(100)
    expect(line).to_contain_text("more columns to the left")
    expect(last).to_be_in_viewport(ratio=0.9)
    expect(use).to_be_in_viewport(ratio=0.9)
    assert on.bounding_box() == place
    back.click()
    expect(line).to_contain_text(re.compile("on both sides|to the right"))
    mapper.page.set_viewport_size({"width": 2400, "height": 900})
    expect(line).to_be_hidden()
