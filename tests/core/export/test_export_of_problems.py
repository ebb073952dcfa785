"""What is taken away of other problems than the siamese network, used in a fresh process."""

import hashlib
import json
import subprocess
import sys

import keras
import pytest

from core import Engine, LossWeights, RunConfig
from core.errors import ExportError
from core.export import formats
from core.export.compile_call import compile_call
from core.export.script import keras_script
from core.places import PROJECT
from core.problems import own
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
FILES = {
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
