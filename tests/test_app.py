"""The page's script with a real engine behind it, run by Streamlit's own test harness."""

import os
import re
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from core import LossWeights, RunConfig
from core.config import LIVE_SETTINGS
from core.engine import PROJECT
from dashboard import controls, service
from tests.waiting import until

SCRIPT = PROJECT / "dashboard" / "main.py"
HEADS = ["ctg_out_1", "ctg_out_2", "bin_out"]

# The values are those that the issue gives.
PRESETS = {
    "Article": (1, 1, 0.5),
    "Equal": (1, 1, 1),
    "Verification first": (0.5, 0.5, 1),
    "Only classes": (1, 1, 0),
    "Only pairs": (0, 0, 1),
}


@pytest.fixture(scope="module", autouse=True)
def engine(tmp_path_factory):
    """The engine of the page, as the server would have started it."""
    with pytest.MonkeyPatch.context() as patch:
        store = tmp_path_factory.mktemp("app") / "runs.sqlite"
        patch.setenv("EXPLORER_STORE", str(store))
        # After each script run Streamlit clears Keras, if it is loaded: never in a server, but
        # maybe here, by another test.
        patch.delitem(sys.modules, "keras", raising=False)
        yield service.engine()
        service.close()


@pytest.fixture
def page(engine):
    """The page, just opened; the run that it shows in the end is stopped."""
    page = opened()
    yield page
    if run := shown_run(page):
        engine.stop(run.id)
        engine.wait(run.id, 60)


def opened(**parameters):
    """The page as a link with these query parameters opens it."""
    page = AppTest.from_file(SCRIPT, default_timeout=60)
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
    return tuple(page.slider(key=name).value for name in HEADS)


# Loss weights


def test_three_sliders_in_the_sidebar_with_the_heads_as_labels(page):
    sliders = page.sidebar.slider
    assert [slider.label for slider in sliders] == HEADS
    assert [(s.min, s.max, s.step) for s in sliders] == [(0, 2, 0.05)] * 3
    assert weights(page) == (1, 1, 0.5)
    assert all(slider.help for slider in sliders)


@pytest.mark.parametrize(("name", "expected"), PRESETS.items())
def test_a_preset_sets_the_sliders_and_says_what_it_is_known_for(page, name, expected):
    press(page, "preset_Only pairs" if name != "Only pairs" else "preset_Equal")
    press(page, f"preset_{name}")
    assert weights(page) == expected
    assert tuple(page.number_input(key=k).value for k in exact_keys(page)) == expected
    known_for = next(p.known_for for p in controls.PRESETS if p.name == name)
    assert known_for in [caption.value for caption in page.sidebar.caption]


def exact_keys(page):
    """The keys of the exact entries, in the order of the heads."""
    keys = [entry.key for entry in page.number_input]
    return [next(key for key in keys if key.startswith(f"{name}_exact")) for name in HEADS]


def test_presets_are_the_five_of_the_issue_each_known_for_something_else():
    assert {p.name: p.weights.as_tuple() for p in controls.PRESETS} == PRESETS
    assert len({preset.known_for for preset in controls.PRESETS}) == 5


def test_weights_of_ones_own_are_told_apart_from_presets(page):
    page.slider(key="bin_out").set_value(0.35).run()
    assert "Weights of your own." in [caption.value for caption in page.sidebar.caption]
    assert not [b for b in page.sidebar.button if b.proto.type == "primary"]
    press(page, "preset_Article")
    assert [b.label for b in page.sidebar.button if b.proto.type == "primary"] == ["Article"]


def test_an_exact_entry_moves_the_slider_between_its_steps(page):
    page.number_input(key=exact_keys(page)[1]).set_value(0.123)
    press(page, "set_exact")
    assert weights(page) == (1, 0.123, 0.5)


# Settings


def test_settings_are_grouped_by_whether_they_change_a_run(page):
    live, fixed = page.sidebar.expander
    assert live.label.startswith("Live")
    assert fixed.label.startswith("New run")
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


def test_each_setting_has_the_help_range_and_default_of_its_field(page):
    widgets = [*page.sidebar.number_input, *page.sidebar.segmented_control]
    shown = [widget for widget in widgets if widget.key in RunConfig.model_fields]
    assert len(shown) == 11
    schema = RunConfig.model_json_schema()["properties"]
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


def test_a_link_sets_every_widget():
    values = {
        "ctg_out_1": 0.25,
        "ctg_out_2": 1.5,
        "bin_out": 0.333,
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
        "smoothing": 0.9,
        "x": "seconds",
        "log_loss": True,
    }
    page = opened(**{name: str(value).lower() for name, value in values.items()})
    assert {name: page.session_state[name] for name in values} == values
    kinds = (page.slider, page.number_input, page.segmented_control, page.toggle)
    bound = {widget.key for widgets in kinds for widget in widgets}
    assert bound - set(exact_keys(page)) == set(values), "A widget of the page is not in the test."


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
    RunConfig(**{name: chosen[name] for name in RunConfig.model_fields if name in chosen})
    LossWeights(**dict(zip(HEADS, weights(page), strict=True)))


# Runs


def test_train_starts_a_run_as_the_widgets_stand(page, engine):
    chosen = {"embedding_size": 8, "dropout": 0.1, "batch_size": 4, "steps": 30, "seed": 41}
    for name, value in chosen.items():
        page.number_input(key=name).set_value(value)
    page.number_input(key="momentum").set_value(0.8)
    page.number_input(key="steps_per_second").set_value(0)
    page.segmented_control(key="distance").set_value("euclidean")
    page.slider(key="ctg_out_2").set_value(0.35)
    page.slider(key="bin_out").set_value(1.75)
    page.run()
    press(page, "train")
    run = engine.wait(shown_run(page).id, 60)
    assert run.state == "finished"
    assert run.config == RunConfig(**chosen, momentum=0.8, steps_per_second=0, distance="euclidean")
    assert [lane.as_tuple() for lane in run.lanes] == [(1, 0.35, 1.75)]
    last = list(engine.store.records(run.id))[-1]
    assert last.step == 30
    assert last.loss_weights == {"ctg_out_1": 1, "ctg_out_2": 0.35, "bin_out": 1.75}


def states_of(page):
    """Label and whether it can be pressed, of each button of a run."""
    return {b.label: not b.disabled for b in page.main.button if b.key != "watch"}


def test_buttons_are_enabled_where_they_make_sense(page, engine):
    idle = {"Train": True, "Pause": False, "Step": False, "Stop": False}
    running = {"Train": False, "Pause": True, "Step": True, "Stop": True}
    paused = {"Train": False, "Resume": True, "Step": True, "Stop": True}
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
        until(lambda state=state: engine.store.run(run).state == state, 60)
        page.run()
        assert states_of(page) == shown, state


def test_step_trains_a_single_step(page, engine):
    run = start_long(page).id
    press(page, "pause")
    until(lambda: engine.store.run(run).state == "paused", 60)
    before = engine.store.run(run).step
    page.run()
    press(page, "step")
    until(lambda: engine.store.run(run).step != before, 60)
    until(lambda: engine.store.run(run).state == "paused", 60)
    assert engine.store.run(run).step == before + 1


def test_a_slider_and_a_live_setting_steer_the_run_in_training(page, engine):
    run = start_long(page).id
    page.slider(key="bin_out").set_value(1.25).run()
    until(lambda: engine.store.loss_weights(run)[0].as_tuple() == (1, 1, 1.25), 60)
    press(page, "preset_Only classes")
    until(lambda: engine.store.loss_weights(run)[0].as_tuple() == (1, 1, 0), 60)
    page.number_input(key="learning_rate").set_value(0.003).run()
    until(lambda: engine.store.run(run).config.learning_rate == 0.003, 60)
    assert engine.store.run(run).config.momentum == 0.9


def test_a_fixed_setting_waits_for_the_next_run_and_the_page_says_so(page, engine):
    run = start_long(page).id
    page.segmented_control(key="trunk").set_value("conv").run()
    assert [info.value for info in page.info] == [
        "For the next run: trunk dense → conv. The one shown keeps its own."
    ]
    assert engine.store.run(run).config.trunk == "dense"
    assert engine.store.run(run).first_config == engine.store.run(run).config


def test_weights_moved_after_the_end_wait_for_the_next_run(page, engine):
    run = start_long(page).id
    press(page, "stop")
    engine.wait(run, 60)
    page.slider(key="bin_out").set_value(0.1).run()
    assert not page.error
    assert engine.store.loss_weights(run)[0].as_tuple() == (1, 1, 0.5)
    page.run()
    press(page, "train")
    assert shown_run(page).id != run
    assert shown_run(page).lanes[0].as_tuple() == (1, 1, 0.1)


def test_watching_a_run_in_progress_moves_the_widgets_to_it(page, engine):
    run = start_long(page).id
    page.slider(key="ctg_out_1").set_value(0.65).run()
    until(lambda: engine.store.loss_weights(run)[0].ctg_out_1 == 0.65, 60)
    other = opened()
    press(other, "watch")
    assert shown_run(other).id == run
    assert weights(other) == (0.65, 1, 0.5)
    assert other.number_input(key="embedding_size").value == 4
    assert not other.info, "the settings shown are those of the run"


# What goes wrong


def test_an_unknown_run_is_told_and_forgotten():
    page = opened(run="nosuchrun")
    assert len(page.error) == 1
    assert "nosuchrun" in page.error[0].value
    assert "run" not in page.query_params
    assert not page.run().error


def test_a_store_that_stops_taking_writes_is_a_sentence(page, engine):
    """SQLite's own refusal, as of a file that has become read-only: root may write any file."""
    engine.store._db.execute("PRAGMA query_only = ON")
    try:
        press(page, "train")
    finally:
        engine.store._db.execute("PRAGMA query_only = OFF")
    assert len(page.error) == 1
    assert re.fullmatch(r"The store \S+ cannot be written: .+\..+", page.error[0].value)
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
    assert "file/runs.sqlite cannot be opened" in page.error[0].value
    assert "--store" in page.error[0].value, "the remedy"


def test_the_pages_process_never_loads_tensorflow(tmp_path):
    """Nor Keras, pandas and pyarrow, which cost the server its memory."""
    check = f"""
import sys
from streamlit.testing.v1 import AppTest
import dashboard.app
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
