"""A server of its own for a test: real process, real store, a port that is free."""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil

PROJECT = Path(__file__).resolve().parent.parent.parent
OF_A_PAGE = {"Sec-Fetch-Site": "same-origin"}  # as a browser says of what our pages ask
PLAIN = ("-m", "streamlit", "run", "dashboard/app.py", "--server.port")


class Server:
    """`streamlit run dashboard/app.py` on a free port, until `close`.

    Args:
        folder: Where its store and its log are.
        command: Python's arguments up to the port, where it is started in another way; `{port}` in
            one stands for it.
        environment: Variables added to its environment. All may do everything there, unless
            `EXPLORER_OPEN` is empty: most tests have no cookies, and share one browser.
    """

    def __init__(self, folder: Path, command: tuple[str, ...] = PLAIN, **environment: str):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.store = folder / "runs.sqlite"
        self.log = folder / "server.log"
        port = str(self.port)
        command = tuple(one.replace("{port}", port) for one in command)
        self._command = [sys.executable, *command, port]
        ours = {"EXPLORER_STORE": str(self.store), "EXPLORER_OPEN": "1"}
        self._environment = {**os.environ, **ours, **environment}
        self.start()

    def start(self) -> None:
        """Start it, again if need be at the same address, and return once it answers."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait(self._answers, 60, "the server to answer")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return urlopen(f"{self.url}/_stcore/health", timeout=1).status == 200
        except HTTPError as refusal:
            return refusal.code == 401  # it is there, and asks for its token
        except OSError:
            return False

    @staticmethod
    def wait(condition, seconds: float, what: str) -> None:
        """Return once the condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"Waited {seconds} s in vain for {what}."
            time.sleep(0.02)

    @property
    def worker(self) -> psutil.Process | None:
        """The training process, None while there is none alive."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if "core.worker" in child.cmdline():
                    return child
        return None

    def close(self) -> None:
        """End the server as Ctrl+C would."""
        self.process.terminate()
        self.process.wait(20)
