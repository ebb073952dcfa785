"""The file of a problem of one's own: read, refused, and checked by the command."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError, ProblemError
from core.places import PROJECT
from core.problems import heads_of, known, own
from core.run.config import RunConfig
from core.run.heads import names_of
from core.store import Store
from tests.siamese import weighted

TICKETS = Path(__file__).with_name("tickets.py")
WHOLE = TICKETS.read_text(encoding="utf-8")


@pytest.fixture
def forgotten():
    """Whatever a test adds is not there for others."""
    before = dict(own._KNOWN)
    yield
    own._KNOWN.clear()
    own._KNOWN.update(before)


def written(folder, text=WHOLE, name="tickets.py"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def facts(path=TICKETS):
    from core.problems.making import file

    return file.facts_of(path, file.read(path))


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "core.problems", *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=180,
    )


# The command


def test_the_command_says_what_it_understood_and_trains_ten_steps():
    done = run("check", TICKETS)
    assert (done.returncode, done.stderr) == (0, "")
    for said in (
        "tickets: 997 parameters, 2 heads",  # 160 + 18 x 32 + 32 + 64 + 33 + 132
        "priority: loss binary_crossentropy, weight 1, accuracy (higher is better)",
        "department: loss categorical_crossentropy, weight 0.2, accuracy (higher is better)",
        "RMSprop, rate 0.002",
        "1,020 training examples, 180 validation examples",
        "180 of 1200 examples, drawn with a fixed seed, are set apart",
        "It is trained operation by operation, not as one program of XLA: it has ScatterNd",
        "After 10 steps: loss of priority 0.",
    ):
        assert said in done.stdout


FUSED = """
import keras
import numpy as np

from core.problems import Problem


def problem():
    x = np.random.default_rng(0).normal(size=(200, 5))
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, name="height")])
    model.compile("sgd", "mse", metrics=["mae"])
    return Problem.of(model, (x, x[:, :1]), (x, x[:, :1]))
"""


def test_it_says_to_who_asks_whether_it_is_one_program(tmp_path):
    done = run("check", written(tmp_path, FUSED, "height.py"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "It is trained as one program of XLA.\n" in done.stdout


def test_the_command_exits_1_with_a_sentence_where_it_cannot(tmp_path):
    path = written(tmp_path, WHOLE.replace("def problem", "1 / 0\n\n\ndef problem"))
    done = run("check", path)
    line = WHOLE[: WHOLE.index("def problem")].count("\n") + 1
    assert done.returncode == 1
    assert done.stderr == f"{path}, line {line}: ZeroDivisionError: division by zero\n"
    told = json.loads(run("check", path, "--json").stdout)
    assert told == {"refused": done.stderr.strip()}


def test_a_loss_that_is_lost_on_the_way_is_told(tmp_path):
    path = written(tmp_path, WHOLE.replace("RMSprop(2e-3)", "SGD(1e30)"))
    done = run("check", path)
    assert done.returncode == 1
    assert "expected a finite number. Take a smaller learning rate" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = (", "tickets.py, line 1: '(' was never closed."),
        ("import nosuchlibrary", "tickets.py, line 1: ModuleNotFoundError: No module named"),
        ("x = 1", "has no function `problem`: expected `def problem():` that gives"),
        ("def problem():\n    return 3", "gives a int: expected a Problem, such as"),
        ("def problem():\n    raise KeyError('no such file')", "tickets.py, line 2: KeyError"),
        ("import sys\nsys.exit('enough')", "tickets.py, line 2: SystemExit: enough"),
    ],
)
def test_a_file_that_gives_no_problem_is_refused_with_its_own_line(tmp_path, text, told):
    from core.problems.making import file

    with pytest.raises(ProblemError, match=re.escape(told)):
        file.read(written(tmp_path, text))


@pytest.mark.parametrize("name", ["no", "no such.py", "nosuch.py", "a" * 61 + ".py"])
def test_a_file_that_is_none_is_refused_before_anything_is_loaded(tmp_path, name):
    path = tmp_path / name
    if "such" not in name or " " in name:
        path.write_text(WHOLE, encoding="utf-8")
    with pytest.raises(ProblemError, match=r"is no Python file|is refused as the name"):
        own.check_place(path)


def test_what_lies_beside_a_file_is_found_by_its_plain_name(tmp_path):
    from core.problems.making import file

    (tmp_path / "beside_tickets.py").write_text("RATE = 0.125", encoding="utf-8")
    np.save(tmp_path / "numbers.npy", np.ones(3))
    text = WHOLE.replace("import keras", "import beside_tickets\nimport keras").replace(
        "RMSprop(2e-3)", "RMSprop(beside_tickets.RATE * np.load('numbers.npy')[0])"
    )
    before = Path.cwd()
    found = facts(written(tmp_path, text))
    assert found.learning_rate == 0.125
    assert Path.cwd() == before
    assert str(tmp_path) not in sys.path
    assert file.digest_of(tmp_path / "tickets.py") == found.source


# Seeds


def test_a_seed_settles_initial_values_and_leaves_the_data():
    from core.problems.making import file

    one, other = file.read(TICKETS), file.read(TICKETS)
    np.testing.assert_array_equal(one.training.inputs["title"], other.training.inputs["title"])
    for seed in (0, 3):
        for first, second in zip(one.initial_values(seed), other.initial_values(seed), strict=True):
            for value, again in zip(first, second, strict=True):
                np.testing.assert_array_equal(value, again)
    apart = one.initial_values(0)[0][0] - one.initial_values(3)[0][0]
    assert np.abs(apart).min() > 0


def test_layers_without_a_name_are_called_the_same_each_time():
    from core.problems.making import file

    names = [[layer.name for layer in file.read(TICKETS).model.layers] for _ in range(2)]
    assert names[0] == names[1]


def test_a_file_that_builds_another_model_each_time_is_refused(tmp_path):
    from core.problems.making import file

    text = WHOLE.replace("Dense(32,", "Dense(int(np.random.randint(20, 400)),")
    found = file.read(written(tmp_path, text))
    with pytest.raises(ProblemError, match="builds another model with seed 5 than with seed 0"):
        found.initial_values(5)


# Without TensorFlow


def test_settings_have_the_defaults_of_the_file(forgotten):
    found = facts()
    own.add(found)
    config = RunConfig(problem="tickets")
    assert "tickets" in known()
    assert (config.optimizer, config.learning_rate, config.batch_size) == ("RMSprop", 0.002, 32)
    assert (config.n_validation, config.obstacle, config.source) == (180, "", found.source)
    assert names_of(heads_of(config)) == ("priority", "department")
    assert RunConfig(problem="tickets", seed=4).in_short() == "seed 4"
    assert "momentum" not in config.names()  # which the file's optimizer has, or has not
    assert "momentum" not in config.live_names()


def test_the_call_of_an_optimizer_is_known_of_keras_own_alone():
    import keras

    from core.problems.making.optimizers import call_of

    class Own(keras.optimizers.SGD):
        pass

    assert call_of(Own(0.1)) == ""
    assert call_of(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)) == (
        "keras.optimizers.SGD(learning_rate=LEARNING_RATE, momentum=0.9, nesterov=True)"
    )
    assert call_of(keras.optimizers.Adam()) == "keras.optimizers.Adam(learning_rate=LEARNING_RATE)"


def test_facts_travel_in_the_environment(forgotten, monkeypatch):
    found = facts()
    monkeypatch.setenv(own.ENVIRONMENT, own.as_text([found]))
    own.add_from_environment()
    assert found in own.known()


def test_a_run_of_a_file_that_was_not_read_is_shown_and_cannot_be_trained(forgotten, tmp_path):
    own.add(facts())
    store = Store(tmp_path / "runs.sqlite")
    run = store.add_run(RunConfig(problem="tickets", steps=7), [], "1-test")
    own._KNOWN.clear()
    stored = store.run(run)
    assert (stored.config.steps, stored.config.problem) == (7, "tickets")
    assert names_of(stored.heads) == ("priority", "department")
    assert not stored.can.rewind
    assert "The file of problem 'tickets' was not read" in stored.can.why
    with pytest.raises(ConfigError, match="start with `--problem` and the file"):
        heads_of(stored.config)
    store.close()


def test_a_file_that_has_changed_is_another_source(forgotten, tmp_path):
    path = written(tmp_path)
    own.add(facts(path))
    config = RunConfig(problem="tickets")
    path.write_text(WHOLE + "\n# another\n", encoding="utf-8")
    from core.problems.build import problem_of

    with pytest.raises(ProblemError, match="has changed since this program was started"):
        problem_of(config)
    own.add(facts(path))
    with pytest.raises(ConfigError, match=r"tickets.py has changed: its digest was"):
        heads_of(config)


def test_a_schedule_sets_the_rate_and_it_cannot_be_given(forgotten, tmp_path):
    text = WHOLE.replace(
        "RMSprop(2e-3)",
        "RMSprop(keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.5))",
    )
    own.add(facts(written(tmp_path, text)))
    config = RunConfig(problem="tickets")
    assert config.learning_rate == pytest.approx(0.01)
    assert "learning_rate" not in config.live_names()
    with pytest.raises(ConfigError, match=r"has it set by ExponentialDecay. Change it there"):
        heads_of(RunConfig(problem="tickets", learning_rate=0.5))


def test_two_files_of_one_name_are_refused(forgotten, tmp_path):
    own.add(facts())
    with pytest.raises(ConfigError, match=r"is called 'tickets' already. Name the file"):
        own.add(facts().model_copy(update={"file": str(tmp_path / "tickets.py")}))
    with pytest.raises(ConfigError, match="a problem that comes with this program is called"):
        own.add(facts().model_copy(update={"name": "siamese"}))


def test_a_problem_that_nobody_knows_cannot_be_trained():
    config = RunConfig(problem="nosuch")
    assert weighted()  # the default problem is another matter
    with pytest.raises(ConfigError, match="The file of problem 'nosuch' was not read"):
        heads_of(config)
