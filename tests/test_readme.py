"""The README is true: its tree, its example, its picture."""

import json
import os
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest

from core import Store
from dashboard.environment import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


def test_the_tree_shows_every_folder_and_nothing_that_is_not_there():
    tree = next(block for block in blocks("") if block.startswith("core/"))
    shown, above = set(), []
    for line in tree.splitlines():
        indent, names = re.match(r"( *)([^\s,]+(?:, [^\s,]+)*)", line).groups()
        for name in names.split(", "):
            above = [*above[: len(indent) // 2], name]
            shown.add("".join(above))
    there = {
        f"{path.parent.relative_to(PROJECT).as_posix()}/"
        for top in ("core", "dashboard")
        for path in (PROJECT / top).rglob("*.py")
    }
    assert {place for place in shown if place.endswith("/")} == there | {"tests/"}
    assert all((PROJECT / place).exists() for place in shown)


def test_it_can_be_read_at_one_sitting():
    lines = README.splitlines()
    assert len(lines) <= 350
    assert [line for line in lines if len(line) > 100 and not line.startswith(("|", "!["))] == []


def test_it_names_every_route_that_is_there_and_no_other():
    from dashboard.api import export, inside, lanes, maps, memory, records, steer

    parts = (export, inside, lanes, maps, memory, records, steer)
    there = {route.path.replace("{run}", "{id}") for part in parts for route in part.ROUTES}
    named = re.findall(r"`(/api/[^`?]+)", README)
    assert {*named, "/api/{path:path}"} == there  # the last one answers all others: 404
    assert len(named) == len(set(named))


def test_the_store_is_looked_after_as_it_says(tmp_path):
    """The commands as they are printed, on a store where they name one."""
    Store(tmp_path / ".runs" / "runs.sqlite").close()
    commands = next(block for block in blocks("sh") if "core.store" in block)
    done = subprocess.run(
        ["sh", "-ec", commands.replace("python3", sys.executable)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "It is sound." in done.stdout
    assert (tmp_path / "copy.sqlite").exists()


@pytest.fixture
def output_of(tmp_path):
    """A function that runs an example as it is printed; gives the lines of its output."""

    def output_of(number, *options, more=""):
        script = tmp_path / "scripts" / "example.py"
        script.parent.mkdir()
        script.write_text(blocks("python")[number] + more)
        done = subprocess.run(
            [sys.executable, *options, script],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return output_of


def test_there_are_three_examples():
    assert len(blocks("python")) == 3  # each is run below


WITHOUT_TENSORFLOW = """
import sys
assert "tensorflow" not in sys.modules
"""


def test_the_example_of_a_run_runs_as_printed(output_of, tmp_path):
    # Somebody else's folder, in which all that could be mistaken for ours is broken.
    (tmp_path / "core").mkdir()
    for name in ("core/__init__.py", "json.py", "queue.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')")
    lines = output_of(0, "-W", "error", more=WITHOUT_TENSORFLOW)
    assert lines[0].startswith("1 0 0.")
    assert lines[-1].startswith("600 0 ")
    assert lines[-1].endswith("{'ctg_out_1': 0.8, 'ctg_out_2': 1.0, 'bin_out': 0.0}")
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} >= {"runs.sqlite"}


AND_ALL_LANES = """
import json
from core import Store
store = Store("runs.sqlite")
for result in sorted(store.results(run), key=lambda result: result.lane):
    first = next(store.records(run, lane=result.lane))
    print(json.dumps([[*first.loss_weights.values()], [*result.val_accuracy]]))
"""


def test_the_example_of_a_map_runs_as_printed(output_of):
    best, ties, *lanes = output_of(1, more=AND_ALL_LANES)
    weights, accuracies = map(np.array, zip(*map(json.loads, lanes), strict=True))
    # Of each model its three heads, the worst and the mean; 15 settings, once with each seed.
    columns = [accuracies, accuracies.min(axis=1), accuracies.mean(axis=1)]
    models = np.column_stack(columns).reshape(2, 15, 5)
    mean, spread = models.mean(axis=0), models.std(axis=0, ddof=1)
    top = mean[:, 3].argmax()
    printed = [float(number) for number in re.findall(r"(?<![a-z_])[\d.][\d.e-]*", best)]
    assert printed == pytest.approx([*weights[top], *mean[top], *spread[top]], rel=1e-5)
    tied = abs(mean - mean[top])[:, 3] < np.maximum(spread, spread[top])[:, 3]
    tied[top] = True
    assert int(ties.split()[0]) == tied.sum()


def test_the_example_of_an_own_model_is_a_problem_as_printed(tmp_path):
    (text,) = (block for block in blocks("python") if block.startswith("# tickets.py"))
    path = tmp_path / "tickets.py"
    path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "core.problems", "check", path],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (
        "priority: loss binary_crossentropy, weight 1, accuracy (higher is better)" in done.stdout
    )
    assert "department: loss sparse_categorical_crossentropy, weight 0.2" in done.stdout
    assert "1,700 training examples, 300 validation examples" in done.stdout


def test_the_command_that_adds_images_runs_as_printed(tmp_path):
    (line,) = re.findall(r"`python3 -m core.data (\S+)`", README)
    np.savez(tmp_path / line, x=np.random.default_rng(0).random((8, 4, 4)), y=np.arange(8) % 2)
    done = subprocess.run(
        [sys.executable, "-m", "core.data", line, "--store", "runs.sqlite"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("8 images of 2 classes were added as faces-2c-4x4x1-")


@pytest.mark.parametrize("number", range(9))
def test_the_commands_that_take_runs_away_run_as_printed(
    engine, race, number, tmp_path_factory, monkeypatch, capsys
):
    from core.export.__main__ import main, make_parser

    section = README.split("## Take it away")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("python3 -m core.export")]
    assert len(lines) == 9
    arguments = shlex.split(lines[number].replace("RUN", race))[3:]
    if "--to" in arguments:  # test_export_model.py runs it: it takes some seconds
        assert make_parser().parse_args(arguments).tracking_uri == "sqlite:///mlflow.db"
        return
    folder = tmp_path_factory.getbasetemp() / "taken-away"  # one for all
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    if "--store" not in arguments:
        arguments += ["--store", str(engine.store.path)]
    main(arguments)
    out = arguments[arguments.index("--out") + 1] if "--out" in arguments else "elsewhere.sqlite"
    assert (folder / out).exists()
    assert capsys.readouterr().err.startswith(("Written: ", "Taken in as run "))


def test_commands_and_options_are_those_of_the_programs():
    from core.export import __main__ as export
    from core.store import __main__ as store
    from dashboard import __main__ as dashboard
    from tests.benchmarks import __main__ as benchmarks

    programs = (dashboard, export, store, benchmarks)
    actions = [action for program in programs for action in program.make_parser()._actions]
    known = {option for action in actions for option in action.option_strings}
    others = {"--help", "--head", "--logdir"}  # every program's, Ray's and TensorBoard's
    assert set(re.findall(r"--[a-z][a-z-]+", README)) - others <= known


@pytest.mark.parametrize("page", ["explore", "map", "inside"])
def test_the_pictures_are_there_and_small(page):
    assert f"](dashboard/assets/{page}.png)" in README
    path = PROJECT / "dashboard" / "assets" / f"{page}.png"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size < 300_000


def test_every_requirement_is_in_the_table_of_dependencies():
    table = README.split("## What it depends on")[1].split("\n## ")[0]
    for file in ("requirements.txt", "tests/requirements.txt"):
        for line in (PROJECT / file).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.match(r"[\w-]+", line)[0] in table, line
