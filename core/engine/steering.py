"""What is asked of runs that train or wait: other weights and settings, copies, ways back."""

import time

from core.engine import owners
from core.engine.outbox import Outbox
from core.errors import CommandError, ConfigError
from core.problems import heads_of
from core.run.commands import (
    Fork,
    MoveLossWeights,
    Pause,
    Resume,
    Rewind,
    SetLive,
    SetLossWeights,
    Step,
    Stop,
)
from core.run.config import RunConfig
from core.run.run import Run
from core.run.weights import RACE_LANES, LossWeights, checked_lanes
from core.store import Store

POLL = 0.02


class Steering:
    """Steers the runs of a store; `Engine` starts them, too.

    Attributes:
        store: Where the runs are.
        owner: The name of the engine that steers.
    """

    store: Store
    owner: str
    _outbox: Outbox

    def set_loss_weights(self, run: str, loss_weights: LossWeights, lane: int = 0) -> bool:
        """Train a lane with other loss weights from its next turn on.

        Returns:
            False if the run had ended, and nothing was changed.

        Raises:
            RunNotFound, CommandError: If there is no such run or lane.
        """
        stored = self._steerable(run)
        self._check_lane(stored, lane)
        (loss_weights,) = checked_lanes([loss_weights], stored.heads)
        command = SetLossWeights(run=run, lane=lane, loss_weights=loss_weights)
        return self._outbox.send(command, ("weights", lane), stored)

    def move_loss_weights(self, run: str, lane: int = 0, by_head=None, **weights: float) -> bool:
        """Train a lane with other loss weights of some heads, whatever those of the others are.

        Args:
            run: A run that trains or waits.
            lane: Index of the lane.
            by_head: A mapping with the new weights, by the heads' names.
            **weights: The same of heads whose names are no arguments of this method.

        Returns:
            False if the run had ended, and nothing was changed.

        Raises:
            RunNotFound, CommandError: If there is no such run or lane.
            ConfigError: If a weight is not allowed, or a head is unknown.
        """
        weights = {**(by_head or {}), **weights}
        stored = self._steerable(run)
        self._check_lane(stored, lane)
        stored.lanes[0].moved(weights)  # in the caller's process, so that the refusal is told there
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
        with self._outbox.lock:
            stored = self._steerable(run)
            live = stored.config.live_names()
            if fixed := [name for name in settings if name not in live]:
                raise ConfigError(
                    f"{fixed[0]} cannot change within a run. Live are: {', '.join(live)}. "
                    "Start a new run for another value."
                )
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
                loss_weights = self._outbox.weights_of(stored, lane)
            (loss_weights,) = checked_lanes([loss_weights], stored.heads)
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
            ConfigError: If its problem is none that can be trained here.
        """
        with self._outbox.lock:
            stored = self._steerable(run)
            steps = self.store.checkpoints(run)
            if step not in steps:
                raise CommandError(
                    f"step = {step!r:.40} is refused: run {run} can go back to step "
                    f"{', '.join(map(str, steps))}. Other checkpoints are gone, or never were."
                )
            heads_of(stored.config)  # which says so if it cannot be trained here
            if stored.is_finished:
                self.store.reopen(run, self.owner)
            branch = len(stored.branches)
            command = Rewind(run=run, step=step, branch=branch)
            self._outbox.begin(command, rewind=command)  # what was sent before is undone with it
        self._await(lambda: len(self.store.run(run).branches) > branch)

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

    def _steerable(self, run: str) -> Run:
        stored = owners.within_reach(self.store, run, self.owner)
        if stored.map:
            raise CommandError(
                f"Run {run} is a weight map: its settings stay as they are, since its points "
                "would not be comparable. Start a run from one of them to steer it."
            )
        return stored

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
        while (
            self._outbox.worker.ready.is_set() and not condition() and time.monotonic() < deadline
        ):
            time.sleep(POLL / 4)
