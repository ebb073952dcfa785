"""Where files lie."""

import os

from core.places import kept_in


def test_who_may_not_write_into_the_project_has_a_folder_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert kept_in(tmp_path) == tmp_path / ".runs"
    refused = {tmp_path}
    monkeypatch.setattr(os, "access", lambda path, mode: path not in refused)
    own = kept_in(tmp_path)
    assert own.as_posix() == "/home/ada/.cache/loss-weight-explorer"
    (tmp_path / ".runs").mkdir()
    assert kept_in(tmp_path) == tmp_path / ".runs", "given to all by whoever keeps the project"
    refused.add(tmp_path / ".runs")
    assert kept_in(tmp_path) == own
