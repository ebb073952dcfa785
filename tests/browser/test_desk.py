"""The weights desk, used as a person uses it: by hand, by keys, from two tabs, on a phone."""

import re
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from core import RunConfig, Store
from tests.browser.explorer import LONG, Explorer
from tests.browser.server import Server
from tests.browser.widgets import button, overflow
from tests.siamese import weighted
from tests.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def explorer(page):
    return Explorer(page)


def take_hold(explorer, head, share):
    """Press the mouse on a slider, so far along; where it is, and how wide."""
    box = explorer.slider(head).bounding_box()
    explorer.page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    explorer.page.mouse.down()
    return box


def lane_weights(store, run, lane=0):
    return store.lanes(run)[lane].loss_weights.as_tuple()


def script_moves(page, run, lane=0, **weights):
    """What a script does: tell the server, without a page."""
    body = {"lane": lane, "weights": weights}
    answer = page.request.post(f"/api/runs/{run}/weights", data=body)
    assert answer.ok, answer.text()


# By hand


def test_a_drag_steers_as_it_goes_and_is_one_change(explorer, store):
    page = explorer.page
    run = explorer.open(LONG).train()
    explorer.wait_for_x(100)
    posted = []
    page.on("request", lambda one: posted.append(one) if one.method == "POST" else None)
    box = take_hold(explorer, "bin_out", 0.25)
    for i in range(20):
        x = box["x"] + box["width"] * (0.25 + 0.03 * i)
        page.mouse.move(x, box["y"] + box["height"] / 2)
        page.wait_for_timeout(60)
    until(lambda: lane_weights(store, run)[2] > 1, 5)  # and the button is down yet
    page.mouse.up()
    last = float(explorer.slider("bin_out").input_value())
    assert last > 1.4
    until(lambda: lane_weights(store, run) == (1, 1, last), 10)
    bodies = [one.post_data_json for one in posted]
    assert all(list(body["weights"]) == ["bin_out"] for body in bodies), "nothing else is sent"
    assert 3 <= len(bodies) <= 20
    values = [record.loss_weights["bin_out"] for record in store.records(run)]
    dragged = values[values.count(0.5) :]  # the thumb jumps to the pointer, to the left even
    assert len(set(dragged)) >= 3, "recorded as it was in force"
    assert dragged == sorted(dragged)
    mark = explorer.marks("loss")
    words = re.compile(rf"^step [\d,]+: bin_out 0\.5 → {last:g}$")
    expect(mark).to_have_attribute("aria-label", words)


def test_the_track_is_filled_up_to_the_thumb(explorer):
    explorer.open()
    slider = explorer.slider("bin_out")
    filled = "e => [parseFloat(e.style.getPropertyValue('--filled')), 100 * e.value / e.max]"
    shown = [slider.evaluate(filled)]
    slider.focus()
    explorer.page.keyboard.press("Home")
    shown.append(slider.evaluate(filled))
    explorer.page.keyboard.press("End")
    shown.append(slider.evaluate(filled))
    for share, of_thumb in shown:
        assert share == pytest.approx(of_thumb, abs=0.5)
    assert [share for share, _ in shown[1:]] == [0, 100]
    assert 0 < shown[0][0] < 100


def test_a_slider_in_hand_is_not_moved_by_anybody_else(explorer, store):
    page = explorer.page
    run = explorer.open(LONG).train()
    explorer.wait_for_x(50)
    take_hold(explorer, "bin_out", 0.8)
    held = explorer.slider("bin_out").input_value()
    script_moves(page, run, ctg_out_1=0.3)
    expect(explorer.slider("ctg_out_1")).to_have_value("0.3")
    script_moves(page, run, bin_out=0.1)
    page.wait_for_timeout(1000)
    assert explorer.slider("bin_out").input_value() == held
    page.mouse.up()
    until(lambda: lane_weights(store, run) == (0.3, 1, float(held)), 10)


def test_what_is_typed_is_taken_and_the_sliders_grow(explorer, store):
    explorer.open(LONG)
    entry = explorer.page.get_by_label("ctg_out_2, exact")
    entry.fill("7")
    entry.press("Enter")
    expect(explorer.slider("ctg_out_2")).to_have_attribute("max", "7")
    expect(explorer.slider("bin_out")).to_have_attribute("max", "7")
    expect(explorer.slider("ctg_out_2")).to_have_value("7")
    explorer.wait_for_parameters(ctg_out_2="7")
    for text in ("1e6", "-1", ""):
        entry.fill(text)
        entry.press("Enter")
        expect(explorer.page.locator(".desk-said")).to_contain_text("is refused: expected a number")
        expect(entry).to_have_value("7")
    entry.fill("3")
    entry.press("Escape")
    expect(entry).to_have_value("7")
    run = store.run(explorer.train())
    assert run.lanes[0] == weighted(ctg_out_2=7)


def test_a_preset_is_lit_where_its_weights_are_those_shown_and_nowhere_else(explorer, store):
    lit = explorer.page.locator(".desk-presets [aria-pressed=true]")
    run = explorer.open(LONG).train()
    expect(lit).to_have_text(["Article"])
    posted = []
    explorer.page.on("request", lambda one: posted.append(one) if one.method == "POST" else None)
    explorer.press("Only pairs")
    expect(explorer.slider("ctg_out_1")).to_have_value("0")
    expect(lit).to_have_text(["Only pairs"])
    until(lambda: lane_weights(store, run) == (0, 0, 1), 10)
    explorer.wait_for_x(50)
    moved = {"ctg_out_1": 0, "ctg_out_2": 0, "bin_out": 1}
    assert [one.post_data_json["weights"] for one in posted] == [moved], "one change, not three"
    script_moves(explorer.page, run, ctg_out_1=1, ctg_out_2=1)
    expect(explorer.slider("ctg_out_1")).to_have_value("1")
    expect(lit).to_have_text(["Equal"])
    script_moves(explorer.page, run, ctg_out_1=0.9)
    expect(explorer.slider("ctg_out_1")).to_have_value("0.9")
    expect(lit).to_have_text([])


def test_lanes_are_added_and_removed_before_a_run_and_not_in_it(explorer):
    page = explorer.page
    explorer.open(LONG)
    assert page.get_by_role("radio").filter(has_text="Lane").count() == 0
    explorer.slide("bin_out", +2)
    for n in (2, 3, 4):
        explorer.press("Add lane")
        explorer.wait_for_parameters(lane=str(n))
    expect(explorer.button("Add lane")).to_be_disabled()
    explorer.press("Only pairs")
    explorer.wait_for_parameters(lanes="1,1,0.6;1,1,0.6;1,1,0.6;0,0,1")
    page.get_by_role("radio", name="Lane 2").click()
    explorer.press("Remove lane")
    explorer.wait_for_parameters(lanes="1,1,0.6;1,1,0.6;0,0,1", lane="2")
    explorer.press("Remove lane")
    explorer.wait_for_parameters(lanes="1,1,0.6;0,0,1", lane="2")
    explorer.train()
    explorer.wait_for_step(10)
    for name in ("Add lane", "Remove lane"):
        expect(explorer.button(name)).to_be_disabled()
        assert "Fork here" in explorer.button(name).get_attribute("title")


# By keys


def test_keys_start_pause_step_and_choose_a_lane_and_a_dialog_tells_them(explorer, store):
    page = explorer.page
    explorer.open(f"{LONG}&lanes=1,1,0.5;0,0,1")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    for key in ("T", "P", "S", "F", "1 to 4", "?"):
        expect(dialog.get_by_text(key, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("2")
    expect(explorer.slider("bin_out")).to_have_value("1")
    entry = page.get_by_label("bin_out, exact")
    entry.press("t")  # which is no key where one writes
    entry.press("Escape")
    page.locator("h1").click()
    assert explorer.run is None
    page.keyboard.press("t")
    page.wait_for_url(re.compile(r"[?&]run=\w+"))
    explorer.wait_for_step(20)
    page.keyboard.press("p")
    expect(explorer.status).to_contain_text("Paused")
    before = store.run(explorer.run).step
    expect(explorer.button("Step")).to_be_enabled()
    page.keyboard.press("s")
    until(lambda: store.run(explorer.run).step == before + 1, 10)


def test_the_keys_of_a_slider(explorer):
    explorer.open()
    slider = explorer.slider("bin_out")
    slider.focus()
    for key, value in (
        ("ArrowRight", "0.55"),
        ("ArrowDown", "0.5"),
        ("PageUp", "1"),
        ("End", "2"),
        ("ArrowUp", "2"),
        ("PageDown", "1.5"),
        ("Home", "0"),
        ("ArrowLeft", "0"),
    ):
        slider.press(key)
        expect(slider).to_have_value(value)
        expect(slider).to_have_attribute("aria-valuetext", value)


TRAIN_AND_MOVE = """train => {
    const slider = document.querySelector('[role=group][aria-label=bin_out] [type=range]')
    const key = () => new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })
    train.click()
    for (const wait of [1, 20]) setTimeout(() => slider.dispatchEvent(key()), wait)
}"""


def train_and_move(explorer, store):
    """Press Train and move a slider right after it, which has to be of the run."""
    expect(explorer.button("Train")).to_be_enabled()
    explorer.button("Train").evaluate(TRAIN_AND_MOVE)
    explorer.page.wait_for_url(re.compile(r"[?&]run=\w+"))
    until(lambda: store.run(explorer.run).lanes_now[0].loss_weights.bin_out == 0.6, 30)
    explorer.wait_for_step(50)
    expect(explorer.slider("bin_out")).to_have_value("0.6")


def test_what_is_moved_while_train_takes_effect_is_of_the_run(explorer, store):
    explorer.open(LONG)
    train_and_move(explorer, store)


def test_a_press_of_train_is_done_whole_also_by_a_server_that_has_just_started(new_tab, tmp_path):
    """Its first run takes a while to start: time enough for the next message to come."""
    server = Server(tmp_path)
    with closing(server), closing(Store(server.store)) as store:
        explorer = Explorer(new_tab())
        explorer.page.goto(f"{server.url}/?{LONG}")
        expect(explorer.page.locator(".desk-said")).not_to_be_empty()
        train_and_move(explorer, store)
        assert len(store.runs()) == 1


# From elsewhere


def test_two_tabs_and_a_script_steer_one_lane_without_undoing_each_other(explorer, new_tab, store):
    run = explorer.open(LONG).train()
    explorer.wait_for_x(50)
    other = Explorer(new_tab())
    other.page.goto(explorer.page.url)
    other.wait_for_x(100)
    explorer.slide("bin_out", +4)
    other.slide("ctg_out_1", -5)
    script_moves(explorer.page, run, ctg_out_2=0.35)
    until(lambda: lane_weights(store, run) == (0.75, 0.35, 0.7), 20)
    wanted = {"ctg_out_1": 0.75, "ctg_out_2": 0.35, "bin_out": 0.7}
    until(lambda: list(store.records(run))[-1].loss_weights == wanted, 20)
    for tab in (explorer, other):
        expect(tab.slider("ctg_out_1")).to_have_value("0.75")
        expect(tab.slider("ctg_out_2")).to_have_value("0.35")
        expect(tab.slider("bin_out")).to_have_value("0.7")
    explorer.press("Pause")
    expect(other.status).to_contain_text("Paused")
    other.press("Only pairs")  # also where it waits
    for tab in (explorer, other):
        expect(tab.slider("ctg_out_1")).to_have_value("0")
        expect(tab.slider("bin_out")).to_have_value("1")
    # Moved elsewhere and back again, before this tab has looked.
    with explorer.page.expect_response(f"**/api/runs/{run}/weights"):
        explorer.slide("bin_out", +1)
    script_moves(explorer.page, run, bin_out=1)
    for tab in (explorer, other):
        expect(tab.slider("bin_out")).to_have_value("1")
    other.page.close()


def test_a_live_setting_moved_in_one_tab_is_shown_in_the_other(explorer, new_tab):
    explorer.open(LONG).train()
    explorer.wait_for_x(50)
    other = Explorer(new_tab())
    other.page.goto(explorer.page.url)
    other.wait_for_x(100)
    rate = explorer.page.get_by_label("Learning rate", exact=True)
    rate.fill("0.02")
    rate.press("Enter")
    expect(other.page.get_by_label("Learning rate", exact=True)).to_have_value("0.02")
    other.page.close()


def test_after_the_end_the_desk_shows_the_last_weights_for_the_next_run(explorer, store):
    explorer.open("steps=1500&steps_per_second=300").train()
    explorer.wait_for_x(50)
    mode = explorer.page.locator(".desk-mode")
    expect(mode).to_contain_text("in force in run")
    explorer.slide("bin_out", +3)
    expect(explorer.status).to_contain_text("Finished")
    expect(mode).to_have_text("Loss weights of the next run")
    expect(explorer.slider("bin_out")).to_have_value("0.65")
    explorer.slide("ctg_out_1", -2)
    explorer.wait_for_parameters(ctg_out_1="0.9", bin_out="0.65")
    before = explorer.run
    explorer.press("Train")
    explorer.page.wait_for_function("run => !location.href.includes(run)", arg=before)
    assert store.run(explorer.run).lanes[0].as_tuple() == (0.9, 1, 0.65)


def test_a_run_that_is_opened_brings_its_weights_and_offers_those_before(explorer, trainer, store):
    ended = trainer.start(
        RunConfig(steps=5, seed=4, embedding_size=8), [weighted(bin_out=1.5, ctg_out_1=0)]
    )
    trainer.wait(ended, 60)
    explorer.open("ctg_out_2=0.3&seed=9")
    explorer.page.goto(f"/?run={ended}")
    told = explorer.page.locator(".desk-adopted")
    expect(told).to_contain_text(
        f"Weights and settings are those of run #{store.run(ended).number}"
    )
    expect(explorer.slider("bin_out")).to_have_value("1.5")
    explorer.press("Take back those before")
    expect(explorer.slider("ctg_out_2")).to_have_value("0.3")
    expect(explorer.slider("bin_out")).to_have_value("0.5")
    expect(told).to_be_hidden()
    assert explorer.run == ended
    query = parse_qs(urlsplit(explorer.page.url).query)
    assert query["seed"] == ["9"]
    assert query["ctg_out_2"] == ["0.3"]


# After a fall


def test_what_was_moved_while_the_server_was_away_is_told(new_tab, tmp_path):
    server = Server(tmp_path)
    explorer = Explorer(new_tab())
    explorer.page.goto(f"{server.url}/?{LONG}")
    explorer.train()
    explorer.wait_for_x(50)
    server.process.kill()
    server.process.wait()
    explorer.slide("bin_out", +8)
    said = explorer.page.locator(".desk-said")
    expect(said).to_contain_text("Not carried out yet: bin_out 0.9")
    away = explorer.page.get_by_role("alert").filter(has_text="The server of this page")
    expect(away).to_be_visible()
    expect(explorer.page.get_by_role("dialog")).to_have_count(0)  # Streamlit's, about the internet
    server.start()
    expect(said).to_contain_text("The run had ended: bin_out 0.9 waits for the next one")
    expect(away).to_have_count(0)
    expect(explorer.slider("bin_out")).to_have_value("0.9")
    expect(explorer.button("Train")).to_be_enabled()
    before = explorer.run
    explorer.press("Train")
    explorer.page.wait_for_function("run => !location.href.includes(run)", arg=before)
    explorer.wait_for_x(10)
    expect(explorer.slider("bin_out")).to_have_value("0.9")
    explorer.page.close()
    server.close()


# On a phone


def test_on_a_phone_weight_and_curve_are_in_one_view(explorer, store):
    page = explorer.page
    page.set_viewport_size({"width": 400, "height": 850})
    run = explorer.open(LONG).train()
    explorer.wait_for_x(50)
    assert overflow(page) == 0
    page.mouse.move(200, 420)
    page.mouse.wheel(0, 600)
    desk = page.locator(".desk-stuck")
    expect(desk).to_be_visible()
    box = desk.bounding_box()
    assert box["y"] + box["height"] == 850
    assert box["height"] < 200
    chart = page.locator(".live-chart").first.bounding_box()
    assert 0 < chart["y"] + chart["height"] < box["y"], "the whole curve is above it"
    for name in ("Explore", "Map", "Runs", "Compare", "Inside", "Learn"):
        link = page.locator(".st-key-pages").get_by_role("link", name=name)
        place = link.bounding_box()
        assert 0 <= place["y"] < 60
        assert place["x"] + place["width"] <= 400
    slider = explorer.slider("bin_out").bounding_box()
    page.mouse.click(slider["x"] + 0.75 * slider["width"], slider["y"] + slider["height"] / 2)
    until(lambda: 1.3 < lane_weights(store, run)[2] < 1.7, 10)
    assert overflow(page) == 0
    page.mouse.wheel(0, -5000)
    expect(desk).to_have_count(0)


# At the next click, wherever it is, and before the page can change, a press on a preset.
PRESS_WITH_NEXT_CLICK = """(preset) => {
    const presets = [...document.querySelectorAll(".steering-view button")]
    const press = () => presets.find((button) => button.textContent === preset).click()
    addEventListener("click", press, { once: true })
}"""


def test_what_the_desk_tells_does_not_bring_back_the_page_that_is_left(explorer):
    page = explorer.open("steps=40").page
    title = page.get_by_role("heading", level=1)
    for preset in ("Equal", "Article", "Only pairs"):
        expect(button(page, preset)).to_be_visible()
        page.evaluate(PRESS_WITH_NEXT_CLICK, preset)
        page.get_by_role("link", name="Runs", exact=True).first.click()
        expect(title).to_have_text("Runs")
        page.wait_for_timeout(1000)
        expect(title).to_have_text("Runs", timeout=1000)
        page.go_back()
