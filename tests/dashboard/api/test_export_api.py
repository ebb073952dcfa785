"""The route that gives runs away, over real HTTP, against the same files made here."""

import io
import json
import tempfile
import threading
import zipfile
from pathlib import Path

import keras
import pyarrow.parquet
import pytest

from core import RunConfig, RunState, Store
from core.export import formats
from core.export.bundle import import_run
from core.export.script import keras_script
from dashboard.api import export as export_api
from tests.article import ARTICLE
from tests.core.export.tables import expected_rows, read_csv
from tests.siamese import record_of
from tests.waiting import until


@pytest.fixture(scope="module")
def runs(recorded, engine, race, tmp_path_factory):
    """The race, as if it had been trained there, and a run with one record."""
    path = tmp_path_factory.mktemp("api") / "race.run.zip"
    formats.write("bundle", engine.store, [race], path)
    short = recorded.add_run(RunConfig(), [ARTICLE], "0-test")
    recorded.append(short, [record_of((0, 1, 0, 0, 0.5, 3.0, 0.05, *[0.25] * 15))])
    recorded.set_state(short, RunState.STOPPED)
    return import_run(recorded, path).run, short


def folders():
    """The temporary folders in which files are made."""
    return set(Path(tempfile.gettempdir()).glob("explorer-export-*"))


@pytest.fixture
def nothing_is_left():
    """A function that waits until there are no more temporary folders than there were before."""
    before = folders()
    return lambda: until(lambda: folders() <= before)


def get(client, *runs, **query):
    return client.get("/api/export", params={"runs": ",".join(runs), **query})


def attached(answer, name):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def test_csv_json_script_and_bundle(client, recorded, runs, tmp_path):
    race, _ = runs
    (tmp_path / "a.csv").write_bytes(
        attached(get(client, *runs, race, format="csv"), "2-runs-records.csv")
    )
    assert read_csv(tmp_path / "a.csv") == expected_rows(recorded, *runs)
    answer = get(client, race, format="csv", lane=2)
    (tmp_path / "b.csv").write_bytes(attached(answer, f"run-{race}-lane-2-records.csv"))
    assert read_csv(tmp_path / "b.csv") == expected_rows(recorded, race, lane=2)
    told = json.loads(attached(get(client, *runs, format="json"), "2-runs.json"))
    assert [run["id"] for run in told["runs"]] == [*runs]
    script = attached(get(client, race, format="script", lane=1), f"run-{race}-lane-1.py")
    assert script.decode() == keras_script(recorded, race, 1)
    content = attached(get(client, race, format="bundle"), f"run-{race}.run.zip")
    other = Store(tmp_path / "other.sqlite")
    assert import_run(other, content).run == race
    assert other.run(race) == recorded.run(race)
    other.close()


def test_what_takes_memory_is_made_by_another_process(
    client, server, recorded, runs, tmp_path, nothing_is_left
):
    race, _ = runs
    (tmp_path / "a.keras").write_bytes(
        attached(get(client, race, format="keras", lane=1), f"run-{race}-lane-1.keras")
    )
    assert keras.saving.load_model(tmp_path / "a.keras", safe_mode=True).name == "siamese"
    parquet = attached(get(client, *runs, format="parquet"), "2-runs-records.parquet")
    table = pyarrow.parquet.read_table(io.BytesIO(parquet))
    assert table.to_pylist() == expected_rows(recorded, *runs)
    events = attached(get(client, race, format="tensorboard"), f"run-{race}-tensorboard.zip")
    with zipfile.ZipFile(io.BytesIO(events)) as archive:
        files = [name for name in archive.namelist() if not name.endswith("/")]
    assert [name.split("/")[:2] for name in sorted(files)] == [
        [race, f"lane-{lane}"] for lane in range(3)
    ]
    nothing_is_left()
    loaded = Path(f"/proc/{server.process.pid}/maps")
    if loaded.exists():
        assert not [name for name in ("tensorflow", "pyarrow") if name in loaded.read_text()]


def test_what_cannot_be_is_told_in_a_sentence(client, runs, nothing_is_left):
    race, short = runs

    def told(status, *of, **query):
        answer = get(client, *of, **query)
        assert answer.status_code == status
        return answer.json()["error"]

    assert "allowed are csv" in told(400, race, format="exe")
    assert "allowed are csv" in told(400, race)
    assert "No run is named" in told(400, format="csv")
    assert "No run has the id" in told(404, "0" * 12, format="csv")
    assert "holds one run" in told(400, *runs, format="keras")
    assert "no lane 3" in told(400, race, format="script", lane=3)
    assert "whole number" in told(400, race, format="script", lane=-1)
    assert "No state of run" in told(400, short, format="keras")
    assert "1001 runs are refused" in told(400, *map(str, range(1001)), format="csv")
    assert "No run has the id" in told(404, "../../etc/passwd", format="bundle")
    nothing_is_left()


def test_two_at_once_are_enough(tmp_path, monkeypatch):
    from core import ExplorerError

    monkeypatch.setattr(export_api, "_processes", threading.BoundedSemaphore(1))
    export_api._processes.acquire()
    with pytest.raises(ExplorerError, match="Try again in a moment"):
        export_api.make_in_process("keras", tmp_path, ["a"], tmp_path / "out")
    export_api._processes.release()
    monkeypatch.setattr(export_api, "WITHIN", 0.001)
    with pytest.raises(ExplorerError, match=r"not ready within 0.001 s"):
        export_api.make_in_process("keras", tmp_path, ["a"], tmp_path / "out")
    assert export_api._processes.acquire(blocking=False)
