"""Does what was asked for by looking, in a thread of its own, and lets what trains go first."""

import sys
import threading
import time
from collections.abc import Callable, Hashable

PATIENCE = 5.0  # s after which nobody looks any more, unless it was asked for again
SHARE = 0.05  # of the time, while anything trains
SAVINGS = 8.0  # s that compiling may take at once, where nothing was compiled for long


class Onlooker:
    """A slot for each thing that is looked at, and the newest look has it: no line grows.

    Args:
        is_training: Tells whether anything trains, so that the time is not all its own.
    """

    def __init__(self, is_training: Callable[[], bool]):
        self._is_training = is_training
        self._slots: dict[Hashable, tuple[float, Callable[[], None]]] = {}
        self._changed = threading.Condition()
        self._is_open = True
        self._thread = threading.Thread(target=self._work, name="onlooker", daemon=True)
        self._thread.start()

    def ask(self, slot: Hashable, look: Callable[[], None]) -> None:
        """Have a look, which takes the place of one that waits in the same slot."""
        with self._changed:
            self._slots[slot] = (time.perf_counter(), look)
            self._changed.notify()

    def close(self) -> None:
        """Look at nothing more."""
        with self._changed:
            self._is_open = False
            self._changed.notify()

    def _work(self) -> None:
        while look := self._next():
            began, takes_time = time.perf_counter(), self._is_training()
            try:
                look()
            except Exception as error:  # nobody waits for it, and others look, too
                print(f"A look found nothing: {type(error).__name__}: {error}", file=sys.stderr)
            ended = time.perf_counter()
            # What was begun while nothing trained took nobody's time.
            until = ended + (ended - began) * (1 / SHARE - 1) if takes_time else ended
            with self._changed:
                while self._is_open and self._is_training():
                    if (left := until - time.perf_counter()) <= 0:
                        break
                    self._changed.wait(min(left, PATIENCE))

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while self._is_open:
                if not self._slots:
                    self._changed.wait()
                    continue
                asked, look = self._slots.pop(next(iter(self._slots)))
                if asked + PATIENCE > time.perf_counter():
                    return look
        return None


class Allowance:
    """Seconds that may be spent at once, saved up at `SHARE` of the time."""

    def __init__(self) -> None:
        self._saved, self._then = SAVINGS, time.perf_counter()

    def is_there(self) -> bool:
        """Whether anything may be spent now; what it costs is known only afterwards."""
        self.spend(0.0)
        return self._saved > 0

    def spend(self, seconds: float) -> None:
        """It has cost so much."""
        now = time.perf_counter()
        self._saved = min(SAVINGS, self._saved + (now - self._then) * SHARE) - seconds
        self._then = now
