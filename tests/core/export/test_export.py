"""Records and settings as files, read back by other means, and the command line."""

import json
import os
import subprocess
import sys

import pyarrow.parquet
import pytest

from core import CommandError, RunConfig, RunNotFound
from core.errors import ExportError
from core.export import formats
from core.export.__main__ import main, make_parser
from core.places import PROJECT
from core.run.commands import Rewind, SetLive
from core.run.states import RunState
from tests.article import ARTICLE
from tests.core.export.tables import expected_rows, read_csv
from tests.siamese import COLUMNS, record_of, weighted


@pytest.fixture
def other(store):
    """A run in a store of its own: (store, id); 12,000 records, some of an abandoned branch."""
    run = store.add_run(RunConfig(steps=6000), [ARTICLE], "1-test")
    values = [1.5, 2.5, 0.1 + 0.2, 0.0, 1e-9, 1.0, *[None] * 6, 1.0, 1.0, 0.5]
    for branch in (0, 1):
        steps = range(1 + 10 * branch, 6001 + 10 * branch)
        store.append(run, [record_of((0, s, 0, branch, s / 7, 3.0, 0.05, *values)) for s in steps])
        if branch == 0:
            store.rewind(run, 6000, Rewind(run=run, step=10, branch=1))
    store.set_state(run, RunState.STOPPED)
    return store, run


def test_a_csv_file_holds_every_record_exactly(engine, race, tmp_path):
    formats.write("csv", engine.store, [race], tmp_path / "a" / "all.csv")
    assert read_csv(tmp_path / "a" / "all.csv") == expected_rows(engine.store, race)
    formats.write("csv", engine.store, [race], tmp_path / "two.csv", lane=2)
    assert read_csv(tmp_path / "two.csv") == expected_rows(engine.store, race, lane=2)


def test_several_runs_fit_into_one_csv_or_parquet_file(other, tmp_path):
    store, run = other
    second = store.add_run(RunConfig(), [ARTICLE], "1-test")
    store.append(second, [record_of((0, 1, 0, 0, 0.5, 3.0, 0.05, *[0.25] * 15))])
    for form in ("csv", "parquet"):
        formats.write(form, store, [second, run], tmp_path / form)
    expected = expected_rows(store, second, run)
    assert len(expected) == 12_001
    assert read_csv(tmp_path / "csv") == expected
    table = pyarrow.parquet.read_table(tmp_path / "parquet")
    assert table.column_names == ["run", *COLUMNS]
    assert table.to_pylist() == expected
    assert {str(table.schema.field(name).type) for name in ("step", "lane", "branch")} == {"int64"}


def test_json_has_the_settings_and_what_changed(engine, race, tmp_path):
    formats.write("json", engine.store, [race], tmp_path / "a.json")
    (told,) = json.loads((tmp_path / "a.json").read_text())["runs"]
    run = engine.store.run(race)
    assert RunConfig(**told["first_config"]) == run.first_config
    assert RunConfig(**told["config"]) == run.config
    assert [weighted(**lane) for lane in told["lanes"]] == list(run.lanes)
    assert (told["id"], told["state"], told["step"]) == (race, "finished", 110)
    done = [(c["step"], c["do"]) for c in told["changes"]]
    assert [(step, do) for step, do in done if step > 1] == [
        *((30, "set_loss_weights"), (60, "fork"), (60, "set_live"), (70, "set_live"))
    ]
    assert told["changes"][-1]["config"]["momentum"] == 0.5


def test_half_a_file_is_not_left_behind(other, tmp_path, monkeypatch):
    store, run = other
    (tmp_path / "a.csv").write_text("the old one")
    columns, calls = store.columns, []

    def fails_later(*arguments):
        calls.append(arguments)
        if len(calls) > 1:
            raise OSError("disk")
        return columns(*arguments)

    monkeypatch.setattr(store, "columns", fails_later)
    with pytest.raises(OSError, match="disk"):
        formats.write("csv", store, [run], tmp_path / "a.csv")
    assert [path.name for path in tmp_path.glob("*a*.csv")] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "the old one"


def test_what_cannot_be_is_told_beforehand(other):
    store, run = other
    with pytest.raises(ExportError, match="allowed are csv, parquet"):
        formats.check("xls", store, [run])
    with pytest.raises(ExportError, match="holds one run, and 2 were named"):
        formats.check("bundle", store, [run, run])
    with pytest.raises(ExportError, match="No run is named"):
        formats.check("csv", store, [])
    with pytest.raises(RunNotFound):
        formats.check("csv", store, [run, "0" * 12])
    with pytest.raises(CommandError, match="lane 0 alone, no lane 1"):
        formats.check("csv", store, [run], lane=1)


@pytest.mark.parametrize("form", formats.FORMATS)
def test_every_format_has_its_module_and_a_name(form):
    name = formats.file_name(form, ["a" * 12], 1)
    assert name.startswith("run-aaaaaaaaaaaa-lane-1")
    assert name.endswith(formats.FORMATS[form].ending)
    module = formats.FORMATS[form].module.replace(".", "/")
    assert (PROJECT / "core" / "export" / f"{module}.py").is_file()
    assert formats.file_name(form, ["a", "b"]).startswith("2-runs")


def test_the_command_line_writes_csv_script_and_bundle_without_tensorflow(other, tmp_path):
    store, run = other
    script = f"""
import sys
from core.export.__main__ import main
for form in ("csv", "json", "script", "bundle"):
    main(["{run}", "--store", r"{store.path}", "--format", form, "--out", form])
main(["--import", "bundle", "--store", "other.sqlite"])
heavy = ("tensorflow", "keras", "pandas", "pyarrow", "streamlit")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert done.stderr.splitlines()[-1] == f"Taken in as run {run}."
    assert len(read_csv(tmp_path / "csv")) == 12_000


def test_the_command_line_says_what_is_wrong(other, tmp_path, capsys, monkeypatch):
    store, run = other
    monkeypatch.chdir(tmp_path)

    def told(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        assert ended.value.code
        return capsys.readouterr().err

    assert "There is no store" in told(run, "--store", "none.sqlite", "--format", "csv")
    assert not (tmp_path / "none.sqlite").exists()
    of_store = ("--store", str(store.path))
    assert "No run has the id" in told("0" * 12, *of_store, "--format", "csv")
    assert "needs --tracking-uri" in told(run, *of_store, "--to", "mlflow")
    assert "name runs" in told(*of_store, "--format", "csv")
    (tmp_path / "bad").write_text("bad")
    assert "is no zip file" in told("--import", "bad", *of_store)
    main([run, *of_store, "--format", "json"])
    assert (tmp_path / f"run-{run}.json").is_file()


def test_a_missing_library_is_told_with_the_line_that_installs_it(other, tmp_path, monkeypatch):
    from core.errors import LibraryMissing

    store, run = other
    for name, form in [
        ("pyarrow", "parquet"),
        ("tensorboard.compat.proto.event_pb2", "tensorboard"),
    ]:
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(LibraryMissing, match=f"pip install {name.split('.')[0]}"):
            formats.write(form, store, [run], tmp_path / form)


def test_settings_that_change_back_and_forth_are_followed(store):
    from core.export.course import course_of

    config = RunConfig(steps=100, learning_rate=0.1)
    run = store.add_run(config, [ARTICLE], "1-test")
    for step, rate in [(0, 0.2), (10, 0.3), (10, 0.4), (20, 0.4), (100, 0.5)]:
        new = config.model_copy(update={"learning_rate": rate})
        store.add_change(run, step, SetLive(run=run, config=new), new)
    course = course_of(store, run)
    assert course.config.learning_rate == 0.2
    assert course.changes == {10: {"learning_rate": 0.4}}


def test_every_option_is_explained():
    assert all(action.help for action in make_parser()._actions)
