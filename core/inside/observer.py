"""Measures what goes on inside runs while somebody looks, at a bounded cost."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from core.analysis.gradients import of_shared
from core.data import datasets
from core.errors import DataError, StoreError
from core.inside import breakdown
from core.inside.compiled import CompiledMeasurements
from core.inside.measurements import Measurements
from core.inside.recent import Recent
from core.inside.sentences import BUSY, NOT_HERE, in_words
from core.run.commands import Preview, Watch
from core.run.layers import NOTHING_SHARED
from core.run.run import Run
from core.store import Store
from core.training.batches import BatchOrder
from core.training.lanes import is_finite
from core.training.programs import Programs
from core.training.session import NEVER, Session

WATCHED_FOR = 5.0  # s after it was asked for
GRADIENTS = 50  # times their cost until they are measured again: 2 % of the time
SNAPSHOT = 33  # the same of snapshots: 3 %
SNAPSHOT_EVERY = 0.25  # s at least between two snapshots of a run in training


@dataclass
class Lease:
    """Somebody looks at a lane, with the features of a pair, until then."""

    pair: int
    until: float


class Observer:
    """Takes measurements of watched lanes between their turns, and of ended runs' checkpoints.

    Several threads may look, at a run that each of them holds; one at a time is let in.

    Args:
        store: Where measurements go.
        write: Calls a method of it until it succeeds.
        programs: The compiled trainings.
        folder: Where the images of datasets are.
        tell: Called with a notice, a dict.
    """

    def __init__(self, store: Store, write, programs: Programs, folder, tell):
        self.store, self.inside = store, store.inside
        self._write, self._programs, self._folder, self._tell = write, programs, folder, tell
        self._compiled = CompiledMeasurements(programs)
        self._looking = threading.Lock()
        # By run and lane. A page that looks asks again and again; one that is closed says nothing,
        # so that what it asked for has to lapse by itself.
        self._leases: Recent[tuple[str, int], Lease] = Recent()
        self._troubled: set[str] = set()  # runs of which nothing can be measured
        # The last step measured, by run, lane and branch: steps are kept in rising order, and the
        # store is asked once.
        self._measured: Recent[tuple[str, int, int], int] = Recent()
        # What the last snapshot of a lane was of: a paused run is asked for again and again.
        self._seen: Recent[tuple[str, int], tuple] = Recent()
        # Of the last arrays, what the next look is given.
        self._kept: Recent[tuple[str, int], dict[str, np.ndarray]] = Recent()
        self._told_layers: Recent[str, bool] = Recent()  # runs with layers kept: is any shared?
        self._gradients_due = self._snapshot_due = 0.0

    def watch(self, command: Watch) -> None:
        """Measure a lane for a while, from now on."""
        until = time.perf_counter() + WATCHED_FOR
        self._leases[command.run, command.lane] = Lease(command.pair, until)

    def _watched(self, run: str) -> dict[int, Lease]:
        """The leases of a run that have not lapsed, by lane."""
        now, leases = time.perf_counter(), list(self._leases.items())
        for key in [key for key, lease in leases if lease.until <= now]:
            self._leases.pop(key, None)
        return {lane: lease for (of, lane), lease in leases if of == run and lease.until > now}

    def look(self, session: Session, is_training: bool) -> None:
        """Measure what is due of a run that is trained here, if it is watched.

        Args:
            session: The run, between two turns.
            is_training: Whether any run trains: then measuring keeps to its share of the time.
        """
        if not self._leases or not session.can_rewind:
            return
        leases = self._watched(session.run)
        # Where another thread measures, it is for the next turn.
        if not leases or not self._looking.acquire(blocking=False):
            return
        try:
            with self._telling(session.run):
                self._measure(session, leases, is_training)
        finally:
            self._looking.release()

    def look_back(self, run: Run, command: Watch, is_training: bool) -> None:
        """Measure a run that has ended, from the states that are kept of it.

        While another run trains, one state each time that it is asked for.
        """
        with self._looking, self._telling(run.id):
            self._look_back(run, command, is_training)

    def preview(self, command: Preview, is_training: bool) -> None:
        """Tell the Gram matrix at the start of a run, or why there is none."""
        gram, problem, is_final = None, BUSY, False
        if not is_training:
            try:
                gram = self._initial_gram(command.config)
                problem, is_final = "" if gram else NOTHING_SHARED, True
            except Exception as error:
                problem = in_words(error)
        told = {"gram": gram, "told": problem, "is_final": is_final}
        self._tell({"answer": command.run, **told})

    @contextmanager
    def _telling(self, run: str):
        """What goes wrong while measuring is told, until it goes right again; it ends no run."""
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
            self._troubled.add(run)
            for key in [key for key in list(self._leases) if key[0] == run]:
                self._leases.pop(key, None)
            self._gradients_due = self._snapshot_due = 0.0  # try all again when asked again
            problem = f"Nothing can be measured of this run: {in_words(error)}"
            self._tell({"answer": f"inside {run}", "told": problem})

    def _goes_right(self, run: str) -> None:
        if run in self._troubled:
            self._troubled.remove(run)
            self._tell({"answer": f"inside {run}", "told": ""})

    def _initial_gram(self, config) -> list | None:
        if config.fetched and not datasets.is_here(config.fetched, self._folder):
            raise DataError(NOT_HERE.format(dataset=config.fetched))
        program = self._programs.of(config, for_look=True)
        measurements = self._compiled.of(program, config, wait=True)
        if not measurements.is_shared:
            return None
        order = BatchOrder(len(program.problem.training), config.batch_size, config.seed)
        grams, _ = measurements.measure(program.initial_state(config.seed), order.batches(0, 1)[0])
        return of_shared(grams, measurements.layers).tolist()

    def _measure(self, session: Session, leases: dict[int, Lease], is_training: bool) -> None:
        # Whoever holds a run does not wait for the compiler: the run has commands to carry out.
        measurements = self._compiled.of(session.program, session.config, wait=False)
        if measurements is None:
            return
        began = time.perf_counter()
        if began >= self._gradients_due or not is_training:
            for lane in leases:
                self._gradients(measurements, session, lane, session.branch)
            now = time.perf_counter()
            self._gradients_due = now + GRADIENTS * (now - began)
        began = time.perf_counter()
        if began >= self._snapshot_due or not is_training:
            for lane, lease in leases.items():
                self._snapshot(measurements, session, lane, session.branch, lease.pair)
            now = time.perf_counter()
            self._snapshot_due = now + max(SNAPSHOT_EVERY, SNAPSHOT * (now - began))
            self._goes_right(session.run)

    def _gradients(
        self, measurements: Measurements, session: Session, lane: int, branch: int
    ) -> None:
        """Measure a lane's gradients, unless they are known up to here, or nothing is shared."""
        if lane >= len(session.weights):
            return
        if session.run not in self._told_layers:
            self._write(self.inside.add_layers, session.run, measurements.layers)
            self._told_layers[session.run] = measurements.is_shared
        if not measurements.is_shared:
            return
        state = session.states[lane]
        step = int(state.step)
        if step <= self._measured_up_to(session.run, lane, branch):
            return
        grams, _ = measurements.measure(state, session.order.batches(step, 1)[0])
        self._measured[session.run, lane, branch] = step
        if np.isfinite(grams).all():
            weights = session.weights[lane].as_tuple()
            self._write(self.inside.add_gradients, session.run, lane, branch, step, weights, grams)

    def _measured_up_to(self, run: str, lane: int, branch: int) -> int:
        """The last step measured of a branch, -1 if none is: steps are kept in rising order."""
        key = (run, lane, branch)
        if key not in self._measured:
            newest = self.inside.newest_gradients(run, lane)
            known = newest is not None and newest.branch == branch
            self._measured[key] = newest.step if known else -1
        return self._measured[key]

    def _snapshot(
        self,
        measurements: Measurements,
        session: Session,
        lane: int,
        branch: int,
        pair: int,
        broke="",
    ) -> bool:
        """Keep what a lane's model makes of the examples, unless that is known.

        Returns:
            Whether there is one now: in its last sound state, a lane that has diverged may still
            make no numbers of some examples.
        """
        if lane >= len(session.weights):
            return False
        state = session.states[lane]
        has_diverged = bool(session.diverged_at[lane] < NEVER)
        key, now = (session.run, lane), (branch, int(state.step), pair, has_diverged)
        if self._seen.get(key) == now:
            return self.inside.snapshot_seq(*key) is not None
        self._seen[key] = now
        if has_diverged:
            broke = json.dumps(breakdown.of(measurements, session, lane))
        if broke:
            self._write(self.inside.note_break, session.run, lane, broke)
        if key not in self._kept and (known := self.inside.snapshot(*key)):
            self._kept[key] = measurements.kept_of(known.arrays)
        if measurements.pictures and not self.inside.has_pictures(session.run):
            self._write(self.inside.add_pictures, session.run, measurements.pictures)
        looked = measurements.look(state, pair)
        arrays = measurements.arrays(looked, pair, self._kept.get(key, {}))
        if arrays is None:
            return self.inside.snapshot_seq(*key) is not None
        self._kept[key] = measurements.kept_of(arrays)
        self._write(
            self.inside.add_snapshot,
            *(session.run, lane, branch, int(state.step), pair, arrays, broke),
        )
        return True

    def _look_back(self, run: Run, command: Watch, is_training: bool) -> None:
        lane = command.lane
        steps = sorted({0, *self.store.checkpoints(run.id)})
        newest = self.inside.newest_gradients(run.id, lane)
        known = newest.step if newest else -1
        missing = [step for step in steps if step > known]
        if self._told_layers.get(run.id) is False:  # nothing to measure
            missing = []
        if self._seen.get((run.id, lane)) == ("ended", command.pair) and not missing:
            return
        program = self._programs.of(run.config, for_look=True)
        measurements = self._compiled.of(program, run.config, wait=not is_training)
        if measurements is None:
            return

        def session_at(step: int) -> Session | None:
            checkpoint = self.store.checkpoint(run.id, step)
            if checkpoint is None and step > 0:
                return None
            session = Session(run, run.parts[0], program, checkpoint, run.changes, (step, 0.0))
            if lane >= len(session.weights) or not is_finite(session.states[lane]):
                return None
            return session

        if self._seen.get((run.id, lane)) != ("ended", command.pair):
            broke = ""
            for step in reversed(steps):
                if session := session_at(step):
                    if not broke and session.diverged_at[lane] < NEVER:
                        broke = json.dumps(breakdown.of(measurements, session, lane))
                    session.diverged_at[lane] = NEVER  # that is known now
                    branch = branch_of(run, step)
                    if self._snapshot(measurements, session, lane, branch, command.pair, broke):
                        break
            self._seen[run.id, lane] = ("ended", command.pair)
        for step in missing:
            branch = branch_of(run, step)
            if session := session_at(step):
                if (run.id, lane, branch) not in self._measured:
                    self._measured[run.id, lane, branch] = known
                self._gradients(measurements, session, lane, branch)
                if is_training or not measurements.is_shared:
                    break
        self._goes_right(run.id)


def branch_of(run: Run, step: int) -> int:
    """The branch that a state kept at a step was trained in."""
    return max([0, *(b for b, begins in enumerate(run.branches) if begins < step)])
