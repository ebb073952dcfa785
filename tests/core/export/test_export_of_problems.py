"""What is taken away of other problems than the siamese network, used in a fresh process."""

import hashlib
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from core import Engine, LossWeights, RunConfig
from core.errors import ExportError
from core.export import formats
from core.export.compile_call import compile_call
from core.export.script import keras_script
from core.places import PROJECT
from core.problems import own
from core.problems.build import problem_of
from core.problems.imported import CHANGED
from core.problems.making import file
from tests import old_keras
from tests.core.export.scripts import TOLERANCE, check_is_formatted, history_of
from tests.own_runs import own_run
from tests.waiting import train_to, until

TICKETS = (PROJECT / "tests" / "core" / "problems" / "tickets.py").read_text(encoding="utf-8")
# Of the models that tests of `fit` have: outputs in a list, frozen and regularised layers, a
# schedule; sample weights, 0 for some; a subclassed model that adds a loss, averaged variables.
OF_MODELS = """
from core.problems import Problem
from tests.core.problems.making.models import MODELS, optimizers


def problem():
    model, data = MODELS["{model}"](optimizers()["{optimizer}"])
    return Problem.of(model, data)
"""
# Names that MLflow refuses.
ODD = """
import keras
import numpy as np

from core.problems import Problem


def problem():
    x = np.random.default_rng(0).normal(size=(300, 6)).astype("float32")
    hidden = keras.layers.Dense(8, "relu")(inputs := keras.Input((6,)))
    model = keras.Model(
        inputs,
        {"it's a/b": keras.layers.Dense(1)(hidden), "kind": keras.layers.Dense(3)(hidden)},
    )
    kind = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", {"it's a/b": "mse", "kind": kind}, metrics={"it's a/b": ["mae"]})
    return Problem.of(model, (x, {"it's a/b": x[:, :1], "kind": (x[:, 1] > 0) + 0}))
"""
FILES = {
    "odd": ODD,
    "tickets": TICKETS,
    "normalised": OF_MODELS.format(model="normalised", optimizer="RMSprop"),
    "weighted": OF_MODELS.format(model="weighted", optimizer="Adam"),
    "subclassed": OF_MODELS.format(model="subclassed", optimizer="Lion"),
}
SETTINGS = {
    "tickets": {"batch_size": 64},
    "detector": {"training_scenes": 200},
    "autoencoder": {"optimizer": "sgd", "learning_rate": 0.001, "hidden_size": 32},
}
MOVED = {
    "tickets": {"department": 1.5},
    "normalised": {"score": 0.1},
    "weighted": {"kind": 0.0},
    "subclassed": {"dose": 3.0},
    "detector": {"mrcnn_mask_loss": 0.2, "rpn_bbox_loss": 2.0},
    "autoencoder": {"kl": 0.3},
}
LIVE = {"detector": {"learning_rate": 0.01}, "autoencoder": {"momentum": 0.5}}
LIVE["tickets"] = LIVE["weighted"] = {"learning_rate": 0.0005}
RUNNER = """
import json, runpy
print(json.dumps(runpy.run_path("script.py")["history"].history))
"""


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    """An engine that knows of all of these files, and the folder that they are in."""
    folder = tmp_path_factory.mktemp("problems")
    for name, text in FILES.items():
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        own.add(file.facts_of(path, file.read(path)))
    with Engine(folder / "runs.sqlite") as engine:
        engine.wait_until_ready()
        yield engine, folder
    own._KNOWN.clear()


@pytest.fixture(scope="module", params=MOVED)
def steered(request, problems):
    """A run of each whose weights are moved at step 30, its settings at 60; tickets are forked."""
    engine, name = problems[0], request.param
    settings = {"steps": 110, "eval_every": 40, "seed": 7, **SETTINGS.get(name, {})}
    run = engine.start(RunConfig(problem=name, steps_per_second=1, **settings))
    engine.pause(run)
    until(lambda: engine.store.run(run).state == "paused")
    engine.set_live(run, steps_per_second=0)
    train_to(engine, run, 30)
    engine.move_loss_weights(run, lane=0, **MOVED[name])
    train_to(engine, run, 60)
    if name == "tickets":
        engine.fork(run, LossWeights(priority=0.5, department=1), lane=0)
    if name in LIVE:
        engine.set_live(run, **LIVE[name])
    engine.resume(run)
    assert engine.wait(run, 100).state == "finished"
    return engine.store, engine.store.run(run)


def test_it_has_the_losses_and_metrics_of_the_run(steered, tmp_path):
    store, run = steered
    lane = len(run.lanes_now) - 1
    rows = [r for r in store.records(run.id) if r.lane == (0 if r.step <= 60 else lane)]
    script = keras_script(store, run.id, lane)
    check_is_formatted(script, tmp_path)
    done = old_keras.run(None, RUNNER, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    history = json.loads(done.stdout.splitlines()[-1])
    epoch = run.config.eval_interval
    looks = (*range(epoch, 110, epoch), 110)
    for name, values in history_of(rows, run.heads, looks).items():
        assert history[name] == pytest.approx(values, abs=TOLERANCE), name


def test_it_says_what_changed_and_where_the_problem_is(steered):
    store, run = steered
    script = keras_script(store, run.id)
    weights = run.lanes_now[0].loss_weights.root
    assert all(f'"{head}": {weight}' in script for head, weight in weights.items())
    assert f'sys.path.insert(0, "{PROJECT}")' in script
    if run.config.problem in FILES:
        assert f'{run.config.problem}.py")' in script
        assert "optimizer=problem.optimizer," in script
    else:
        assert f'"problem": "{run.config.problem}"' in script
        assert "optimizer=keras.optimizers." in script


CALLS = {
    "tickets": "RMSprop(learning_rate=0.0005)",
    "normalised": "RMSprop(learning_rate=schedule)",
    "weighted": "Adam(learning_rate=0.0005)",
    "subclassed": "Lion(learning_rate=0.001, use_ema=True, ema_overwrite_frequency=7)",
    "detector": "Adam(learning_rate=0.01)",
    "autoencoder": "SGD(learning_rate=0.001, momentum=0.5)",
}


def test_the_call_of_compile_has_the_optimizer_and_weights_of_the_lane_now(steered):
    _, run = steered
    call = compile_call(run)
    assert f"optimizer=keras.optimizers.{CALLS[run.config.problem]}," in call
    given = {}

    class Model:
        def compile(self, optimizer, loss, loss_weights):
            given.update(loss_weights)

    exec(call, {"model": Model(), "keras": keras, "loss": None, "schedule": 0.1})
    assert given == run.lanes_now[0].loss_weights.root
    assert list(given) == [head.name for head in run.heads]


def test_a_file_that_has_changed_or_is_gone_is_told_and_trains_nothing(problems, tmp_path):
    engine, folder = problems
    run = engine.store.add_run(RunConfig(problem="weighted", steps=3), [LossWeights()], "1-test")
    path = tmp_path / "script.py"
    formats.write("script", engine.store, [run], path)
    path.write_text(path.read_text().replace(str(folder), str(tmp_path)))
    copy = tmp_path / "weighted.py"
    copy.write_text(FILES["weighted"] + "# another\n")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"{copy} has changed since the run: expected one whose digest is" in done.stderr
    assert f"and it is {file.digest_of(copy)}. Put it back" in done.stderr
    assert "Traceback" not in done.stderr
    names = {"hashlib": hashlib, "FILE": copy, "DIGEST": file.digest_of(copy)}
    exec(CHANGED, names)
    copy.unlink()
    with pytest.raises(SystemExit, match="is not there: expected one whose digest is"):
        exec(CHANGED, names)


def test_a_run_whose_file_was_not_read_has_its_call_of_compile_alone(store):
    run = own_run(store, optimizer="RMSprop", learning_rate=0.002)
    with pytest.raises(ExportError, match="The file of problem 'doses' was not read"):
        formats.check("script", store, [run])
    with pytest.raises(ExportError, match="The file of problem 'doses' was not read"):
        keras_script(store, run)
    call = compile_call(store.run(run))
    assert "optimizer=RMSprop(learning_rate=0.002),  # and what else the file says" in call
    assert 'loss_weights={"dose": 0.3, "kind": 1.0, "rest": 0.1},' in call


# MLflow


SENT = """
import json, sys
from core.export.__main__ import main
main([*sys.argv[2:], "--to", "mlflow", "--tracking-uri", sys.argv[1]])
"""
LOADED = """
import json, sys
import mlflow.keras
import numpy as np
from mlflow import MlflowClient

client = MlflowClient(sys.argv[1])
(experiment,) = [e for e in client.search_experiments() if e.name == "Loss-Weight Explorer"]
told = {}
for run in client.search_runs([experiment.experiment_id], order_by=["params.problem DESC"]):
    problem = run.data.params["problem"]
    if problem == "detector":
        sys.path.insert(0, sys.argv[2])
        import core.problems.build  # whose layers and losses are no longer somebody else's
    else:
        assert "core" not in sys.modules
    model = mlflow.keras.load_model(run.info.artifact_uri + "/model")
    outputs = model.predict(np.load(problem + ".npy"), verbose=0)
    names = [*outputs] if isinstance(outputs, dict) else range(len(outputs))
    np.savez(problem + ".npz", *(outputs[name] for name in names))
    told[run.data.tags["explorer.run"]] = {
        "names": [*names],
        "params": run.data.params,
        "metrics": {
            name: [[m.step, m.value] for m in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
        },
    }
print(json.dumps(told))
"""


def test_mlflow_has_params_metrics_and_a_model_that_opens(problems, tmp_path):
    engine, folder = problems
    configs = [
        RunConfig(problem="odd", steps=50, seed=3, eval_every=25),
        RunConfig(problem="detector", steps=20, training_scenes=64, channels=4),
    ]
    runs = [engine.start(config) for config in configs]
    trained = [problem_of(config) for config in configs]
    for run, config, problem in zip(runs, configs, trained, strict=True):
        assert engine.wait(run, 100).state == "finished"
        np.save(tmp_path / f"{config.problem}.npy", problem.validation.inputs)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    options = ["--store", engine.store.path, "--problem", folder / "odd.py", *runs]
    for script, more, path in ((SENT, options, str(PROJECT)), (LOADED, [PROJECT], "")):
        done = subprocess.run(
            [sys.executable, "-c", script, uri, *map(str, more)],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert [*told] == runs
    for run, problem in zip(map(engine.store.run, runs), trained, strict=True):
        rows, found = list(engine.store.records(run.id)), told[run.id]
        with np.load(tmp_path / f"{run.config.problem}.npz") as arrays:
            outputs = dict(zip(found["names"], map(arrays.get, arrays.files), strict=True))
        examples = problem.validation
        losses = np.array(problem.losses(examples.targets, outputs, examples.weights))
        assert losses == pytest.approx([*rows[-1].val_loss.values()], abs=1e-5)
        for head in run.heads:
            name = head.name.replace("it's a/b", "it_27_s a_2f_b")
            losses = [[row.step, row.loss[head.name]] for row in rows]
            assert found["metrics"][f"loss.{name}"] == losses
            assert found["params"][f"loss_weight.{name}"] == str(head.default_weight)
        assert ("momentum" in found["params"]) == (run.config.problem == "detector")
