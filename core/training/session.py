"""A run in training: takes turns, and gives the rows to be recorded."""

import math
import time
from collections import deque

import numpy as np

from core.run.commands import Command, Fork, MoveLossWeights, SetLive, SetLossWeights
from core.run.lanes import Change
from core.run.records import Record
from core.run.run import Run
from core.run.simplex import Part
from core.run.weights import RACE_LANES
from core.training.batches import BatchOrder
from core.training.cores import side_by_side
from core.training.feed import Feed
from core.training.lanes import Chunk, last_sound, packed, unpacked
from core.training.plain import Indices
from core.training.program import Program
from core.training.state import StepSettings
from core.training.turns import TURN, InTraining

LONG_TURN = 0.3  # of more lanes than a race has: nobody steers them, and a call has its price
# A call costs a millisecond besides its steps (measured), so a turn of many lanes is longer, for so
# many steps, if that can be had in so many seconds.
FEWEST_STEPS, LONGEST_TURN = 32, 0.8
MADE_UP_FOR = 0.5  # s that a run may have waited for its turn
NEVER = 2**62


class Session(InTraining):
    """One part of a run, trained here: all its lanes, but for weight maps.

    Args:
        run: The run as the store has it.
        part: The lanes to train.
        program: The compiled training of its fixed settings.
        checkpoint: Step, seconds and arrays to go on from, or None to begin.
        changes: Changes that the store knows of; those after the checkpoint are made again at
            their step.
        recorded: Step and seconds of the last record, 0 and 0 if there is none. Up to there a
            turn repeats what was lost with a worker, and gives no rows.
    """

    n_parts = 1

    def __init__(self, run: Run, part: Part, program: Program, checkpoint, changes, recorded):
        self.run = run.id
        self.part = part
        self.branch = len(run.branches) - 1
        self.can_rewind = run.map is None
        self.program = program
        self.config = run.first_config
        self.weights = list(part.weights)
        self.step, self.seconds = 0, 0.0
        # A new worker begins at the checkpoint, which lies behind the last record: the steps up to
        # `recorded` are trained again, bit for bit, but their records are in the store already.
        self.recorded, self.recorded_seconds = recorded
        self.diverged_at = np.full(len(self.weights), NEVER)
        if checkpoint:
            self.step, self.seconds, (self.diverged_at, pending, *arrays) = checkpoint
        # Metrics of the steps that no record holds yet, (n_steps, lanes, 2, columns): a record is
        # their mean. They are part of a checkpoint, or else a new worker's next record would be
        # the mean of fewer steps.
        self._forget_pending()
        if checkpoint and self.step > self.recorded:  # or else they are in a record already
            self._pending = pending
        self.states = [program.initial_state(part.seed)] * len(self.diverged_at)
        if checkpoint:
            self.states = unpacked(self.states, arrays)
        self._chunk: Chunk | None = None
        self._feed: Feed | Indices | None = None
        self.changes = deque(changes)
        # How many of the changes in front are in the store already: they are made again at their
        # step, but not told again.
        self._n_known = len(changes)
        self.order = BatchOrder(len(program.problem.training), self.config.batch_size, part.seed)
        self.paused = False
        # Steps until it pauses by itself: `Step` gives some, `Resume` as many as there are.
        self.budget = NEVER
        self.due = 0.0
        # Grows until a turn takes as long as it should; how long a step takes is not known before.
        self._steps_a_turn = 1
        # When the last turn ended, since what lies between two counts as training; None at rest.
        self._clock = None
        self.changes_due()

    def _forget_pending(self) -> None:
        self._pending = np.empty((0, len(self.diverged_at), 2, self.program.columns), np.float32)

    @property
    def is_done(self) -> bool:
        """Whether it has trained all its steps."""
        return self.step >= self.config.steps

    @property
    def reached(self) -> int:
        """Steps done, those included that are being repeated."""
        return max(self.step, self.recorded)

    def change(self, command: Command) -> None:
        """Change live settings now, or once all that was lost has been repeated."""
        self.changes.append(Change(self.reached, command))

    def has_changes_due(self) -> bool:
        """Whether a change's step has come. What changes nothing is dropped: no row ends there."""
        # Changes lie in the order of their steps.
        while self.changes and self.changes[0].step <= self.step:
            if self._differs(self._whole(self.changes[0].command)):
                return True
            self.changes.popleft()
            self._n_known -= 1
        return False

    def changes_due(self) -> list[Change]:
        """Make the changes whose step has come; give back those the store does not know.

        Ask for the `rest` before: rows are of one set of settings and lanes.
        """
        new = []
        while self.changes and self.changes[0].step <= self.step:
            change = self.changes.popleft()
            command = self._whole(change.command)
            if self._differs(command):
                self._apply(command)
                if self._n_known <= 0:
                    new.append(Change(change.step, command))
            self._n_known -= 1
        self._settings = [StepSettings.of(weights, self.config) for weights in self.weights]
        return new

    def _whole(self, command: Command) -> Command:
        """A change as it is recorded: a move of some heads with the weights of all, as they are."""
        if isinstance(command, MoveLossWeights) and command.lane < len(self.weights):
            return command.whole(self.weights[command.lane])
        return command

    def _differs(self, command: Command) -> bool:
        """Whether a change changes anything; a new worker is told again what the last one did."""
        if isinstance(command, Fork):
            return command.new_lane == len(self.weights) and command.lane < len(self.weights)
        if isinstance(command, SetLossWeights):
            n_lanes = len(self.weights)
            return command.lane < n_lanes and self.weights[command.lane] != command.loss_weights
        return isinstance(command, SetLive) and self.config != command.config

    def _apply(self, command: Command) -> None:
        if isinstance(command, Fork):
            self.weights.append(command.loss_weights)
            if len(self.states) < len(self.weights):  # or else the checkpoint has it
                self._fork(command.lane)
        elif isinstance(command, SetLossWeights):
            self.weights[command.lane] = command.loss_weights
        else:
            self.config = command.config

    def _fork(self, lane: int) -> None:
        self.states.append(self.states[lane])
        self.diverged_at = np.append(self.diverged_at, self.diverged_at[lane])
        self._forget_pending()

    def pause(self) -> None:
        """Take no turns until `go_on`."""
        self.paused, self._clock = True, None

    def go_on(self, steps: int = NEVER) -> None:
        """Take turns again, for so many steps beyond those recorded."""
        self.paused = False
        self.budget = steps + self.reached - self.step if steps < NEVER else NEVER

    def turn(self, seconds: float = TURN) -> list[Record]:
        """Train for about so long, at most to the next evaluation or change.

        Args:
            seconds: How long; a run with more lanes than a race has trains for `LONG_TURN`.

        Returns:
            The records that this completes.
        """
        began = time.perf_counter()
        n_steps = self._n_steps()
        metrics = self._train(self.order.batches(self.step, n_steps))
        took = time.perf_counter() - began
        wanted = n_steps * seconds / took
        if len(self.weights) > RACE_LANES:
            many = min(FEWEST_STEPS, n_steps * LONGEST_TURN / took)
            wanted = max(n_steps * LONG_TURN / took, many)
        self._steps_a_turn = int(np.clip(wanted, 1, 2 * self._steps_a_turn))
        self._pending = np.concatenate([self._pending, metrics])
        self.step += n_steps
        self.budget -= n_steps
        looked = self.step == 1 or self.is_done or self.step % self.config.eval_interval == 0
        validation = self._evaluate() if looked else None
        now = time.perf_counter()
        elapsed = now - (self._clock or began)
        self._clock = now
        self.seconds = max(self.seconds + elapsed, self.recorded_seconds)
        pace = self.config.steps_per_second if self.step > self.recorded else 0
        self.due = max(self.due + n_steps / pace, now - TURN) if pace else 0.0
        return self._complete_records(elapsed / n_steps, validation)

    def _train(self, batches) -> np.ndarray:
        before, lost = self._chunk, self._lost
        feed = self._feed = self._feed or self.program.feed(self.order.batches)
        chunk = Chunk(self.program, self.states, self._settings, self.step, batches, feed, lost)
        self.states, self._chunk = chunk.states, chunk
        self._note_divergence(chunk.metrics)
        for index, (was_lost, is_lost) in enumerate(zip(lost, self._lost, strict=True)):
            if is_lost and not was_lost:
                n_sound = int(self.diverged_at[index]) - self.step
                self.states[index] = last_sound(before, chunk, index, n_sound)
        return chunk.metrics

    @property
    def _lost(self) -> list[bool]:
        """For each state, whether it is of one lane that has diverged: it is trained no more."""
        if len(self.states) < len(self.weights):
            return [False] * len(self.states)
        return (self.diverged_at < NEVER).tolist()

    def _evaluate(self) -> np.ndarray:
        looks = side_by_side(lambda state: self.program.evaluate(state).numpy(), self.states)
        validation = np.stack(looks)
        validation[self.diverged_at <= self.step] = np.nan
        return validation

    def rest(self) -> list[Record]:
        """The record of the steps that none holds yet: before a change, a pause or the end."""
        return self._record(self.step, self.seconds, None) if len(self._pending) else []

    def close(self) -> None:
        """Nothing is left to end."""

    def arrays(self) -> list[np.ndarray]:
        """All that a checkpoint has to hold, as a list of arrays."""
        return [self.diverged_at, self._pending, *packed(self.states)]

    def _n_steps(self) -> int:
        """Steps of the next turn: it crosses no boundary, and the first step is a turn alone."""
        if self.step == 0:
            return 1
        intervals = [self.config.eval_interval]
        if self.can_rewind:
            intervals.append(self.config.checkpoint_interval)
        limits = [self.config.steps - self.step, self.budget]
        limits += [interval - self.step % interval for interval in intervals]
        if self.changes:
            limits.append(self.changes[0].step - self.step)
        if self.step < self.recorded:
            limits.append(self.recorded - self.step)
        # Turns of the same length, or else the last one before a boundary is short, and of many
        # lanes each call costs.
        left = max(1, min(limits))
        n_steps = math.ceil(left / math.ceil(left / self._steps_a_turn))
        if self.step >= self.recorded and self.config.steps_per_second:
            # Where others have their turns meanwhile, it makes up for the time that it waited; not
            # for more, or else a run that stood still would leap.
            waited = min(time.perf_counter() - (self._clock or math.inf), MADE_UP_FOR)
            n_steps = min(n_steps, round(self.config.steps_per_second * max(TURN, waited)))
        return max(1, n_steps)

    def _note_divergence(self, metrics: np.ndarray) -> None:
        bad = ~np.isfinite(metrics[:, :, 0]).all(axis=2)  # losses: a metric may be no number
        first = np.where(bad.any(axis=0), self.step + bad.argmax(axis=0), NEVER)
        self.diverged_at = np.minimum(self.diverged_at, first)

    def _complete_records(self, seconds_a_step: float, validation) -> list[Record]:
        interval = self.config.record_interval
        start = self.step - len(self._pending)
        ends = {end for end in range(start + 1, self.step + 1) if end % interval == 0 or end == 1}
        if validation is not None or self.step == self.recorded:
            ends.add(self.step)
        records = []
        for end in sorted(ends):
            seconds = self.seconds - (self.step - end) * seconds_a_step
            records += self._record(end, seconds, validation if end == self.step else None)
        return records

    def _record(self, end: int, seconds: float, validation) -> list[Record]:
        """Take the steps up to `end` out of the pending ones: one record a lane that has any."""
        start = self.step - len(self._pending)
        span, self._pending = self._pending[: end - start], self._pending[end - start :]
        records, n_heads = [], len(self.program.heads)
        if end <= self.recorded:
            return records
        for lane, weights in enumerate(self.weights):
            last = min(end, int(self.diverged_at[lane]))
            if last <= start:
                continue
            mean = span[: last - start, lane].mean(axis=0, dtype=np.float64)
            (loss, metric), added = mean[:, :n_heads].tolist(), float(mean[0, n_heads:].sum())
            look = None
            if validation is not None and last == end and np.isfinite(validation[lane, 0]).all():
                look = validation[lane].tolist()
            place = (last, self.part.first + lane, self.branch, seconds)
            rate = self.program.optimizer.rate(self.config.learning_rate, last - 1)
            records.append(Record.of(*place, loss, metric, look, weights, rate, added))
        return records
