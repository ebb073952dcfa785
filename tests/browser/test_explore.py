"""The Explore page, used as a person uses it."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from core import HEADS, RunState
from tests.browser.explorer import LONG, Explorer
from tests.browser.server import Server
from tests.browser.widgets import all_of, overflow
from tests.waiting import until

pytestmark = pytest.mark.browser

NAMES = {name for head in HEADS for name in (head.name, f"{head.name} (val)")}


@pytest.fixture
def explorer(page):
    return Explorer(page)


def records(store, run):
    return list(store.records(run))


def test_all_curves_start_in_a_worker_that_has_trained_before(explorer, server):
    explorer.open(LONG)
    first = explorer.train()
    explorer.wait_for_x(10)
    explorer.press("Stop")
    expect(explorer.button("Train")).to_be_enabled()
    explorer.press("Train")  # how soon they are there, tests.benchmarks measures
    explorer.page.wait_for_function("first => !location.href.includes(first)", arg=first)
    explorer.wait_for_x(1)
    for quantity in ("loss", "accuracy"):
        assert set(explorer.traces(quantity)) == NAMES


def test_traces_grow_and_all_have_values(explorer):
    explorer.open(LONG)
    explorer.train()
    explorer.wait_for_x(100)
    before = explorer.n_points()
    explorer.wait_for_x(explorer.last_x() + 1)
    assert explorer.n_points() > before
    for quantity in ("loss", "accuracy"):
        for name, trace in explorer.traces(quantity).items():
            assert len(trace["x"]) >= 2, name
            assert all(isinstance(y, float | int) for y in trace["y"]), name


def test_a_slider_moved_in_mid_run_leaves_a_mark_and_new_weights_in_the_records(
    explorer, server, store
):
    explorer.open(LONG)
    run = explorer.train()
    explorer.wait_for_x(100)
    explorer.slide("bin_out", +8)
    wanted = {"ctg_out_1": 1, "ctg_out_2": 1, "bin_out": 0.9}
    server.wait(lambda: records(store, run)[-1].loss_weights == wanted, 20, "the new weights")
    explorer.wait_for_x(records(store, run)[-1].step)
    changed = [
        before.step
        for before, after in pairwise(records(store, run))
        if before.loss_weights != after.loss_weights
    ]
    for quantity in ("loss", "accuracy"):  # one for all of them: they came within a second
        (mark,) = all_of(explorer.marks(quantity))
        words = f"step {changed[0]:,}: bin_out 0.5 → 0.9"
        expect(mark).to_have_attribute("aria-label", words)
        expect(mark.get_by_text(words)).to_be_hidden()
        mark.focus()
        explorer.page.keyboard.press("Shift")  # so that the focus is to be seen
        expect(mark.get_by_text(words)).to_be_visible()


def test_zoom_and_hidden_traces_survive_updates(explorer):
    explorer.open(LONG)
    explorer.train()
    explorer.wait_for_x(300)
    chart = explorer.page.locator(".live-chart[data-quantity=loss] .nsewdrag").first
    box = chart.bounding_box()
    middle = box["y"] + box["height"] / 2
    explorer.page.mouse.move(box["x"] + 5, middle)
    explorer.page.mouse.down()
    explorer.page.mouse.move(box["x"] + 60, middle, steps=5)
    explorer.page.mouse.up()
    zoomed = explorer.layout("loss", "layout.xaxis.range")
    assert explorer.layout("loss", "layout.xaxis.autorange") is False
    legend = explorer.page.locator(".live-chart[data-quantity=accuracy] .legendtoggle")
    legend.nth(2).click()
    hidden = "layout._transPlotRange, chart.data.find(t => t.name === 'bin_out').visible"
    is_hidden = """() => document.querySelector(".live-chart[data-quantity=accuracy]").data
        .find(({name}) => name === "bin_out").visible === "legendonly"
    """
    explorer.page.wait_for_function(is_hidden)  # Plotly waits for a double click first
    explorer.wait_for_x(explorer.last_x() + 600)
    assert explorer.layout("loss", "layout.xaxis.range") == zoomed
    assert explorer.layout("accuracy", hidden) == "legendonly"


def test_a_hover_survives_updates(explorer):
    explorer.open(LONG)
    explorer.train()
    explorer.wait_for_x(300)
    box = explorer.page.locator(".live-chart[data-quantity=loss] .nsewdrag").first.bounding_box()
    explorer.page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    hover = explorer.page.locator(".live-chart[data-quantity=loss] .hoverlayer .legend")
    expect(hover).to_be_visible()
    explorer.wait_for_x(explorer.last_x() + 600)
    expect(hover).to_be_visible()


def test_pause_step_resume_stop(explorer, store):
    explorer.open(LONG)
    run = explorer.train()
    explorer.wait_for_x(50)
    explorer.press("Pause")
    expect(explorer.button("Resume")).to_be_enabled()
    paused_at = records(store, run)[-1].step
    assert store.run(run).state is RunState.PAUSED
    explorer.press("Step")
    explorer.wait_for_x(paused_at + 1)
    expect(explorer.button("Resume")).to_be_enabled()
    assert records(store, run)[-1].step == paused_at + 1
    explorer.press("Resume")
    explorer.wait_for_x(paused_at + 200)
    explorer.press("Stop")
    expect(explorer.status).to_contain_text("Stopped")
    expect(explorer.button("Train")).to_be_enabled()
    assert store.run(run).state is RunState.STOPPED


def test_a_reload_and_a_second_tab_find_the_run_with_whole_curves(explorer, new_tab):
    explorer.open(LONG)
    run = explorer.train()
    explorer.wait_for_x(200)
    explorer.page.reload()
    explorer.wait_for_x(200)
    assert explorer.run == run
    assert explorer.traces("loss")["ctg_out_1"]["x"][0] == 1
    tab = new_tab()
    second = Explorer(tab)
    second.page.goto(explorer.page.url)
    second.wait_for_x(400)
    assert second.traces("loss")["ctg_out_1"]["x"][0] == 1
    tab.close()


def test_a_run_goes_on_when_its_tab_closes(new_tab, server, store):
    tab = new_tab()
    run = Explorer(tab).open("steps=1500&steps_per_second=1000").train()
    tab.close()
    server.wait(lambda: store.run(run).state is RunState.FINISHED, 20, "the run to finish")
    assert records(store, run)[-1].step == 1500


def test_a_page_opened_anew_offers_the_run_in_training(explorer, new_tab, store):
    run = explorer.open(LONG).train()
    explorer.wait_for_x(50)
    tab = new_tab()
    other = Explorer(tab).open()
    other.press(f"Watch the run in progress ({store.run(run).label})")
    other.wait_for_x(100)
    assert other.run == run
    tab.close()


def test_a_link_reproduces_the_page_seed_included(explorer, store):
    explorer.open(
        "ctg_out_1=0.25&ctg_out_2=1.5&bin_out=0.33&seed=11&embedding_size=32&trunk=conv"
        "&distance=euclidean&optimizer=adam&learning_rate=0.002&steps=20&smoothing=0.9&x=seconds"
    )
    run = store.run(explorer.train())
    expect(explorer.page.get_by_text("seconds of training").first).to_be_visible()
    assert run.lanes[0].as_tuple() == (0.25, 1.5, 0.33)
    shown = run.config.model_dump(
        include={
            "seed",
            "embedding_size",
            "trunk",
            "distance",
            "optimizer",
            "learning_rate",
            "steps",
        }
    )
    assert shown == {
        "seed": 11,
        "embedding_size": 32,
        "trunk": "conv",
        "distance": "euclidean",
        "optimizer": "adam",
        "learning_rate": 0.002,
        "steps": 20,
    }
    expect(explorer.status).to_contain_text("Finished")


def test_a_killed_worker_is_replaced_and_the_run_goes_on(explorer, server, store):
    run = explorer.open("steps=1500&steps_per_second=300").train()
    explorer.wait_for_x(600)
    old = server.worker
    old.kill()
    server.wait(lambda: server.worker not in (None, old), 3, "a new worker")
    expect(explorer.status).to_contain_text("Finished", timeout=60_000)
    steps = [record.step for record in records(store, run)]
    assert steps == sorted(set(steps))
    assert steps[-1] == 1500
    assert max(after - before for before, after in pairwise(steps)) <= 10


def test_a_server_that_comes_back_finds_the_page_true_again(new_tab, tmp_path):
    server = Server(tmp_path)
    explorer = Explorer(new_tab())
    explorer.page.goto(f"{server.url}/?{LONG}&bin_out=0.9")
    run = explorer.train()
    explorer.wait_for_x(50)
    server.process.kill()
    server.process.wait()
    expect(explorer.status).to_contain_text("The server does not answer")
    server.start()
    expect(explorer.status).to_contain_text("Stopped")
    expect(explorer.button("Train")).to_be_enabled()
    for name in ("Pause", "Step", "Fork here", "Stop"):
        expect(explorer.button(name)).to_be_disabled()
    expect(explorer.slider("bin_out")).to_have_value("0.9")
    assert explorer.run == run
    explorer.press("Train")
    explorer.page.wait_for_function("run => !location.href.includes(run)", arg=run)
    explorer.wait_for_x(10)
    explorer.page.close()
    server.close()


def test_presets_and_exact_values_move_the_sliders(explorer, store):
    explorer.open(LONG)
    explorer.press("Only pairs")
    explorer.wait_for_parameters(ctg_out_1="0", bin_out="1")
    expect(explorer.page.get_by_text("The class heads stay at chance")).to_be_visible()
    entry = explorer.page.get_by_label("bin_out, exact")
    entry.fill("0.123")
    entry.press("Enter")
    explorer.wait_for_parameters(bin_out="0.123")
    expect(explorer.page.get_by_text("Weights of your own.")).to_be_visible()
    run = explorer.train()
    explorer.wait_for_x(10)
    assert records(store, run)[0].loss_weights["bin_out"] == 0.123


def test_quick_key_presses_are_all_kept(explorer):
    """Each is told by itself, and a script that runs meanwhile knows an older value."""
    explorer.open()
    explorer.slide("ctg_out_1", -6)
    explorer.slide("bin_out", +9)
    explorer.wait_for_parameters(bin_out="0.95", ctg_out_1="0.7")
    explorer.page.wait_for_timeout(1000)
    assert "bin_out=0.95" in explorer.page.url


def test_live_settings_change_the_run_and_fixed_ones_wait(explorer, store):
    run = explorer.open(LONG).train()
    explorer.wait_for_x(50)
    rate = explorer.page.get_by_label("Learning rate", exact=True)
    rate.fill("0.02")
    rate.press("Enter")
    until(lambda: records(store, run)[-1].learning_rate == 0.02, 30)
    explorer.wait_for_x(explorer.last_x() + 300)
    explorer.page.get_by_text("New run: take effect").click()
    explorer.page.get_by_role("radio", name="conv").click()
    expect(explorer.page.get_by_text("For the next run: trunk dense → conv")).to_be_visible()
    assert store.run(run).config.trunk == "dense"


@pytest.mark.parametrize("trunk", ["dense", "conv"])
def test_it_says_why_a_run_is_trained_operation_by_operation(explorer, trunk):
    explorer.open(f"trunk={trunk}&steps=20").train()
    hints = explorer.page.locator(".live-hints li", has_text="operation by operation")
    expect(explorer.status).to_contain_text("Finished")
    expect(hints).to_have_count(1 if trunk == "conv" else 0)
    if trunk == "conv":
        expect(hints).to_contain_text("it has Conv2D")


def test_a_head_without_weight_gets_a_hint(explorer):
    explorer.open("ctg_out_1=0&ctg_out_2=1&bin_out=1").train()
    hint = explorer.page.locator(".live-hints")
    expect(hint).to_contain_text("ctg_out_1 has weight 0: nothing trains it")
    explorer.press("Stop")


def test_a_diverged_run_says_so_with_advice_and_a_way_out(explorer, server, store):
    explorer.open("learning_rate=50").train()
    expect(explorer.status).to_contain_text("Diverged")
    expect(explorer.status).to_contain_text("Try a smaller learning rate")
    expect(explorer.button("Train")).to_be_enabled()
    # What came before can be read.
    least, most = explorer.layout("loss", "layout.yaxis.range")
    assert least == 0
    assert 4.6 < most < 150
    assert "out of sight" in explorer.layout("loss", "layout.annotations.at(-1).text")
    # The way out.
    before = explorer.run
    explorer.press("Again with learning rate 5")
    explorer.page.wait_for_function("before => !location.href.includes(before)", arg=before)
    server.wait(lambda: store.run(explorer.run).config.learning_rate == 5, 20, "the new run")
    expect(explorer.page.get_by_label("Learning rate", exact=True)).to_have_value("5")


def test_the_total_is_made_of_weight_times_loss(explorer):
    explorer.open("steps=300&bin_out=2").train()
    expect(explorer.status).to_contain_text("Finished")
    rows = all_of(explorer.page.locator(".live-total tbody tr"))
    parts, shares = [], []
    for row in rows:
        weight, loss, part, share, _ = (cell.inner_text() for cell in row.locator("td").all())
        assert float(part) == pytest.approx(float(weight) * float(loss), abs=2e-3)
        parts.append(float(part))
        shares.append(float(share.removesuffix(" %")))
    for part, share in zip(parts, shares, strict=True):
        assert share == pytest.approx(100 * part / sum(parts), abs=0.6)


def test_an_unknown_run_is_told_in_a_sentence(explorer):
    explorer.open("run=nosuchrun")
    expect(explorer.page.get_by_text("No run has the id 'nosuchrun'")).to_be_visible()
    expect(explorer.button("Train")).to_be_enabled()


def test_many_points_are_thinned_and_zoom_shows_more(explorer):
    explorer.open("steps=12000&steps_per_second=0&embedding_size=16&batch_size=16")
    explorer.train()
    explorer.wait_for_x(5000)
    assert explorer.n_points() <= 400
    expect(explorer.status).to_contain_text("Finished", timeout=60_000)
    assert 400 < explorer.n_points() <= 2000


def test_no_horizontal_scroll_bar(explorer):
    run = explorer.open("steps=200").train()
    explorer.wait_for_x(200)
    for width in (1400, 400):
        explorer.page.set_viewport_size({"width": width, "height": 900})
        explorer.open(f"run={run}").wait_for_x(200)
        assert overflow(explorer.page) <= 0, width


@pytest.mark.parametrize("width", [1400, 400])
def test_words_of_the_trade_are_explained_beside_the_numbers(explorer, width):
    page = explorer.page
    page.set_viewport_size({"width": width, "height": 900})
    explorer.open("steps=200&steps_per_second=0&lanes=1,1,0.5;0,0,1").train()
    expect(explorer.status).to_contain_text("Finished")
    words = page.locator(".live-note .term, .live-race .term, .live-total .term")
    expect(words).to_have_count(7)
    for word in words.all():
        word.scroll_into_view_if_needed()
        word.focus()
        bubble = word.get_by_role("tooltip")
        expect(bubble).to_be_visible()
        is_whole = """bubble => {
            const {left, right, top, bottom} = bubble.getBoundingClientRect()
            const corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
            const inside = (x, y) => [Math.min(Math.max(x, left + 3), right - 3),
                Math.min(Math.max(y, top + 3), bottom - 3)]
            return corners.every(([x, y]) =>
                bubble.contains(document.elementFromPoint(...inside(x, y))))
        }"""
        assert bubble.evaluate(is_whole), word.inner_text()


def test_the_charts_stay_where_they_are_when_a_run_diverges(explorer):
    top = "() => document.querySelector('.live-charts').getBoundingClientRect().top"
    explorer.open("learning_rate=20&steps=4000&steps_per_second=20").train()
    explorer.wait_for_x(1)
    before = explorer.page.evaluate(top)
    expect(explorer.page.get_by_role("button", name="Again with learning rate")).to_be_visible()
    expect(explorer.status).to_contain_text("Diverged")
    assert explorer.page.evaluate(top) == before


def test_no_two_charts_are_drawn_in_one_task(explorer):
    """Or else their drawing holds the page up, and a slider under a finger with it."""
    explorer.open(LONG).train()
    explorer.wait_for_x(50)
    explorer.page.evaluate(
        """() => {
            let drawn = new Set()
            window.most = window.draws = 0
            for (const chart of document.querySelectorAll(".live-chart"))
                chart.on("plotly_afterplot", () => {
                    drawn.add(chart)
                    window.draws++
                    window.most = Math.max(window.most, drawn.size)
                    // A task that goes before the timers, by which drawing goes on.
                    scheduler.postTask(() => drawn.clear(), { priority: "user-blocking" })
                })
        }"""
    )
    explorer.page.wait_for_function("() => window.draws >= 10")
    assert explorer.page.evaluate("() => window.most") == 1


def test_a_legend_stands_below_the_axis_also_once_a_phone_was_turned(explorer):
    explorer.open("steps=100").train()
    expect(explorer.status).to_contain_text("Finished")
    legend = explorer.page.locator(".live-chart .legend").first
    title = explorer.page.locator(".live-chart .xtitle").first

    def below():
        """How far the legend begins below the top of the axis' title, in px."""
        return round(legend.bounding_box()["y"] - title.bounding_box()["y"])

    explorer.wait_for_x(100)
    explorer.page.wait_for_timeout(500)
    before = below()
    assert before > 10
    width = explorer.page.locator(".live-chart").first.bounding_box()["width"]
    for size in ({"width": 400, "height": 900}, {"width": 1400, "height": 1000}):
        explorer.page.set_viewport_size(size)
        explorer.page.wait_for_timeout(1000)
    assert explorer.page.locator(".live-chart").first.bounding_box()["width"] == width
    assert below() == before
