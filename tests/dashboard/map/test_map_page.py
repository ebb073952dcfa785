"""The script of the page Map with a real engine behind it, run by Streamlit's own test harness."""

from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core import LossWeights, RunConfig, RunState
from core.places import PROJECT
from core.problems import own
from core.run import config as run_config
from core.run.heads import Head
from core.run.owner import Owner
from core.run.simplex import MapConfig
from dashboard import service
from dashboard.map import controls as map_controls
from dashboard.map import speed
from dashboard.state import MAP_WIDGETS
from tests.dashboard.reading import as_read, read
from tests.siamese import HEADS as SIAMESE_HEADS
from tests.siamese import weighted
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("page_engine")

SCRIPT = PROJECT / "dashboard" / "main.py"
HEADS = ["ctg_out_1", "ctg_out_2", "bin_out"]
SMALL = {"resolution": "2", "embedding_size": "4", "batch_size": "4"}


@pytest.fixture
def page(page_engine):
    """The page with a small map chosen; the map that it shows in the end is stopped."""
    page = opened(**SMALL)
    yield page
    if run := shown_map(page):
        page_engine.stop(run.id)
        page_engine.wait(run.id, 60)


@pytest.fixture(scope="module")
def finished(page_engine):
    """A map that is over: three settings of a total that the sliders do not reach by themselves."""
    run = page_engine.start_map(
        RunConfig(steps=20, embedding_size=4, batch_size=4, seed=3), resolution=1, total=5
    )
    page_engine.wait(run, 60)
    return run


def opened(**parameters):
    """The page as a link with these query parameters opens it.

    Its script by itself: within the main script, the harness opens a page only by way of the
    first one, which takes the parameters that both have.
    """

    def script(path):
        import runpy

        from dashboard import state

        asked = state.ask("Map")
        runpy.run_path(path)
        state.tell_unusable(asked, "Map")

    path = str(SCRIPT.parent / "map" / "page.py")
    page = AppTest.from_function(script, default_timeout=60, kwargs={"path": path})
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def press(page, key):
    """Press the button of that key."""
    assert not page.button(key=key).disabled, key
    page.button(key=key).click().run()
    assert not page.exception


def shown_map(page):
    """The map in the URL, as the store knows it now."""
    run = page.query_params.get("map")
    return service.store().run(run if isinstance(run, str) else run[0]) if run else None


def start_long(page):
    """Start a map that goes on for as long as a test wants."""
    page.number_input(key="map_steps").set_value(1_000_000).run()
    press(page, "train_map")
    until(lambda: shown_map(page).state == "running", 60)
    page.run()
    return shown_map(page).id


def texts(page):
    return " ".join(markdown.value for markdown in page.main.markdown)


def states_of(page):
    """Label and whether it can be pressed, of each button of a map."""
    keys = ("train_map", "pause_map", "cancel_map")
    return {b.label: not b.disabled for b in page.main.button if b.key in keys}


# Widgets


def test_weights_and_what_is_shown_survive_a_look_at_the_other_page(finished, page_engine):
    run = page_engine.start(RunConfig(steps=1, batch_size=4))
    page_engine.wait(run, 60)  # sliders follow a run that trains
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    page.query_params.update(run=run, map=finished)
    page.run()
    assert "map" not in page.query_params, "it is for the other page"
    page.session_state["lanes"] = [weighted(bin_out=1.25)]  # as the desk does
    page.run()
    page.switch_page("map/page.py").run()
    assert page.title[0].value == "Weight map"
    assert page.session_state["lanes"] == [weighted(bin_out=1.25)]
    assert page.query_params["bin_out"] in ("1.25", ["1.25"])
    assert shown_map(page).id == finished
    page.session_state["lanes"] = [weighted(ctg_out_1=0.25, bin_out=1.25)]
    page.run()
    page.switch_page("explore/page.py").run()
    assert page.session_state["lanes"] == [weighted(ctg_out_1=0.25, bin_out=1.25)]
    assert page.query_params["run"] in (run, [run])


def test_every_setting_of_a_map_has_a_widget_with_its_range_and_help():
    page = opened()
    for name, (low, high, begin) in {
        "resolution": (1, 100, 10),
        "total": (0.01, 1000, 2.5),
        "seeds": (1, 5, 1),
        "map_steps": (1, 1_000_000, 600),
    }.items():
        entry = page.number_input(key=name)
        assert (entry.min, entry.max, entry.value) == (low, high, begin)
        assert entry.help
    assert page.segmented_control(key="spacing").value == "even"


@pytest.mark.parametrize(
    ("parameter", "value", "allowed"),
    [
        ("resolution", "0", "a whole number from 1 to 100"),
        ("resolution", "500", "a whole number from 1 to 100"),
        ("resolution", "many", "a whole number from 1 to 100"),
        ("total", "0", "a finite number from 0.01 to 1,000"),
        ("total", "inf", "a finite number from 0.01 to 1,000"),
        ("total", "nan", "a finite number from 0.01 to 1,000"),
        ("seeds", "6", "a whole number from 1 to 5"),
        ("spacing", "odd", "'even' or 'log'"),
        ("map_steps", "0", "a whole number from 1 to 1,000,000 steps"),
    ],
)
def test_a_link_with_a_bad_value_is_refused_in_a_sentence(parameter, value, allowed):
    page = opened(**{parameter: value})
    widgets = page.session_state
    MapConfig(**{name: widgets[name] for name in MAP_WIDGETS})
    RunConfig(steps=widgets["map_steps"])
    (warning,) = page.warning
    wanted = f"{parameter} = {value!r} (allowed is {allowed}), taken is {widgets[parameter]}."
    assert read(warning) == f"The address asks for what cannot be used: {wanted}"


def test_a_link_with_good_values_is_followed(page):
    assert page.number_input(key="resolution").value == 2
    assert "6 settings, 600 steps: 3,600 model-steps" in texts(page)
    assert not page.error


# Maps


def test_train_starts_a_map_as_the_widgets_stand(page, page_engine):
    page.number_input(key="map_steps").set_value(30)
    page.number_input(key="total").set_value(4.0)
    page.number_input(key="seeds").set_value(2)
    page.number_input(key="seed").set_value(11)
    page.segmented_control(key="spacing").set_value("log")
    page.run()
    press(page, "train_map")
    run = page_engine.wait(shown_map(page).id, 60)
    assert run.state == "finished"
    assert run.map == MapConfig(resolution=2, total=4, seeds=2, spacing="log")
    chosen = (run.config.steps, run.config.seed, run.config.embedding_size, run.config.batch_size)
    assert chosen == (30, 11, 4, 4)


def test_buttons_are_enabled_where_they_make_sense_and_cancel_keeps_the_map(page, page_engine):
    idle = {"Train map": True, "Pause": False, "Cancel": False}
    assert states_of(page) == idle
    run = start_long(page)
    assert states_of(page) == {"Train map": False, "Pause": True, "Cancel": True}
    press(page, "pause_map")
    until(lambda: page_engine.store.run(run).state == "paused", 60)
    page.run()
    assert states_of(page) == {"Train map": False, "Resume": True, "Cancel": True}
    press(page, "pause_map")
    until(lambda: page_engine.store.run(run).state == "running", 60)
    press(page, "cancel_map")
    assert page_engine.wait(run, 60).state == "stopped"
    page.run()
    assert states_of(page) == idle
    assert shown_map(page).id == run


def test_sliders_moved_beside_a_map_steer_nothing(page, page_engine):
    run = start_long(page)
    page.session_state["lanes"] = [weighted(bin_out=1.5)]
    page.run()
    assert not page.error
    assert list(page_engine.store.run(run).changes) == []


def test_a_map_of_another_machine_is_shown_and_left_alone(page_engine):
    there = replace(Owner.read(page_engine.owner), machine="another", host="gpu-3")
    over = MapConfig(resolution=1)
    run = page_engine.store.add_run(RunConfig(), [], str(there), map_config=over, lanes_at_once=3)
    told = page_engine.store.run(run).elsewhere
    page = opened(map=run)
    assert [read(warning) for warning in page.warning] == [told]
    assert page.button(key="cancel_map").disabled
    assert as_read(page.button(key="cancel_map").help) == told
    assert not page.button(key="train_map").disabled, "there it goes on beside another"
    page_engine.store.set_state(run, RunState.STOPPED)
    assert not page.run().warning


@pytest.mark.parametrize("run", ["nosuchrun", ""])
def test_an_unknown_map_is_told_and_forgotten(run):
    page = opened(map=run)
    assert len(page.error) == bool(run)
    assert not page.run().error


def test_a_run_that_is_no_map_is_told(page_engine):
    run = page_engine.start(RunConfig(steps=1, batch_size=4))
    page = opened(map=run)
    (error,) = page.error
    assert "not a weight map" in read(error)
    page_engine.wait(run, 60)


def test_the_newest_map_is_one_press_away(finished):
    page = opened()
    press(page, "show_newest")
    assert shown_map(page).map is not None
    assert page.button(key="show_newest").disabled


# Points


@pytest.mark.parametrize("point", ["3", "-1", "01", "9" * 5000, "many", "[here](https://x.org)"])
def test_a_point_in_the_address_that_the_map_has_not_is_told_and_forgotten(finished, point):
    page = opened(map=finished, point=point)
    (error,) = page.error
    wanted = f"This map has no point {point[:40]!r}: expected is 0 to 2. None is picked."
    assert read(error) == wanted
    assert "point" not in page.query_params
    assert not page.run().error


@pytest.mark.parametrize(
    ("query", "told"), [({}, "no map"), ({"map": "gone"}, "No run has the id")]
)
def test_a_point_of_no_map_is_told_once(query, told):
    page = opened(**query, point="2")
    (error,) = page.error
    assert told in read(error)
    assert "point" not in page.query_params
    assert not page.run().error


def picking(action, point, run):
    """What a point of that map's triangle does, which only a browser has."""

    def script(action, point):
        from dashboard.map import controls

        getattr(controls, action)(point)

    inside = AppTest.from_function(script, default_timeout=60, args=(action, point))
    inside.query_params["map"] = run
    inside.session_state["lanes"] = [weighted()]
    inside.session_state["lane"] = 0
    inside.session_state["edition"] = "before"
    inside.run()
    assert not inside.exception
    return inside


def test_a_picked_point_goes_into_the_sliders_and_the_address(finished):
    inside = picking("take_point", 2, finished)
    assert inside.session_state["lanes"] == [weighted(ctg_out_1=0, ctg_out_2=0, bin_out=5)]
    assert inside.session_state["edition"] != "before", "the desk is to show it"
    assert inside.query_params["point"] in ("2", ["2"])


@pytest.mark.parametrize("action", ["take_point", "train_point"])
@pytest.mark.parametrize("point", [3, -1])
def test_a_point_that_is_not_there_changes_nothing(finished, page_store, action, point):
    before = page_store.runs()
    inside = picking(action, point, finished)
    assert "leaving" not in inside.session_state
    assert inside.session_state["edition"] == "before"
    assert "point" not in inside.query_params
    assert page_store.runs() == before


def test_a_run_from_a_point_has_its_weights_and_settings_and_an_address(finished, page_engine):
    inside = picking("train_point", 1, finished)
    place, _, query = inside.session_state["leaving"].partition("?")
    told = parse_qs(query)
    run = page_engine.wait(told["run"][0], 60)
    assert place == "./"
    assert told["map"] == [finished]
    assert [lane.as_tuple() for lane in run.lanes] == [(0, 5, 0)]
    assert run.map is None
    for name in ("steps", "seed", "embedding_size", "batch_size"):
        assert getattr(run.config, name) == getattr(page_engine.store.run(finished).config, name)
        assert float(told[name][0]) == getattr(run.config, name)
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    for name, (value,) in told.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    (lane,) = page.session_state["lanes"]
    assert lane.as_tuple() == (0, 5, 0), "the address puts the desk so"
    assert not page.info, "no setting differs from the run's"


# How long it takes


def test_how_long_is_measured_when_asked(page_engine):
    page_engine.wait_until_ready(60)
    page = opened(embedding_size="6", batch_size="2", resolution="3", map_steps="100")
    press(page, "how_long")
    config = RunConfig(embedding_size=6, batch_size=2)
    rate = speed.measured(config, 10).result(60)
    assert 10 < rate < 1e6
    page.run()
    said = map_controls.in_time(10 * 100 / rate)
    assert f"about **{said}** at the {rate:,.0f} a second" in texts(page)
    assert "how_long" not in [button.key for button in page.main.button]


def known(seconds=None, error=None):
    future = Future()
    if error:
        future.set_exception(error)
    else:
        future.set_result(seconds)
    return future


def test_duration_says_what_is_known():
    over, dense, conv = MapConfig(), RunConfig(steps=600), RunConfig(trunk="conv", steps=600)
    assert map_controls.duration(over, dense, None, False) == "."
    assert "measured once it can be" in map_controls.duration(over, conv, None, True)
    assert "about **10 s** at the 3,960" in map_controls.duration(over, dense, known(3960), False)
    told = map_controls.duration(over, conv, known(330), False)
    assert "about **2.0 minutes**" in told
    assert "gains nothing from lanes" in told
    failed = map_controls.duration(over, dense, known(error=TimeoutError("No speed.")), False)
    assert "not known: No speed." in failed


def test_times_are_told_in_the_unit_that_suits_them():
    told = [map_controls.in_time(seconds) for seconds in (0.1, 90, 150, 7199, 7200, 36_000)]
    assert told == ["1 s", "90 s", "2.5 minutes", "120.0 minutes", "2.0 hours", "10.0 hours"]


def test_speed_is_measured_once_for_what_it_depends_on(monkeypatch):
    asked = []

    def probe(config, n_lanes):
        asked.append((config, n_lanes))
        if len(asked) == 1:
            raise TimeoutError("Too busy.")
        return 100.0

    monkeypatch.setattr(speed, "_measured", {})
    monkeypatch.setattr(service, "_engine", SimpleNamespace(probe=probe))
    config = RunConfig()
    assert speed.measured(config, 66) is None
    assert speed.measure(config, 66).exception(5)
    assert speed.measure(config, 66).result(5) == 100, "a failure is tried again"
    same = [config.model_copy(update=change) for change in ({"seed": 9}, {"learning_rate": 1.0})]
    assert [speed.measure(one, 5000).result(5) for one in same] == [100, 100]
    assert len(asked) == 2
    speed.measure(config.model_copy(update={"trunk": "conv"}), 66).result(5)
    speed.measure(config, 3).result(5)
    assert len(asked) == 4


def test_loss_weights_of_the_article_are_the_mark_on_the_map():
    from dashboard.map.view import usual_name

    assert usual_name(RunConfig()) == "article"
    assert LossWeights().complete(SIAMESE_HEADS) == weighted(ctg_out_1=1, ctg_out_2=1, bin_out=0.5)


# Other problems


@pytest.fixture
def problem(monkeypatch):
    """A function that has a problem of so many heads be there, for as long as a test."""
    monkeypatch.setattr(own, "_KNOWN", {})
    monkeypatch.setattr(run_config, "_KINDS", dict(run_config._KINDS))

    def problem(n_heads):
        heads = [Head(name=f"head_{h}", metric="mae" if h else "accuracy") for h in range(n_heads)]
        own.add(
            own.Facts(
                name="mine",
                file="mine.py",
                source="abc",
                heads=tuple(heads),
                optimizer="Adam",
                learning_rate=0.01,
                schedule="",
                notes=(),
                n_training=90,
                n_validation=10,
                n_parameters=100,
                n_moving=0,
                has_regularisation=False,
            )
        )

    return problem


def covered(page):
    """What a map would cover, by the script that has just run."""

    def script(found):
        from dashboard import state

        state.find_lanes(None)
        found.append(state.map_settings())

    found = []
    inside = AppTest.from_function(script, default_timeout=60, args=(found,))
    inside.query_params["problem"] = "mine"
    for name in ("problem", *MAP_WIDGETS, "vary", "lanes", "lane", "edition", "asked"):
        if name in page.session_state:
            inside.session_state[name] = page.session_state[name]
    inside.run()
    assert not inside.exception
    return found[0]


def test_of_five_heads_one_chooses_three_and_the_sliders_say_the_rest(problem):
    problem(5)
    page = opened(problem="mine", resolution="2")
    choice = page.selectbox(key="vary")
    assert len(choice.options) == 10
    assert "6 settings, 600 steps" in texts(page)
    choice.set_value("head_1, head_2, head_4").run()
    page.session_state["lanes"] = [LossWeights({f"head_{h}": h / 10 for h in range(5)})]
    page.run()
    assert not page.exception
    over = covered(page)
    assert over.heads == ("head_1", "head_2", "head_4")
    assert over.others.root == {"head_0": 0, "head_3": 0.3}


def test_the_controls_of_a_line_are_those_of_two_heads(problem):
    problem(2)
    page = opened(problem="mine")
    assert "vary" not in [one.key for one in page.selectbox]
    assert "trunk" not in [one.key for one in page.segmented_control]
    assert "11 settings, 600 steps: 6,600 model-steps" in texts(page)
    column, quantity = (page.segmented_control(key=key) for key in ("column", "quantity"))
    assert column.options == ["head_0", "head_1", "mean rank"]
    assert (column.value, quantity.options) == ("mean rank", ["metric", "loss"])
    assert "line of loss weights" in read(page.caption[0]) + read(page.caption[1])


def test_one_head_has_no_map_and_a_sentence(problem):
    problem(1)
    page = opened(problem="mine")
    (info,) = page.info
    assert "one loss, head_0" in read(info)
    assert not page.main.button


def test_a_choice_of_another_problem_begins_anew(problem):
    problem(2)
    page = opened()
    assert page.segmented_control(key="column").value == "worst"
    page.selectbox(key="problem").set_value("mine").run()
    assert not page.exception
    assert page.segmented_control(key="column").value == "mean rank"
    page.selectbox(key="problem").set_value("siamese").run()
    assert not page.exception
    assert page.segmented_control(key="column").value == "worst"
    assert page.selectbox(key="front").value == "ctg_out_1 and bin_out"
