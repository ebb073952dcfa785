"""The training process as its parent has it: started, told, listened to, replaced when it dies."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.errors import WorkerError
from core.places import COMPILED, KERAS_HOME, PROJECT
from core.problems import own

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # s until what cannot be started is tried again
POLL = 0.02  # s
AGAIN = (
    "Runs wait. It is tried again by itself, at growing intervals up to a minute, and at once by "
    "the next Train."
)
UNSTARTABLE = (
    "The training process ends as soon as it starts (exit code {exit_code}). What it said is on "
    "the terminal; `python -m core.worker` with the path of the store shows it again."
)


def start_worker(store: Path, scratch: str, *more: str) -> subprocess.Popen:
    """Start the training process on a store.

    Args:
        store: The store's file.
        scratch: The folder for what it leaves behind where it is killed.
        *more: Further arguments of it.

    Raises:
        WorkerError: If the system cannot start it.
    """
    environment = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OPENBLAS_NUM_THREADS": "1",  # matrices of NumPy here are small, and cores are taken
        **os.environ,
        "EXPLORER_SCRATCH": scratch,
        "EXPLORER_COMPILED": str(COMPILED),
        "KERAS_BACKEND": "tensorflow",
        own.ENVIRONMENT: own.as_text(own.known()),
        "KERAS_HOME": str(KERAS_HOME),
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")])
        ),
    }
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "core.worker", str(store.resolve()), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=PROJECT,
        )
    except OSError as error:
        raise WorkerError(
            f"The training process cannot be started: {error}. Check that {sys.executable} "
            "can be run, memory is free, and more files may be open (`ulimit -n`)."
        ) from error


class WorkerProcess:
    """One training process after the other, for as long as the engine is open.

    One that was ready and dies is replaced at once. What cannot be started, or dies before it is
    ready, would do so again: it is tried again after pauses that grow, and whenever it is asked
    for something.

    Args:
        store: The store's file.
        lock: Held while a process is started and told what to take up.
        restore: Called then, but for the first one, with whether the last one had been ready.
        *more: Further arguments of the process.
        patience: Seconds until the first one is started, unless it is told something before.

    Attributes:
        fault: What is wrong with the store or the process, in words; empty if nothing is.
        ready: Set while the process carries out commands at once.
        answers: What it has answered to questions, by their names.
        is_closed: Whether it was ended for good. Set under the lock before the pipe is closed, or
            the watcher would take the end for a death.
    """

    def __init__(
        self,
        store: Path,
        lock: threading.RLock,
        restore: Callable[[bool], None],
        *more: str,
        patience: float = 0,
    ):
        self._store, self._more, self._lock = store, more, lock
        self._restore = restore
        self.fault = ""
        self.ready = threading.Event()
        self.answers: dict[str, dict] = {}
        self.is_closed = False
        self._process: subprocess.Popen | None = None
        self._scratch: tempfile.TemporaryDirectory | None = None
        self._is_first, self._was_ready = True, False
        self._pause = 0.0
        self._is_wanted = threading.Event()
        if not patience:
            self.begin()
        self._watcher = threading.Thread(
            target=self._watch, args=(patience,), name="worker-watcher", daemon=True
        )
        self._watcher.start()

    @property
    def pid(self) -> int | None:
        """Process id of the present process; None while there is none."""
        return self._process.pid if self._process else None

    def begin(self) -> bool:
        """Start a process now, if there is none: the first one, or one that is to be tried again.

        `fault` says so where it cannot be started.

        Returns:
            Whether one was started that has been told, by `restore`, what to take up.
        """
        with self._lock:
            if self._process or self.is_closed:
                return False
            is_first = self._is_first
            self._start()
            if self._process:
                self._is_wanted.set()
            return bool(self._process) and not is_first

    def write(self, line: bytes) -> None:
        """Tell it something. If it has just died, `restore` says again what counts."""
        self.begin()
        with contextlib.suppress(OSError, ValueError):
            if self._process and (stdin := self._process.stdin):
                stdin.write(line + b"\n")
                stdin.flush()

    def answer_to(self, question: str, timeout: float) -> dict:
        """Wait for an answer, and take it.

        Raises:
            TimeoutError: If there is none within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while (answer := self.answers.pop(question, None)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"The training process gave no answer within {timeout:g} s.")
            time.sleep(POLL)
        return answer

    def close(self, timeout: float) -> None:
        """End it, by force after `timeout` seconds. Hold no lock."""
        with self._lock:
            self.is_closed = True
            process = self._process
        self._is_wanted.set()
        if process:
            _close_quietly(process.stdin)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._watcher.join()
        self._clean()

    def _watch(self, patience: float) -> None:
        """Start the process in time, and read its notices; when it dies, replace it."""
        self._is_wanted.wait(patience)
        while not self.is_closed:
            self._is_wanted.wait(self._pause)
            with self._lock:
                if self._process is None and not self.is_closed:
                    self._start()
                process = self._process
            while process:
                self._listen(process)
                with self._lock:
                    if self.is_closed:
                        return
                    self._process = None
                    if self._was_ready:
                        self._start()
                    else:
                        self._fail(UNSTARTABLE.format(exit_code=process.returncode))
                    process = self._process

    def _listen(self, process: subprocess.Popen) -> None:
        """Take its notices until it ends."""
        with process:
            assert process.stdout, "it was started with a pipe"
            for line in process.stdout:
                try:
                    notice = json.loads(line)
                except ValueError:
                    continue  # it was killed as it wrote
                if notice.get("ready"):
                    self._was_ready, self._pause = True, 0.0
                    self.ready.set()
                self.fault = notice.get("fault", self.fault)
                if "answer" in notice:
                    self.answers[notice["answer"]] = notice
            # What is still in its buffer cannot be flushed any more.
            _close_quietly(process.stdin)
        self.ready.clear()

    def _start(self) -> None:
        """Start a process and tell it what to take up, or say why there is none."""
        is_first, self._is_first = self._is_first, False
        process = None
        try:
            self._clean()
            self._scratch = tempfile.TemporaryDirectory(
                prefix="explorer-worker-", ignore_cleanup_errors=True
            )
            self._process = process = start_worker(self._store, self._scratch.name, *self._more)
            if not is_first:
                self._restore(self._was_ready)
            self._was_ready = False
        except (OSError, WorkerError) as error:  # of the system or the store
            self._process = None
            if process:
                process.kill()
                with process:
                    _close_quietly(process.stdin)
            self._fail(str(error))

    def _fail(self, fault: str) -> None:
        self.fault = f"{fault} {AGAIN}"
        self._is_wanted.clear()
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)

    def _clean(self) -> None:
        """Remove what the last process left behind."""
        if self._scratch:
            self._scratch.cleanup()


def _close_quietly(file) -> None:
    with contextlib.suppress(OSError):
        file.close()
