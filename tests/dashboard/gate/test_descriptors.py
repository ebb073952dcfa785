"""Open files: as many as the system lets the server have, and a sentence where that is too few."""

import errno
import os
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.places import PROJECT
from dashboard.gate.descriptors import SPARE, Shortage, try_to_open
from tests.browser.server import Server
from tests.waiting import until

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux' own means")

RAISED = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from dashboard.gate.descriptors import raise_limit
raise_limit()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize(("soft", "hard"), [(256, 1000), (1000, 1000)])
def test_the_limit_is_raised_to_what_is_allowed(soft, hard):
    script = RAISED.format(soft=soft, hard=hard)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1000", "1000"]


@contextmanager
def session(server):
    """The connection of a page that has been drawn."""
    with connect(
        f"ws{server.url.removeprefix('http')}/_stcore/stream",
        origin=server.url,
        subprotocols=["streamlit"],
        proxy=None,
    ) as page:
        draw(page)
        yield page


def draw(page):
    """Have the page drawn."""
    page.send(BackMsg(rerun_script={"query_string": ""}).SerializeToString())
    page.recv(timeout=60)


@linux
def test_sessions_beyond_the_limit_are_refused_in_a_sentence_and_others_go_on(tmp_path):
    import resource

    server = Server(tmp_path)
    with closing(server), ExitStack() as pages:
        page = pages.enter_context(session(server))
        most = len(os.listdir(f"/proc/{server.process.pid}/fd")) + SPARE + 8
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (most, most))
        n_refused = 0
        for _ in range(20):  # each takes its connection and three more
            try:
                pages.enter_context(session(server))
            except InvalidStatus:
                n_refused += 1
        assert n_refused >= 10
        draw(page)
        until(lambda: server.worker).kill()
        until(lambda: server.worker)
    log = server.log.read_text()
    assert log.count(f"as many files and connections open as it may ({most})") == 1
    assert "Traceback" not in log


def test_a_shortage_is_told_once_in_a_while_and_nothing_else_is_one(monkeypatch):
    said = []
    shortage = Shortage(said.append)
    none_left = OSError(errno.EMFILE, "Too many open files")
    assert shortage.is_it(none_left)
    assert shortage.is_it(OSError(errno.ENFILE, "in the system"))
    assert len(said) == 1
    assert not shortage.is_it(OSError(errno.ENOSPC, "full"))
    assert not shortage.is_it(ValueError())
    monkeypatch.setattr("dashboard.gate.descriptors.SAID_EVERY", 0.0)
    assert shortage.is_it(none_left)
    assert len(said) == 2


def test_what_was_tried_is_left_closed():
    before = os.open(os.devnull, os.O_RDONLY)
    os.close(before)
    try_to_open(5)
    after = os.open(os.devnull, os.O_RDONLY)
    os.close(after)
    assert after == before
