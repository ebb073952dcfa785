"""The handle of the training process: start runs, steer them, wait for them."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

from core.config import LIVE_SETTINGS, LossWeights, RunConfig, checked_lanes
from core.errors import CommandError, ConfigError, StoreError, WorkerError
from core.messages import (
    Command,
    Pause,
    Resume,
    Run,
    RunState,
    SetLive,
    SetLossWeights,
    StartRun,
    Step,
    Stop,
)
from core.store import Store

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_STORE = PROJECT / ".runs" / "runs.sqlite"
POLL = 0.02
DEATHS_ALLOWED = 3
LOST = "The process that trained this run is gone. What was recorded is kept."
UNSTARTABLE = (
    "The training process ends as soon as it starts (exit code {exit_code}). What it said is on "
    "the terminal; `python -m core.worker` with the path of the store shows it again."
)

_open_engines: set[str] = set()


class Engine:
    """Trains runs in a process of its own and records them in a store.

    The process starts with the engine, which returns at once: TensorFlow takes some seconds to
    load, and commands wait for it. A worker that dies is replaced, and its runs go on from
    their last checkpoint. Use it as a context manager or call `close`; a run that has not
    finished by then is stopped.

    Args:
        store: Path of the SQLite file, made if it is not there.

    Raises:
        StoreError: If the store cannot be opened.
    """

    def __init__(self, store: str | Path = DEFAULT_STORE):
        self.store = Store(store)
        self.owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.fault = ""
        self._sent: dict[str, dict[object, Command]] = {}
        self._deaths: dict[str, tuple[int, int]] = {}
        self._ready = threading.Event()
        self._closing = False
        self._lock = threading.RLock()
        self._end_lost_runs()
        _open_engines.add(self.owner)
        self._process = self._start_worker()
        self._watcher = threading.Thread(target=self._watch, name="engine-watcher", daemon=True)
        self._watcher.start()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    @property
    def is_ready(self) -> bool:
        """Whether the worker has loaded TensorFlow and carries out commands at once."""
        return self._ready.is_set()

    @property
    def worker_pid(self) -> int:
        """Process id of the present worker."""
        return self._process.pid

    def wait_until_ready(self, timeout: float = 60) -> None:
        """Return once `is_ready`.

        Raises:
            TimeoutError: If that takes more than `timeout` seconds.
        """
        if not self._ready.wait(timeout):
            raise TimeoutError(f"The training process was not ready within {timeout:g} s.")

    def start(self, config: RunConfig | None = None, lanes=None) -> str:
        """Start a run and give back its id.

        Args:
            config: Its settings; the defaults if left out.
            lanes: A list of `LossWeights`, one a lane; one lane of defaults if left out.

        Raises:
            ConfigError: If the lanes are not a list of 1 to `MAX_LANES` loss weights.
            StoreError: If the store cannot be written.
            WorkerError: If the training process cannot be kept alive.
        """
        config = RunConfig() if config is None else config
        if not isinstance(config, RunConfig):
            raise ConfigError(f"config = {config!r:.80} is refused: expected a RunConfig.")
        lanes = checked_lanes([LossWeights()] if lanes is None else lanes)
        if self._closing:
            raise WorkerError(self.fault or "This engine is closed. Make a new one: Engine(store).")
        run = self.store.add_run(config, lanes, self.owner)
        with self._lock:
            self._sent[run] = {}
            self._write_line(StartRun(run=run))
        return run

    def set_loss_weights(self, run: str, loss_weights: LossWeights, lane: int = 0) -> bool:
        """Train a lane with other loss weights from its next turn on.

        Returns:
            False if the run had ended, and nothing was changed.

        Raises:
            RunNotFound, CommandError: If there is no such run or lane.
        """
        n_lanes = len(self.store.run(run).lanes)
        if not (isinstance(lane, int) and 0 <= lane < n_lanes):
            raise CommandError(
                f"lane = {lane!r} is refused: run {run} has the lanes 0 to {n_lanes - 1}."
            )
        checked_lanes([loss_weights])
        return self._send(
            SetLossWeights(run=run, lane=lane, loss_weights=loss_weights), ("weights", lane)
        )

    def set_live(self, run: str, **settings) -> bool:
        """Go on with other live settings: `learning_rate`, `momentum`, `steps` ...

        Returns:
            False if the run had ended, and nothing was changed.

        Raises:
            RunNotFound: If there is no such run.
            ConfigError: If a setting is fixed, or its value is not allowed.
        """
        for name in settings:
            if name not in LIVE_SETTINGS:
                raise ConfigError(
                    f"{name} cannot change within a run. Live are: {', '.join(LIVE_SETTINGS)}. "
                    "Start a new run for another value."
                )
        with self._lock:
            sent = self._sent.get(run, {}).get("live")
            present = sent.config if sent else self.store.run(run).config
            config = RunConfig(**{**present.model_dump(), **settings})
            return self._send(SetLive(run=run, config=config), "live")

    def pause(self, run: str) -> bool:
        """Stop training, ready to go on. False if the run had ended."""
        return self._send(Pause(run=run), "control")

    def resume(self, run: str) -> bool:
        """Go on after a pause. False if the run had ended."""
        return self._send(Resume(run=run), "control")

    def step(self, run: str, n: int = 1) -> bool:
        """Train `n` steps, then pause. False if the run had ended.

        Raises:
            CommandError: If `n` is not a whole number of 1 or more.
        """
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise CommandError(f"n = {n!r} is refused: expected a whole number of steps, from 1.")
        return self._send(Step(run=run, n=n), "control")

    def stop(self, run: str) -> bool:
        """End the run where it is. False if it had ended already."""
        return self._send(Stop(run=run), "control")

    def wait(self, run: str, timeout: float | None = None) -> Run:
        """Return the run once it has ended.

        Raises:
            TimeoutError: If it has not ended after `timeout` seconds.
            RunNotFound: If there is no such run.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (found := self.store.run(run)).state.is_finished:
            if self.fault and self._closing:
                raise WorkerError(self.fault)
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(
                    f"Run {run} is {found.state} at step {found.step} of {found.config.steps} "
                    f"after {timeout:g} s. Wait longer, or stop it."
                )
            time.sleep(POLL)
        return found

    def close(self, timeout: float = 8) -> None:
        """Stop what trains and end the worker. Calling it again does nothing."""
        with self._lock:
            if self.owner not in _open_engines:
                return
            self._closing = True
            process = self._process
        _close_quietly(process.stdin)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._watcher.join()
        with contextlib.suppress(StoreError):
            self._end_runs(self.owner)
        _open_engines.discard(self.owner)
        self.store.close()

    # The worker

    def _start_worker(self) -> subprocess.Popen:
        keras_home = PROJECT / ".runs" / "keras"
        environment = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **os.environ,
            "KERAS_BACKEND": "tensorflow",
            "KERAS_HOME": str(keras_home),
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")])
            ),
        }
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "core.worker", str(self.store.path.resolve())],
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

    def _watch(self) -> None:
        """Read the worker's notices; when it dies, replace it, until the engine closes."""
        early_deaths = 0
        while True:
            with self._process as process:
                for line in process.stdout:
                    notice = json.loads(line)
                    if notice.get("ready"):
                        self._ready.set()
                        early_deaths = 0
                    self.fault = notice.get("fault", self.fault)
                # What is still in its buffer cannot be flushed any more.
                _close_quietly(process.stdin)
            with self._lock:
                if self._closing:
                    return
                was_ready = self._ready.is_set()
                self._ready.clear()
                early_deaths += not was_ready
                if early_deaths >= DEATHS_ALLOWED:
                    self._give_up(UNSTARTABLE.format(exit_code=process.returncode))
                    return
                try:
                    self._process = self._start_worker()
                    self._restore_runs(was_ready)
                except StoreError:
                    self._process.kill()  # and try again
                except WorkerError as error:
                    self._give_up(str(error))
                    return

    def _restore_runs(self, was_ready: bool) -> None:
        for run in reversed(self.store.runs(owner=self.owner)):
            if run.state.is_finished:
                continue
            deaths, step = self._deaths.get(run.id, (0, -1))
            deaths = deaths + 1 if run.step == step else 1
            self._deaths[run.id] = (deaths, run.step)
            if deaths > DEATHS_ALLOWED:
                message = f"The training process died {deaths} times at step {run.step}."
                self.store.set_state(run.id, RunState.FAILED, message)
                continue
            self._write_line(StartRun(run=run.id))
            sent = self._sent.get(run.id, {})
            for kind, command in sent.items():
                if was_ready and isinstance(command, Step):  # it may have been carried out
                    sent[kind] = Pause(run=run.id)
                self._write_line(sent[kind])

    def _give_up(self, fault: str) -> None:
        self.fault, self._closing = fault, True
        with contextlib.suppress(StoreError):
            for run in self.store.runs(owner=self.owner):
                self.store.set_state(run.id, RunState.FAILED, fault)

    def _send(self, command: Command, kind) -> bool:
        with self._lock:
            if self.store.run(command.run).state.is_finished:
                self._sent.pop(command.run, None)
                return False
            self._sent.setdefault(command.run, {})[kind] = command
            self._write_line(command)
        return True

    def _write_line(self, command: Command) -> None:
        """Write to the worker; if it has just died, `_restore_runs` sends what counts again."""
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(command.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()

    def _end_lost_runs(self) -> None:
        """Stop the runs of engines that are gone, so that no run waits for ever."""
        for owner in self.store.owners_of_unfinished():
            if not is_alive(owner):
                self._end_runs(owner)

    def _end_runs(self, owner: str) -> None:
        for run in self.store.runs(owner=owner):
            self.store.set_state(run.id, RunState.STOPPED, LOST)


def is_alive(owner: str) -> bool:
    """Whether the engine of that name may still be working."""
    pid = int(owner.split("-")[0])
    if pid == os.getpid():
        return owner in _open_engines
    if os.name == "nt":
        return True  # os.kill would send an event there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _close_quietly(file) -> None:
    with contextlib.suppress(OSError):
        file.close()
