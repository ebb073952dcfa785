"""The training process as its parent has it: started, told, listened to, replaced when it dies."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.errors import StoreError, WorkerError
from core.places import KERAS_HOME, PROJECT

DEATHS_ALLOWED = 3
POLL = 0.02  # s
UNSTARTABLE = (
    "The training process ends as soon as it starts (exit code {exit_code}). What it said is on "
    "the terminal; `python -m core.worker` with the path of the store shows it again."
)


def start_worker(store: Path, *more: str) -> subprocess.Popen:
    """Start the training process on a store, with more arguments if need be.

    Raises:
        WorkerError: If the system cannot start it.
    """
    environment = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OPENBLAS_NUM_THREADS": "1",  # matrices of NumPy here are small, and cores are taken
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
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
            "can be run and memory is free."
        ) from error


class WorkerProcess:
    """One training process after the other.

    Args:
        store: The store's file.
        lock: Held while a new process is started and told what to take up.
        restore: Called then, with whether the process that died had been ready.
        give_up: Called where no process can be kept alive; `fault` says why.
        *more: Further arguments of the process.
        patience: Seconds until the first one is started, unless it is told something before.

    Attributes:
        fault: What is wrong with the store or the process, in words; empty if nothing is.
        ready: Set while the process carries out commands at once.
        answers: What it has answered to questions, by their names.

    Raises:
        WorkerError: If the first one cannot be started.
    """

    def __init__(
        self,
        store: Path,
        lock: threading.RLock,
        restore: Callable[[bool], None],
        give_up: Callable[[], None],
        *more: str,
        patience: float = 0,
    ):
        self._store, self._more, self._lock = store, more, lock
        self._restore, self._give_up = restore, give_up
        self.fault = ""
        self.ready = threading.Event()
        self.answers: dict[str, dict] = {}
        # Set under the lock before the pipe is closed, or the watcher takes the end for a death.
        self.is_ending = False
        self._process: subprocess.Popen | None = None
        self._is_wanted = threading.Event()
        if not patience:
            self.begin()
        self._watcher = threading.Thread(
            target=self._watch, args=(patience,), name="worker-watcher", daemon=True
        )
        self._watcher.start()

    @property
    def pid(self) -> int | None:
        """Process id of the present process; None while the first one is yet to be started."""
        return self._process.pid if self._process else None

    def begin(self) -> None:
        """Start the first process now, if it was not started yet.

        Raises:
            WorkerError: If it cannot be started.
        """
        with self._lock:
            if self._process is None and not self.is_ending:
                self._process = start_worker(self._store, *self._more)
        self._is_wanted.set()

    def write(self, line: bytes) -> None:
        """Tell it something. If it has just died, `restore` says again what counts."""
        self.begin()
        with contextlib.suppress(OSError, ValueError):
            assert self._process, "it has begun, or the engine is closed"
            stdin = self._process.stdin
            assert stdin, "it was started with a pipe"
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
            self.is_ending = True
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

    def _watch(self, patience: float) -> None:
        """Start the process in time, and read its notices; when it dies, replace it."""
        early_deaths = 0
        self._is_wanted.wait(patience)
        try:
            self.begin()
        except WorkerError as error:
            self._end(str(error))
        while self._process:
            with self._process as process:
                assert process.stdout, "it was started with a pipe"
                for line in process.stdout:
                    notice = json.loads(line)
                    if notice.get("ready"):
                        self.ready.set()
                        early_deaths = 0
                    self.fault = notice.get("fault", self.fault)
                    if "answer" in notice:
                        self.answers[notice["answer"]] = notice
                # What is still in its buffer cannot be flushed any more.
                _close_quietly(process.stdin)
            with self._lock:
                if self.is_ending:
                    return
                was_ready = self.ready.is_set()
                self.ready.clear()
                # One that dies before it is ready would do so again: it is not the runs' fault.
                early_deaths += not was_ready
                if early_deaths >= DEATHS_ALLOWED:
                    self._end(UNSTARTABLE.format(exit_code=process.returncode))
                    return
                try:
                    self._process = start_worker(self._store, *self._more)
                    self._restore(was_ready)
                except StoreError:
                    self._process.kill()  # and try again
                except WorkerError as error:
                    self._end(str(error))
                    return

    def _end(self, fault: str) -> None:
        self.fault, self.is_ending = fault, True
        self._give_up()


def _close_quietly(file) -> None:
    with contextlib.suppress(OSError):
        file.close()
