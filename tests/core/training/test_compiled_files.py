"""Compiled programs on disk: whole ones alone are taken, and a process makes use of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.places import PROJECT
from core.training import compiled_files
from core.training.compiled_files import FLAG, KEPT, CompiledFiles


@pytest.fixture(autouse=True)
def flags(monkeypatch):
    monkeypatch.setenv("TF_XLA_FLAGS", "--of_the_user=1")


def made(tmp_path, number):
    return CompiledFiles(tmp_path / "shared", tmp_path / f"own {number}")


def test_what_one_process_compiles_the_next_one_has(tmp_path):
    first = made(tmp_path, 1)
    assert os.environ["TF_XLA_FLAGS"] == f"--of_the_user=1 {FLAG}='{tmp_path / 'own 1'}'"
    (tmp_path / "own 1" / "xla.pb").write_bytes(b"code")
    first.share()
    first.share()
    made(tmp_path, 2)
    assert [path.name for path in (tmp_path / "own 2").iterdir()] == ["xla.pb"]
    assert (tmp_path / "own 2" / "xla.pb").read_bytes() == b"code"
    assert len(list((tmp_path / "shared").rglob("*.pb"))) == 1


def test_what_is_not_whole_is_taken_by_nobody(tmp_path):
    first = made(tmp_path, 1)
    (tmp_path / "own 1" / "xla.pb").write_bytes(b"code")
    first.share()
    (kept,) = (tmp_path / "shared").rglob("*.pb")
    kept.write_bytes(b"co")
    made(tmp_path, 2)
    assert list((tmp_path / "own 2").iterdir()) == []
    assert not kept.exists()


def test_few_are_kept_the_newest(tmp_path):
    first = made(tmp_path, 1)
    for n in range(KEPT + 5):
        (tmp_path / "own 1" / f"{n}.pb").write_bytes(bytes([n]))
        first.share()
        (kept,) = (tmp_path / "shared").rglob(f"*-{n}.pb")
        os.utime(kept, (n, n))
    made(tmp_path, 2)
    names = {path.name for path in (tmp_path / "own 2").iterdir()}
    assert names == {f"{n}.pb" for n in range(5, KEPT + 5)}


def test_another_machine_has_files_of_its_own(tmp_path, monkeypatch):
    first = made(tmp_path, 1)
    (tmp_path / "own 1" / "xla.pb").write_bytes(b"code")
    first.share()
    monkeypatch.setattr(compiled_files, "machine", lambda: "other")
    made(tmp_path, 2)
    assert list((tmp_path / "own 2").iterdir()) == []


def test_where_the_disk_does_not_let_it_all_is_compiled(tmp_path):
    (tmp_path / "shared").write_text("a file, no folder")
    files = made(tmp_path, 1)
    files.share()
    assert os.environ["TF_XLA_FLAGS"] == "--of_the_user=1"


TRAIN = """
import sys
from pathlib import Path
from core.training.compiled_files import CompiledFiles
files = CompiledFiles(*map(Path, sys.argv[1:]))
from core.run.config import RunConfig
from core.training import cores
from core.training.programs import Programs
cores.divide()
Programs(Path(sys.argv[1]), files).prepared(RunConfig(embedding_size=4))
"""


def test_xla_itself_takes_what_another_process_compiled(tmp_path):
    def of_process(number) -> dict[str, float]:
        own = tmp_path / f"own {number}"
        command = [sys.executable, "-c", TRAIN, str(tmp_path / "shared"), str(own)]
        subprocess.run(command, cwd=PROJECT, check=True, env={**os.environ, "TF_XLA_FLAGS": ""})
        return {path.name: path.stat().st_mtime for path in Path(own).iterdir()}

    first, second = of_process(1), of_process(2)
    assert len(first) == 1
    assert second.keys() == first.keys(), "it has compiled nothing else"
    assert len(list((tmp_path / "shared").rglob("*.pb"))) == 1
