"""What loads TensorFlow says nothing but its own words, on standard output or error."""

import os
import subprocess
import sys

import pytest

from core.export import formats
from core.places import PROJECT

LOUD = """
import os
os.write(2, b"I0000 00:00:00 nothing.cc:1] This binary is optimized.\\n")
{then}
"""
LOAD = """
import os, sys
from core.quiet import load_tensorflow
load_tensorflow()
import tensorflow
os.write(2, b"ours, past Python\\n")
print("ours", file=sys.stderr)
"""


def run(*arguments, level=None, path=(), folder=PROJECT):
    """Run Python as a person does at a terminal, where nothing is set yet."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "KERAS_"))}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, [*path, PROJECT]))
    if level:
        environment["TF_CPP_MIN_LOG_LEVEL"] = level
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture
def tensorflow(tmp_path):
    """A function that puts a `tensorflow` in the place of the real one; gives where it is."""

    def tensorflow(then=""):
        (tmp_path / "tensorflow.py").write_text(LOUD.format(then=then))
        return [tmp_path]

    return tensorflow


def test_what_it_says_while_it_is_loaded_is_held_back_and_nothing_later(tensorflow):
    done = run("-c", LOAD, level="3", path=tensorflow())
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "ours, past Python\nours\n"


@pytest.mark.parametrize("level", [None, "0", "2"])
def test_who_wants_to_see_it_does(tensorflow, level):
    done = run("-c", LOAD, level=level, path=tensorflow())
    assert done.stderr.splitlines()[0].endswith("This binary is optimized.")


def test_where_it_cannot_be_loaded_all_that_it_said_is_shown(tensorflow):
    done = run("-c", LOAD, level="3", path=tensorflow("raise ImportError('no such processor')"))
    assert done.returncode == 1
    first, *_, last = done.stderr.splitlines()
    assert first.endswith("This binary is optimized.")
    assert last == "ImportError: no such processor"


@pytest.mark.parametrize("form", formats.FORMATS)
def test_taking_a_run_away_says_where_it_is_and_nothing_else(engine, race, form, tmp_path):
    out = tmp_path / f"taken{formats.FORMATS[form].ending}"
    options = ["--store", engine.store.path, "--format", form, "--out", out]
    done = run("-m", "core.export", race, *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Written: {out}\n")


def test_neither_does_mlflow_say_more(engine, race, tmp_path):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    to = ["--to", "mlflow", "--tracking-uri", uri, "--experiment", "a", "--lane", "0"]
    done = run("-m", "core.export", race, "--store", engine.store.path, *to, folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (told,) = done.stderr.splitlines()
    assert told.startswith(f"Written into the experiment 'a' of {uri}: ")


TRAIN = """
import sys
from core import Engine, RunConfig
with Engine(sys.argv[1]) as engine:
    print(engine.wait(engine.start(RunConfig(steps=1)), 120).state)
"""


def test_an_engine_says_nothing(tmp_path):
    done = run("-c", TRAIN, tmp_path / "runs.sqlite")
    assert (done.returncode, done.stdout, done.stderr) == (0, "finished\n", "")


WITHOUT = """
import gc, sys
from core.quiet import UNUSED, load_tensorflow
load_tensorflow()
print([name for name in UNUSED if name in sys.modules], gc.isenabled(), gc.get_freeze_count() > 0)
import UNUSED_ONE
print(UNUSED_ONE.here)
"""


def test_what_nobody_uses_is_left_out_while_it_is_loaded_and_is_there_later(tensorflow, tmp_path):
    from core.quiet import UNUSED

    (tmp_path / f"{UNUSED[0]}.py").write_text("here = 'here'")
    seek = f"""
try:
    import {UNUSED[0]}
except ImportError:
    os.write(1, b"left out\\n")
"""
    script = WITHOUT.replace("UNUSED_ONE", UNUSED[0])
    done = run("-c", script, level="3", path=tensorflow(then=seek))
    assert (done.returncode, done.stdout) == (0, "left out\n[] True True\nhere\n")
