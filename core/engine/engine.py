"""The handle of the training process: start runs, steer them, wait for them."""

import os
import time
import uuid
from pathlib import Path

from core.engine import owners
from core.engine.inside import Inside
from core.engine.memory import lanes_that_fit
from core.engine.outbox import Outbox
from core.errors import CommandError, ConfigError, WorkerError
from core.places import DEFAULT_STORE
from core.run.commands import (
    Fork,
    MoveLossWeights,
    Pause,
    Probe,
    Resume,
    Rewind,
    SetLive,
    SetLossWeights,
    StartRun,
    Step,
    Stop,
)
from core.run.config import LIVE_SETTINGS, RunConfig
from core.run.owner import Owner, Standing, standing_of
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.weights import MAX_LANES, RACE_LANES, LossWeights, checked_lanes
from core.store import Store

POLL = 0.02
PROBED_LANES = 66
LANES_A_TASK = 33  # as many as train fastest on a core


class Engine:
    """Trains runs in a process of its own and records them in a store.

    The process starts beside the engine, which returns at once: TensorFlow takes some seconds to
    load, and commands wait for it. A worker that dies is replaced, and its runs go on from
    their last checkpoint. Use it as a context manager or call `close`; a run that has not
    finished by then is stopped.

    Args:
        store: Path of the SQLite file, made if it is not there.
        ray_address: Of a Ray cluster, such as "auto" or "10.0.0.1:6379": weight maps are trained
            there. The environment's `RAY_ADDRESS` if left out; without either, here.
        patience: Seconds for which the process is not started, unless something is asked of it:
            loading TensorFlow takes both cores of a small machine from whatever else begins.

    Attributes:
        inside: Has the insides of runs measured, see `Inside`.

    Raises:
        StoreError: If the store cannot be opened.
    """

    def __init__(
        self,
        store: str | Path = DEFAULT_STORE,
        ray_address: str | None = None,
        patience: float = 0,
    ):
        self.store = Store(store)
        self.ray_address = ray_address or os.environ.get("RAY_ADDRESS")
        self.owner = str(Owner.new())
        owners.clean_up(self.store)
        ray = filter(None, [self.ray_address])
        self._outbox = Outbox(self.store, self.owner, *ray, patience=patience)
        self._worker = self._outbox.worker
        self.inside = Inside(self._worker)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    @property
    def is_ready(self) -> bool:
        """Whether the worker has loaded TensorFlow and carries out commands at once."""
        return self._worker.ready.is_set()

    @property
    def fault(self) -> str:
        """What is wrong with the store or the worker, in words; empty if nothing is."""
        return self._worker.fault

    @property
    def worker_pid(self) -> int | None:
        """Process id of the present worker, None while it is yet to be started."""
        return self._worker.pid

    def wait_until_ready(self, timeout: float = 60) -> None:
        """Return once `is_ready`.

        Raises:
            TimeoutError: If that takes more than `timeout` seconds.
        """
        self._worker.begin()
        if not self._worker.ready.wait(timeout):
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
        return self._start(config, checked_lanes([LossWeights()] if lanes is None else lanes))

    def _start(self, config: RunConfig, lanes: list[LossWeights], **of_map) -> str:
        if self._worker.is_ending:
            raise WorkerError(self.fault or "This engine is closed. Make a new one: Engine(store).")
        run = self.store.add_run(config, lanes, self.owner, **of_map)
        self._outbox.begin(StartRun(run=run))
        return run

    def set_loss_weights(self, run: str, loss_weights: LossWeights, lane: int = 0) -> bool:
        """Train a lane with other loss weights from its next turn on.

        Returns:
            False if the run had ended, and nothing was changed.

        Raises:
            RunNotFound, CommandError: If there is no such run or lane.
        """
        stored = self._steerable(run)
        self._check_lane(stored, lane)
        checked_lanes([loss_weights])
        command = SetLossWeights(run=run, lane=lane, loss_weights=loss_weights)
        return self._outbox.send(command, ("weights", lane), stored)

    def move_loss_weights(self, run: str, lane: int = 0, **weights: float) -> bool:
        """Train a lane with other loss weights of some heads, whatever those of the others are.

        So several people can steer one lane, each another head, and nobody undoes what others do.

        Args:
            run: A run that trains or waits.
            lane: Index of the lane.
            **weights: The new weights, by the heads' names.

        Returns:
            False if the run had ended, and nothing was changed.

        Raises:
            RunNotFound, CommandError: If there is no such run or lane.
            ConfigError: If a weight is not allowed, or a head is unknown.
        """
        stored = self._steerable(run)
        self._check_lane(stored, lane)
        LossWeights().moved(weights)  # in the caller's process, so that the refusal is told there
        kind = ("weights", lane)
        with self._outbox.lock:
            sent = self._outbox.last(run, kind)
            command: SetLossWeights | MoveLossWeights
            if isinstance(sent, SetLossWeights):
                both = sent.loss_weights.moved(weights)
                command = SetLossWeights(run=run, lane=lane, loss_weights=both)
            else:
                before = sent.weights if isinstance(sent, MoveLossWeights) else {}
                command = MoveLossWeights(run=run, lane=lane, weights={**before, **weights})
            return self._outbox.send(command, kind, stored)

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
        with self._outbox.lock:
            stored = self._steerable(run)
            sent = self._outbox.last(run, "live")
            present = sent.config if isinstance(sent, SetLive) else stored.config
            config = RunConfig(**{**present.model_dump(), **settings})
            return self._outbox.send(SetLive(run=run, config=config), "live", stored)

    def fork(self, run: str, loss_weights: LossWeights | None = None, lane: int = 0) -> int | None:
        """Copy a lane as it stands to a new lane, which goes on with weights of its own.

        Variables, optimizer slots and seed state are copied: with the same weights, the copy
        stays the same to the last bit.

        Args:
            run: A run that trains or waits.
            loss_weights: Those of the new lane; the source's if left out, as they were sent last.
            lane: Index of the source.

        Returns:
            The index of the new lane, None if the run had ended.

        Raises:
            RunNotFound, CommandError: If there is no such run or lane, or it has `RACE_LANES`
                lanes already.
        """
        with self._outbox.lock:
            stored = self._steerable(run)
            n_lanes = self._check_lane(stored, lane)
            if n_lanes >= RACE_LANES:
                raise CommandError(
                    f"fork is refused: run {run} has {n_lanes} lanes, and a race has 2 to "
                    f"{RACE_LANES}. Start another run for more."
                )
            if loss_weights is None:
                loss_weights = self._weights_of(stored, lane)
            checked_lanes([loss_weights])
            command = Fork(run=run, lane=lane, new_lane=n_lanes, loss_weights=loss_weights)
            if not self._outbox.send(command, ("fork", n_lanes), stored):
                return None
        self._await(lambda: len(self.store.lanes(run)) > n_lanes)
        return n_lanes

    def rewind(self, run: str, step: int) -> None:
        """Bring a run back to one of its checkpoints, where it waits for `resume`.

        Loss weights, live settings and lanes are again what they were there. What was recorded
        after it stays in the store, as the records of an earlier branch. A run that has ended is
        opened again.

        Args:
            run: The run.
            step: One of `Store.checkpoints`.

        Raises:
            RunNotFound, CommandError: If there is no such run or checkpoint.
        """
        with self._outbox.lock:
            stored = self._steerable(run)
            steps = self.store.checkpoints(run)
            if step not in steps:
                raise CommandError(
                    f"step = {step!r:.40} is refused: run {run} can go back to step "
                    f"{', '.join(map(str, steps))}. Other checkpoints are gone, or never were."
                )
            if stored.is_finished:
                self.store.reopen(run, self.owner)
            branch = len(stored.branches)
            command = Rewind(run=run, step=step, branch=branch)
            self._outbox.begin(command, rewind=command)  # what was sent before is undone with it
        self._await(lambda: len(self.store.run(run).branches) > branch)

    def start_map(self, config: RunConfig | None = None, **covers) -> str:
        """Start a weight map: a run with one lane for each point of the weight simplex.

        Lanes that do not fit into memory together are trained in parts, one after the other;
        each seed is a part, too.

        Args:
            config: Settings of the run; its speed limit does not count, and records are at least
                a twentieth of the run apart.
            covers: `resolution`, `total`, `spacing` and `seeds`, see `MapConfig`.

        Returns:
            The id of the run. `core.analysis.weight_map` gives its values.

        Raises:
            ConfigError: If a value is not allowed.
        """
        config = RunConfig() if config is None else config
        over = MapConfig(**covers)
        every = min(1000, max(config.record_every, config.steps // 20))
        config = config.model_copy(update={"steps_per_second": 0, "record_every": every})
        at_once = min(lanes_that_fit(config), LANES_A_TASK if self.ray_address else MAX_LANES)
        return self._start(config, [], map_config=over, lanes_at_once=at_once)

    def probe(self, config: RunConfig, n_lanes: int = 1, timeout: float = 60) -> float:
        """How fast such a run would go: model-steps per second, measured for about a second.

        What else trains stands still meanwhile. What was never compiled takes some seconds more.

        Args:
            config: Settings of the run.
            n_lanes: Number of lanes; more than `PROBED_LANES` are as fast as those.
            timeout: Seconds to wait at most.

        Raises:
            TimeoutError: If that takes longer.
        """
        probe = uuid.uuid4().hex[:12]
        n_lanes = min(n_lanes, PROBED_LANES)
        self._outbox.write(Probe(run=probe, config=config, n_lanes=n_lanes))
        return self._worker.answer_to(probe, timeout)["rate"]

    def pause(self, run: str) -> bool:
        """Stop training, ready to go on. False if the run had ended."""
        return self._outbox.send(Pause(run=run), "control")

    def resume(self, run: str) -> bool:
        """Go on after a pause. False if the run had ended."""
        return self._outbox.send(Resume(run=run), "control")

    def step(self, run: str, n: int = 1) -> bool:
        """Train `n` steps, then pause. False if the run had ended.

        Raises:
            CommandError: If `n` is not a whole number of 1 or more.
        """
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise CommandError(f"n = {n!r} is refused: expected a whole number of steps, from 1.")
        return self._outbox.send(Step(run=run, n=n), "control")

    def stop(self, run: str) -> bool:
        """End the run where it is. False if it had ended already."""
        return self._outbox.send(Stop(run=run), "control")

    def wait(self, run: str, timeout: float | None = None) -> Run:
        """Return the run once it has ended.

        Raises:
            TimeoutError: If it has not ended after `timeout` seconds.
            RunNotFound: If there is no such run.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (stored := self.store.run(run)).is_finished:
            if self.fault and self._worker.is_ending:
                raise WorkerError(self.fault)
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(
                    f"Run {run} is {stored.state} at step {stored.step} of {stored.config.steps} "
                    f"after {timeout:g} s. {stored.elsewhere or 'Wait longer, or stop it.'}"
                )
            time.sleep(POLL)
        return stored

    def close(self, timeout: float = 8) -> None:
        """Stop what trains and end the worker."""
        if standing_of(self.owner) is Standing.GONE:
            return
        self._worker.close(timeout)
        owners.retire(self.store, self.owner)
        self.store.close()

    def _steerable(self, run: str) -> Run:
        stored = owners.within_reach(self.store, run, self.owner)
        if stored.map:
            raise CommandError(
                f"Run {run} is a weight map: its settings stay as they are, since its points "
                "would not be comparable. Start a run from one of them to steer it."
            )
        return stored

    def _weights_of(self, run: Run, lane: int) -> LossWeights:
        """The weights of a lane, those included that are on their way."""
        sent = self._outbox.last(run.id, ("weights", lane))
        if isinstance(sent, SetLossWeights):
            return sent.loss_weights
        moved = sent.weights if isinstance(sent, MoveLossWeights) else {}
        return run.lanes_now[lane].loss_weights.moved(moved)

    def _check_lane(self, run: Run, lane: int) -> int:
        """The number of lanes, those included that were asked for just now."""
        n_lanes = self._outbox.n_lanes(run)
        if not (isinstance(lane, int) and 0 <= lane < n_lanes):
            raise CommandError(
                f"lane = {lane!r} is refused: run {run.id} has the lanes 0 to {n_lanes - 1}."
            )
        return n_lanes

    def _await(self, condition, seconds: float = 1.0) -> None:
        """Give the worker a moment to carry out a command, so that the caller sees its effect."""
        deadline = time.monotonic() + seconds
        while self.is_ready and not condition() and time.monotonic() < deadline:
            time.sleep(POLL / 4)
