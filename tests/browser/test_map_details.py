"""The page Map in detail: pictures, points and numbers of a map that has been trained."""

import re

import pytest
from playwright.sync_api import expect

from core import RunConfig
from core.run.simplex import grid
from tests.browser.explorer import Explorer
from tests.browser.mapper import LONG, SMALL, Mapper
from tests.browser.widgets import all_of, button, tab_to, texts_of
from tests.waiting import until

pytestmark = pytest.mark.browser

HEADS = ("ctg_out_1", "ctg_out_2", "bin_out")
POINTS = 15
MIDDLE = grid(4).index((2, 1, 1))


@pytest.fixture(scope="module")
def finished(new_tab):
    """A map with a total that the sliders do not reach by themselves, trained by the page."""
    tab = new_tab()
    run = Mapper(tab).open(f"{SMALL}&total=4").finish()
    tab.close()
    return run


def expect_sliders(page, *weights):
    """Wait until the sliders show these."""
    for name, weight in zip(HEADS, weights, strict=True):
        slider = page.get_by_role("group", name=name, exact=True).get_by_role("slider")
        expect(slider).to_have_value(str(weight))


# Training


def test_progress_while_two_seeds_train(mapper):
    mapper.open(f"{SMALL}&map_steps=2000&seeds=2&total=3")
    expect(mapper.page.locator(".map-cells path")).to_have_count(POINTS)  # a preview
    assert mapper.colours() == {}
    run = mapper.train()
    told = re.compile(r"Running · [1-9]\d* %, [\d,]+ of 60,000 model-steps trained")
    expect(mapper.status).to_contain_text(told)
    expect(mapper.status).to_contain_text("· part 1 of 2")
    assert 0 < mapper.page.locator(".map-progress").evaluate("bar => bar.value") < 1
    expect(mapper.status).to_contain_text("· part 2 of 2", timeout=90_000)
    expect(mapper.status).to_contain_text("Finished · 100 %", timeout=90_000)
    expect(mapper.status).not_to_contain_text("part 2")
    assert mapper.answer(run)["n_seeds"] == [2] * POINTS
    expect(mapper.page.locator(".map-noise")).to_contain_text("2 seeds")


def test_pause_and_resume(mapper):
    mapper.open(LONG).train()
    expect(mapper.status).to_contain_text("Running")
    button(mapper.page, "Pause").click()
    expect(mapper.status).to_contain_text("Paused")
    button(mapper.page, "Resume").click()
    expect(mapper.status).to_contain_text("Running")


def test_a_reload_and_a_second_tab_find_the_map_and_the_point(mapper, finished, page, new_tab):
    mapper.open(f"map={finished}&point=3")
    expect(mapper.status).to_contain_text("Finished")
    page.reload()
    expect(mapper.status).to_contain_text("Finished")
    place = [i / 4 for i in grid(4)[3]]
    assert mapper.marked("picked") == [pytest.approx(place, abs=0.01)]
    other = Mapper(new_tab())
    other.page.goto(page.url)
    expect(other.status).to_contain_text("Finished")
    assert other.column("rank") == mapper.column("rank")
    other.page.close()


def test_an_empty_page_says_what_to_press(mapper):
    mapper.open()
    expect(mapper.status).to_have_text("Press Train map to begin.")


def test_conv_says_beforehand_how_long_it_takes(mapper):
    mapper.open("trunk=conv&resolution=2&map_steps=50")
    told = mapper.page.get_by_text("6 settings, 50 steps: 300 model-steps")
    expect(told).to_contain_text("a second that were measured", timeout=90_000)
    expect(told).to_contain_text("A conv trunk gains nothing from lanes")


def test_a_bad_link_is_told_and_an_unknown_map_too(mapper):
    mapper.open("resolution=500&total=inf&map=nosuchmap")
    alerts = mapper.page.get_by_test_id("stAlert")
    expect(alerts).to_have_count(2)
    resolution = "resolution = '500' (allowed is a whole number from 1 to 100), taken is 10"
    expect(alerts.nth(0)).to_contain_text(resolution)
    expect(alerts.nth(0)).to_contain_text("total = 'inf' (allowed is a finite number from 0.01 to")
    expect(alerts.nth(1)).to_contain_text("No run has the id 'nosuchmap'")
    expect(mapper.button("Train map")).to_be_enabled()


# Pictures


def test_marks_are_the_best_the_sliders_and_the_articles_weights(mapper, finished):
    mapper.open(f"map={finished}&ctg_out_1=0&ctg_out_2=2&bin_out=2")
    expect(mapper.status).to_contain_text("Finished")

    def stand(role, *place):
        assert mapper.marked(role) == [pytest.approx(place, abs=0.01)]

    stand("article", 0.4, 0.4, 0.2)
    stand("present", 0, 0.5, 0.5)
    best = mapper.answer(finished)["values"]["val_accuracy"]["best"]["worst"]
    stand("best", *(i / 4 for i in grid(4)[best]))


@pytest.mark.parametrize("width", [1400, 500])
def test_hexagons_tile_the_triangle_and_stay_inside_the_picture(mapper, finished, width):
    mapper.open(f"map={finished}")
    mapper.page.set_viewport_size({"width": width, "height": 900})
    expect(mapper.status).to_contain_text("Finished")

    def boxes():
        return [cell.bounding_box() for cell in all_of(mapper.page.locator(".map-cells path"))]

    def tiles():
        """Whether neighbours in a row touch, and rows reach into each other by a quarter."""
        found, places = boxes(), grid(4)
        first, below = found[places.index((0, 4, 0))], found[places.index((1, 3, 0))]
        beside = found[places.index((0, 3, 1))]
        touch = beside["x"] == pytest.approx(first["x"] + first["width"], abs=0.1)
        return touch and first["y"] - below["y"] == pytest.approx(0.75 * first["height"], abs=0.1)

    picture = mapper.page.locator(".map-triangle").bounding_box()
    drawing = mapper.page.locator(".map-drawing")
    until(lambda: drawing.bounding_box()["width"] == pytest.approx(picture["width"], abs=1))
    assert tiles()
    for box in boxes():
        assert picture["x"] - 1 <= box["x"]
        assert box["x"] + box["width"] <= picture["x"] + picture["width"] + 1


def test_another_quantity_and_front_change_the_pictures_in_place(mapper, finished):
    mapper.open(f"map={finished}")
    mapper.page.locator(".map-triangle").evaluate("picture => picture.isTheSame = true")
    mapper.page.get_by_role("radio", name="loss", exact=True).click()
    mapper.page.get_by_role("radio", name="ctg_out_2", exact=True).click()
    mapper.page.get_by_role("combobox", name="Pareto front of").click()
    mapper.page.get_by_role("option", name="ctg_out_1 and ctg_out_2").click()
    mapper.wait_for_parameters(column="ctg_out_2", front="ctg_out_1 and ctg_out_2")
    bar = mapper.page.locator(".map-bar")
    expect(bar).to_contain_text("Validation loss of ctg_out_2, nats")
    answer = mapper.answer(finished)
    losses = answer["values"]["val_loss"]["mean"]["ctg_out_2"]
    median = sorted(losses)[POINTS // 2]
    worst = min(max(losses), min(losses) + 3 * (median - min(losses)))
    mapper.check_colours(losses, worst, min(losses))  # the brightest is the best
    expect(mapper.page.locator(".map-front .ytitle")).to_have_text(
        "Validation accuracy of ctg_out_2"
    )
    front = mapper.trace("front", "front")
    assert sorted(front["customdata"]) == answer["fronts"]["ctg_out_1 and ctg_out_2"]
    assert front["x"] == sorted(front["x"])
    drawn = front["customdata"] + mapper.trace("dominated", "front")["customdata"]
    assert sorted(drawn) == list(range(POINTS))
    assert mapper.page.locator(".map-triangle").evaluate("picture => picture.isTheSame")


# Points


def test_picked_weights_above_two_stretch_the_sliders_and_survive_a_reload(mapper, finished):
    mapper.open(f"map={finished}")
    mapper.click(MIDDLE)
    mapper.wait_for_parameters(point=str(MIDDLE), ctg_out_1="2", bin_out="1")
    expect_sliders(mapper.page, 2, 1, 1)
    mapper.click(0)
    mapper.wait_for_parameters(point="0", ctg_out_1="4", ctg_out_2="0", bin_out="0")
    expect_sliders(mapper.page, 4, 0, 0)
    mapper.page.reload()
    expect(mapper.page.locator(".map-point")).to_contain_text("Picked: weights 4, 0, 0")
    expect_sliders(mapper.page, 4, 0, 0)


def test_a_click_beside_the_triangle_picks_nothing(mapper, finished):
    mapper.open(f"map={finished}")
    x, y = mapper.place(0)
    mapper.page.mouse.click(x - 150, y)
    mapper.page.wait_for_timeout(1000)
    assert mapper.parameter("point") is None


def test_a_run_from_a_point_is_watched_on_explore_and_the_map_is_kept(mapper, finished, store):
    mapper.open(f"map={finished}")
    mapper.click(MIDDLE)
    mapper.wait_for_parameters(point=str(MIDDLE))
    mapper.button("Train a run with these weights").click()
    mapper.page.wait_for_url(re.compile(r"/\?run=\w+"))
    explorer = Explorer(mapper.page)
    expect(explorer.status).to_contain_text("Finished")
    run = store.run(explorer.run)
    assert run.lanes[0].as_tuple() == (2, 1, 1)
    assert (run.config.steps, run.config.embedding_size) == (100, 16)
    expect_sliders(mapper.page, 2, 1, 1)
    expect(mapper.button("Train")).to_be_enabled()
    mapper.page.get_by_role("link", name="Map", exact=True).click()
    expect(mapper.status).to_contain_text("Finished")
    assert mapper.parameter("map") == finished
    mapper.page.get_by_role("link", name="Explore", exact=True).click()
    expect(explorer.status).to_contain_text("Finished")
    assert explorer.run == run.id


def test_curves_of_a_point_are_those_of_its_lane(mapper, finished, store):
    mapper.open(f"map={finished}&point={MIDDLE}")
    expect(mapper.page.locator(".map-curves .main-svg").first).to_be_visible()
    rows = [record for record in store.records(finished) if record.lane == MIDDLE]
    drawn = """(() => document.querySelector(".map-curves[data-quantity=loss]").data
        .find(({name, meta}) => name === "bin_out" && meta.role === "smooth"))()"""
    mapper.page.wait_for_function(f"() => {drawn}.y.length > 0")
    assert mapper.page.evaluate(f"() => {drawn}.y") == [record.loss["bin_out"] for record in rows]
    kept = mapper.page.locator(".map-curves").first
    kept.evaluate("chart => chart.isTheSame = true")
    mapper.click(0)
    rows = [record for record in store.records(finished) if record.lane == 0]
    mapper.page.wait_for_function(
        f"wanted => JSON.stringify({drawn}.y) === JSON.stringify(wanted)",
        arg=[record.loss["bin_out"] for record in rows],
    )
    assert kept.evaluate("chart => chart.isTheSame"), "made once, and redrawn"


def test_all_charts_follow_the_theme_of_the_page(mapper, finished):
    mapper.open(f"map={finished}&point={MIDDLE}")
    expect(mapper.page.locator(".map-curves .main-svg").nth(1)).to_be_visible()
    colour = "getComputedStyle(document.querySelector('.map-curves')).color"
    for scheme in ("dark", "light"):
        before = mapper.page.evaluate(f"() => {colour}")
        mapper.page.emulate_media(color_scheme=scheme)
        mapper.page.wait_for_function(
            f"""before => {colour} !== before && [...document.querySelectorAll(".js-plotly-plot")]
                .every(chart => chart.layout.font.color === {colour})""",
            arg=before,
        )


# The numbers


def test_the_table_begins_by_rank_and_turns_round_with_a_second_press(mapper, finished):
    mapper.open(f"map={finished}")
    expect(mapper.status).to_contain_text("Finished")
    assert mapper.column("rank") == [str(k + 1) for k in range(POINTS)]
    worst = mapper.answer(finished)["values"]["val_accuracy"]["mean"]["worst"]
    shown = [float(text.split(" ±")[0]) for text in mapper.column("worst")]
    assert shown == pytest.approx(sorted((100 * p for p in worst), reverse=True), abs=0.051)
    title = mapper.page.locator(".map-table th", has=mapper.button("weight bin_out"))
    title.get_by_role("button").click()
    assert title.get_attribute("aria-sort") == "ascending"
    weights = [float(text) for text in mapper.column("weight bin_out")]
    assert weights == sorted(weights)
    title.get_by_role("button").click()
    assert title.get_attribute("aria-sort") == "descending"
    assert [float(text) for text in mapper.column("weight bin_out")] == weights[::-1]


def test_a_point_is_picked_without_a_mouse(mapper, finished):
    mapper.open(f"map={finished}")
    row = mapper.page.locator(".map-table tbody tr").nth(0)
    weights = ", ".join(texts_of(row.locator("td"))[2:5])
    tab_to(mapper.page.get_by_role("link", name="CSV"))
    tab_to(mapper.button(f"Use weights {weights}"))
    mapper.page.keyboard.press("Enter")
    expect(mapper.page.locator(".map-point")).to_contain_text(f"weights {weights},")
    assert mapper.button(f"Use weights {weights}").evaluate("n => n === document.activeElement")


def test_many_rows_are_cut_and_the_csv_has_all(mapper, trainer):
    run = trainer.start_map(RunConfig(steps=1), resolution=20)
    trainer.wait(run, 120)
    mapper.open(f"map={run}")
    expect(mapper.page.locator(".map-table tbody tr")).to_have_count(200)
    expect(mapper.page.locator(".map-numbers")).to_contain_text("first 200 of 231 rows")
    rows = mapper.page.request.get(f"/api/runs/{run}/map.csv").text().splitlines()
    assert len(rows) == 1 + 231
