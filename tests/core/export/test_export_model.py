"""The trained model, event files and an MLflow store, read back by Keras, TensorBoard, MLflow."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

from core import RunConfig
from core.errors import ExportError
from core.export import formats
from core.export.course import course_of
from core.export.models import keras_file
from core.export.models.model import trained_model
from core.places import PROJECT
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.problems.siamese.model import build_model
from core.problems.siamese.pairs import load_dataset
from core.run.commands import Rewind, SetLive
from core.run.simplex import MapConfig
from tests import old_keras
from tests.article import ARTICLE
from tests.siamese import record_of


def last_of_lane(store, run, lane):
    return [r for r in store.records(run) if r.lane == lane][-1]


def losses_of(model):
    """Mean cross-entropy of each head on the validation pairs."""
    pairs = load_dataset("digits").validation
    outputs = model.predict([pairs.img_1, pairs.img_2], verbose=0, batch_size=len(pairs))
    rows = np.arange(len(pairs))
    return [
        -np.log(outputs[h][rows, pairs.labels[:, h]].astype(float)).mean()
        for h in range(len(OUTPUTS))
    ]


@pytest.mark.parametrize("lane", [0, 1, 2])
def test_the_model_loads_with_keras_alone_and_has_the_losses_that_the_worker_recorded(
    engine, race, lane, tmp_path
):
    path = tmp_path / "model.keras"
    formats.write("keras", engine.store, [race], path, lane)
    model = keras.saving.load_model(path, safe_mode=True)
    expected = last_of_lane(engine.store, race, lane)
    assert expected.step == 110
    assert losses_of(model) == pytest.approx([*expected.val_loss.values()], abs=1e-5)


@pytest.mark.parametrize("trunk", ["dense", "conv"])
@pytest.mark.parametrize("distance", ["square", "euclidean"])
def test_every_model_can_be_saved_and_loaded(trunk, distance, tmp_path):
    config = RunConfig(trunk=trunk, distance=distance, embedding_size=8)
    shape = (8, 16, 1)
    model = build_model(config, shape)
    keras_file.save(model, tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    rng = np.random.default_rng(1)
    images = [rng.random((3, *shape), np.float32) for _ in range(2)]
    for one, other in zip(model(images), loaded(images), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("is_old", [False, True])
def test_lanes_are_found_side_by_side_and_one_by_one_as_in_older_states(program_of, store, is_old):
    import tensorflow as tf

    from core.training.lanes import packed, unpacked
    from core.training.session import NEVER

    config = RunConfig(optimizer="adam", embedding_size=4, batch_size=8)
    program = program_of(optimizer="adam", embedding_size=4, batch_size=8)
    run = store.add_run(config, [ARTICLE] * 20, "1-test")
    states = [program.initial_state(seed) for seed in range(20)]
    for lane in range(20):  # one has diverged, and stays behind the others
        behind = states[0].step - 1 if lane == 6 else states[0].step
        states[lane] = states[lane]._replace(seeds=states[0].seeds, step=behind)
    leaves = packed(states)
    n_of_one = len(packed(states[:1]))
    assert len(leaves) == 3 * n_of_one, "those before it, itself, those behind it"
    if is_old:
        leaves = [array for state in states for array in packed([state])]
    arrays = [np.full(20, NEVER), np.empty((0, 20, 2, 3), np.float32), *leaves]
    store.add_checkpoint(run, 2, 0.1, arrays, kept=True)
    found = unpacked(states, leaves)
    assert len(found) == 20
    for state, same in zip(states, found, strict=True):
        for wanted, value in zip(tf.nest.flatten(state), tf.nest.flatten(same), strict=True):
            assert value.dtype == wanted.dtype
            np.testing.assert_array_equal(value, wanted)
    for lane in (0, 6, 7, 19):
        values = trained_model(store, run, lane).model.trainable_variables
        for value, wanted in zip(values, states[lane].variables, strict=True):
            np.testing.assert_array_equal(value.numpy(), wanted)


def test_where_there_is_no_model_a_sentence_says_so(store):
    run = store.add_run(RunConfig(), [ARTICLE], "1-test")
    with pytest.raises(ExportError, match="No state of run"):
        trained_model(store, run)
    arrays = [np.zeros(1), np.zeros(0), np.zeros((1, 2))]
    store.add_checkpoint(run, 2, 0.1, arrays, kept=True)
    with pytest.raises(ExportError, match="is not of its model"):
        trained_model(store, run)
    over = MapConfig(resolution=1)
    of_map = store.add_run(RunConfig(), [], "1-test", map_config=over, lanes_at_once=3)
    with pytest.raises(ExportError, match="weight map, which keeps no models"):
        trained_model(store, of_map)


def test_tensorboard_reads_every_record_and_the_settings(engine, race, tmp_path):
    formats.write("tensorboard", engine.store, [race], tmp_path)
    folders = sorted(path.name for path in (tmp_path / race).iterdir())
    assert folders == ["lane-0", "lane-1", "lane-2"]
    run = engine.store.run(race)
    for lane in range(3):
        read = EventAccumulator(
            str(tmp_path / race / f"lane-{lane}"), size_guidance={"scalars": 0, "tensors": 0}
        )
        read.Reload()
        rows = [r for r in engine.store.records(race) if r.lane == lane]
        for head in HEAD_NAMES:
            found = read.Scalars(f"loss/{head}")
            assert [e.step for e in found] == [r.step for r in rows]
            assert [e.value for e in found] == pytest.approx([r.loss[head] for r in rows], rel=1e-6)
            assert [e.wall_time for e in found] == [run.created + r.time for r in rows]
            looks = [(r.step, r.val_accuracy[head]) for r in rows if r.val_accuracy]
            assert [(e.step, e.value) for e in read.Scalars(f"val_accuracy/{head}")] == looks
        rates = read.Scalars("learning_rate")
        assert (rates[-1].step, rates[-1].value) == (110, pytest.approx(0.02))
        told = read.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
        settings = metadata.parse_session_start_info_plugin_data(told).hparams
        assert settings["batch_size"].number_value == 128
        assert settings["trunk"].string_value == "dense"
        began = settings["loss_weight.bin_out"].number_value
        assert began == [0.5, 2, 2][lane]  # lane 2 comes from lane 1
        assert metadata.SESSION_END_INFO_TAG in read.PluginTagToContent("hparams")


def test_what_a_rewind_has_abandoned_is_left_out(store, tmp_path):
    run = store.add_run(RunConfig(), [ARTICLE], "1-test")
    values = [*[0.5] * 6, *[None] * 6, 1.0, 1.0, 0.5]
    store.append(
        run, [record_of((0, step, 0, 0, step / 10, 3.0, 0.05, *values)) for step in (1, 10, 20)]
    )
    steered = RunConfig(learning_rate=1)
    store.add_change(run, 15, SetLive(run=run, config=steered), steered)
    store.rewind(run, 20, Rewind(run=run, step=10, branch=1))
    store.append(run, [record_of((0, 30, 0, 1, 3.0, 3.0, 0.05, *values))])
    formats.write("tensorboard", store, [run], tmp_path)
    read = EventAccumulator(str(tmp_path / run / "lane-0"))
    read.Reload()
    assert [e.step for e in read.Scalars("total_loss")] == [1, 10, 30]
    assert metadata.SESSION_END_INFO_TAG not in read.PluginTagToContent("hparams")
    assert course_of(store, run).changes == {}


MLFLOW = """
import json, sys
from core.export.__main__ import main
uri = "sqlite:///mlflow.db"
main([sys.argv[1], "--store", sys.argv[2], "--to", "mlflow", "--tracking-uri", uri, "--lane", "2"])
import mlflow.keras
from mlflow import MlflowClient
client = MlflowClient(uri)
(experiment,) = [e for e in client.search_experiments() if e.name == "Loss-Weight Explorer"]
(run,) = client.search_runs([experiment.experiment_id])
names = [*run.data.metrics]
model = mlflow.keras.load_model(run.info.artifact_uri + "/model")
print(json.dumps({
    "params": run.data.params, "tags": run.data.tags, "status": run.info.status,
    "metrics": {
        name: [[m.step, m.value] for m in client.get_metric_history(run.info.run_id, name)]
        for name in names
    },
    "outputs": model.count_params(),
}))
"""


def test_mlflow_reads_params_metrics_and_model(engine, race, tmp_path):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", MLFLOW, race, str(engine.store.path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    rows = [r for r in engine.store.records(race) if r.lane == 2]
    for head in HEAD_NAMES:
        assert told["metrics"][f"loss.{head}"] == [[r.step, r.loss[head]] for r in rows]
        looks = [[r.step, r.val_accuracy[head]] for r in rows if r.val_accuracy]
        assert told["metrics"][f"val_accuracy.{head}"] == looks
    assert told["params"]["batch_size"] == "128"
    assert told["params"]["loss_weight.bin_out"] == "2.0"
    assert told["tags"]["explorer.run"] == race
    assert told["status"] == "FINISHED"
    n_parameters = build_model(RunConfig(), (8, 16, 1)).count_params()
    assert told["outputs"] == n_parameters
    (model,) = tmp_path.rglob("*.keras")
    load = f"import keras; print(keras.saving.load_model({str(model)!r}).count_params())"
    done = old_keras.run(old_keras.MODEL, load)
    assert done.stdout.strip() == str(n_parameters), done.stderr
    (needed,) = tmp_path.rglob("requirements.txt")
    assert f"keras>={keras_file.OLDEST}" in needed.read_text().splitlines()
