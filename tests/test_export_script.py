"""The script, run on its own in a fresh process, against the records of the run it is of."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from core import CommandError, LossWeights, RunConfig
from core.config import HEAD_NAMES
from core.engine import PROJECT
from core.errors import ExportError
from core.export.course import course_of, lanes_of
from core.export.script import keras_script, model_part
from core.model import build_model, initial_values
from core.simplex import MapConfig
from tests.conftest import ARTICLE

RUNNER = """
import json, runpy, sys
names = runpy.run_path("script.py")
histories = [names[name].history for name in ("history", "last") if name in names]
print(json.dumps({k: sum((one[k] for one in histories), []) for k in histories[0]}))
assert not any(name.split(".")[0] in ("core", "dashboard") for name in sys.modules)
"""
LOOKS = (40, 80, 110)  # every 40 steps, and at the end


@pytest.fixture(scope="module")
def history(engine, race, tmp_path_factory):
    """What Keras reports of the script of the forked lane."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "script.py").write_text(keras_script(engine.store, race, lane=2))
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def recorded(store, run):
    """The records of lane 2, and before its fork at step 60 those of lane 1, from which it came."""
    return [r for r in store.records(run) if r.lane == (1 if r.step <= 60 else 2)]


def test_it_reaches_the_validation_losses_of_the_run(engine, race, history):
    looks = {r.step: r.val_loss for r in recorded(engine.store, race) if r.val_loss}
    assert [*looks][-3:] == [*LOOKS]
    for head in HEAD_NAMES:
        expected = [looks[step][head] for step in LOOKS]
        assert history[f"val_{head}_loss"] == pytest.approx(expected, abs=1e-3)


def test_it_has_the_training_losses_of_the_run(engine, race, history):
    # A record is the mean since the last one; Keras gives that since the last look.
    rows = recorded(engine.store, race)
    ends = [0, *(r.step for r in rows)]
    for head in HEAD_NAMES:
        expected = [
            sum(
                r.loss[head] * (r.step - before)
                for before, r in zip(ends, rows, strict=False)
                if first < r.step <= last
            )
            / (last - first)
            for first, last in zip((0, *LOOKS), LOOKS, strict=False)
        ]
        assert history[f"{head}_loss"] == pytest.approx(expected, abs=1e-3)


def test_it_is_formatted_and_linted(engine, race, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(keras_script(engine.store, race, lane=2))
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(PROJECT / ".ruff.toml"), str(path)]
    subprocess.run([*ruff, "check", "--ignore", "B905", *config], check=True)
    subprocess.run([*ruff, "format", "--check", *config], check=True)


def test_it_says_what_changed_and_nothing_of_other_lanes(engine, race):
    forked, first = (keras_script(engine.store, race, lane) for lane in (2, None))
    assert '30: {"loss_weights": {"ctg_out_1": 0.2, "ctg_out_2": 1.0, "bin_out": 1.5}},' in forked
    assert "keras.Variable" in forked
    assert "loss_weights=loss_weights" in forked
    assert '60: {"learning_rate": 0.02},' in first
    assert "keras.Variable" not in first
    assert "loss_weights=LOSS_WEIGHTS" in first
    assert "\n    30:" not in first


def test_without_changes_there_is_no_callback(store):
    run = store.add_run(RunConfig(steps=80, optimizer="adam", trunk="conv"), [ARTICLE], "1-test")
    script = keras_script(store, run)
    assert "Callback" not in script
    assert "keras.optimizers.Adam(learning_rate=0.05)" in script
    assert "layers.Conv2D(16, 3" in script
    compile(script, "script.py", "exec")


def test_a_momentum_raised_from_zero_has_a_velocity_to_go_on_with(store):
    from core.messages import SetLive

    config = RunConfig(momentum=0)
    run = store.add_run(config, [ARTICLE], "1-test")
    raised = config.model_copy(update={"momentum": 0.9})
    store.add_change(run, 10, SetLive(run=run, config=raised), raised)
    script = keras_script(store, run)
    assert "momentum=1e-12)" in script
    assert '10: {"momentum": 0.9},' in script


@pytest.mark.parametrize("trunk", ["dense", "conv"])
@pytest.mark.parametrize("distance", ["square", "euclidean"])
def test_its_model_is_that_of_core(trunk, distance):
    config = RunConfig(trunk=trunk, distance=distance, embedding_size=8, dropout=0.25)
    names = {}
    heads = 'HEADS = {"ctg_out_1": 100, "ctg_out_2": 100, "bin_out": 2}\n'
    exec(f"import keras\nfrom keras import layers\n{heads}{model_part(config)}", names)
    shape = (8, 16, 1)
    ours, theirs = build_model(config, shape), names["build_model"](shape)
    rng = np.random.default_rng(1)
    images = [rng.random((3, *shape), np.float32) for _ in range(2)]
    for model in (ours, theirs):
        for variable, value in zip(
            model.trainable_variables, initial_values(model, 5), strict=True
        ):
            variable.assign(value)
    for one, other in zip(ours(images), theirs(images), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    rates = [layer.rate for layer in theirs.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.25, 0.25]


def test_a_lane_of_a_map_has_its_own_weights_and_seed(store):
    over = MapConfig(resolution=1, seeds=2, total=3)
    run = store.add_run(RunConfig(seed=5), [], "1-test", map_config=over, lanes_at_once=2)
    assert lanes_of(store, run) == 6
    course = course_of(store, run, 4)
    assert (course.seed, course.loss_weights) == (6, over.points()[1])
    assert course.loss_weights == LossWeights(ctg_out_1=0, ctg_out_2=3, bin_out=0)


def test_what_it_has_no_words_for_is_refused(store, monkeypatch):
    from core.export import script

    run = store.add_run(RunConfig(distance="euclidean"), [ARTICLE], "1-test")
    monkeypatch.setattr(script, "WRITTEN", script.WRITTEN - {"distance"})
    with pytest.raises(ExportError, match="no words for distance = 'euclidean'"):
        keras_script(store, run)
    monkeypatch.setattr(script, "DATA", {"letters": None})
    with pytest.raises(ExportError, match="trained on 'digits'"):
        keras_script(store, run)


def test_a_lane_that_is_not_there_is_refused(engine, race):
    with pytest.raises(CommandError, match="the lanes 0 to 2, no lane 3"):
        keras_script(engine.store, race, 3)
