"""A run in training: takes turns, and gives the rows to be recorded."""

import time
from collections import deque

import numpy as np
import tensorflow as tf

from core.config import HEADS
from core.data import BatchOrder, load_dataset
from core.messages import Change, Command, Run, SetLossWeights
from core.training import Program, StepSettings

TURN = 0.05
NEVER = 2**62


class Session:
    """One run in training.

    Args:
        run: The run as the store has it.
        program: The compiled training of its fixed settings.
        checkpoint: Step, seconds and arrays to go on from, or None to begin.
        changes: Changes of live settings that the store knows of; those after the checkpoint
            are made again at their step.
        recorded: Step and seconds of the last record, 0 and 0 if there is none. Up to there a
            turn repeats what was lost with a worker, and gives no rows.
    """

    def __init__(self, run: Run, program: Program, checkpoint, changes, recorded):
        self.run = run.id
        self.program = program
        self.config = run.first_config
        self.weights = list(run.lanes)
        self.state = program.initial_state(self.config.seed, len(self.weights))
        self.step, self.seconds = 0, 0.0
        self.diverged_at = np.full(len(self.weights), NEVER)
        self._pending = np.empty((0, len(self.weights), 2, len(HEADS)), np.float32)
        if checkpoint:
            self.step, self.seconds, (self.diverged_at, self._pending, *arrays) = checkpoint
            leaves = [tf.constant(array) for array in arrays]
            self.state = tf.nest.pack_sequence_as(self.state, leaves)
        self.recorded, self.recorded_seconds = recorded
        self.changes = deque(changes)
        self._n_known = len(changes)
        self.order = BatchOrder(
            len(load_dataset(self.config.dataset).training),
            self.config.batch_size,
            self.config.seed,
        )
        self.paused = False
        self.budget = NEVER
        self.due = 0.0
        self._steps_a_turn = 1
        self._clock = None
        self._settings = StepSettings.of(self.weights, self.config)
        self.changes_due()

    @property
    def is_done(self) -> bool:
        """Whether it has trained all its steps."""
        return self.step >= self.config.steps

    @property
    def is_runnable(self) -> bool:
        """Whether it would take a turn now."""
        return not self.paused and time.perf_counter() >= self.due

    @property
    def reached(self) -> int:
        """Steps done, those included that are being repeated."""
        return max(self.step, self.recorded)

    def change(self, command: Command) -> None:
        """Change live settings now, or once all that was lost has been repeated."""
        self.changes.append(Change(self.reached, command))

    def changes_due(self) -> list[Change]:
        """Make the changes whose step has come; give back those the store does not know."""
        new = []
        while self.changes and self.changes[0].step <= self.step:
            change = self.changes.popleft()
            if self._apply(change.command) and self._n_known <= 0:
                new.append(change)
            self._n_known -= 1
        self._settings = StepSettings.of(self.weights, self.config)
        return new

    def _apply(self, command: Command) -> bool:
        before = (list(self.weights), self.config)
        if isinstance(command, SetLossWeights):
            self.weights[command.lane] = command.loss_weights
        else:
            self.config = command.config
        return before != (self.weights, self.config)

    def pause(self) -> None:
        """Take no turns until `go_on`."""
        self.paused, self._clock = True, None

    def go_on(self, steps: int = NEVER) -> None:
        """Take turns again, for so many steps beyond those recorded."""
        self.paused = False
        self.budget = steps + self.reached - self.step if steps < NEVER else NEVER

    def turn(self) -> list[tuple]:
        """Train for about `TURN` seconds, at most to the next evaluation or change.

        Returns:
            The rows that this completes, in the order of `store.COLUMNS`.
        """
        began = time.perf_counter()
        n_steps = self._n_steps()
        batches = self.order.batches(self.step, n_steps)
        self.state, metrics = self.program.train_chunk(self.state, self._settings, batches)
        metrics = metrics.numpy()
        took = time.perf_counter() - began
        self._steps_a_turn = int(np.clip(n_steps * TURN / took, 1, 2 * self._steps_a_turn))
        self._note_divergence(metrics)
        self._pending = np.concatenate([self._pending, metrics])
        self.step += n_steps
        self.budget -= n_steps
        looked = self.step == 1 or self.is_done or self.step % self.config.eval_interval == 0
        validation = self.program.evaluate(self.state).numpy() if looked else None
        now = time.perf_counter()
        elapsed = now - (self._clock or began)
        self._clock = now
        self.seconds = max(self.seconds + elapsed, self.recorded_seconds)
        pace = self.config.steps_per_second if self.step > self.recorded else 0
        self.due = max(self.due + n_steps / pace, now - TURN) if pace else 0.0
        return self._complete_rows(elapsed / n_steps, validation)

    def rest(self) -> list[tuple]:
        """The row of the steps that no row holds yet: before a change, a pause or the end."""
        return self._row(self.step, self.seconds, None) if len(self._pending) else []

    def arrays(self) -> list[np.ndarray]:
        """All that a checkpoint has to hold, as a list of arrays."""
        state = [leaf.numpy() for leaf in tf.nest.flatten(self.state)]
        return [self.diverged_at, self._pending, *state]

    def _n_steps(self) -> int:
        """Steps of the next turn: it crosses no boundary, and the first step is a turn alone."""
        if self.step == 0:
            return 1
        eval_interval = self.config.eval_interval
        limits = [
            self._steps_a_turn,
            self.config.steps - self.step,
            eval_interval - self.step % eval_interval,
            self.budget,
        ]
        if self.changes:
            limits.append(self.changes[0].step - self.step)
        if self.step < self.recorded:
            limits.append(self.recorded - self.step)
        elif self.config.steps_per_second:
            limits.append(round(self.config.steps_per_second * TURN))
        return max(1, min(limits))

    def _note_divergence(self, metrics: np.ndarray) -> None:
        bad = ~np.isfinite(metrics[:, :, 0]).all(axis=2)
        first = np.where(bad.any(axis=0), self.step + bad.argmax(axis=0), NEVER)
        self.diverged_at = np.minimum(self.diverged_at, first)

    def _complete_rows(self, seconds_a_step: float, validation) -> list[tuple]:
        interval = self.config.record_interval
        start = self.step - len(self._pending)
        ends = {end for end in range(start + 1, self.step + 1) if end % interval == 0 or end == 1}
        if validation is not None or self.step == self.recorded:
            ends.add(self.step)
        rows = []
        for end in sorted(ends):
            seconds = self.seconds - (self.step - end) * seconds_a_step
            rows += self._row(end, seconds, validation if end == self.step else None)
        return rows

    def _row(self, end: int, seconds: float, validation) -> list[tuple]:
        """Take the steps up to `end` out of the pending ones: one row a lane that has any."""
        start = self.step - len(self._pending)
        span, self._pending = self._pending[: end - start], self._pending[end - start :]
        rows = []
        if end <= self.recorded:
            return rows
        for lane, weights in enumerate(self.weights):
            last = min(end, int(self.diverged_at[lane]))
            if last <= start:
                continue
            loss, accuracy = span[: last - start, lane].mean(axis=0, dtype=np.float64).tolist()
            loss_weights = weights.as_tuple()
            total = sum(w * x for w, x in zip(loss_weights, loss, strict=True))
            looked = [None] * 2 * len(HEADS)
            if validation is not None and last == end and np.isfinite(validation[lane]).all():
                looked = validation[lane].ravel().tolist()
            row = (last, lane, seconds, total, self.config.learning_rate)
            rows.append((*row, *loss, *accuracy, *looked, *loss_weights))
        return rows
