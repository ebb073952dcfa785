"""What the worker writes down: records, states and checkpoints, with patience where it cannot."""

import math
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

import numpy as np

from core.errors import StoreError
from core.run.records import Record
from core.store import Store
from core.training.cores import CORES
from core.training.turns import InTraining

CHECKPOINT_EVERY = 1.0  # s
MAP_STATE_EVERY = 0.5  # s; of one lane, what lies behind its checkpoint is soon trained again
LARGEST_CHECKPOINT = 500_000_000  # bytes; SQLite takes 1e9 at most


class Recorder:
    """Writes to the store; while it cannot be written, holds everything and tries again.

    Where the store is gone at the end, all goes on in a file beside it, see `Store.rescue`.

    Args:
        store: Where to.
        tell: Called with a notice, a dict, when the store cannot be written and when it can again.
        closing: Set once waiting is of no use any more.
    """

    def __init__(self, store: Store, tell, closing: threading.Event):
        self.store, self.tell, self.closing = store, tell, closing
        self._saved: dict[str, tuple[float, float]] = {}  # when a run's last state was, its cost
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="states")
        self._beside: dict[str, Future] = {}  # what the writer has to do, by run

    def append(self, run: str, records: list[Record]) -> None:
        """Append to a run's records."""
        if records:
            self.write(self.store.append, run, records)

    def save(self, session: InTraining, kept: bool = False) -> None:
        """Take a checkpoint, to be `kept` for rewinds or until the next one."""
        self.settle(session.run)
        began = time.perf_counter()
        if arrays := self._arrays(session):
            state = (session.run, session.step, session.seconds, arrays, kept)
            self.write(self.store.add_checkpoint, *state)
            now = time.perf_counter()
            self._saved[session.run] = (now, now - began)

    def save_if_due(self, session: InTraining, n_runs: int = 1) -> None:
        """Take a checkpoint where a rewind may go, and every `CHECKPOINT_EVERY` or so.

        That of a weight map is large: it is written beside the training, on one of the cores.

        Args:
            session: The run, between two turns.
            n_runs: How many runs share the time.
        """
        run = session.run
        last, cost = self._saved.setdefault(run, (time.perf_counter(), 0.0))
        if session.can_rewind and session.step % session.config.checkpoint_interval == 0:
            self.save(session, kept=True)
            return
        # A large state is saved less often, so that saving stays under 5 % of the time of all.
        every = CHECKPOINT_EVERY if session.can_rewind else MAP_STATE_EVERY
        if time.perf_counter() - last <= max(every, 20 * cost * n_runs):
            return
        if session.can_rewind:
            self.save(session)
            return
        began = time.perf_counter()
        if run not in self._beside and (arrays := self._arrays(session)):
            state = (run, session.step, session.seconds, arrays, False)
            waited = time.perf_counter() - began
            self._beside[run] = self._writer.submit(self._add_beside, waited, *state)
            self._beside[run].add_done_callback(lambda _: self._beside.pop(run))

    def _arrays(self, session: InTraining) -> list[np.ndarray]:
        """What a checkpoint is to hold; nothing where there is none to be taken."""
        arrays = session.arrays() if session.step else []
        if sum(array.nbytes for array in arrays) <= LARGEST_CHECKPOINT:
            return arrays
        self._saved[session.run] = (time.perf_counter(), math.inf)
        return []

    def _add_beside(self, waited: float, run: str, *state) -> None:
        """Write a state that the training has `waited` for, in seconds, until it was taken."""
        began = time.thread_time()  # in which nothing counts of what trains meanwhile
        self.write(self.store.add_checkpoint, run, *state)
        cost = waited + (time.thread_time() - began) / CORES
        self._saved[run] = (time.perf_counter(), cost)

    def settle(self, run: str) -> None:
        """Return once no state of a run is being written beside its training.

        What kept it from being written is left alone: the next to write meets it, too.
        """
        if writing := self._beside.get(run):
            wait([writing])

    def complete(self, session: InTraining) -> None:
        """Write down what is left at a run's end: the last rows, and the trained model."""
        self.append(session.run, session.rest())
        if session.can_rewind:
            self.save(session, kept=True)
        self.settle(session.run)
        self._saved.pop(session.run, None)

    def write(self, write, *arguments) -> None:
        """Call a method of the store until it succeeds, or `closing` is set."""
        fault = ""
        while True:
            try:
                write(*arguments)
            except StoreError as error:
                if str(error) != fault:
                    fault = str(error)
                    self.tell({"fault": fault})
                if self.closing.wait(0.25) and not self.rescue():
                    raise
            else:
                if fault:
                    self.tell({"fault": ""})
                return

    def rescue(self) -> bool:
        """Go on in a file beside a store that is gone, and say which; False if it is there."""
        rescued = self.store.rescue()
        if rescued:
            print(f"Runs are rescued: {rescued} is a store like any other.", file=sys.stderr)
        return rescued is not None
