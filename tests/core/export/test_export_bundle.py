"""A run that travels as one file, and files that only look like one."""

import dataclasses
import hashlib
import io
import json
import pickle
import random
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import RunConfig, RunState, Store
from core.data.datasets import folder_of, path_of
from core.errors import ExportError
from core.export import bundle, formats, hostile
from core.export.bundle import import_run
from core.export.models.model import trained_model
from core.run.commands import Rewind
from core.run.simplex import MapConfig
from core.store.runs import LONGEST_NAME, LONGEST_NOTE
from tests.article import ARTICLE
from tests.siamese import record_of


@pytest.fixture(scope="module")
def good(engine, race, tmp_path_factory):
    """The bundle of the race, as bytes."""
    path = tmp_path_factory.mktemp("bundle") / "race.run.zip"
    formats.write("bundle", engine.store, [race], path)
    return path.read_bytes()


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files, digests=True):
    """A zip file of these; the manifest's digests are made right."""
    files = dict(files)
    if digests and "manifest.json" in files:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {
            name: hashlib.sha256(content).hexdigest()
            for name, content in files.items()
            if name != "manifest.json"
        }
        files["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_manifest(content, **changes):
    """The same bundle with other values, by dotted path, in its manifest."""
    files = unpacked(content)
    manifest = json.loads(files["manifest.json"])
    for path, value in changes.items():
        *above, last = (int(name) if name.isdigit() else name for name in path.split("__"))
        place = manifest
        for name in above:
            place = place[name]
        place[last] = value
    return packed({**files, "manifest.json": json.dumps(manifest).encode()})


def with_line(content, number, **values):
    """The same bundle with other values in one row of its records."""
    files = unpacked(content)
    lines = files["records.csv"].decode().split("\r\n")
    titles, cells = lines[0].split(","), lines[number].split(",")
    for title, value in values.items():
        cells[titles.index(title.replace("__", "."))] = value
    lines[number] = ",".join(cells)
    return packed({**files, "records.csv": "\r\n".join(lines).encode()})


def without_seq(store, run):
    return [dataclasses.replace(record, seq=0) for record in store.records(run)]


def refusal(store, content):
    """Why a file is refused; nothing may be left of it in the store."""
    with pytest.raises(ExportError) as caught:
        import_run(store, content)
    assert store.runs() == []
    assert str(caught.value).startswith("This file is refused: ")
    return str(caught.value)


def test_a_run_arrives_whole(engine, race, good, store):
    arrival = import_run(store, good)
    assert arrival == (race, f"Taken in as run {race}.")
    assert store.run(race) == engine.store.run(race)
    assert without_seq(store, race) == without_seq(engine.store, race)
    assert store.run(race).changes == engine.store.run(race).changes
    assert store.lanes(race) == engine.store.lanes(race)
    assert store.results(race) == engine.store.results(race)
    assert [one.lane for one in store.results(race)] == [0, 1, 2]
    here, there = (s.last_checkpoint(race) for s in (store, engine.store))
    assert here[:2] == there[:2]
    for one, other in zip(here[2], there[2], strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(
        trained_model(store, race, 1).model.get_weights(),
        trained_model(engine.store, race, 1).model.get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_it_can_be_exported_again_and_is_the_same(race, good, store, tmp_path):
    import_run(store, io.BytesIO(good))
    formats.write("bundle", store, [race], tmp_path / "again.run.zip")
    assert unpacked((tmp_path / "again.run.zip").read_bytes()) == unpacked(good)


def test_a_second_copy_gets_an_id_of_its_own(race, good, store, tmp_path):
    (tmp_path / "file").write_bytes(good)
    import_run(store, tmp_path / "file")
    arrival = import_run(store, str(tmp_path / "file"))
    assert arrival.run != race
    assert arrival.note == (
        f"Taken in as run {arrival.run}. There is a run {race} here already, which stays as it is."
    )
    assert without_seq(store, arrival.run) == without_seq(store, race)
    assert {c.command.run for c in store.run(arrival.run).changes} == {arrival.run}


def test_a_bundle_tells_nobody_whose_it_was_and_is_whoever_takes_it_in(store, tmp_path):
    run = store.add_run(RunConfig(), [ARTICLE], "1-test", person="digest-of-a-cookie")
    store.set_state(run, RunState.STOPPED)
    formats.write("bundle", store, [run], tmp_path / "a.run.zip")
    content = (tmp_path / "a.run.zip").read_bytes()
    assert not any(b"digest-of-a-cookie" in part for part in unpacked(content).values())
    assert store.run(import_run(store, content).run).person == ""
    assert store.run(import_run(store, content, "somebody else").run).person == "somebody else"


def test_it_counts_as_ended_for_an_engine_that_opens_the_store(engine, race, good, store):
    import_run(store, with_manifest(good, run__state="running"))
    found = store.run(race)
    assert found.state is RunState.STOPPED
    assert found.message == "It was exported at step 110, before its end."
    assert store.owners_of_unfinished() == set()


def test_a_map_and_a_rewound_run_arrive(store, tmp_path):
    over = MapConfig(resolution=1, total=3)
    of_map = store.add_run(RunConfig(), [], "1-test", map_config=over, lanes_at_once=3)
    rewound = store.add_run(RunConfig(steps=20), [ARTICLE], "1-test")
    values = [*[0.5] * 6, *[None] * 6, 1.0, 1.0, 0.5]
    store.append(of_map, [record_of((0, 5, lane, 0, 0.5, 3.0, 0.05, *values)) for lane in range(3)])
    store.append(
        rewound, [record_of((0, step, 0, 0, 0.5, 3.0, 0.05, *values)) for step in (5, 10, 20)]
    )
    store.rewind(rewound, 20, Rewind(run=rewound, step=5, branch=1))
    store.append(rewound, [record_of((0, 10, 0, 1, 0.5, 3.0, 0.05, *values))])
    other = Store(tmp_path / "other.sqlite")
    for run in (of_map, rewound):
        store.set_state(run, RunState.STOPPED)
        formats.write("bundle", store, [run], tmp_path / "a.run.zip")
        import_run(other, tmp_path / "a.run.zip")
        assert other.run(run) == store.run(
            run
        )  # its seconds among them, of a map from start to end
        assert without_seq(other, run) == without_seq(store, run)
    other.close()


def test_its_results_are_those_that_no_rewind_has_left_behind(store, tmp_path):
    run = store.add_run(RunConfig(steps=50), [ARTICLE, ARTICLE], "1-test")

    def look(step, branch, accuracy):
        rows = [(step, lane, branch, 0.5, 3.0, 0.05, *[0.5] * 9) for lane in range(2)]
        store.append(run, [record_of((0, *row, *[accuracy] * 3, 1.0, 1.0, 0.5)) for row in rows])

    for step, accuracy in ((10, 0.2), (20, 0.6), (30, 0.9)):
        look(step, 0, accuracy)
    store.rewind(run, 30, Rewind(run=run, step=20, branch=1))
    look(40, 1, 0.7)
    store.rewind(run, 40, Rewind(run=run, step=10, branch=2))
    look(20, 2, 0.3)
    formats.write("bundle", store, [run], tmp_path / "a.run.zip")
    other = Store(tmp_path / "other.sqlite")
    import_run(other, tmp_path / "a.run.zip")
    assert other.results(run) == store.results(run)
    assert [(one.step, one.best_worst) for one in other.results(run)] == [(20, 0.3)] * 2
    assert [*other.all_results()] == [run]
    other.close()


def test_lists_that_wait_for_changes_hear_of_it(race, good, store):
    tokens = [store.token()]
    for _ in range(2):
        import_run(store, good)
        tokens.append(store.token())
    assert len(set(tokens)) == 3
    labels = {"run__name": "mine", "run__note": "n" * LONGEST_NOTE, "run__pinned": True}
    copy = store.run(import_run(store, with_manifest(good, **labels)).run)
    assert (copy.name, copy.pinned) == ("mine", False)
    assert copy.note == "n" * LONGEST_NOTE, "no room to say whose copy it is"
    copy = store.run(import_run(store, with_manifest(good, run__note="seen")).run)
    assert copy.note == f"seen\n\nCopy of run {race}."


def test_images_that_are_not_here_are_told(store, tmp_path):
    name = "faces-2c-8x8x1-0123456789"
    run = store.add_run(RunConfig(dataset=name), [ARTICLE], "1-test")
    store.set_state(run, RunState.STOPPED)
    formats.write("bundle", store, [run], tmp_path / "a.run.zip")
    assert f"Its images, {name}, are not here" in import_run(store, tmp_path / "a.run.zip").note
    path_of(name, folder_of(store.path)).parent.mkdir()
    path_of(name, folder_of(store.path)).touch()
    assert "images" not in import_run(store, tmp_path / "a.run.zip").note


def test_it_can_be_rewound_and_goes_on(engine, race, good):
    copy = import_run(engine.store, good).run
    engine.rewind(copy, 110)
    engine.set_live(copy, steps=120)
    engine.resume(copy)
    assert engine.wait(copy, 60).state == "finished"
    assert engine.store.run(copy).step == 120
    assert engine.store.run(race).step == 110


def test_what_is_no_bundle_is_refused(good, store):
    files = unpacked(good)
    assert "no zip file" in refusal(store, b"")
    assert "no zip file" in refusal(store, b"x" * 1000)
    assert "no zip file" in refusal(store, good[: len(good) // 2])
    assert "manifest.json is missing" in refusal(store, packed({}))
    assert "manifest.json is missing" in refusal(
        store, packed({k: v for k, v in files.items() if k != "manifest.json"})
    )
    assert "manifest.json" in refusal(store, packed({**files, "manifest.json": b"{"}, False))
    for missing in ("records.csv", "checkpoint.npz"):
        rest = {k: v for k, v in files.items() if k != missing}
        assert f"{missing} is not what was exported" in refusal(store, packed(rest, False))
        assert "missing" in refusal(store, packed(rest))
    damaged = {**files, "records.csv": files["records.csv"].replace(b"0", b"1")}
    assert "records.csv is not what was exported" in refusal(store, packed(damaged, False))


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "records.csv/../evil", "a" * 60_000])
def test_no_other_name_is_unpacked(good, store, name):
    told = refusal(store, packed({**unpacked(good), name: b"evil"}, False))
    assert "it holds " in told
    assert len(told) < 500


def test_a_bomb_is_refused_before_it_is_unpacked(good, store, monkeypatch):
    files = unpacked(good)
    large = packed({**files, "records.csv": files["records.csv"] + bytes(300_000_000)})
    many = packed({**files, **{f"file{i}": b"" for i in range(2000)}}, False)
    opened, real = [], zipfile.ZipFile.open

    def counted(archive, name, *arguments, **options):
        opened.append(name)
        return real(archive, name, *arguments, **options)

    monkeypatch.setattr(zipfile.ZipFile, "open", counted)
    assert "records.csv would unpack to 300" in refusal(store, large)
    assert "more files" in refusal(store, many)
    assert opened == []


def test_a_line_without_end_is_refused(good, store):
    files = unpacked(good)
    endless = random.Random(1).randbytes(3_000_000).hex().encode()
    told = refusal(store, packed({**files, "records.csv": files["records.csv"] + endless}))
    assert "is not one of a CSV file" in told


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was read')",))


def checkpoint_with(*arrays, allow_pickle=False, save=np.savez):
    file = io.BytesIO()
    save(file, *arrays, **({"allow_pickle": allow_pickle} if save is np.savez else {}))
    return file.getvalue()


def test_no_pickle_is_read_and_no_array_larger_than_its_bytes(good, store):
    files = unpacked(good)
    state = [np.zeros(3, int), np.zeros((0, 3, 2, 3), np.float32), np.zeros((1, 2), np.float32)]

    def told(checkpoint):
        return refusal(store, packed({**files, "checkpoint.npz": checkpoint}))

    evil = np.array([Evil()], dtype=object)
    assert "no array of numbers" in told(checkpoint_with(*state, evil, allow_pickle=True))
    assert "no zip file" in told(pickle.dumps(Evil()))
    assert "no array of numbers" in told(checkpoint_with(*state, np.array(["text"])))
    zeros = np.zeros(1_000_000)
    squeezed = checkpoint_with(*state, zeros, save=np.savez_compressed)
    assert "would unpack to more than it is" in told(squeezed)
    whole = checkpoint_with(*state)
    vast = whole.replace(b"(1, 2)", b"(1e9)").replace(b"'shape': (3,)", b"'shape': (9,)")
    assert "refused" in told(vast)
    assert "of 3 lanes" in told(checkpoint_with(np.zeros(4, int), *state[1:]))
    assert "of 3 lanes" in told(checkpoint_with(state[0]))
    assert "of the heads" in told(checkpoint_with(state[0], np.zeros((0, 3, 1, 1)), state[2]))
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    vast = array.getvalue().replace(b"(3,), }          ", b"(30000000000,), }")
    with pytest.raises(ExportError, match="of shape"):
        hostile.array_of(vast)


def test_a_newer_version_says_so(good, store):
    told = refusal(store, with_manifest(good, version=bundle.VERSION + 1, new_field=1))
    assert "of version 3, and this program reads up to 2" in told


WHOLE, PART = ARTICLE.model_dump(), {"bin_out": 1}
FORK = {"step": 1, "do": "fork", "lane": 0, "new_lane": 9, "loss_weights": WHOLE}
STEER = {"step": 1, "do": "set_loss_weights", "lane": -1, "loss_weights": WHOLE}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"run__id": "../../etc"}, "run.id"),
        ({"run__first_config__batch_size": 10**9}, "batch_size = 1000000000 is refused"),
        ({"run__config__trunk": "conv"}, "differ in a fixed setting"),
        ({"run__config__unknown": 1}, "unknown is not a setting"),
        ({"run__lanes": []}, "there is no lane"),
        ({"run__lanes__0": {"bin_out": -1}}, "bin_out"),
        ({"run__state": "winning"}, "run.state"),
        ({"run__created": "soon"}, "run.created"),
        ({"run__branches": [5]}, "begins at step 0"),
        ({"run__message": "x" * 3000}, "run.message"),
        ({"run__name": "x" * (LONGEST_NAME + 1)}, "run.name"),
        ({"run__name": "two\nlines"}, "one line of printable characters"),
        ({"run__note": "x" * (LONGEST_NOTE + 1)}, "run.note"),
        ({"run__seconds": -1}, "run.seconds"),
        ({"run__parts_done": 2}, "parts are done"),
        ({"run__map": {"resolution": 3}}, "a weight map has its lanes"),
        ({"run__evil": 1}, "run.evil"),
        ({"changes": [FORK]}, "a change does not fit"),
        ({"changes": [STEER]}, "a change does not fit"),
        ({"changes": [{**FORK, "new_lane": 2, "loss_weights": PART}]}, "a change does not fit"),
        ({"changes": [{**STEER, "lane": 0, "loss_weights": PART}]}, "a change does not fit"),
        ({"run__lanes__0": PART}, "weights of other heads than the run"),
        ({"run__heads": []}, "other heads than its problem"),
        ({"run__heads__0__chance": 1e400}, "run.heads.0.chance"),
        ({"changes": [{"step": 1, "do": "stop"}]}, "a change does not fit"),
        ({"changes": [{"do": "stop"}]}, "refused"),
        ({"changes": [{"step": 1, "do": "explode"}]}, "refused"),
        ({"checkpoint__step": -1}, "checkpoint.step"),
        ({"what": "something else"}, "what"),
    ],
)
def test_a_manifest_has_to_be_of_a_run_that_could_be(good, store, change, told):
    assert told in refusal(store, with_manifest(good, **change))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"step": "0"}, "step"),
        ({"step": "1.5"}, "invalid literal"),
        ({"step": "9" * 400}, "too large"),
        ({"step": "9" * 1900}, "refused"),
        ({"lane": "3"}, "no such lane"),
        ({"lane": "-1"}, "negative"),
        ({"branch": "1"}, "no such lane or branch"),
        ({"run": "0" * 12}, "run"),
        ({"time": "nan"}, "not finite"),
        ({"loss__bin_out": "inf"}, "not finite"),
        ({"loss__bin_out": ""}, "missing"),
        ({"loss__bin_out": "0x10"}, "could not convert"),
        ({"val_loss__bin_out": "1.0"}, "missing"),
        ({"accuracy__bin_out": "1.01"}, "over 1"),
        ({"total_loss": "1,2"}, "refused"),
        ({"total_loss": "1\r\n"}, "refused"),
        ({"total_loss": "é"}, "refused"),
    ],
)
def test_a_record_has_to_be_one_that_a_training_could_write(good, store, values, told):
    found = refusal(store, with_line(good, 5, **values))
    assert told in found
    assert "line 5" in found or "line 6" in found


def test_a_record_twice_is_refused(good, store):
    files = unpacked(good)
    again = files["records.csv"] + files["records.csv"].split(b"\r\n")[1] + b"\r\n"
    assert "twice" in refusal(store, packed({**files, "records.csv": again}))


def test_what_is_too_large_is_neither_taken_in_nor_made(
    engine, race, good, store, tmp_path, monkeypatch
):
    for module in (hostile, bundle):
        monkeypatch.setattr(module, "MOST_ROWS", 5)
    assert "more than 5 records" in refusal(store, good)
    with pytest.raises(ExportError, match="more than the 5 records"):
        formats.write("bundle", engine.store, [race], tmp_path / "a.run.zip")
    monkeypatch.undo()
    monkeypatch.setitem(hostile.LARGEST, "checkpoint.npz", 100_000)
    formats.write("bundle", engine.store, [race], tmp_path / "a.run.zip")
    assert import_run(store, tmp_path / "a.run.zip").run == race
    assert store.last_checkpoint(race) is None


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A bundle of a run of two records and a state of three numbers, as bytes."""
    folder = tmp_path_factory.mktemp("small")
    store = Store(folder / "runs.sqlite")
    run = store.add_run(RunConfig(), [ARTICLE], "1-test")
    values = [*[0.5] * 6, *[None] * 6, 1.0, 1.0, 0.5]
    store.append(run, [record_of((0, step, 0, 0, 0.5, 3.0, 0.05, *values)) for step in (1, 10)])
    arrays = [np.zeros(1, int), np.zeros((0, 1, 2, 3), np.float32), np.ones((1, 3), np.float32)]
    store.add_checkpoint(run, 10, 0.5, arrays)
    formats.write("bundle", store, [run], folder / "a.run.zip")
    store.close()
    return (folder / "a.run.zip").read_bytes()


POSITION = st.floats(0, 1, exclude_max=True)
EDITS = st.lists(st.tuples(POSITION, st.integers(0, 9), st.binary(max_size=9)), max_size=4)


def edited(content, edits):
    """Bytes with other bytes in some places."""
    content = bytearray(content)
    for position, length, new in edits:
        at = int(position * len(content))
        content[at : at + length] = new
    return bytes(content)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(["", "manifest.json", "records.csv", "checkpoint.npz"]), edits=EDITS)
def test_whatever_comes_is_taken_in_or_refused_in_words(small, store, part, edits):
    if part:
        files = unpacked(small)
        files[part] = edited(files[part], edits)
        try:
            made = packed(files)
        except (ValueError, TypeError, RecursionError):  # the manifest is no JSON object any more
            made = packed(files, digests=False)
    else:
        made = edited(small, edits)
    try:
        arrival = import_run(store, made)
    except ExportError as refused:
        told = str(refused)
    else:
        told = "This file is refused: it is not."
        assert store.run(arrival.run).state.is_finished
        assert len(list(store.records(arrival.run))) <= 2 + len(edits)
        assert store.lanes(arrival.run)
        assert arrival.run in arrival.note
    assert told.startswith("This file is refused: ")
    assert len(told) < 1500
