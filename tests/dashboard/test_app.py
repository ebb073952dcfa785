"""The page's script with a real engine behind it, run by Streamlit's own test harness."""

import io
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig, RunState
from core.places import PROJECT
from core.problems import known, presets_of
from core.problems.siamese.presets import PRESETS
from core.problems.siamese.settings import SiameseConfig
from core.run.config import LIVE_SETTINGS
from core.run.owner import Owner
from dashboard import service
from tests.dashboard.reading import read
from tests.siamese import weighted
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("page_engine")

SCRIPT = PROJECT / "dashboard" / "main.py"
HEADS = ["ctg_out_1", "ctg_out_2", "bin_out"]

# The values are those that the issue gives.
PRESET_WEIGHTS = {
    "Article": (1, 1, 0.5),
    "Equal": (1, 1, 1),
    "Verification first": (0.5, 0.5, 1),
    "Only classes": (1, 1, 0),
    "Only pairs": (0, 0, 1),
}


@pytest.fixture
def page(page_engine):
    """The page, just opened; the run that it shows in the end is stopped."""
    page = opened()
    yield page
    if run := shown_run(page):
        page_engine.stop(run.id)
        page_engine.wait(run.id, 60)


def opened(**parameters):
    """The page as a link with these query parameters opens it."""
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def desk(page, **moved):
    """Move sliders, as the desk does: those of a run that goes on by its route, else those here."""
    run, lane = shown_run(page), page.session_state["lane"]
    if run and run.can.steer:
        service.engine().move_loss_weights(run.id, lane, **moved)
    else:
        lanes = list(page.session_state["lanes"])
        lanes[lane] = lanes[lane].moved(moved)
        page.session_state["lanes"] = lanes
    page.run()
    assert not page.exception


def preset(page, name):
    """Press a preset, as the desk does."""
    desk(page, **dict(zip(HEADS, PRESET_WEIGHTS[name], strict=True)))


def add_lane(page):
    """Put a copy of the present weights beside them, as the desk does."""
    lanes = page.session_state["lanes"]
    page.session_state["lanes"] = [*lanes, lanes[page.session_state["lane"]]]
    page.session_state["lane"] = len(lanes)
    page.run()


def press(page, key):
    """Press the button of that key."""
    assert not page.button(key=key).disabled, key
    page.button(key=key).click().run()
    assert not page.exception


def shown_run(page):
    """The run in the URL, as the store knows it now."""
    run = page.query_params.get("run")
    return service.store().run(run) if run else None


def start_long(page):
    """Start a run that goes on for as long as a test wants."""
    page.number_input(key="steps").set_value(1_000_000)
    page.number_input(key="embedding_size").set_value(4)
    page.number_input(key="batch_size").set_value(4)
    page.run()
    press(page, "train")
    until(lambda: shown_run(page).state == "running", 60)
    page.run()
    return shown_run(page)


def weights(page):
    return page.session_state["lanes"][page.session_state["lane"]].as_tuple()


# Loss weights


def test_presets_are_the_five_of_the_issue_each_known_for_something_else():
    assert {p.name: p.weights.as_tuple() for p in PRESETS} == PRESET_WEIGHTS
    assert len({preset.known_for for preset in PRESETS}) == 5


# Settings


def test_what_the_next_run_needs_is_made_ready_as_it_is_chosen(page, page_engine, monkeypatch):
    asked = []
    monkeypatch.setattr(page_engine.inside, "prepare", asked.append)
    page.number_input(key="embedding_size").set_value(4).run()
    assert asked[-1].embedding_size == 4
    start_long(page)
    asked.clear()
    page.run()
    assert not asked  # there is a run, which needs the machine
    press(page, "stop")
    until(lambda: shown_run(page).is_finished, 60)
    page.run()
    assert asked[-1].batch_size == 4


def test_settings_are_grouped_by_whether_they_change_a_run(page):
    live, fixed, data = page.sidebar.expander
    assert live.label.startswith("Live")
    assert fixed.label.startswith("New run")
    assert data.label.startswith("New run")
    in_live = {widget.key for widget in (*live.number_input, *live.segmented_control)}
    in_fixed = {widget.key for widget in (*fixed.number_input, *fixed.segmented_control)}
    assert in_live == set(LIVE_SETTINGS)
    assert in_fixed == {
        "trunk",
        "embedding_size",
        "distance",
        "dropout",
        "optimizer",
        "batch_size",
        "seed",
    }
    in_data = {widget.key for widget in (*data.number_input, *data.selectbox)}
    assert in_data == {
        "dataset",
        "training_pairs",
        "same_share",
        "hard_share",
        "image_noise",
        "label_noise",
    }


def test_each_setting_has_the_help_range_and_default_of_its_field(page):
    widgets = [*page.sidebar.number_input, *page.sidebar.segmented_control]
    shown = [widget for widget in widgets if widget.key in SiameseConfig.names()]
    assert len(shown) == 16
    schema = SiameseConfig.model_json_schema()["properties"]
    for widget in shown:
        field = schema[widget.key]
        assert widget.help == field["description"]
        if "enum" in field:
            assert widget.options == field["enum"]
        else:
            assert widget.min == field["minimum"], widget.key
            assert widget.max == field["maximum"], widget.key
        if widget.key != "steps_per_second":  # the page begins at a pace one can watch
            assert widget.value == field["default"], widget.key
    assert page.number_input(key="steps_per_second").value > 0


def test_another_optimizer_brings_its_usual_learning_rate_unless_one_was_chosen(page):
    page.segmented_control(key="optimizer").set_value("adam").run()
    assert page.number_input(key="learning_rate").value == 0.001
    page.number_input(key="learning_rate").set_value(0.02)
    page.segmented_control(key="optimizer").set_value("sgd").run()
    assert page.number_input(key="learning_rate").value == 0.02


@pytest.mark.parametrize("problem", known())
def test_a_link_opens_each_problem_with_its_weights_and_settings(problem):
    page = opened(problem=problem, steps="77")
    assert not page.exception
    usual = presets_of(RunConfig(problem=problem))[0].weights
    assert weights(page) == usual.as_tuple()
    assert page.session_state["problem"] == problem
    rate = RunConfig(problem=problem).learning_rate
    assert (page.session_state["learning_rate"], page.session_state["steps"]) == (rate, 77)


def test_a_link_sets_every_widget():
    values = {
        "problem": "siamese",
        "trunk": "conv",
        "embedding_size": 32,
        "distance": "euclidean",
        "dropout": 0.25,
        "optimizer": "adam",
        "learning_rate": 0.002,
        "momentum": 0.5,
        "batch_size": 32,
        "steps": 700,
        "steps_per_second": 50,
        "seed": 12,
        "dataset": "cifar100",
        "training_pairs": 300,
        "same_share": 0.25,
        "hard_share": 0.75,
        "image_noise": 0.1,
        "label_noise": 0.05,
        "smoothing": 0.9,
        "x": "seconds",
        "log_loss": True,
        "same_axes": True,
    }
    lane = {"ctg_out_1": "0.25", "ctg_out_2": "1.5", "bin_out": "0.333"}
    page = opened(**{name: str(value).lower() for name, value in values.items()}, **lane)
    assert weights(page) == (0.25, 1.5, 0.333)
    assert {name: page.session_state[name] for name in values} == values
    kinds = (page.slider, page.number_input, page.segmented_control, page.selectbox, page.toggle)
    bound = {widget.key for widgets in kinds for widget in widgets}
    assert bound == set(values), "A widget of the page is not in the test."


@pytest.mark.parametrize(
    "parameters",
    [
        {"bin_out": "nan", "steps": "-5"},
        {"ctg_out_1": "1e999", "learning_rate": "0"},
        {"trunk": "<script>", "seed": "99999999999999999999"},
        {"x": "", "batch_size": "abc"},
    ],
)
def test_a_link_with_bad_values_opens_the_page_with_allowed_ones(parameters):
    page = opened(**parameters)
    chosen = page.session_state.to_dict()
    RunConfig(**{name: chosen[name] for name in SiameseConfig.names() if name in chosen})
    weighted(**dict(zip(HEADS, weights(page), strict=True)))


# Data


def npz(**arrays) -> bytes:
    """A file of these arrays."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def upload(page, content):
    """Give the page a file of one's own."""
    (uploader,) = page.sidebar.file_uploader
    uploader.set_value(("Our faces.npz", content, "application/octet-stream")).run()
    assert not page.exception


def test_own_images_are_checked_kept_chosen_and_trained_on(page):
    x = np.random.default_rng(0).integers(256, size=(60, 10, 12), dtype=np.uint8)
    upload(page, npz(x=x, y=np.arange(61) % 3))
    (problem,) = page.error
    assert read(problem).startswith("Our faces.npz: `x` holds 60 images and `y` 61 labels")
    assert page.selectbox(key="dataset").value == "digits"
    upload(page, npz(x=x, y=np.arange(60) % 3))
    assert not page.error
    name = page.selectbox(key="dataset").value
    assert re.fullmatch(r"our_faces-3c-10x12x1-[0-9a-f]{10}", name)
    said = [read(caption) for caption in page.sidebar.caption]
    assert "our_faces: 3 classes, 10x12, grey." in said
    assert f"60 images of 3 classes were added as {name}." in said
    assert page.query_params["dataset"] in (name, [name])
    page.number_input(key="steps").set_value(20).run()
    press(page, "train")
    until(lambda: shown_run(page).state.is_finished, 60)
    assert (shown_run(page).state, shown_run(page).config.dataset) == ("finished", name)


def test_a_link_to_images_that_are_not_here_says_so_and_one_to_nothing_as_well():
    page = opened(dataset="faces-37c-28x28x1-1a2b3c4d5e")
    said = [read(caption) for caption in page.sidebar.caption]
    assert "faces: 37 classes, 28x28, grey. Its images are not here: add them below." in said
    page = opened(dataset="mnist")
    said = [read(caption) for caption in page.sidebar.caption]
    assert "MNIST: 10 classes, 28x28, grey. Train fetches it once, 11 MB, and then begins." in said
    page = opened(dataset="faces")
    (problem,) = page.error
    assert read(problem).startswith("There is no dataset 'faces'. Expected is 'digits', 'mnist'")
    assert read(problem).endswith("The page takes digits instead.")


# Runs


def test_train_starts_a_run_as_the_widgets_stand(page, page_engine):
    chosen = {"embedding_size": 8, "dropout": 0.1, "batch_size": 4, "steps": 30, "seed": 41}
    for name, value in chosen.items():
        page.number_input(key=name).set_value(value)
    page.number_input(key="momentum").set_value(0.8)
    page.number_input(key="steps_per_second").set_value(0)
    page.segmented_control(key="distance").set_value("euclidean")
    desk(page, ctg_out_2=0.35, bin_out=1.75)
    press(page, "train")
    run = page_engine.wait(shown_run(page).id, 60)
    assert run.state == "finished"
    assert run.config == RunConfig(**chosen, momentum=0.8, steps_per_second=0, distance="euclidean")
    assert [lane.as_tuple() for lane in run.lanes] == [(1, 0.35, 1.75)]
    last = list(page_engine.store.records(run.id))[-1]
    assert last.step == 30
    assert last.loss_weights == {"ctg_out_1": 1, "ctg_out_2": 0.35, "bin_out": 1.75}


def states_of(page):
    """Label and whether it can be pressed, of each button of a run."""
    return {b.label: not b.disabled for b in page.main.button if b.key != "watch"}


def test_buttons_are_enabled_where_they_make_sense(page, page_engine):
    idle = {"Train": True, "Pause": False, "Step": False, "Fork here": False, "Stop": False}
    running = {"Train": False, "Pause": True, "Step": True, "Fork here": True, "Stop": True}
    paused = {"Train": False, "Resume": True, "Step": True, "Fork here": True, "Stop": True}
    assert states_of(page) == idle
    run = start_long(page).id
    assert states_of(page) == running
    for key, state, shown in (
        ("pause", "paused", paused),
        ("pause", "running", running),
        ("step", "paused", paused),
        ("stop", "stopped", idle),
    ):
        press(page, key)
        until(lambda state=state: page_engine.store.run(run).state == state, 60)
        page.run()
        assert states_of(page) == shown, state


def test_step_trains_a_single_step(page, page_engine):
    run = start_long(page).id
    press(page, "pause")
    until(lambda: page_engine.store.run(run).state == "paused", 60)
    before = page_engine.store.run(run).step
    page.run()
    press(page, "step")
    until(lambda: page_engine.store.run(run).step != before, 60)
    until(lambda: page_engine.store.run(run).state == "paused", 60)
    assert page_engine.store.run(run).step == before + 1


def test_a_slider_and_a_live_setting_steer_the_run_in_training(page, page_engine):
    run = start_long(page).id
    desk(page, bin_out=1.25)
    until(lambda: page_engine.store.lanes(run)[0].loss_weights.as_tuple() == (1, 1, 1.25), 60)
    preset(page, "Only classes")
    until(lambda: page_engine.store.lanes(run)[0].loss_weights.as_tuple() == (1, 1, 0), 60)
    page.number_input(key="learning_rate").set_value(0.003).run()
    until(lambda: page_engine.store.run(run).config.learning_rate == 0.003, 60)
    assert page_engine.store.run(run).config.momentum == 0.9


def test_a_fixed_setting_waits_for_the_next_run_and_the_page_says_so(page, page_engine):
    run = start_long(page).id
    page.segmented_control(key="trunk").set_value("conv").run()
    assert [read(info) for info in page.info] == [
        "For the next run: trunk dense → conv. The one shown keeps its own."
    ]
    assert page_engine.store.run(run).config.trunk == "dense"
    assert page_engine.store.run(run).first_config == page_engine.store.run(run).config


def test_weights_moved_after_the_end_wait_for_the_next_run(page, page_engine):
    run = start_long(page).id
    press(page, "stop")
    page_engine.wait(run, 60)
    page.run()
    desk(page, bin_out=0.1)
    assert not page.error
    assert page_engine.store.lanes(run)[0].loss_weights.as_tuple() == (1, 1, 0.5)
    page.run()
    press(page, "train")
    assert shown_run(page).id != run
    assert shown_run(page).lanes[0].as_tuple() == (1, 1, 0.1)


def test_watching_a_run_in_progress_moves_the_widgets_to_it(page, page_engine):
    run = start_long(page).id
    desk(page, ctg_out_1=0.65)
    until(lambda: page_engine.store.lanes(run)[0].loss_weights.ctg_out_1 == 0.65, 60)
    other = opened()
    press(other, "watch")
    assert shown_run(other).id == run
    assert weights(other) == (0.65, 1, 0.5)
    assert other.number_input(key="embedding_size").value == 4
    assert not other.info, "the settings shown are those of the run"


def test_a_run_of_another_machine_is_shown_and_steered_from_there(page_engine):
    there = replace(Owner.read(page_engine.owner), machine="another", host="gpu-3")
    run = page_engine.store.add_run(RunConfig(), [weighted()], str(there))
    told = page_engine.store.run(run).elsewhere
    page = opened(run=run)
    assert [read(warning) for warning in page.warning] == [told]
    assert not page.error
    assert "stop" not in [button.key for button in page.button], (
        "but Train, and a fork of one's own"
    )
    desk(page, bin_out=1.5)
    assert not page.exception
    assert page_engine.store.run(run).changes == ()
    page_engine.store.set_state(run, RunState.STOPPED)
    assert not page.run().warning


# Lanes


def lanes_in_address(page):
    """The query parameters of a race, as text."""
    return page.query_params.get("lanes"), page.query_params.get("lane")


def choose(page, lane):
    """Let the desk steer the lane of that number, from 1."""
    page.session_state["lane"] = lane - 1
    page.run()
    assert not page.exception


def lane_weights(page_engine, run):
    return [lane.loss_weights.as_tuple() for lane in page_engine.store.lanes(run)]


def race(page):
    """Set up three lanes, the last of them selected, and start them."""
    add_lane(page)
    preset(page, "Only classes")
    add_lane(page)
    preset(page, "Only pairs")
    return start_long(page)


THREE = [(1, 1, 0.5), (1, 1, 0), (0, 0, 1)]


def test_train_starts_all_lanes_in_one_run(page, page_engine):
    run = race(page)
    assert [lane.as_tuple() for lane in run.lanes] == THREE
    until(lambda: {record.lane for record in page_engine.store.records(run.id)} == {0, 1, 2}, 60)


def test_sliders_and_presets_steer_the_selected_lane_only(page, page_engine):
    run = race(page).id
    choose(page, 2)
    desk(page, bin_out=1.25)
    until(lambda: lane_weights(page_engine, run) == [THREE[0], (1, 1, 1.25), THREE[2]], 60)
    choose(page, 1)
    assert weights(page) == THREE[0]
    preset(page, "Equal")
    until(lambda: lane_weights(page_engine, run) == [(1, 1, 1), (1, 1, 1.25), THREE[2]], 60)
    choose(page, 2)
    assert weights(page) == (1, 1, 1.25), "as it was steered, not as it began"


def test_after_the_end_the_lanes_wait_for_the_next_run(page, page_engine):
    run = race(page).id
    press(page, "stop")
    page_engine.wait(run, 60)
    page.run()
    add_lane(page)
    desk(page, bin_out=0.75)
    assert not page.error
    assert lane_weights(page_engine, run) == THREE
    press(page, "train")
    assert [lane.as_tuple() for lane in shown_run(page).lanes] == [*THREE, (0, 0, 0.75)]


def test_a_link_reproduces_the_lanes(page):
    add_lane(page)
    desk(page, bin_out=0.35)
    add_lane(page)
    choose(page, 2)
    other = opened(**page.query_params)
    assert lanes_in_address(other) == lanes_in_address(page) == ("1,1,0.5;1,1,0.35;1,1,0.35", "2")
    assert weights(other) == (1, 1, 0.35)
    choose(other, 1)
    assert weights(other) == (1, 1, 0.5)


@pytest.mark.parametrize(
    "lanes",
    [
        "",
        ";",
        "1,1,0.5",
        "1,1;1,1,1",
        "1,1,1;1,1,nan",
        "1,1,1;1,1,-1",
        "1,1,1;1,1,1e999",
        "1,1,1;<script>,1,1",
        "1,1,1;" * 5 + "1,1,1",
        "1,1,1;" * 3000,
    ],
    ids=lambda text: text[:20],
)
def test_an_address_that_names_no_race_has_one_lane(lanes):
    page = opened(lanes=lanes, lane="2")
    assert not page.error
    assert lanes_in_address(page) == (None, None)
    assert weights(page) == (1, 1, 0.5)


def test_lanes_of_the_address_count_more_than_its_sliders():
    """A slider moved quickly may leave an older value there."""
    page = opened(lanes="1,1,0.5;0.25,1,0", lane="2", ctg_out_1="2", bin_out="1.5")
    assert weights(page) == (0.25, 1, 0)
    assert lanes_in_address(page) == ("1,1,0.5;0.25,1,0", "2")
    desk(page, bin_out=0.75)
    assert weights(page) == (0.25, 1, 0.75)
    assert lanes_in_address(page) == ("1,1,0.5;0.25,1,0.75", "2")


@pytest.mark.parametrize("lane", ["0", "3", "-1", "x", "", "1e9", "²"])
def test_a_lane_that_is_not_there_is_another(lane):
    page = opened(lanes="1,1,1;0,0,1", lane=lane)
    assert page.query_params["lane"] in ("1", "2")
    assert lanes_in_address(page)[0] == "1,1,1;0,0,1"


def test_fork_copies_the_selected_lane_and_selects_the_copy(page, page_engine):
    run = start_long(page).id
    preset(page, "Equal")
    press(page, "fork")
    assert page.session_state["lane"] == 1
    assert weights(page) == (1, 1, 1)
    desk(page, bin_out=0)
    until(lambda: lane_weights(page_engine, run) == [(1, 1, 1), (1, 1, 0)], 60)
    assert page_engine.store.lanes(run)[1].source == 0
    page.run()
    assert lanes_in_address(page) == (None, "2"), "the weights are those of the run"
    assert weights(opened(run=run, lane="2")) == (1, 1, 0)
    for bin_out in (None, "1.5"):
        link = {"run": run} | ({"bin_out": bin_out} if bin_out else {})
        assert weights(opened(**link)) == (1, 1, 1), "the first lane's, as it is trained"


def test_a_fifth_lane_is_refused_in_a_sentence_and_the_run_goes_on(page, page_engine):
    run = race(page).id
    other = opened(**page.query_params)
    assert not other.button(key="fork").disabled
    press(page, "fork")
    assert page.button(key="fork").disabled
    assert "at most 4 lanes" in page.button(key="fork").help
    press(other, "fork")  # it does not know yet
    assert len(other.error) == 1
    assert "4 lanes" in read(other.error[0])
    assert len(page_engine.store.lanes(run)) == 4
    assert page_engine.store.run(run).state == "running"


def rewinding(page, step):
    """What the button of that step does, which only a browser has."""

    def script(step):
        from dashboard.steering import run_controls

        run_controls.rewind(step)

    inside = AppTest.from_function(script, default_timeout=60, args=(step,))
    inside.query_params["run"] = page.query_params["run"]
    for name in HEADS:
        inside.session_state[name] = 1.0
    inside.session_state["lanes"] = [weighted()]
    inside.run()
    assert not inside.exception
    return inside


def test_a_rewind_moves_the_widgets_to_what_was_in_force(page, page_engine):
    run = start_long(page).id
    press(page, "fork")
    desk(page, bin_out=2)
    until(lambda: len(lane_weights(page_engine, run)) == 2, 60)
    inside = rewinding(page, 0)
    assert page_engine.store.run(run).state == "paused"
    assert inside.session_state["lanes"] == [weighted()]
    page.run()
    assert weights(page) == (1, 1, 0.5)
    assert lanes_in_address(page) == (None, None)
    assert states_of(page)["Resume"]


def test_a_rewind_to_a_checkpoint_that_is_gone_is_a_sentence_and_the_run_goes_on(page, page_engine):
    run = start_long(page).id
    inside = rewinding(page, 7)
    assert "step = 7 is refused" in inside.session_state["complaint"]
    assert page_engine.store.run(run).state == "running"


def test_a_run_with_more_lanes_than_a_race_shows_the_first(page_engine):
    config = RunConfig(steps=1_000_000, batch_size=4, embedding_size=4)
    run = page_engine.start(config, [weighted(bin_out=i) for i in range(6)])
    until(lambda: page_engine.store.run(run).state == "running", 60)
    page = opened(run=run)
    assert len(page.session_state["lanes"]) == 4
    assert states_of(page)["Fork here"] is False
    page_engine.stop(run)
    page_engine.wait(run, 60)


def test_a_weight_map_is_no_run_to_explore(page, page_engine):
    run = page_engine.start_map(
        RunConfig(steps=1_000_000, batch_size=4, embedding_size=4), resolution=2
    )
    assert "watch" not in [button.key for button in page.run().button]
    other = opened(run=run)
    assert len(other.error) == 1
    assert "is a weight map" in read(other.error[0])
    assert "run" not in other.query_params
    page_engine.stop(run)
    page_engine.wait(run, 60)


# What goes wrong


def test_an_unknown_run_is_told_and_forgotten():
    page = opened(run="nosuchrun")
    assert len(page.error) == 1
    assert "nosuchrun" in read(page.error[0])
    assert "run" not in page.query_params
    assert not page.run().error


def test_a_store_that_stops_taking_writes_is_a_sentence(page, page_engine):
    """SQLite's own refusal, as of a file that has become read-only: root may write any file."""
    page_engine.store._db.execute("PRAGMA query_only = ON")
    try:
        press(page, "train")
    finally:
        page_engine.store._db.execute("PRAGMA query_only = OFF")
    assert len(page.error) == 1
    assert re.fullmatch(r"The store \S+ cannot be written: .+\..+", read(page.error[0]))
    assert states_of(page)["Train"], "one can try again"
    press(page, "train")
    assert not page.error
    assert shown_run(page)


def test_a_store_that_cannot_be_opened_is_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("EXPLORER_STORE", str(tmp_path / "file" / "runs.sqlite"))
    monkeypatch.setattr(service, "_engine", None)
    page = opened()
    assert len(page.error) == 1
    assert "file/runs.sqlite cannot be opened" in read(page.error[0])
    assert "--store" in read(page.error[0]), "the remedy"


def test_the_pages_process_never_loads_tensorflow(tmp_path):
    """Nor Keras, pandas and pyarrow, which cost the server its memory."""
    check = f"""
import sys
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest
import dashboard.app
ContextProxy.cookies = {{}}
from dashboard import service
page = AppTest.from_file({str(SCRIPT)!r}, default_timeout=60).run()
page.button(key="train").click().run()
assert not page.exception and "run" in page.query_params
service.close()
print("loaded:", *sorted({{"tensorflow", "keras", "pandas", "pyarrow"}} & set(sys.modules)))
"""
    answer = subprocess.run(
        [sys.executable, "-c", check],
        cwd=PROJECT,
        env={**os.environ, "EXPLORER_STORE": str(tmp_path / "runs.sqlite")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["loaded:"]


def test_what_a_server_says_is_sent_at_once():
    from dashboard.app import answer_at_once

    with socket.create_server(("127.0.0.1", 0)) as listening:
        answer_at_once()
        with socket.create_connection(listening.getsockname()):
            connection, _ = listening.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.fixture
def waiting(page_engine):
    """A run that is paused, and can be steered."""
    run = page_engine.start(RunConfig(steps=10_000))
    page_engine.pause(run)
    until(lambda: page_engine.store.run(run).state is RunState.PAUSED)
    yield run
    page_engine.stop(run)
    page_engine.wait(run, 60)


def in_force(engine, run):
    """The loss weights that the first lane of a run has now."""
    return engine.store.run(run).lanes_now[0].loss_weights.as_tuple()


def test_a_page_sends_what_was_moved_and_no_slider_that_is_behind(waiting, page_engine):
    one, other = opened(run=waiting), opened(run=waiting)
    desk(one, bin_out=0.9)
    until(lambda: in_force(page_engine, waiting) == (1, 1, 0.9))
    assert weights(other) == (1, 1, 0.5), "it has not looked since"
    desk(other, ctg_out_1=0.25)
    until(lambda: in_force(page_engine, waiting) == (0.25, 1, 0.9))
    for page in (one, other):
        page.run()
        assert weights(page) == (0.25, 1, 0.9)
        assert not page.error


def test_sliders_that_nobody_was_told_of_follow_the_run_and_that_is_said(waiting):
    page = opened(run=waiting)
    page.switch_page("map/page.py").run()
    desk(page, ctg_out_1=0.25)  # there they steer nothing
    page.session_state["untold"] = True
    page.switch_page("explore/page.py").run()
    assert weights(page) == (1, 1, 0.5)
    (told,) = page.error
    assert read(told).startswith("The sliders stood at 0.25, 1, 0.5, which the run in training was")


# What is opened


def test_a_run_that_is_opened_brings_its_lanes_and_settings(page, page_engine):
    config = RunConfig(steps=5, trunk="conv", optimizer="adam", learning_rate=0.002)
    run = page_engine.start(config, [weighted(bin_out=2), weighted(bin_out=0)])
    page_engine.wait(run, 60)
    page = opened(run=run, lane="2")
    assert page.session_state["lanes"] == [weighted(bin_out=2), weighted(bin_out=0)]
    assert weights(page) == (1, 1, 0)
    assert page.session_state["trunk"] == "conv"
    assert page.session_state["learning_rate"] == 0.002
    assert page.session_state["adopted"] == run
    assert lanes_in_address(page) == (None, "2")
    assert "settings" not in page.query_params


def test_an_address_that_has_its_own_weights_and_settings_keeps_them(page, page_engine):
    config = RunConfig(steps=5, trunk="conv", learning_rate=0.002)
    run = page_engine.start(config, [weighted(bin_out=2)])
    page_engine.wait(run, 60)
    page = opened(run=run, ctg_out_1="1", ctg_out_2="1", bin_out="0.5", settings="own", seed="3")
    assert weights(page) == (1, 1, 0.5)
    chosen = {name: page.session_state[name] for name in ("trunk", "learning_rate", "seed")}
    assert chosen == {"trunk": "dense", "learning_rate": 0.05, "seed": 3}
    page.run()
    again = opened(**page.query_params)
    assert weights(again) == (1, 1, 0.5)
    assert again.session_state["trunk"] == "dense"
    assert again.query_params == page.query_params


def test_what_is_changed_beside_a_run_that_has_ended_is_in_the_address(page, page_engine):
    run = page_engine.start(RunConfig(steps=5), [weighted(bin_out=2)])
    page_engine.wait(run, 60)
    page = opened(run=run)
    desk(page, bin_out=0.5)
    page.number_input(key="steps").set_value(1500).run()  # the default, unlike the run's
    again = opened(**page.query_params)
    assert weights(again) == (1, 1, 0.5)
    assert again.session_state["steps"] == 1500


def test_a_live_setting_changed_elsewhere_comes_to_its_widget(waiting, page_engine):
    page = opened(run=waiting)
    page.number_input(key="seed").set_value(9).run()
    page_engine.set_live(waiting, learning_rate=0.004)
    until(lambda: page_engine.store.run(waiting).config.learning_rate == 0.004)
    page.run()
    assert page.number_input(key="learning_rate").value == 0.004
    assert page.number_input(key="seed").value == 9, "which waits for the next run"
