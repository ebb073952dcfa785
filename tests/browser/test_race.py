"""Races, forks and rewinds on the Explore page, used as a person uses them."""

import re

import pytest
from playwright.sync_api import expect

from core import RunState
from tests.browser.explorer import LONG, Explorer
from tests.browser.widgets import all_of, overflow
from tests.siamese import weighted
from tests.waiting import until

pytestmark = pytest.mark.browser

HEADS = ("ctg_out_1", "ctg_out_2", "bin_out")
THREE = "lanes=1,1,0.5;1,1,0;0,0,1"
WEIGHTS = [(1, 1, 0.5), (1, 1, 0), (0, 0, 1)]
CHARTS = [(quantity, head) for quantity in ("loss", "accuracy") for head in HEADS]


@pytest.fixture
def explorer(page):
    return Explorer(page)


def lane_weights(store, run):
    return [lane.loss_weights.as_tuple() for lane in store.lanes(run)]


def choose(explorer, lane, **weights):
    """Let the sliders steer the lane of that number, from 1; return once they stand at these."""
    explorer.page.get_by_role("radio", name=f"Lane {lane}", exact=True).click()
    explorer.wait_for_parameters(lane=str(lane))
    for head, value in weights.items():
        expect(explorer.slider(head)).to_have_value(value)


def axes(explorer, quantity):
    """Range of x and y of each small chart of a row."""
    return explorer.page.evaluate(
        """quantity => [...document.querySelectorAll(`.live-chart[data-quantity=${quantity}]`)]
            .map(({_fullLayout}) => [_fullLayout.xaxis.range, _fullLayout.yaxis.range])""",
        quantity,
    )


# Race


def test_three_lanes_give_three_curves_a_head_and_quantity_on_the_same_axes(explorer, store):
    explorer.open(f"{LONG}&{THREE}")
    run = explorer.train()
    expect(explorer.page.locator(".live-chart")).to_have_count(6)
    explorer.wait_for_step(300)
    assert [lane.as_tuple() for lane in store.run(run).lanes] == WEIGHTS
    for quantity, head in CHARTS:
        for role in ("smooth", "validation"):
            curves = explorer.curves(quantity, head, role)
            assert list(curves) == [0, 1, 2], (quantity, head, role)
            assert curves[0]["x"] == curves[1]["x"] == curves[2]["x"]
            assert len(curves[0]["x"]) >= 2
            assert len({tuple(curve["y"]) for curve in curves.values()}) == 3
    explorer.press("Pause")
    expect(explorer.status).to_contain_text("Paused")
    classes, same, pairs = axes(explorer, "loss")
    assert classes == same
    assert pairs[1][1] < classes[1][1], "or else it would lie flat at the foot"
    explorer.page.get_by_text("Same axes", exact=True).click()
    explorer.wait_for_parameters(same_axes="true")
    for quantity in ("loss", "accuracy"):
        until(lambda quantity=quantity: len({str(axis) for axis in axes(explorer, quantity)}) == 1)
    low, high = axes(explorer, "loss")[0][1]
    greatest = max(
        y for head in HEADS for c in explorer.curves("loss", head).values() for y in c["y"]
    )
    assert low == 0
    assert greatest <= high
    assert axes(explorer, "accuracy")[0][1] == [0, 1.02]


def test_lanes_set_up_on_the_page_race_from_the_same_start(explorer, store):
    explorer.open(LONG)
    explorer.press("Add lane")
    explorer.wait_for_parameters(lanes="1,1,0.5;1,1,0.5", lane="2")
    explorer.press("Only pairs")
    explorer.wait_for_parameters(lanes="1,1,0.5;0,0,1")
    run = explorer.train()
    explorer.wait_for_step(50)
    first = {record.lane: record for record in store.records(run) if record.step == 1}
    assert first[0].loss == first[1].loss
    assert first[0].loss_weights != first[1].loss_weights


def test_a_link_whose_slider_lags_behind_its_lanes_opens_with_the_lanes(explorer, store):
    """As quick moves may leave it: Streamlit writes the one, a script that is late the other."""
    explorer.open(f"{LONG}&lanes=1,1,0.5;1,0.25,0&lane=2&bin_out=0.1&ctg_out_1=2")
    for head, value in (("ctg_out_1", "1"), ("ctg_out_2", "0.25"), ("bin_out", "0")):
        expect(explorer.slider(head)).to_have_value(value)
    run = explorer.train()
    assert [lane.as_tuple() for lane in store.run(run).lanes] == [(1, 1, 0.5), (1, 0.25, 0)]


def test_the_legend_names_each_lane_once(explorer):
    explorer.open(f"{LONG}&{THREE}").train()
    explorer.wait_for_step(10)
    legend = explorer.page.get_by_role("list", name="What the curves are").get_by_role("listitem")
    expect(legend).to_have_text(["Lane 1", "Lane 2", "Lane 3", "training", "validation"])
    assert explorer.page.locator(".live-chart .legend").count() == 0


def test_the_table_gives_weights_last_validation_and_difference_from_lane_1(explorer, store):
    explorer.open(f"steps=300&steps_per_second=1000&{THREE}&lane=2")
    run = explorer.train()
    expect(explorer.status).to_contain_text("Finished")
    rows = all_of(explorer.page.locator(".live-race tbody tr"))
    looks = [store.last_validated(run, lane).val_accuracy for lane in range(3)]
    for lane, row in enumerate(rows):
        weights, *accuracies = (cell.inner_text() for cell in row.locator("td").all())
        assert weights == weighted(**dict(zip(HEADS, WEIGHTS[lane], strict=True))).in_short()
        for head, text in zip(HEADS, accuracies, strict=True):
            own, _, difference = text.replace("\u2212", "-").replace("±", "").partition(" % ")
            assert float(own.removesuffix(" %")) == pytest.approx(100 * looks[lane][head], abs=0.06)
            if lane == 0:
                assert difference == ""
            else:
                points = 100 * (looks[lane][head] - looks[0][head])
                assert float(difference.strip("()")) == pytest.approx(points, abs=0.06)
    assert len(rows) == 3
    assert rows[1].get_attribute("aria-current") is not None
    expect(explorer.page.get_by_text("How the total loss of lane 2 is made, now")).to_be_visible()
    weights = explorer.page.locator(".live-total tbody tr td:nth-child(2)")
    expect(weights).to_have_text(["1", "1", "0"])


def test_the_sliders_steer_the_selected_lane_only(explorer, server, store):
    run = explorer.open(f"{LONG}&{THREE}").train()
    explorer.wait_for_step(50)
    choose(explorer, 2, ctg_out_1="1", bin_out="0")
    explorer.slide("bin_out", +5)
    changed = [WEIGHTS[0], (1, 1, 0.25), WEIGHTS[2]]
    server.wait(lambda: lane_weights(store, run) == changed, 20, "the new weights")
    choose(explorer, 3, ctg_out_1="0", bin_out="1")
    explorer.press("Equal")
    changed[2] = (1, 1, 1)
    server.wait(lambda: lane_weights(store, run) == changed, 20, "the new weights")
    cells = explorer.page.locator(".live-race tbody td:first-of-type")
    expect(cells.nth(2)).to_have_text("1, 1, 1")
    expect(cells.nth(1)).to_have_text("1, 1, 0.25")


def test_hints_are_those_of_the_selected_lane(explorer):
    explorer.open(f"{LONG}&{THREE}&lane=1").train()
    explorer.wait_for_step(300)
    hints = explorer.page.locator(".live-hints")
    expect(hints).to_be_empty()
    choose(explorer, 2)
    expect(hints).to_contain_text("bin_out has weight 0")
    choose(explorer, 3)
    expect(hints).to_contain_text("ctg_out_1 has weight 0")


def test_a_zoomed_chart_of_a_race_stays_so(explorer):
    explorer.open(f"{LONG}&{THREE}").train()
    explorer.wait_for_step(300)
    charts = explorer.page.locator(".live-chart[data-quantity=loss]")
    box = charts.nth(1).locator(".nsewdrag").first.bounding_box()
    explorer.page.mouse.move(box["x"] + 1, box["y"] + 20)
    explorer.page.mouse.down()
    explorer.page.mouse.move(box["x"] + 60, box["y"] + 90, steps=5)
    explorer.page.mouse.up()
    explorer.page.wait_for_timeout(300)
    zoomed = axes(explorer, "loss")[1]
    assert zoomed != axes(explorer, "loss")[0]
    explorer.wait_for_step(explorer.step + 700)
    assert axes(explorer, "loss")[1] == zoomed


# Fork


def test_a_fork_in_mid_run_begins_where_its_source_was_and_a_link_reproduces_it(
    explorer, server, store
):
    run = explorer.open("steps=100000&steps_per_second=300&embedding_size=32").train()
    explorer.wait_for_x(200)
    expect(explorer.page.locator(".live-chart")).to_have_count(2)
    explorer.press("Fork here")
    explorer.wait_for_parameters(lane="2")
    expect(explorer.page.get_by_role("radio", name="Lane 2")).to_be_checked()
    explorer.slide("bin_out", -10)
    server.wait(lambda: lane_weights(store, run)[1:] == [(1, 1, 0)], 20, "the copy's own weights")
    fork = store.lanes(run)[1]
    assert (fork.source, fork.since > 200) == (0, True)
    explorer.wait_for_step(fork.since + 300)
    explorer.press("Pause")  # at rest so few points are all drawn, and all charts show the same
    expect(explorer.status).to_contain_text("Paused")
    own = [record for record in store.records(run) if record.lane == 1]
    assert own[0].step > fork.since
    assert own[-1].loss_weights["bin_out"] == 0
    assert all(
        record.loss_weights["bin_out"] == 0.5 for record in store.records(run) if not record.lane
    )
    for quantity, head in CHARTS:
        curves = explorer.curves(quantity, head)
        assert curves[0]["x"][0] == 1
        assert curves[1]["x"][0] == fork.since
        assert curves[1]["y"][0] in curves[0]["y"], "it leaves the curve of its source"
    mark = explorer.page.locator(".live-chart .mark").first
    words = re.compile(f"^step {fork.since:,}: lane 2: forked from lane 1")
    expect(mark).to_have_attribute("aria-label", words)
    link = explorer.page.url
    explorer.page.goto(link)
    explorer.wait_for_step(fork.since + 300)
    assert list(explorer.curves("loss", "bin_out")) == [0, 1]
    assert explorer.curves("loss", "bin_out")[1]["x"][0] == fork.since
    explorer.wait_for_parameters(lane="2")
    expect(explorer.slider("bin_out")).to_have_value("0")
    choose(explorer, 1)
    expect(explorer.slider("bin_out")).to_have_value("0.5")


def test_a_fifth_lane_is_refused_and_the_run_goes_on(explorer, new_tab, store):
    run = explorer.open(f"{LONG}&{THREE}").train()
    explorer.wait_for_step(50)
    tab = new_tab()
    other = Explorer(tab)
    other.page.goto(explorer.page.url)
    other.wait_for_step(100)
    expect(other.button("Fork here")).to_be_enabled()
    other.page.route(
        re.compile("/(records|lanes)"), lambda route: None
    )  # it hears of nothing any more
    other.page.wait_for_timeout(500)
    explorer.press("Fork here")
    explorer.wait_for_parameters(lane="4")
    expect(explorer.button("Fork here")).to_be_disabled()
    other.press("Fork here")
    expect(other.page.get_by_test_id("stAlert")).to_contain_text("fork is refused")
    other.page.unroute_all()
    tab.close()
    assert len(store.lanes(run)) == 4
    explorer.wait_for_step(store.run(run).step + 200)


def test_a_fork_made_elsewhere_comes_to_the_page(explorer, new_tab):
    explorer.open(LONG).train()
    explorer.wait_for_step(50)
    tab = new_tab()
    other = Explorer(tab)
    other.page.goto(explorer.page.url)
    other.wait_for_step(100)
    explorer.press("Fork here")
    expect(other.page.locator(".live-chart")).to_have_count(6)
    expect(other.page.get_by_role("radio", name="Lane 2")).to_be_visible()
    other.wait_for_parameters(lane="1")
    tab.close()


# Rewind


def test_a_running_run_rewinds_and_goes_on_with_the_abandoned_future_faint(explorer, store):
    explorer.open("steps=3000&steps_per_second=400")
    run = explorer.train()
    explorer.wait_for_x(350)
    explorer.slide("bin_out", +10)
    until(lambda: lane_weights(store, run) == [(1, 1, 1)])
    explorer.wait_for_x(700)
    explorer.rewind(300)
    assert store.run(run).state is RunState.PAUSED
    assert store.run(run).branches == (0, 300)
    expect(explorer.slider("bin_out")).to_have_value("0.5")
    abandoned = max(record.step for record in store.records(run))
    until(lambda: explorer.curves("loss", "bin_out", "abandoned")[0]["x"][-1] == abandoned)
    for quantity, head in CHARTS:
        (faint,) = explorer.curves(quantity, head, "abandoned").values()
        assert (faint["x"][0], faint["x"][-1]) == (300, abandoned)
        assert explorer.curves(quantity, head)[0]["x"][-1] == 300
    opacity = (
        """Math.max(...chart.data.filter(t => t.meta.role === "abandoned").map(t => t.opacity))"""
    )
    assert explorer.layout("loss", f"(layout, {opacity})") <= 0.5
    legend = explorer.page.get_by_role("list", name="What the curves are")
    expect(legend).to_have_text("abandoned by a rewind")
    explorer.press("Resume")
    expect(explorer.status).to_contain_text("Finished · step 3,000 of 3,000")
    anew = [record for record in store.records(run) if record.branch == 1]
    assert (anew[0].step, anew[-1].step) == (310, 3000)
    assert {record.loss_weights["bin_out"] for record in anew} == {0.5}
    x = explorer.curves("loss", "bin_out")[0]["x"]
    assert x == sorted(set(x))
    assert (x[0], x[-1]) == (1, 3000)
    assert explorer.curves("loss", "bin_out", "abandoned")[0]["x"][-1] == abandoned


def test_a_finished_run_is_rewound_before_its_fork_and_goes_on_to_the_end(explorer, store):
    explorer.open("steps=900&steps_per_second=100&lanes=1,1,0.5;1,1,0")
    run = explorer.train()
    explorer.wait_for_step(200)
    explorer.press("Fork here")
    explorer.wait_for_parameters(lane="3")
    since = store.lanes(run)[2].since
    expect(explorer.status).to_contain_text("Finished")
    expect(explorer.button("Train")).to_be_enabled()
    explorer.rewind(180)
    expect(explorer.button("Resume")).to_be_enabled()
    expect(explorer.button("Train")).to_be_disabled()
    explorer.wait_for_parameters(lane="2")
    expect(explorer.page.locator(".live-race tbody tr")).to_have_count(2)
    for quantity, head in CHARTS:
        faint = explorer.curves(quantity, head, "abandoned")
        assert list(faint) == [0, 1, 2]
        assert [curve["x"][0] for curve in faint.values()][:2] == [180, 180]
        assert faint[2]["x"][0] > since
        assert {curve["x"][-1] for curve in faint.values()} == {900}
        assert list(explorer.curves(quantity, head)) == [0, 1]
    explorer.press("Resume")
    expect(explorer.status).to_contain_text("Finished")
    assert store.run(run).step == 900
    assert {record.lane for record in store.records(run) if record.branch == 1} == {0, 1}
    assert explorer.curves("loss", "bin_out")[1]["x"][-1] == 900


def test_checkpoints_appear_as_they_are_taken_and_keep_the_focus(explorer, store):
    run = explorer.open("steps=1000&steps_per_second=100").train()
    explorer.wait_for_x(120)
    buttons = explorer.page.get_by_role("group", name="Rewind to step").get_by_role("button")
    explorer.button("Rewind to step 100").focus()
    explorer.wait_for_x(420)
    expect(explorer.button("Rewind to step 100")).to_be_focused()
    explorer.press("Pause")
    expect(explorer.status).to_contain_text("Paused")
    expect(buttons).to_have_text([str(step) for step in store.checkpoints(run)])
    assert store.checkpoints(run)[:5] == [0, 100, 200, 300, 400]


def test_a_checkpoint_that_is_gone_is_told_in_a_sentence_and_the_run_goes_on(explorer, store):
    page = explorer.page
    run = explorer.open("steps=3000").train()
    explorer.wait_for_step(420)
    page.route("**/records*", lambda route: None)  # the page hears of nothing any more
    page.wait_for_timeout(500)
    with store._db.writing():
        store._db.execute("DELETE FROM checkpoints WHERE run = ? AND step = 300", (run,))
    explorer.press("Rewind to step 300")
    expect(page.get_by_test_id("stAlert")).to_contain_text("step = 300 is refused")
    page.unroute_all()
    assert store.run(run).state is RunState.RUNNING
    explorer.press("Pause")
    expect(explorer.status).to_contain_text("Paused")
    expect(explorer.button("Rewind to step 300")).to_have_count(0)


# How it looks


def test_a_race_has_no_horizontal_scroll_bar(explorer):
    run = explorer.open(f"steps=200&{THREE};1,1,1").train()
    expect(explorer.status).to_contain_text("Finished")
    for width, rows in ((1400, 2), (400, 6)):
        explorer.page.set_viewport_size({"width": width, "height": 900})
        explorer.open(f"run={run}")
        expect(explorer.status).to_contain_text("Finished")
        assert overflow(explorer.page) <= 0, width
        tops = {box.bounding_box()["y"] for box in all_of(explorer.page.locator(".live-chart"))}
        assert len(tops) == rows
