"""The page Map: what stands where, and that nothing jumps, hides or covers anything."""

import math
import re

import pytest
from playwright.sync_api import expect

from core import RunConfig, RunState
from core.run.simplex import grid
from tests.browser.mapper import LONG, SMALL
from tests.browser.widgets import all_of, button, overflow, tab_to
from tests.waiting import until

pytestmark = pytest.mark.browser

POINTS = 15
MIDDLE = grid(4).index((2, 1, 1))
PHONE = {"width": 400, "height": 900}

# Whether something covers a hexagon, or leaves the picture.
COVERS = """name => {
    const box = document.querySelector(name).getBoundingClientRect()
    const picture = document.querySelector(".map-picture").getBoundingClientRect()
    const cells = [...document.querySelectorAll(".map-cells path")]
    const hexagons = cells.map((node) => node.getBoundingClientRect())
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


@pytest.fixture(scope="module")
def finished(trainer):
    run = trainer.start_map(RunConfig(steps=100, embedding_size=16), resolution=4)
    assert trainer.wait(run, 90).state is RunState.FINISHED
    return run


def open_at_end(mapper, finished, more=""):
    """Open a map that has ended, and wait until it is drawn."""
    mapper.open(f"map={finished}{more}")
    expect(mapper.status).to_contain_text("Finished")
    until(lambda: len(mapper.colours()) == POINTS)


# Controls


def test_controls_of_the_picture_stand_in_one_row_and_fit_on_a_phone(mapper, finished):
    open_at_end(mapper, finished)
    choices = mapper.page.locator(".st-key-map_options")
    groups = [choices.get_by_role("radiogroup").nth(0), choices.get_by_role("radiogroup").nth(1)]
    controls = [*groups, choices.get_by_role("combobox")]

    def boxes():
        return [control.bounding_box() for control in controls]

    until(lambda: max(box["y"] for box in boxes()) - min(box["y"] for box in boxes()) < 8)
    mapper.page.set_viewport_size(PHONE)
    until(lambda: len({round(box["x"]) // 8 for box in boxes()}) == 1, 30)
    until(lambda: overflow(mapper.page) <= 0)
    for choice in all_of(choices.get_by_role("radio")):
        box = choice.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"], choice.inner_text()


# While it trains


def test_colours_keep_their_scale_while_a_map_trains_and_the_bar_says_so(mapper):
    mapper.open(LONG)
    run = mapper.train()

    def scale():
        first, *_, last = mapper.ticks()
        return first, last

    bar = mapper.page.locator(".map-bar")
    expect(bar).to_contain_text("worst head, scale fixed", timeout=60_000)
    seen, steps = set(), set()
    until(lambda: seen.add(scale()) or steps.add(max(mapper.answer(run)["step"])) or len(steps) > 3)
    assert {(first.removeprefix("≤ "), last) for first, last in seen} == {("chance, 1 %", "100 %")}
    mapper.page.get_by_role("radio", name="bin_out", exact=True).click()
    until(lambda: scale()[0].endswith("chance, 50 %") and scale()[1] == "100 %")
    mapper.page.get_by_role("radio", name="loss", exact=True).click()
    until(lambda: scale()[0] == "0" and scale()[1].endswith(f"chance, {math.log(2):.2f}"))
    button(mapper.page, "Cancel").click()
    expect(bar).to_contain_text("scale fitted")
    assert scale()[0] != "0"


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


def test_of_a_map_that_takes_long_is_asked_less_often(mapper):
    mapper.open(LONG)
    run = mapper.train()
    expect(mapper.status).to_contain_text("s left", timeout=60_000)
    asked = []
    mapper.page.on("request", lambda one: f"{run}/map" in one.url and asked.append(one))
    mapper.page.wait_for_timeout(5000)
    assert 2 <= len(asked) <= 8, "once a second"


# The readout


@pytest.mark.parametrize("width", [1400, 400])
def test_what_is_said_of_a_point_covers_none(mapper, finished, width):
    mapper.page.set_viewport_size({"width": width, "height": 1000})
    open_at_end(mapper, finished)
    answer = mapper.answer(finished)
    for point, weights in enumerate(answer["weights"]):
        said = mapper.hover(point)
        expect(said).to_contain_text(f"bin_out {round(weights[2], 4):g}")
        assert not mapper.page.evaluate(COVERS, ".map-readout"), point
        ring = mapper.page.locator("circle.map-over").bounding_box()
        middle = [ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2]
        assert middle == pytest.approx(mapper.place(point), abs=1.5)
    mapper.page.mouse.move(5, 500)
    expect(said).to_be_hidden()


def test_a_finger_and_the_key_tab_are_told_of_a_point_as_a_mouse_is(mapper, finished):
    open_at_end(mapper, finished)
    x, y = mapper.place(MIDDLE)
    touch = mapper.page.context.new_cdp_session(mapper.page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    said = mapper.page.locator(".map-readout")
    mapper.wait_for_parameters(point=str(MIDDLE))
    expect(said).to_be_visible()
    expect(said).to_contain_text("ctg_out_1 1.25")
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    row = mapper.page.locator(".map-table tbody tr").nth(1)
    tab_to(mapper.page.get_by_role("link", name="CSV"))
    tab_to(row.get_by_role("button"))
    expect(said).to_be_visible()
    expect(said).to_contain_text(f"bin_out {row.locator('td').nth(4).inner_text()}")


# Out of sight


HIDE = """addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style")
    style.id = "hidden"
    style.textContent = ".map-main { display: none !important }"
    document.head.append(style)
})"""


def test_a_picture_that_was_drawn_where_there_was_no_room_is_there_once_there_is(mapper, finished):
    mapper.page.add_init_script(HIDE)
    mapper.page.goto(f"/map?map={finished}")
    expect(mapper.status).to_contain_text("Finished")
    until(lambda: len(mapper.colours()) == POINTS)
    expect(mapper.page.locator(".map-drawing")).to_be_hidden()
    mapper.page.evaluate("() => document.getElementById('hidden').remove()")
    expect(mapper.page.locator(".map-cells path").last).to_be_visible()
    assert mapper.marked("article") == [pytest.approx([0.4, 0.4, 0.2], abs=0.01)]


# The panel


def test_the_picked_point_is_in_sight_beside_the_picture(mapper, finished):
    open_at_end(mapper, finished)
    panel, picture = mapper.page.locator(".map-point"), mapper.page.locator(".map-picture")
    expect(panel).to_contain_text("Click a point, or press Use in the table below")
    before = panel.bounding_box()
    mapper.click(MIDDLE)
    expect(panel).to_contain_text("Picked: weights 1.25, 0.625, 0.625, now in the sliders.")
    values = mapper.answer(finished)["values"]
    row = panel.get_by_role("row").filter(has=mapper.page.get_by_role("rowheader", name="bin_out"))
    accuracy, loss = (values[q]["mean"]["bin_out"][MIDDLE] for q in ("val_accuracy", "val_loss"))
    expect(row).to_contain_text(f"{100 * accuracy:.1f} ±")
    expect(row).to_contain_text(f"{loss:.3f}")
    charts = panel.locator(".map-curves")
    expect(charts).to_have_count(2)
    for part in (*charts.all(), *all_of(panel.get_by_role("button", name="weights")), row):
        expect(part).to_be_in_viewport(ratio=1)
    assert mapper.page.locator("[data-testid=stMain]").evaluate("main => main.scrollTop") == 0
    assert panel.bounding_box() == before
    right = picture.bounding_box()["x"] + picture.bounding_box()["width"]
    assert (before["x"] >= right, before["y"]) == (True, picture.bounding_box()["y"])
    mapper.page.set_viewport_size(PHONE)
    until(lambda: panel.bounding_box()["y"] > picture.bounding_box()["y"] + 400)
    until(lambda: overflow(mapper.page) <= 0)


def test_the_panel_says_whether_the_sliders_have_the_weights_and_gives_them_again(mapper, finished):
    open_at_end(mapper, finished, f"&point={MIDDLE}")
    panel, use = mapper.page.locator(".map-point"), mapper.button("Use these weights")
    expect(panel).to_contain_text("Picked: weights 1.25, 0.625, 0.625, not in the sliders.")
    use.click()
    expect(panel).to_contain_text("now in the sliders.")
    mapper.wait_for_parameters(ctg_out_1="1.25", ctg_out_2="0.625")
    expect(use).to_be_disabled()
    mapper.button("Equal").click()
    expect(panel).to_contain_text("not in the sliders.")
    expect(use).to_be_enabled()


# Nothing jumps


@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_jumps_while_a_map_trains_or_a_point_is_picked(mapper, width):
    mapper.page.set_viewport_size({"width": width, "height": 1000})
    mapper.open(f"{SMALL}&map_steps=2000")  # long enough for all that the status line can say
    mapper.place(0)
    names = ["status", "progress", "picture", "triangle", "point", "noise", "front", "table-head"]
    mapper.page.evaluate(WATCH, [f".map-{name}" for name in names])
    mapper.finish()
    expect(mapper.page.locator(".map-noise")).not_to_be_empty()
    mapper.hover(0)
    mapper.click(MIDDLE)
    expect(mapper.page.locator(".map-curves .main-svg").first).to_be_visible()
    mapper.place(MIDDLE)
    mapper.page.mouse.move(5, 500)
    legend = mapper.page.locator(".map-legend text")
    expect(legend).to_have_text(["tied", "diverged", "picked", "article", "sliders", "best"])
    seen = mapper.page.evaluate("() => window.boxes")
    assert {name: boxes for name, boxes in seen.items() if len(boxes) != 1} == {}


def test_the_legend_has_all_it_will_have_from_the_beginning(mapper):
    mapper.open(SMALL)
    for legend, wanted in (
        (".map-legend text", ["tied", "diverged", "picked", "article", "sliders", "best"]),
        (".map-front .legendtext", ["dominated", "on the front", "picked", "best on the map"]),
    ):
        legend = mapper.page.locator(legend)
        expect(legend).to_have_text(wanted)


@pytest.mark.parametrize("width", [1400, 400])
@pytest.mark.parametrize("late", ["steering/view.js", "js/ButtonGroup.*.js", "js/Selectbox.*.js"])
def test_the_picture_does_not_jump_when_what_is_above_it_comes(mapper, finished, late, width):
    page, held = mapper.page, []
    page.set_viewport_size({"width": width, "height": 1000})
    page.route(f"**/{late}", lambda route: held.append(route))
    page.goto(f"/map?map={finished}")
    picture = page.locator(".map-picture")
    expect(page.locator(".map-drawing")).to_be_visible()
    expect(mapper.status).to_contain_text("Finished")
    options = page.locator(".st-key-map_options")
    parts = page.locator(".desk").or_(options.locator(":is(.stButtonGroup, .stSelectbox)"))
    until(lambda: page.wait_for_timeout(50) or held)
    assert parts.count() < 4
    page.evaluate(WATCH, [".map-picture"])
    for route in held:
        route.continue_()
    expect(parts).to_have_count(4)
    mapper.place(0)
    assert len(page.evaluate("() => window.boxes['.map-picture']")) == 1
    expect(picture).to_be_visible()


# Wide tables


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
