"""What the training process is told, and what is told again to the one that takes its place."""

import contextlib
import threading

from core.engine import owners
from core.engine.process import DEATHS_ALLOWED, WorkerProcess
from core.errors import StoreError
from core.run.commands import Command, Fork, Pause, StartRun, Step
from core.run.run import Run
from core.run.states import RunState
from core.store import Store


class Outbox:
    """The commands of one engine on their way to its worker.

    Args:
        store: Has the runs.
        owner: Whose runs they are.
        *more: Further arguments of the worker.
        patience: See `WorkerProcess`.

    Attributes:
        lock: Held by whoever writes to the worker and by the watcher that replaces it, so that no
            command falls between the two.
        worker: The training process.

    Raises:
        WorkerError: If it cannot be started.
    """

    def __init__(self, store: Store, owner: str, *more: str, patience: float = 0):
        self.store, self.owner = store, owner
        # The last command of each kind for each run. A worker may die with commands unread, so its
        # successor is told them again; a command that was carried out changes nothing then.
        self._sent: dict[str, dict[object, Command]] = {}
        # How often the worker died while a run stood at a step: a run that always kills it is given
        # up, one that gets on is not.
        self._deaths: dict[str, tuple[int, int]] = {}
        self.lock = threading.RLock()
        with self.lock:
            self.worker = WorkerProcess(
                store.path, self.lock, self._restore, self._give_up, *more, patience=patience
            )

    def begin(self, command: Command, **sent: Command) -> None:
        """Tell the worker, and forget what it was told of this run but for `sent`, by kind."""
        with self.lock:
            self._sent[command.run] = dict(sent.items())
            self.write(command)

    def send(self, command: Command, kind, run: Run | None = None) -> bool:
        """Tell the worker, now and if need be its successor; False if the run had ended.

        Args:
            command: What to do.
            kind: The last command of a kind is the one that counts.
            run: The run as it was just read, if it was.
        """
        with self.lock:
            if (run or owners.within_reach(self.store, command.run, self.owner)).is_finished:
                self._sent.pop(command.run, None)
                return False
            self._sent.setdefault(command.run, {})[kind] = command
            self.write(command)
        return True

    def write(self, command: Command) -> None:
        """Tell the present worker alone."""
        self.worker.write(command.model_dump_json().encode())

    def last(self, run: str, kind) -> Command | None:
        """What was sent last of a kind."""
        return self._sent.get(run, {}).get(kind)

    def n_lanes(self, run: Run) -> int:
        """The number of lanes, those included that were asked for just now."""
        sent = self._sent.get(run.id, {}).values()
        forks = (command.new_lane + 1 for command in sent if isinstance(command, Fork))
        return max([len(run.lanes_now), *forks])

    def _restore(self, was_ready: bool) -> None:
        for run in reversed(self.store.runs(owner=self.owner)):
            if run.is_finished:
                continue
            deaths, step = self._deaths.get(run.id, (0, -1))
            deaths = deaths + 1 if run.step == step else 1
            self._deaths[run.id] = (deaths, run.step)
            if deaths > DEATHS_ALLOWED:
                message = f"The training process died {deaths} times at step {run.step}."
                self.store.set_state(run.id, RunState.FAILED, message)
                continue
            self.write(StartRun(run=run.id))
            sent = self._sent.get(run.id, {})
            for kind, command in sent.items():
                if was_ready and isinstance(command, Step):  # it may have been carried out
                    sent[kind] = Pause(run=run.id)
                self.write(sent[kind])

    def _give_up(self) -> None:
        with contextlib.suppress(StoreError):
            for run in self.store.runs(owner=self.owner):
                self.store.set_state(run.id, RunState.FAILED, self.worker.fault)
