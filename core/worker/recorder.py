"""What the worker writes down: records, states and checkpoints, with patience where it cannot."""

import math
import sys
import threading
import time

from core.errors import StoreError
from core.run.records import Record
from core.store import Store
from core.training.turns import InTraining

CHECKPOINT_EVERY = 1.0
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
        self._saved: dict[str, tuple[float, float]] = {}

    def append(self, run: str, records: list[Record]) -> None:
        """Append to a run's records."""
        if records:
            self.write(self.store.append, run, records)

    def save(self, session: InTraining, kept: bool = False) -> None:
        """Take a checkpoint, to be `kept` for rewinds or until the next one."""
        began = time.perf_counter()
        arrays = session.arrays() if session.step else []
        if not arrays:
            return
        if sum(array.nbytes for array in arrays) > LARGEST_CHECKPOINT:
            self._saved[session.run] = (began, math.inf)
            return
        self.write(
            self.store.add_checkpoint, session.run, session.step, session.seconds, arrays, kept
        )
        now = time.perf_counter()
        self._saved[session.run] = (now, now - began)

    def save_if_due(self, session: InTraining, n_runs: int = 1) -> None:
        """Take a checkpoint where a rewind may go, and about every second.

        Args:
            session: The run, between two turns.
            n_runs: How many runs share the time.
        """
        last, cost = self._saved.setdefault(session.run, (time.perf_counter(), 0.0))
        if session.can_rewind and session.step % session.config.checkpoint_interval == 0:
            self.save(session, kept=True)
        # A large state is saved less often, so that saving stays under 5 % of the time of all.
        elif time.perf_counter() - last > max(CHECKPOINT_EVERY, 20 * cost * n_runs):
            self.save(session)

    def complete(self, session: InTraining) -> None:
        """Write down what is left at a run's end: the last rows, and the trained model."""
        self.append(session.run, session.rest())
        if session.can_rewind:
            self.save(session, kept=True)
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
