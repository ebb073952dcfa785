"""The older versions of Keras are fetched once, whole or not at all."""

import os
import sys

import pytest

from tests import old_keras

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
PIP = """#!/bin/sh
echo "$@" >> {folder}/log
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/keras"
exit {status}
"""


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """A function that puts a pip in place which ends with this status; `lines` that it got."""
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(old_keras, "PROJECT", tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    def pip(status):
        (tmp_path / "python").write_text(PIP.format(folder=tmp_path, status=status))
        (tmp_path / "python").chmod(0o755)
        (tmp_path / "log").write_text("")

    pip.lines = lambda: (tmp_path / "log").read_text().splitlines()
    pip.folders = lambda: sorted(path.name for path in (tmp_path / ".venv").iterdir())
    return pip


def test_each_is_fetched_without_what_it_depends_on_and_only_once(pip):
    pip(status=0)
    old_keras.fetch()
    assert pip.folders() == ["keras-3.4.0", "keras-3.7.0"]
    assert [line.split()[-1] for line in pip.lines()] == ["keras==3.4.0", "keras==3.7.0"]
    assert all("--no-deps" in line for line in pip.lines())
    pip(status=1)
    old_keras.fetch()
    assert pip.lines() == []


def test_where_it_cannot_be_fetched_a_sentence_says_so_and_no_half_of_it_is_left(pip):
    pip(status=1)
    with pytest.raises(SystemExit, match=r"could not fetch Keras 3\.4\.0.* Check the network"):
        old_keras.fetch()
    assert pip.folders() == []
    pip(status=0)
    old_keras.fetch()
    assert pip.folders() == ["keras-3.4.0", "keras-3.7.0"]


def test_where_it_is_not_a_sentence_says_how_to_get_it(pip):
    with pytest.raises(AssertionError, match=r"run `python -m tests\.old_keras`"):
        old_keras.run(old_keras.MODEL, "")
